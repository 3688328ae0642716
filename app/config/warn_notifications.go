package config

import (
	"net"
	"net/url"
	"strings"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// unpublished are the events of the contract that this version does not tell yet, and why.
var unpublished = map[callevent.Kind]string{
	callevent.KindCallbackRequested: noCallbacks,
	callevent.KindCallbackScheduled: noCallbacks,
	callevent.KindCallbackAttempted: noCallbacks,
	callevent.KindCallbackCompleted: noCallbacks,
	callevent.KindCallbackFailed:    noCallbacks,
	callevent.KindCallbackExpired:   noCallbacks,
	callevent.KindCallbackCancelled: noCallbacks,
}

const noCallbacks = "this version does not call back yet, the event does not come"

func (w warner) notifications(section *node) {
	for _, n := range section.get("routes").list() {
		w.events(n.get("match").get("event"))
	}
	w.silence(section)
	w.unused(section)
	for _, f := range section.get("targets").mapped() {
		w.exposed(f.value)
	}
}

// events notes those that a route waits for in vain.
func (w warner) events(n *node) {
	items := n.list()
	if n != nil && n.kind == scalar {
		items = []*node{n}
	}
	for _, item := range items {
		if reason := unpublished[callevent.Kind(item.text)]; reason != "" {
			w.accepted(item.text, item.problem(""), reason)
		}
	}
}

// silence notes that what no route matches is told to nobody.
func (w warner) silence(section *node) {
	routes := section.field("routes")
	if len(section.get("routes").list()) == 0 || len(section.get("default").list()) > 0 || len(section.get("copy_all").list()) > 0 {
		return
	}
	for _, n := range routes.value.list() {
		if len(n.get("match").mapped()) == 0 && len(n.get("to").list()) > 0 {
			return // it takes everything
		}
	}
	w.note("", routes.problem(""), "what no route matches is told to nobody, an unknown queue would be silent; set default")
}

// unused notes targets that nothing leads to.
func (w warner) unused(section *node) {
	led := make(map[string]bool)
	lead := func(names []string) {
		for _, name := range names {
			led[name] = true
		}
	}
	lead(section.get("default").texts())
	lead(section.get("copy_all").texts())
	for _, n := range section.get("routes").list() {
		lead(n.get("to").texts())
	}
	for _, f := range section.get("targets").mapped() {
		lead(f.value.get("fallback").texts())
	}
	for _, f := range section.get("targets").mapped() {
		if !led[f.key] {
			w.note("", f.problem(""), "nothing is told there: no route, default, copy_all or fallback names the target")
		}
	}
}

// exposed notes secrets that others on the way can read.
func (w warner) exposed(target *node) {
	hook := target.get("webhook")
	if address := hook.get("url"); plain(address) && (hook.get("secret_file") != nil || hook.get("header_files") != nil) {
		w.note("", address.problem(""), "callers' numbers and secret headers go unencrypted; use https://")
	}
	for _, channel := range []string{"telegram", "slack"} {
		if address := target.get(channel).get("base_url"); plain(address) {
			w.note("", address.problem(""), "the bot's token goes unencrypted; use https://")
		}
	}
	mail := target.get("email")
	host, _, err := net.SplitHostPort(mail.get("smtp").or(""))
	if tls := mail.get("tls"); tls.or("") == string(policy.NoTLS) && mail.get("username") != nil && err == nil && !isLoopback(host) {
		w.note("", tls.problem(""), "the password goes unencrypted; use starttls or tls")
	}
}

// plain says whether a URL leads to another machine without encryption.
func plain(n *node) bool {
	u, err := url.Parse(n.or(""))
	return err == nil && strings.EqualFold(u.Scheme, "http") && !isLoopback(u.Hostname())
}
