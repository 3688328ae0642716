package demo

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"missedcalls/queueflow/callevent"
)

// sentence is an event in words. before is how many were in the line that a call left.
func sentence(p callevent.Payload, before int) string {
	queue := cmp.Or(p.QueueID(), "no queue") + ": "
	switch p := p.(type) {
	case callevent.Entered:
		return queue + number(p.Caller) + " came in, " + ordinal(p.Position) + " in line" + special(p.Priority) + refused(p.RefusedBy)
	case callevent.Moved:
		return queue + number(p.Caller) + " came from " + p.From + " " + why(p) + ", now " + ordinal(p.Position) + " in line"
	case callevent.Missed:
		return queue + number(p.Caller) + " " + left(p) + place(p.Position, before) + again(p.EpisodeCalls)
	case callevent.Offered:
		return queue + rung(p)
	case callevent.Answered:
		return queue + number(p.Caller) + " talks with " + p.Agent.Name + " after " + seconds(milliseconds(p.WaitedMS)) + place(p.Position, before)
	case callevent.Completed:
		return queue + number(p.Caller) + " " + over(p)
	case callevent.Announced:
		return queue + number(p.Caller) + " was told " + told(p) + " after " + seconds(milliseconds(p.WaitedMS))
	case callevent.Resolved:
		return queue + resolved(p)
	}
	if m, is := memberOf(p); is {
		return queue + m.Agent.Name + " " + memberWords[p.Kind()] + by(m.By, m.Reason)
	}
	return queue + string(p.Kind())
}

// rung says what came of ringing an agent.
func rung(o callevent.Offered) string {
	who, rang := number(o.Caller), seconds(milliseconds(o.Attempt.RingMS))
	switch o.Attempt.Outcome {
	case "no_answer":
		return o.Attempt.Agent + " did not answer " + who + " for " + rang
	case "rejected":
		return o.Attempt.Agent + " declined " + who + " after " + rang
	case "busy":
		return o.Attempt.Agent + " was busy when " + who + " was to be put through"
	case "unavailable":
		return o.Attempt.Agent + " could not be rung for " + who
	case "forwarded":
		return o.Attempt.Agent + " wanted " + who + " forwarded, which is never done"
	case "dropped":
		return o.Attempt.Agent + " answered " + who + " and hung up before they were connected"
	case "not_confirmed":
		return o.Attempt.Agent + " answered " + who + " and did not press 1"
	case "lost_race":
		return o.Attempt.Agent + " answered " + who + " too late"
	}
	return o.Attempt.Agent + " was rung " + rang + " for " + who + " (" + o.Attempt.Outcome + ")"
}

// over says how a talk ended.
func over(c callevent.Completed) string {
	talked := "talked " + seconds(milliseconds(c.TalkedMS)) + " with " + c.Agent.Name
	switch {
	case c.EndedBy == callevent.EndedByTransfer && len(c.Transfers) > 0:
		target, _, _ := strings.Cut(c.Transfers[0].Target, "@")
		return talked + " and was transferred to " + target
	case c.EndedBy == callevent.EndedByCaller:
		return talked + " and hung up"
	case c.EndedBy == callevent.EndedByAgent && c.SentTo == "":
		return talked + ", who hung up"
	case c.EndedBy == callevent.EndedByAgent:
		return talked + ", who hung up, and " + sentTo(c.SentTo)
	}
	return talked + " (the end: " + string(c.EndedBy) + ")"
}

// memberOf gives what the events of members have in common.
func memberOf(p callevent.Payload) (m callevent.Member, is bool) {
	switch p := p.(type) {
	case callevent.MemberAdded:
		return p.Member, true
	case callevent.MemberRemoved:
		return p.Member, true
	case callevent.MemberPaused:
		return p.Member, true
	case callevent.MemberUnpaused:
		return p.Member, true
	}
	return m, false
}

var memberWords = map[callevent.Kind]string{
	callevent.KindMemberAdded: "joined", callevent.KindMemberRemoved: "left",
	callevent.KindMemberPaused: "takes no calls for now", callevent.KindMemberUnpaused: "takes calls again",
}

// by says who did something, and what he said about it.
func by(who, why string) (words string) {
	if who != "" {
		words = " (by " + who + ")"
	}
	if why != "" {
		words += ": " + why
	}
	return words
}

// again says that somebody has called in vain before.
func again(calls int) string {
	if calls < 2 {
		return ""
	}
	return ", " + ordinal(calls) + " missed call of this number"
}

