package config

import (
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow"
)

// policies makes values of a file that has no problems. zone is that of its opening hours.
func policies(root *node, zone *time.Location) queueflow.Policies {
	p := queueflow.Policies{
		DefaultQueue: root.get("default_queue").or(""),
		Queues:       make(map[string]queueflow.Policy),
	}
	dids := make(map[string]queueflow.Route)
	for _, f := range root.get("dids").mapped() {
		dids[f.key] = route(f.value)
	}
	p.DIDs = queueflow.NewDIDMap(dids)
	for _, f := range root.get("queues").mapped() {
		p.Queues[f.key] = queuePolicy(f.key, f.value, zone)
	}
	return p
}

// queuePolicy is one queue with the defaults of every key it does not set.
func queuePolicy(id string, q *node, zone *time.Location) queueflow.Policy {
	return queueflow.Policy{
		ID:                id,
		Name:              q.get("name").or(id),
		Language:          q.get("language").or(""),
		Music:             q.get("music").or("default"),
		Answer:            answer(q.get("answer").or("early")),
		MaxWait:           q.get("max_wait").duration(),
		MaxCallers:        q.get("max_callers").count(),
		Serving:           serving(q),
		Announce:          announce(q.get("announce")),
		Periodic:          periodic(q.get("prompts").get("periodic")),
		Hours:             hours(q.get("hours"), zone),
		ExitAtClosing:     q.get("at_closing").or("stay") == "exit",
		Keys:              keys(q.get("keys")),
		KeyTimeout:        q.get("key_timeout").durationOr("3s"),
		UnknownKey:        q.get("prompts").get("unknown_key").texts(),
		OnTimeout:         exit(q.get("on_timeout")),
		OnFull:            exit(q.get("on_full")),
		OnEmpty:           exit(q.get("on_empty")),
		OnClosed:          exit(q.get("on_closed")),
		StayOnMissingExit: q.get("on_exit_missing").or("hangup") == "stay",
	}
}

func answer(name string) queueflow.AnswerPolicy {
	if name == "agent" {
		return queueflow.AnswerAgent
	}
	return queueflow.AnswerEarly
}

// route is what a dialled number stands for: a queue's id, or a mapping.
func route(n *node) queueflow.Route {
	if n.kind == scalar {
		return queueflow.Route{Queue: n.text}
	}
	return queueflow.Route{Queue: n.get("queue").or(""), Language: n.get("language").or(""), Music: n.get("music").or("")}
}

// announce has the defaults of what is not set; without the key, and without position, nothing is told.
func announce(n *node) queueflow.Announce {
	if n == nil {
		return queueflow.Announce{}
	}
	a := queueflow.Announce{
		FirstAfter: n.get("first_after").durationOr("15s"), Every: n.get("every").durationOr("45s"),
		MinGap: n.get("min_gap").durationOr("15s"), OnlyUp: n.get("only_up").flag(), ThankYou: n.get("thank_you").flag(),
		EstimatedWait: estimatedWait(n.get("estimated_wait")), Round: n.get("round").durationOr("30s"),
	}
	switch position := n.get("position"); {
	case position.flag():
		a.Position = queueflow.PositionTold
	case position.get("limit") != nil:
		a.Position, a.Limit = queueflow.PositionLimit, position.get("limit").count()
	case position.get("more_than") != nil:
		a.Position, a.Limit = queueflow.PositionMoreThan, position.get("more_than").count()
	}
	return a
}

func estimatedWait(n *node) queueflow.EstimatePolicy {
	switch {
	case n.flag():
		return queueflow.EstimateTold
	case n.or("") == "once":
		return queueflow.EstimateOnce
	}
	return queueflow.EstimateSilent
}

func periodic(n *node) queueflow.Periodic {
	if n == nil {
		return queueflow.Periodic{}
	}
	return queueflow.Periodic{
		Media: n.get("media").texts(), FirstAfter: n.get("first_after").durationOr("20s"), Every: n.get("every").durationOr("60s"),
		Relative: n.get("relative").flag(),
	}
}

// keys are the digits that do something in this version, nil when there are none.
func keys(n *node) queueflow.Keys {
	var out queueflow.Keys
	for _, f := range n.mapped() {
		if f.value.text == "callback" {
			continue
		}
		if out == nil {
			out = make(queueflow.Keys)
		}
		out[f.key] = exit(f.value)
	}
	return out
}

// exit is hangup, the zero Exit, when nothing is set.
func exit(n *node) queueflow.Exit {
	return queueflow.Exit{Dialplan: target(n.get("exit").or("")), Queue: n.get("queue").or("")}
}

// target reads context,extension,priority.
func target(text string) queueflow.Target {
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return queueflow.Target{}
	}
	priority, err := strconv.Atoi(parts[2])
	if err != nil {
		return queueflow.Target{}
	}
	return queueflow.Target{Context: parts[0], Extension: parts[1], Priority: priority}
}

// The readers below may be called on nil, which stands for a key that is not set.

func (n *node) or(text string) string {
	if n == nil {
		return text
	}
	return n.text
}

func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

func (n *node) mapped() []field {
	if n == nil {
		return nil
	}
	return n.fields
}

// duration is 0 for what is not set. The schema and the checks let nothing pass that cannot be read.
func (n *node) duration() time.Duration {
	d, err := time.ParseDuration(n.or("0"))
	if err != nil {
		return 0
	}
	return d
}

// durationOr is a duration with a default of its own.
func (n *node) durationOr(text string) time.Duration {
	d, err := time.ParseDuration(n.or(text))
	if err != nil {
		return 0
	}
	return d
}

// texts are the items of a list, or the one text that stands for a list of one.
func (n *node) texts() (all []string) {
	if n == nil {
		return nil
	}
	if n.kind == scalar {
		return []string{n.text}
	}
	for _, item := range n.items {
		all = append(all, item.text)
	}
	return all
}

func (n *node) count() int { return n.countOr(0) }

// countOr is a whole number with a default of its own.
func (n *node) countOr(usual int) int {
	if i := n.number(); i != nil {
		return *i
	}
	return usual
}

// number is a whole number, nil for what is not set.
func (n *node) number() *int { return number(n.or("")) }

func number(text string) *int {
	i, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	return &i
}

// flag is false for what is not set. YAML's True and TRUE are true, too.
func (n *node) flag() bool { return strings.EqualFold(n.or(""), "true") }
