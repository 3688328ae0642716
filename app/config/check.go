package config

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // time zones work on machines and in images that have none

	"github.com/nyaruka/phonenumbers"
)

// checker finds what a schema cannot say. It looks only at values whose shape is right; the others have their problem.
type checker struct {
	queues, targets []string
	isQueue         map[string]bool
	isTarget        map[string]bool
	hints           int
	problems        Problems
}

// check looks at every value whose definition in the schema has a check of its own, and then at queues and at
// notifications as a whole.
func check(root *node, wrong map[string]bool, sources *sources) Problems {
	c := newChecker(root)
	walk(root, nil, schema().root, func(n *node, _ *field, part map[string]any, def string) {
		c.keys(n, part)
		if test := checks[def]; test != nil && n.kind == scalar && !wrong[n.key()] {
			if rule := test(c, n.text); rule != "" {
				c.problems = append(c.problems, n.problem(rule))
			}
		}
	})
	c.circles(root.get("queues"))
	c.serving(root.get("queues"))
	c.notifications(root, wrong, sources)
	return c.problems
}

func newChecker(root *node) *checker {
	c := &checker{isQueue: make(map[string]bool), isTarget: make(map[string]bool)}
	c.queues = names(root.get("queues"), c.isQueue)
	c.targets = names(root.get("notifications").get("targets"), c.isTarget)
	return c
}

// names lists the keys of a mapping, and marks them in set.
func names(n *node, set map[string]bool) []string {
	var keys []string
	for _, f := range n.mapped() {
		keys = append(keys, f.key)
		set[f.key] = true
	}
	return keys
}

// checks are by definition in the schema. Each gives the rule that a text breaks, empty when it breaks none.
var checks = map[string]func(c *checker, text string) string{
	"queue_ref":         (*checker).queue,
	"match_queue":       (*checker).matchQueue,
	"match_queues":      (*checker).matchQueue,
	"did_route":         (*checker).queue,
	"target_ref":        (*checker).target,
	"duration":          (*checker).duration,
	"positive_duration": (*checker).positive,
	"timezone":          (*checker).timezone,
	"region":            (*checker).region,
	"weekly":            (*checker).weekly,
	"closed":            (*checker).closed,
	"rate":              (*checker).rate,
	"max_age":           within("max_age", leastMaxAge, mostMaxAge),
	"webhook_timeout":   within("webhook_timeout", leastTimeout, mostTimeout),
	"ring_timeout":      within("ring_timeout", leastRing, mostRing),
	"confirm_within":    within("confirm_within", leastConfirm, mostConfirm),
	"agent_text":        (*checker).agentText,
	"device":            (*checker).device,
	"address":           (*checker).address,
	"host_port":         (*checker).hostPort,
	"http_url":          (*checker).url,
	"base_url":          (*checker).baseURL,
	"proxy_url":         (*checker).proxy,
	"chat_id":           (*checker).chatID,
	"subject":           (*checker).subject,
}

func (c *checker) queue(id string) string {
	if c.isQueue[id] {
		return ""
	}
	return "there is no such queue" + c.hint(id, c.queues)
}

// noQueue stands for calls without a queue, as in subjects.
const noQueue = "_"

func (c *checker) matchQueue(id string) string {
	if id == noQueue {
		return ""
	}
	return c.queue(id)
}

func (c *checker) target(name string) string {
	if c.isTarget[name] {
		return ""
	}
	return "there is no such target" + c.hint(name, c.targets)
}

// hint is what was probably meant. A file with ever so many wrong names, among ever so many right ones, gets it for the
// first hundred: each costs a look at all names.
func (c *checker) hint(word string, names []string) string {
	const most = 100
	if c.hints++; c.hints > most {
		return ""
	}
	return didYouMean(word, names)
}

// The longest duration of a configuration. A longer one is a slip, and sums with it would overflow.
const maxDuration = 10 * 365 * 24 * time.Hour

func (c *checker) duration(text string) string {
	if d, err := time.ParseDuration(text); err != nil || d > maxDuration {
		return fmt.Sprintf("must be a duration of at most %s", maxDuration)
	}
	return ""
}

func (c *checker) positive(text string) string {
	if d, err := time.ParseDuration(text); err == nil && d <= 0 {
		return "must be above zero"
	}
	return c.duration(text)
}

func (c *checker) timezone(name string) string {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return "there is no such time zone; names are such as Europe/Moscow or UTC"
	}
	return ""
}

func (c *checker) region(code string) string {
	if !phonenumbers.GetSupportedRegions()[strings.ToUpper(code)] {
		return "there is no such country; codes are of two letters, such as RU, KZ or DE"
	}
	return ""
}
