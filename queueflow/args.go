package queueflow

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// Args is what the dialplan asked for with Stasis(missedcalls[,queue][,key=value...]).
type Args struct {
	// Queue named in the first argument, if it is no key=value.
	Queue string
	// Command is set instead of a queue when the first argument begins with @; its own arguments follow it.
	Command  []string
	Priority int
	Asked    callevent.Asked
	// Problems are the arguments that could not be read; the others hold.
	Problems []string
}

const (
	maxArgLength = 80
	// maxPriority keeps priorities within what the dialplan can mean.
	maxPriority = 1_000_000
	// maxAskedWait bounds max_wait, so that no sum with a time overflows.
	maxAskedWait = 30 * 24 * time.Hour
)

// ParseArgs reads the arguments after the application's name. It never fails: what it cannot read is in Problems.
func ParseArgs(args []string) Args {
	var a Args
	for i, arg := range args {
		arg = strings.TrimSpace(arg)
		key, value, isPair := strings.Cut(arg, "=")
		switch {
		case arg == "":
		case i == 0 && arg[0] == '@':
			a.Command = args
			return a
		case i == 0 && !isPair:
			a.Queue = arg
		case !isPair:
			a.problem("%q is no key=value", arg)
		default:
			a.set(strings.TrimSpace(key), strings.TrimSpace(value))
		}
	}
	return a
}

func (a *Args) set(key, value string) {
	if len(value) > maxArgLength || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		a.problem("%s is longer than %d bytes or holds control characters", key, maxArgLength)
		return
	}
	switch key {
	case "music":
		a.Asked.Music = value
	case "language":
		a.Asked.Language = value
	case "priority":
		a.setPriority(value)
	case "max_wait":
		a.setMaxWait(value)
	case "skills":
		a.setSkills(value)
	default:
		a.problem("unknown key %q; known are music, language, priority, max_wait and skills", key)
	}
}

func (a *Args) setPriority(value string) {
	n, err := strconv.Atoi(value)
	if err != nil || n < -maxPriority || n > maxPriority {
		a.problem("priority %q is no whole number up to %d", value, maxPriority)
		return
	}
	a.Priority = n
}

// setSkills reads a+b, all of which an agent must have, or a|b, of which he must have one. Who wants both says skills twice.
func (a *Args) setSkills(value string) {
	if !strings.Contains(value, "|") {
		a.Asked.Skills = strings.FieldsFunc(value, func(r rune) bool { return r == '+' || r == ' ' })
		return
	}
	var anyOf []string
	for skill := range strings.SplitSeq(value, "|") {
		switch skill = strings.TrimSpace(skill); {
		case strings.ContainsAny(skill, "+ "):
			a.problem("skills %q mixes + and |; say skills twice, once with each", value)
			return
		case skill != "":
			anyOf = append(anyOf, skill)
		}
	}
	a.Asked.AnySkills = anyOf
}

// setMaxWait reads a duration such as 90s, or whole seconds as Queue() takes them.
func (a *Args) setMaxWait(value string) {
	d, err := time.ParseDuration(value)
	if seconds, atoiErr := strconv.Atoi(value); atoiErr == nil && seconds <= int(maxAskedWait/time.Second) {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d < 0 || d > maxAskedWait {
		a.problem("max_wait %q is no duration such as 90s, at most %s", value, maxAskedWait)
		return
	}
	ms := d.Milliseconds()
	a.Asked.MaxWaitMS = &ms
}

func (a *Args) problem(format string, args ...any) {
	const enough = 8
	if len(a.Problems) < enough {
		text := fmt.Sprintf(format, args...)
		a.Problems = append(a.Problems, strings.ToValidUTF8(text[:min(len(text), 2*maxArgLength)], "?"))
	}
}
