package prompts

import (
	"bytes"
	"net/http"
	"strings"
)

// prefix begins the path of every prompt. Below it stand <language>/<name>.wav, for people, and
// <hash>/<language>/<name>.wav, for Asterisk.
const prefix = "/prompts/"

const (
	// forever is for a URL with the hash of what it stands for. Asterisk heeds max-age alone.
	forever = "public, max-age=31536000, immutable"
	// askAgain is for what may be another prompt tomorrow.
	askAgain = "no-cache"
)

// ServeHTTP serves the prompts below /prompts/: GET and HEAD, with ranges and conditions. A language that lacks the
// prompt redirects to the one that has it (ru_RU to ru, de to en). A URL with the hash of a version that is gone gets
// the version in force, not to be kept.
func (p *Prompts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	hash, asked, ok := parse(r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	s := p.find(asked.language, asked.name)
	switch {
	case s == nil:
		p.log.Warn().Stringer("prompt", asked).Str("remote", r.RemoteAddr).Msg("asked for a prompt that is not there")
		http.NotFound(w, r)
	case s.language != asked.language:
		redirect(w, hash != "", s)
	default:
		serve(w, r, s, hash == s.hash)
	}
}

// parse takes a path apart, which is decoded already. What is not a prompt's name is no path of ours.
func parse(path string) (hash string, asked key, ok bool) {
	rest, ours := strings.CutPrefix(path, prefix)
	parts := strings.Split(rest, "/")
	if len(parts) == 3 {
		hash, parts = parts[0], parts[1:]
		ours = ours && hash != ""
	}
	if len(parts) != 2 {
		return "", key{}, false
	}
	name, isWAV := strings.CutSuffix(parts[1], ".wav")
	asked = key{parts[0], name}
	return hash, asked, ours && isWAV && asked.valid()
}

// redirect is relative, so that it holds behind a proxy that serves us below a path of its own.
func redirect(w http.ResponseWriter, hashed bool, s *sound) {
	to := "../" + s.key.String()
	if hashed {
		to = "../../" + s.hash + "/" + s.key.String()
	}
	w.Header().Set("Location", to)
	w.Header().Set("Cache-Control", askAgain)
	w.WriteHeader(http.StatusFound)
}

func serve(w http.ResponseWriter, r *http.Request, s *sound, current bool) {
	h := w.Header()
	h.Set("Content-Type", "audio/x-wav")
	h.Set("ETag", `"`+s.hash+`"`)
	h.Set("Cache-Control", askAgain)
	if current {
		h.Set("Cache-Control", forever)
	}
	http.ServeContent(w, r, "", s.modified, bytes.NewReader(s.content))
}
