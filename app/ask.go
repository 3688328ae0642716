package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/ari"
	"missedcalls/app/config"
	"missedcalls/app/prompts"
)

// Answers are what came of asking about the media of a configuration.
type Answers struct {
	// Missing is what would not be heard.
	Missing config.Problems
	// Warnings are what would be heard in another language, and what nobody could be asked about.
	Warnings config.Problems
}

// Bounds of the questions. Asterisk reads all its sound folders for an answer.
const (
	soundsWithin = 30 * time.Second
	headWithin   = 5 * time.Second
)

// AskAsterisk asks each Asterisk of the settings whether it has the sounds that a configuration names, and the servers
// of http media whether they have theirs; it reads the operator's folder of prompts too. It starts and changes
// nothing. The error says which Asterisk cannot be asked; the answers hold what the others said.
func AskAsterisk(ctx context.Context, s config.Settings, file config.File) (Answers, error) {
	var a Answers
	var unreachable []error
	for _, address := range s.ARI.URL {
		shelf, err := readShelf(ctx, s, address)
		if err != nil {
			unreachable = append(unreachable, fmt.Errorf("ask %s for its sounds: %w", address, err))
			continue
		}
		for _, m := range file.Media {
			a.sound(shelf, m)
		}
	}
	a.web(ctx, file.Media)
	a.own(s)
	return a, errors.Join(unreachable...)
}

// shelf is what one Asterisk has: the languages of each sound.
type shelf struct {
	address string
	// language is Asterisk's own, of channels for which nothing else is set.
	language string
	sounds   map[string]map[string]bool
}

func readShelf(ctx context.Context, s config.Settings, address string) (shelf, error) {
	client, err := ari.New(ari.Settings{
		URL: address, Username: s.ARI.Username, Password: s.ARI.Password.Reveal(), Application: s.ARI.App, RequestTimeout: soundsWithin,
	}, zerolog.Nop())
	if err != nil {
		return shelf{}, err
	}
	defer client.Close()
	info, err := client.Info(ctx)
	if err != nil {
		return shelf{}, err
	}
	list, err := client.Sounds(ctx)
	if err != nil {
		return shelf{}, err
	}
	out := shelf{address: address, language: info.Language, sounds: make(map[string]map[string]bool, len(list))}
	for _, sound := range list {
		languages := make(map[string]bool, len(sound.Formats))
		for _, f := range sound.Formats {
			languages[f.Language] = true
		}
		out.sounds[sound.ID] = languages
	}
	return out, nil
}

// find looks for a sound as Asterisk does (file.c): in the language, in what is left of it when it is cut at each _, in
// English, and outside of the folders of languages. in is where it was found.
func (s shelf) find(name, language string) (in string, exact, found bool) {
	wanted := language
	if wanted == "" {
		wanted = s.language
	}
	for l := wanted; l != ""; l = before(l) {
		if s.sounds[name][l] {
			return l, true, true
		}
	}
	if folder, rest, deep := strings.Cut(name, "/"); deep && s.sounds[rest][folder] {
		return "", true, true
	}
	for _, l := range []string{"en", s.language} {
		if s.sounds[name][l] {
			return l, false, true
		}
	}
	return "", false, false
}

// before is a language without its last part: ru of ru_RU, nothing of ru.
func before(language string) string {
	return language[:max(0, strings.LastIndexByte(language, '_'))]
}

// sound asks one Asterisk about one media. Media of other kinds than sound are not asked about.
func (a *Answers) sound(s shelf, m config.Media) {
	name, is := strings.CutPrefix(m.URI, "sound:")
	if !is || isWeb(name) {
		return
	}
	if strings.HasPrefix(name, "/") {
		a.warn(m, fmt.Sprintf("%s cannot be asked about files outside of its sounds", s.address))
		return
	}
	in, exact, found := s.find(name, m.Language)
	switch {
	case !found:
		a.miss(m, s.missing(name, m.Language))
	case !exact:
		a.warn(m, fmt.Sprintf("%s has it in %s only, not in %s", s.address, in, s.or(m.Language)))
	}
}

func (s shelf) or(language string) string {
	if language == "" {
		return s.language
	}
	return language
}

// missing says that there is no such sound, and what may be the reason.
func (s shelf) missing(name, language string) string {
	text := fmt.Sprintf("%s has no such sound in %s, en or without a language", s.address, s.or(language))
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		if _, _, found := s.find(name[:dot], language); found {
			return text + "; leave the " + name[dot:] + " out"
		}
	}
	if !strings.Contains(name, "/") {
		text += "; Asterisk does not list files that lie in no folder, put it into custom or the folder of the language"
	}
	return text
}

// isWeb says whether Asterisk would fetch a sound over HTTP.
func isWeb(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// web asks for every http media, from this machine. Of a server that does not answer the others are not asked for.
func (a *Answers) web(ctx context.Context, media []config.Media) {
	known := make(map[string]string) // what is wrong, by address and by server
	client := &http.Client{Timeout: headWithin, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, m := range media {
		address := strings.TrimPrefix(m.URI, "sound:")
		if !isWeb(address) {
			continue
		}
		wrong, asked := known[address]
		if !asked {
			wrong = askWeb(ctx, client, address, known)
			known[address] = wrong
		}
		if wrong != "" {
			a.miss(m, wrong)
		}
	}
}

// askWeb gives what is wrong with an address, or nothing. silent holds the servers that did not answer.
func askWeb(ctx context.Context, client *http.Client, address string, silent map[string]string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "it is not a URL"
	}
	server := u.Scheme + "://" + u.Host
	if wrong, is := silent[server]; is {
		return wrong
	}
	status, err := head(ctx, client, http.MethodHead, address)
	if status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented {
		status, err = head(ctx, client, http.MethodGet, address)
	}
	switch {
	case err != nil:
		silent[server] = fmt.Sprintf("%s does not answer this machine: %v", server, err)
		return silent[server]
	case status/100 != 2:
		return fmt.Sprintf("%s answers %d %s", server, status, http.StatusText(status))
	}
	return ""
}

func head(ctx context.Context, client *http.Client, method, address string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(request)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err
		}
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// own looks at the program's own prompts: those that replace them, and whether Asterisk can get them.
func (a *Answers) own(s config.Settings) {
	if p, err := prompts.New(s.Prompts.Dir, zerolog.Nop()); err != nil {
		a.Missing = append(a.Missing, config.Problem{Key: "MISSEDCALLS_PROMPTS_DIR", Rule: err.Error()})
	} else {
		for _, bad := range p.Problems() {
			a.Missing = append(a.Missing, config.Problem{Key: "MISSEDCALLS_PROMPTS_DIR", Value: bad.File, Rule: bad.Err.Error()})
		}
	}
	var unreachable config.Problems
	if _, err := s.PromptsURL(s.HTTP.Listen.Port()); errors.As(err, &unreachable) {
		a.Warnings = append(a.Warnings, unreachable...)
	}
}

func (a *Answers) miss(m config.Media, rule string) { a.Missing = append(a.Missing, problem(m, rule)) }

func (a *Answers) warn(m config.Media, rule string) {
	a.Warnings = append(a.Warnings, problem(m, rule))
}

func problem(m config.Media, rule string) config.Problem {
	p := m.Place
	p.Rule = rule
	return p
}
