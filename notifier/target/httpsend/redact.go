package httpsend

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"missedcalls/notifier/target"
)

// hidden stands in place of a secret.
const hidden = "[hidden]"

// shortest is the length of a part, in bytes, from which on it counts as a secret by itself: the segment of a path, the
// value of a parameter, the word of a header. Shorter ones, such as v1 or Bearer, are no secrets.
const shortest = 8

// redactor takes secrets out of texts.
type redactor struct{ replace *strings.Replacer }

func newRedactor(secrets []string) redactor {
	var all []string
	add := func(s string) {
		if s != "" {
			all = append(all, s, url.PathEscape(s), url.QueryEscape(s))
		}
	}
	for _, secret := range secrets {
		add(secret)
		for part := range strings.FieldsFuncSeq(secret, func(r rune) bool { return strings.ContainsRune("/?&=:@ ,;", r) }) {
			if len(part) >= shortest {
				add(part)
			}
		}
	}
	// The longest first: a Replacer takes the first that fits.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, s := range slices.Compact(all) {
		pairs = append(pairs, s, hidden)
	}
	return redactor{strings.NewReplacer(pairs...)}
}

func (r redactor) text(s string) string { return r.replace.Replace(s) }

// SecretsOf are the parts of a URL that may be secret: what stands after the host, and a user.
func SecretsOf(u *url.URL) []string {
	var secrets []string
	for _, s := range []string{u.RequestURI(), u.Path} {
		if len(s) >= shortest {
			secrets = append(secrets, s)
		}
	}
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	if password, set := u.User.Password(); set {
		secrets = append(secrets, password, base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
	}
	return secrets
}

// number is what may be a phone number.
var number = regexp.MustCompile(`\d(?:[ ()-]{0,2}\d){6,}`)

// The longest that an error repeats of an answer, and the longest error, in bytes.
const (
	longestExcerpt = 200
	longestError   = 600
)

// excerpt is the beginning of an answer.
func (c *Client) excerpt(body []byte) string {
	s := string(body[:min(len(body), 4<<10)])
	if strings.HasPrefix(strings.TrimSpace(s), "<") {
		return "a page of HTML"
	}
	return number.ReplaceAllString(c.redact.line(s, longestExcerpt), "…")
}

// line puts a text into one line of at most most bytes, without secrets.
func (r redactor) line(s string, most int) string {
	s = r.text(strings.Join(strings.Fields(target.Line(s)), " "))
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
