package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// check finds settings that can be read but not worked with.
func (s *Settings) check() Problems {
	var ps Problems
	s.checkARI(&ps)
	s.checkNATS(&ps)
	s.checkEvents(&ps)
	s.checkPrompts(&ps)
	ps.listen("HTTP_LISTEN", s.HTTP.Listen)
	ps.positive("DRAIN_TIMEOUT", s.DrainTimeout)
	ps.positive("LOST_AFTER", s.LostAfter)
	ps.oneOf("LOG_LEVEL", s.Log.Level, "trace", "debug", "info", "warn", "error")
	if s.Log.Format != "" {
		ps.oneOf("LOG_FORMAT", s.Log.Format, "console", "json")
	}
	return ps
}

// CheckServe finds what the command serve needs in these roles beyond what every command does: the credentials of ARI for
// those who take calls, and the events of others for those who do not. The error is Problems.
func (s *Settings) CheckServe(roles Roles) error {
	var ps Problems
	if !roles.Has(RoleApp) {
		if s.NATS.URL == "" {
			ps.add("NATS_URL", "", "is not set; without role app there is no server in this process: set it to the cluster, or to the server of the process with role app")
		}
		return ps.err()
	}
	if s.ARI.Username == "" {
		ps.add("ARI_USERNAME", "", "is not set; serve needs the name of a user of Asterisk's ari.conf")
	}
	if s.ARI.Password == "" {
		ps.add("ARI_PASSWORD", "", "is not set; serve needs the password of that user, here or in the file that MISSEDCALLS_ARI_PASSWORD_FILE names")
	}
	return ps.err()
}

// appName keeps the application's name whole in URLs, the dialplan and the names of NATS.
var appName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,73}$`)

func (s *Settings) checkARI(ps *Problems) {
	s.ARI.URL = ps.urls("ARI_URL", s.ARI.URL, "http", "https")
	if !appName.MatchString(s.ARI.App) {
		ps.add("ARI_APP", s.ARI.App, "must be 1 to 73 ASCII letters, digits, dots, - and _")
	}
}

func (s *Settings) checkNATS(ps *Problems) {
	n := &s.NATS
	if n.URL != "" {
		n.URL = strings.Join(ps.urls("NATS_URL", strings.Split(n.URL, ","), "nats", "tls", "ws", "wss"), ",")
	}
	if (n.Username == "") != (n.Password == "") {
		ps.add("NATS_USERNAME", "", "and MISSEDCALLS_NATS_PASSWORD go together; one of them is not set")
	}
	if n.Token != "" && n.Username != "" {
		ps.add("NATS_TOKEN", "", "is set, and so is MISSEDCALLS_NATS_USERNAME; set one of them")
	}
	if n.CredsFile != "" && n.URL == "" {
		ps.add("NATS_CREDS_FILE", n.CredsFile, "is for an external cluster; set MISSEDCALLS_NATS_URL too")
	}
	s.checkNATSListen(ps)
}

// checkNATSListen keeps calls and callers' numbers from whoever can reach the machine.
func (s *Settings) checkNATSListen(ps *Problems) {
	n := &s.NATS
	if ps.listen("NATS_LISTEN", n.Listen); n.URL != "" || n.Listen.Off() || n.Listen.rule() != "" {
		return
	}
	if !n.Listen.loopback() && n.Token == "" && (n.Username == "" || n.Password == "") {
		ps.add("NATS_LISTEN", string(n.Listen),
			"can be reached from other machines; set MISSEDCALLS_NATS_USERNAME and MISSEDCALLS_NATS_PASSWORD, or MISSEDCALLS_NATS_TOKEN")
	}
}

// The least that the stream of events may hold. Its age may not be below the window in which NATS recognises
// duplicates, 15 minutes.
const (
	leastEventsAge   = 15 * time.Minute
	leastEventsBytes = 1 << 20
)

func (s *Settings) checkEvents(ps *Problems) {
	if s.Events.MaxAge < leastEventsAge {
		ps.add("EVENTS_MAX_AGE", s.Events.MaxAge.String(), fmt.Sprintf("must be at least %s", leastEventsAge))
	}
	if s.Events.MaxBytes < leastEventsBytes {
		ps.add("EVENTS_MAX_BYTES", fmt.Sprint(int64(s.Events.MaxBytes)), "must be at least 1MiB")
	}
}

// add notes a problem with a setting, which is named without prefix.
func (ps *Problems) add(name, value, rule string) {
	*ps = append(*ps, Problem{Key: prefix + "_" + name, Value: value, Rule: rule})
}

func (ps *Problems) listen(name string, l Listen) {
	if rule := l.rule(); rule != "" {
		ps.add(name, string(l), rule)
	}
}

func (ps *Problems) positive(name string, d time.Duration) {
	if d <= 0 {
		ps.add(name, d.String(), "must be above zero")
	}
}

func (ps *Problems) oneOf(name, value string, names ...string) {
	if !slices.Contains(names, value) {
		ps.add(name, value, "must be one of "+strings.Join(names, ", ")+didYouMean(value, names))
	}
}

// urls checks a list of addresses and gives it back without spaces and slashes at the end, so that the same address
// twice is seen.
func (ps *Problems) urls(name string, texts []string, schemes ...string) []string {
	var out []string
	for _, text := range texts {
		text = strings.TrimRight(strings.TrimSpace(text), "/")
		rule := urlRule(name, text, schemes)
		if rule == "" && slices.Contains(out, text) {
			rule = "is named twice"
		}
		if rule != "" {
			ps.add(name, withoutCredentials(text), rule)
		}
		out = append(out, text)
	}
	return out
}

func urlRule(name, text string, schemes []string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || !slices.Contains(schemes, u.Scheme) || u.Hostname() == "":
		return "must be a URL such as " + schemes[0] + "://127.0.0.1" + exampleRest[schemes[0]]
	case u.User != nil:
		user, _, _ := strings.Cut(name, "_")
		return fmt.Sprintf("must not hold a user; set %[1]s_%[2]s_USERNAME and %[1]s_%[2]s_PASSWORD", prefix, user)
	case u.RawQuery != "" || u.Fragment != "":
		return "must end with its path; no ? and no #"
	}
	return ""
}

// exampleRest completes the example of an address by its scheme.
var exampleRest = map[string]string{"http": ":8088/ari", "nats": ":4222"}

// withoutCredentials is text, or nothing where a password may stand in it.
func withoutCredentials(text string) string {
	if strings.Contains(text, "@") {
		return ""
	}
	return text
}
