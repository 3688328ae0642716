package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The bounds of two waits for an agent.
const (
	leastRing, mostRing       = time.Second, 10 * time.Minute
	leastConfirm, mostConfirm = time.Second, time.Minute
)

// serving finds what is wrong with how the queues' agents are rung.
func (c *checker) serving(queues *node) {
	agents := make(map[string]*node)
	for _, f := range queues.mapped() {
		c.members(f.value.get("members"), agents)
		c.escalation(f.value)
		c.agentCall(f.value.get("agent_call"))
	}
}

// members finds agents that a queue names twice, and agents of several queues who would be two at once. agents are the
// members that were seen first, by endpoint.
func (c *checker) members(members *node, agents map[string]*node) {
	seen := make(map[string]int)
	for _, m := range members.list() {
		endpoint := m.get("endpoint")
		if endpoint == nil || endpoint.kind != scalar {
			continue
		}
		if line := seen[endpoint.text]; line > 0 {
			c.tell(endpoint.problem(fmt.Sprintf("is a member already, on line %d", line)))
		}
		seen[endpoint.text] = endpoint.line
		if first, known := agents[endpoint.text]; known {
			c.oneAgent(first, m)
		} else {
			agents[endpoint.text] = m
		}
	}
}

// oneAgent finds a second opinion about what an agent is in all his queues.
func (c *checker) oneAgent(first, again *node) {
	for _, key := range []string{"name", "state_interface"} {
		was, is := first.get(key), again.get(key)
		if was != nil && is != nil && was.text != is.text {
			c.tell(is.problem(fmt.Sprintf("the agent has another %s, %q, on line %d; he is the same one in all queues", key, was.text, was.line)))
		}
	}
}

// escalation finds steps out of order, and penalties that leave nobody to ring.
func (c *checker) escalation(q *node) {
	r := reach{}.with(q)
	c.reach(q, r)
	var last *node
	for _, step := range q.get("escalation").list() {
		if step.kind == mapping && step.get("min_penalty") == nil && step.get("max_penalty") == nil && step.get("raise_penalty") == nil {
			c.tell(step.problem("changes nothing; set min_penalty, max_penalty or raise_penalty"))
		}
		r = r.with(step)
		c.reach(step, r)
		after := step.get("after")
		if last != nil && after != nil && after.duration() <= last.duration() {
			c.tell(after.problem(fmt.Sprintf("must come after the step before it, %s", last.text)))
		}
		if after != nil {
			last = after
		}
	}
}

// reach finds that the penalties in force, since a queue or a step has set some, leave nobody to ring.
func (c *checker) reach(n *node, r reach) {
	switch {
	case r.most == nil:
	case r.least != nil && *r.least > *r.most:
		c.beyond(n, "min_penalty", *r.least, *r.most)
	case r.raise != nil && *r.raise > *r.most:
		c.beyond(n, "raise_penalty", *r.raise, *r.most)
	}
}

// beyond tells at the one that was set last that no penalty is allowed.
func (c *checker) beyond(n *node, key string, least, most int) {
	low, high := n.get(key), n.get("max_penalty")
	switch {
	case high != nil:
		c.tell(high.problem(fmt.Sprintf("is below %s, %d: nobody would be rung", key, least)))
	case low != nil:
		c.tell(low.problem(fmt.Sprintf("is above max_penalty, %d: nobody would be rung", most)))
	}
}

// placeholders are what a text to an agent's phone may hold in braces.
var placeholders = []string{"queue", "queue_name", "number", "e164", "name", "did", "call_id", "waited"}

// agentText finds placeholders that nothing is put in place of.
func (c *checker) agentText(text string) string {
	for rest := text; ; {
		_, from, open := strings.Cut(rest, "{")
		if !open {
			return ""
		}
		name, after, closed := strings.Cut(from, "}")
		switch {
		case !closed:
			return "a { without }; placeholders are such as {queue_name}"
		case !slices.Contains(placeholders, name):
			return fmt.Sprintf("{%s} stands for nothing; known are {%s}", name, strings.Join(placeholders, "}, {")) + c.hint(name, placeholders)
		}
		rest = after
	}
}

// device finds what app_queue takes for a device and ARI does not.
func (c *checker) device(name string) string {
	if strings.HasPrefix(strings.ToLower(name), "hint:") {
		return "a hint cannot be watched over ARI; name the device that stands in the hint, such as PJSIP/205"
	}
	return ""
}

// setByAsterisk are headers that SIP itself gives a meaning to; an INVITE with a second one is refused, or goes astray.
var setByAsterisk = []string{
	"call-id", "contact", "content-length", "content-type", "cseq", "from", "max-forwards", "record-route", "require", "route", "to", "via",
}

// mostAgentCall bounds what is said to a phone, in bytes as it is written: Asterisk takes a request of 40 kB, and an INVITE
// that is larger than a packet may get lost.
const mostAgentCall = 4000

// agentCall finds headers that cannot be set, and more than fits.
func (c *checker) agentCall(n *node) {
	size := 0
	for _, f := range n.get("headers").mapped() {
		if slices.Contains(setByAsterisk, strings.ToLower(f.key)) {
			c.tell(f.problem(fmt.Sprintf("Asterisk sets the header %s itself; choose a name of your own, such as X-%s", f.key, f.key)))
		}
		size += len(f.key) + len(f.value.text)
	}
	for _, f := range n.get("variables").mapped() {
		size += len(f.key) + len(f.value.text)
	}
	if size > mostAgentCall {
		c.tell(n.problem(fmt.Sprintf("headers and variables have %d bytes together; at most %d fit", size, mostAgentCall)))
	}
}
