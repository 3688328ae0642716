package notifier

import (
	"slices"
	"strings"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// Choice is one target that is to be told of an event.
type Choice struct {
	Target string
	// Hold is how long it is to wait before, in case the matter is settled meanwhile.
	Hold time.Duration
}

// Choose says who is told of an event, each target once. The first route that takes it wins, and those after it while
// each says Continue. What no route takes goes to Default, if it tells of a person who was not reached. All such events
// go to CopyAll as well, as late as the soonest of those it is a copy of.
func Choose(p policy.Policy, e callevent.Event) []Choice {
	return choose(p, factsOf(e))
}

func choose(p policy.Policy, facts facts) (chosen choices) {
	taken := false
	for _, r := range p.Routes {
		if !matches(r.Match, facts) {
			continue
		}
		taken = true
		chosen.add(r.To, r.Hold)
		if !r.Continue {
			break
		}
	}
	if !facts.notReached() {
		return chosen
	}
	if !taken {
		chosen.add(p.Default, 0)
	}
	chosen.add(p.CopyAll, chosen.soonest())
	return chosen
}

type choices []Choice

// add adds targets; one that is there already waits the shorter of both times.
func (c *choices) add(targets []string, hold time.Duration) {
	for _, name := range targets {
		i := slices.IndexFunc(*c, func(o Choice) bool { return o.Target == name })
		if i < 0 {
			*c = append(*c, Choice{Target: name, Hold: hold})
			continue
		}
		(*c)[i].Hold = min((*c)[i].Hold, hold)
	}
}

// soonest is the shortest hold, 0 when there is none.
func (c choices) soonest() time.Duration {
	if len(c) == 0 {
		return 0
	}
	return slices.MinFunc(c, func(a, b Choice) int { return int(a.Hold - b.Hold) }).Hold
}

// noQueue stands for a call without a queue, in routes as in subjects.
const noQueue = "_"

func matches(m policy.Match, f facts) bool {
	return takesKind(m, f) &&
		among(m.Queues, f.queue) &&
		anyOf(m.DIDs, func(pattern string) bool { return dialled(pattern, f.DID) }) &&
		among(m.Callers, f.Caller.Kind) &&
		anyOf(m.Languages, func(language string) bool { return speaks(f.Language, language) }) &&
		within(m.MinPriority, m.MaxPriority, f.Priority) &&
		(m.Hours == nil || m.Hours.Open(f.at))
}

// takesKind says whether a route is about such events at all. Reasons are those of missed calls.
func takesKind(m policy.Match, f facts) bool {
	if len(m.Reasons) > 0 && (f.kind != callevent.KindMissed || !slices.Contains(m.Reasons, f.Reason)) {
		return false
	}
	if len(m.Events) > 0 {
		return slices.Contains(m.Events, f.kind)
	}
	return len(m.Reasons) > 0 || f.notReached()
}

// among holds when nothing is asked for, or the value is one of those.
func among[T comparable](asked []T, value T) bool {
	return len(asked) == 0 || slices.Contains(asked, value)
}

func anyOf(asked []string, holds func(string) bool) bool {
	return len(asked) == 0 || slices.ContainsFunc(asked, holds)
}

// speaks says whether a language, as Asterisk writes it, is another one or a variant of it: ru_RU is ru.
func speaks(language, asked string) bool {
	rest, is := strings.CutPrefix(strings.ToLower(language), strings.ToLower(asked))
	return is && (rest == "" || rest[0] == '_' || rest[0] == '-')
}

// within says whether a priority is in limits; an event that has none is in no limits.
func within(least, most, priority *int) bool {
	if least == nil && most == nil {
		return true
	}
	return priority != nil && (least == nil || *priority >= *least) && (most == nil || *priority <= *most)
}

// dialled says whether a number fits a pattern, with its leading plus or without it, because carriers differ in it.
func dialled(pattern, number string) bool {
	other, hadPlus := strings.CutPrefix(number, "+")
	if !hadPlus {
		other = "+" + number
	}
	return glob(pattern, number) || number != "" && glob(pattern, other)
}

// glob says whether a text fits a pattern, in which * stands for any characters and ? for one.
func glob(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, from := -1, 0 // the last * and where in the text it is tried to end
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
