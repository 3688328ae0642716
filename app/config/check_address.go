package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The bounds of durations that have some. Jobs are kept for a week, and one must be known to be too old before it is gone;
// a target that takes longer than a minute for one request keeps a worker from the others.
const (
	leastMaxAge  = time.Minute
	mostMaxAge   = 6 * 24 * time.Hour
	leastTimeout = time.Second
	mostTimeout  = time.Minute
)

// within is the check of a duration that has bounds; the rule of its definition names them.
func within(def string, least, most time.Duration) func(c *checker, text string) string {
	return func(_ *checker, text string) string {
		if d, err := time.ParseDuration(text); err != nil || d < least || d > most {
			return fmt.Sprint(schema().def(def)["x-rule"])
		}
		return ""
	}
}

func (c *checker) address(text string) string {
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
		return "must be an e-mail address, such as anna@example.org"
	}
	return ""
}

func (c *checker) hostPort(text string) string {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return "must be host:port"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "the port must be a number from 1 to 65535"
	}
	return ""
}

func (c *checker) url(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return "must be a URL such as https://crm.example/missed"
	case u.User != nil:
		return "must not hold a user and a password: a file is for secrets, such as {header_files: {Authorization: F}} of a webhook"
	case u.Fragment != "":
		return "must hold no #"
	}
	return ""
}

func (c *checker) baseURL(text string) string {
	if strings.ContainsAny(text, "?#") {
		return "must end with its path; no ? and no #"
	}
	return c.url(text)
}

func (c *checker) proxy(text string) string {
	if u, err := url.Parse(text); err != nil || u.Hostname() == "" {
		return "must be a URL such as socks5://127.0.0.1:1080"
	}
	return ""
}

func (c *checker) chatID(text string) string {
	if strings.HasPrefix(text, "@") {
		return ""
	}
	if id, err := strconv.ParseInt(text, 10, 64); err != nil || id == 0 {
		return "must be a chat's number, or @name of a channel"
	}
	return ""
}

// ours begin the subjects that the program itself reads, and those of the server: what is told there would come back.
var ours = []string{"calls", "jobs", "dead", "$JS", "$KV", "$SYS", "$O", "_INBOX"}

func (c *checker) subject(text string) string {
	rest := strings.NewReplacer("{queue}", "q", "{event}", "e").Replace(text)
	if strings.ContainsAny(rest, "{}") {
		return "may hold {queue} and {event}, and no other braces"
	}
	first, _, _ := strings.Cut(text, ".")
	for _, taken := range ours {
		if strings.EqualFold(first, taken) {
			return "subjects that begin with " + taken + " are taken; begin with another word, such as crm"
		}
	}
	if strings.HasPrefix(first, "{") {
		return "must begin with a word of its own, such as crm.{queue}.{event}"
	}
	return ""
}