func resolved(r callevent.Resolved) string {
	what := "the missed call of " + number(r.Caller) + " was resolved"
	if r.Calls > 1 {
		what = fmt.Sprintf("%d missed calls of %s were resolved", r.Calls, number(r.Caller))
	}
	after := " after " + seconds(milliseconds(r.AfterMS))
	if r.How == callevent.ResolvedAnswered {
		return what + ": got through" + byAgent(r.By) + after
	}
	if r.By != "" {
		what += " by " + r.By
	}
	what += after
	if r.Why != "" {
		what += ": " + r.Why
	}
	return what
}

func byAgent(name string) string {
	if name == "" {
		return ""
	}
	return " to " + name
}

func told(a callevent.Announced) string {
	switch {
	case a.PositionTold == nil:
		return "how long it takes"
	case a.MoreThan:
		return fmt.Sprintf("that more than %d are in line", *a.PositionTold)
	}
	return "to be " + ordinal(*a.PositionTold) + " in line"
}

func special(priority int) string {
	if priority == 0 {
		return ""
	}
	return fmt.Sprintf(" (priority %d)", priority)
}

func refused(by []callevent.Refusal) string {
	if len(by) == 0 {
		return ""
	}
	return ", passed on by " + by[len(by)-1].Queue
}

func why(m callevent.Moved) string {
	waited := seconds(milliseconds(m.WaitedMS))
	switch m.Reason {
	case callevent.ReasonExitKey:
		return "by pressing " + pressed(m.Keys) + " after " + waited
	case callevent.ReasonMaxWait:
		return "when " + waited + " were over"
	}
	return "after " + waited
}

// left says how a caller went.
func left(m callevent.Missed) string {
	waited := seconds(milliseconds(m.WaitedMS))
	switch m.Reason {
	case callevent.ReasonAbandoned:
		return "hung up after " + waited
	case callevent.ReasonMaxWait:
		return "waited " + waited + ", the limit, and " + sentTo(m.SentTo)
	case callevent.ReasonExitKey:
		return "pressed " + pressed(m.Keys) + " after " + waited + " and " + sentTo(m.SentTo)
	case callevent.ReasonQueueFull:
		return "found the line full and " + sentTo(m.SentTo)
	case callevent.ReasonNoAgents:
		return "found no agents and " + sentTo(m.SentTo)
	case callevent.ReasonClosed:
		if m.Position > 0 {
			return "waited " + waited + " until closing time and " + sentTo(m.SentTo)
		}
		return "found it closed and " + sentTo(m.SentTo)
	case callevent.ReasonUnknownDID:
		return "dialled " + m.DID + ", which has no queue, and went back to the dialplan"
	case callevent.ReasonDeclined:
		return "was declined and went back to the dialplan"
	case callevent.ReasonTaken:
		return "was taken by somebody else after " + waited
	case callevent.ReasonLost:
		return "was gone when Asterisk could be asked again, after " + waited + " at least"
	case callevent.ReasonError:
		return "was lost to an error after " + waited
	}
	return "left after " + waited + " (" + string(m.Reason) + ")"
}

// sentTo says where somebody went who did not leave by himself.
func sentTo(target string) string {
	place, _, known := strings.Cut(target, ",")
	if !known {
		return "was hung up on"
	}
	return "went to " + place
}

func place(position, before int) string {
	switch {
	case position == 0 || before == 0:
		return ""
	case before == 1:
		return " (was alone)"
	}
	return fmt.Sprintf(" (was %s of %d)", ordinal(position), before)
}

// pressed are all the keys of a caller's stay; the last ones are those that led him away.
func pressed(keys string) string { return cmp.Or(keys, "?") }

// number is how a caller's number is shown.
func number(c callevent.Caller) string {
	switch {
	case c.Withheld:
		return "withheld number"
	case c.Kind == callevent.CallerInternal:
		return "extension " + c.Raw
	}
	if n, err := phonenumbers.Parse(c.E164, ""); err == nil {
		return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
	}
	return cmp.Or(c.E164, c.Raw, "unknown")
}

func ordinal(n int) string {
	ending := "th"
	if tens := n / 10 % 10; tens != 1 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, ending)
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// seconds is a wait as people say it.
func seconds(d time.Duration) string {
	switch whole := d.Round(time.Second); {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case whole < time.Minute:
		return fmt.Sprintf("%d s", int(whole.Seconds()))
	case whole < time.Hour:
		return fmt.Sprintf("%d m %02d s", int(whole.Minutes()), int(whole.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %02d m", int(whole.Hours()), int(whole.Minutes())%60)
	}
}
