package config

import (
	"net/url"
	"strings"
)

// promptsURL names the setting in problems.
const promptsURL = "PROMPTS_URL"

func (s *Settings) checkPrompts(ps *Problems) {
	if s.Prompts.URL == "" {
		return
	}
	s.Prompts.URL = strings.TrimRight(strings.TrimSpace(s.Prompts.URL), "/")
	if rule := promptsRule(s.Prompts.URL); rule != "" {
		ps.add(promptsURL, withoutCredentials(s.Prompts.URL), rule)
		return
	}
	if s.HTTP.Listen.Off() {
		ps.add(promptsURL, s.Prompts.URL, "is set, and MISSEDCALLS_HTTP_LISTEN is off: nothing would serve the prompts")
	}
}

// promptsRule is what a URL breaks, empty for a good one. Asterisk parts the media of a list at commas.
func promptsRule(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "must be a URL such as http://10.0.0.5:8080"
	case u.User != nil:
		return "must not hold a user: Asterisk logs the URLs it plays"
	case u.RawQuery != "" || u.Fragment != "":
		return "must end with its path; no ? and no #"
	case strings.ContainsAny(text, ", "):
		return "must hold no comma and no space"
	}
	return ""
}

// PromptsURL is where Asterisk gets what HTTP_LISTEN serves, without a slash at its end; port is the one in use. The
// error is Problems: Asterisk gets nothing from us, and which setting changes that. Nothing but prompts needs it, so that
// it is an error only for a configuration that plays ours.
func (s *Settings) PromptsURL(port string) (string, error) {
	var ps Problems
	switch {
	case s.HTTP.Listen.Off():
		ps.add("HTTP_LISTEN", "off", "Asterisk gets the prompts from there; set it to an address that Asterisk reaches")
		return "", ps.err()
	case s.Prompts.URL != "":
		return s.Prompts.URL, nil
	}
	for _, text := range s.ARI.URL {
		u, err := url.Parse(text)
		if err != nil || !isLoopback(u.Hostname()) {
			ps.add(promptsURL, "", "is not set, and Asterisk is on another machine ("+text+
				"); set it to the URL under which Asterisk reaches MISSEDCALLS_HTTP_LISTEN ("+string(s.HTTP.Listen)+"), such as http://10.0.0.5:8080")
			return "", ps.err()
		}
	}
	return "http://" + s.HTTP.Listen.at(port), nil
}
