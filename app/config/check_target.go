package config

import (
	"fmt"
	"net/textproto"
	"slices"
	"strings"

	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
)

// channels are the keys of a target of which it has one.
var channels = []string{"telegram", "slack", "email", "webhook", "nats"}

// notifications finds what is wrong with targets and routes as a whole.
func (c *checker) notifications(root *node, wrong map[string]bool, sources *sources) {
	section := root.get("notifications")
	for _, f := range section.get("targets").mapped() {
		if f.value.kind != mapping || len(f.value.fields) == 0 {
			continue // has its problem
		}
		if c.oneChannel(f.value) {
			c.slack(f.value.get("slack"))
			c.email(f.value.get("email"))
			c.headers(f.value.get("webhook"))
			c.templates(f, wrong, sources)
		}
	}
	c.fallbacks(section.get("targets"))
	for _, n := range section.get("routes").list() {
		c.priorities(n.get("match").get("priority"))
		c.hold(n, section.get("targets"))
	}
}

// oneChannel says whether a target has one channel, and tells it when it has not.
func (c *checker) oneChannel(target *node) bool {
	var has []string
	for _, channel := range channels {
		if target.field(channel) != nil {
			has = append(has, channel)
		}
	}
	switch len(has) {
	case 0:
		c.tell(target.problem("must have one of " + strings.Join(channels, ", ")))
	case 1:
		return true
	default:
		c.tell(target.field(has[1]).problem(fmt.Sprintf("the target has the channel %s already; make a target of its own for this one", has[0])))
	}
	return false
}

func (c *checker) tell(p Problem) { c.problems = append(c.problems, p) }

// slack finds a target that is neither an incoming webhook nor a bot, or both.
func (c *checker) slack(n *node) {
	if n == nil || n.kind != mapping {
		return
	}
	incoming, channel, token := n.field("webhook_file"), n.field("channel"), n.field("token_file")
	switch {
	case incoming == nil && channel == nil:
		c.tell(n.problem("must have webhook_file, or channel and token_file"))
	case incoming == nil && token == nil:
		c.tell(channel.problem("a bot needs token_file too"))
	case incoming == nil:
	default:
		for _, key := range []string{"channel", "token_file", "base_url"} {
			if f := n.field(key); f != nil {
				c.tell(f.problem("is for a bot; webhook_file has the channel and the secret in its URL"))
			}
		}
	}
}

// email finds a login of which one half is missing.
func (c *checker) email(n *node) {
	username, password := n.field("username"), n.field("password_file")
	switch {
	case username != nil && password == nil:
		c.tell(username.problem("needs password_file too"))
	case username == nil && password != nil:
		c.tell(password.problem("needs username too"))
	}
}

// reserved are the headers that the program sets itself, and the key that does it.
var reserved = map[string]string{
	"Host": "url", "Content-Length": "body", "Content-Type": "content_type", "Transfer-Encoding": "body", "Connection": "the program",
	"Webhook-Id": "the program", "Webhook-Timestamp": "the program", "Webhook-Signature": "secret_file",
}

// headers finds those that are set twice: by both keys, in other letters, or by the program.
func (c *checker) headers(webhook *node) {
	seen := make(map[string]int)
	fields := slices.Concat(webhook.get("headers").mapped(), webhook.get("header_files").mapped())
	for _, f := range fields {
		name := textproto.CanonicalMIMEHeaderKey(f.key)
		by, taken := reserved[name]
		switch {
		case taken:
			c.tell(f.problem("is set by " + by))
		case seen[name] > 0:
			c.tell(f.problem(fmt.Sprintf("the header is set already, on line %d", seen[name])))
		}
		seen[name] = f.line
	}
}

// fallbacks finds targets whose fallbacks lead back to them. Each that closes a circle is one problem.
func (c *checker) fallbacks(targets *node) {
	done := make(map[string]bool)
	for _, f := range targets.mapped() {
		place := make(map[string]int)
		var names []string
		for name := f.key; name != "" && !done[name]; {
			place[name] = len(names)
			names = append(names, name)
			next := targets.get(name).get("fallback")
			if start, met := place[next.or("")]; met {
				c.tell(next.problem("a message could go round for ever: " + circle(names[start:])))
				break
			}
			name = next.or("")
		}
		for _, name := range names {
			done[name] = true
		}
	}
}

// priorities finds a range that holds nothing.
func (c *checker) priorities(n *node) {
	least, most := n.get("min"), n.get("max")
	if l, m := least.number(), most.number(); l != nil && m != nil && *l > *m {
		c.tell(most.problem(fmt.Sprintf("is below min, %d", *l)))
	}
}

// hold finds messages that are held for so long that they are too old to be told.
func (c *checker) hold(route, targets *node) {
	hold := route.get("hold")
	if hold == nil {
		return
	}
	for _, to := range route.get("to").texts() {
		target := targets.get(to)
		if target == nil {
			continue // has its problem
		}
		age := target.get("max_age")
		if most := age.durationOr(usualMaxAge); 0 < most && most <= hold.duration() {
			c.tell(hold.problem(fmt.Sprintf("target %s gives messages up that are older than %s", to, age.or(usualMaxAge))))
			return
		}
	}
}

// templates finds templates that cannot be read, are not for the channel, cannot be parsed or fail with a sample.
func (c *checker) templates(target field, wrong map[string]bool, sources *sources) {
	n := target.value
	before := len(c.problems)
	body := n.get("webhook").get("body")
	c.source(body, sources)
	if every := n.get("templates").field(string(policy.AnyEvent)); every != nil && body != nil {
		c.tell(every.problem("is the same as body of the webhook, which is set too"))
	}
	known := true
	for _, f := range n.get("templates").mapped() {
		known = known && keyPatterns()["template_event"].MatchString(f.key)
		c.template(f, n, sources)
	}
	if !known || len(c.problems) > before || wrong[n.key()] {
		return // has its problems
	}
	t := notifications{sources: sources}.target(target.key, n)
	for _, err := range message.Check(t) {
		c.tell(templateProblem(n, err))
	}
}

func (c *checker) template(f field, target *node, sources *sources) {
	c.source(f.value, sources)
	email := target.field("email") != nil
	for _, part := range []message.Part{message.PartSubject, message.PartText, message.PartHTML} {
		at := f.value.field(string(part))
		switch {
		case at == nil:
		case !email:
			c.tell(at.problem("is for email; write the text in place of the mapping"))
		case f.value.field("file") != nil:
			c.tell(at.problem("goes not with file; write " + string(part) + ": {file: F} for the other"))
		}
		if at != nil {
			c.source(at.value, sources)
		}
	}
}

// source finds a file with a template that cannot be read.
func (c *checker) source(n *node, sources *sources) {
	if file := n.get("file"); file != nil && file.kind == scalar {
		if rule := sources.at(file.text).rule; rule != "" {
			c.tell(file.problem(rule))
		}
	}
}
