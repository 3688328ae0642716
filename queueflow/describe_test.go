package queueflow_test

import (
	"fmt"
	"strings"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

func describeEvent(e callevent.Event) string {
	switch p := e.Payload.(type) {
	case callevent.Entered:
		return fmt.Sprintf("%s %s position=%d%s%s%s", e.ID, e.Subject(), p.Position, refusals(p.RefusedBy),
			optional("resumed_from", p.ResumedFrom), withheld(p.Caller))
	case callevent.Announced:
		return fmt.Sprintf("%s %s position=%d%s%s waited=%dms", e.ID, e.Subject(), p.Position, said(p), estimate(p.EstimateToldMS), p.WaitedMS)
	case callevent.Moved:
		return fmt.Sprintf("%s %s from=%s reason=%s position=%d waited=%dms", e.ID, e.Subject(), p.From, p.Reason, p.Position, p.WaitedMS)
	case callevent.Missed:
		return fmt.Sprintf("%s %s reason=%s waited=%dms position=%d/%d%s%s%s%s%s%s%s%s", e.ID, e.Subject(), p.Reason, p.WaitedMS,
			p.Position, p.PositionAtEntry, optional("keys", p.Keys), optional("sent_to", p.SentTo), hangup(p.Hangup),
			window(p.LostWindow), refusals(p.RefusedBy), episode(p), estimate(p.EstimateToldMS), withheld(p.Caller)+who(p.Caller)) + attempted(p.Attempts)
	case callevent.Resolved:
		return fmt.Sprintf("%s %s %s by=%q why=%q calls=%d missed=%s last=%s after=%dms", e.ID, e.Subject(), p.How, p.By, p.Why, p.Calls,
			p.MissedAt.Format("15:04:05.000"), p.LastAt.Format("15:04:05.000"), p.AfterMS)
	}
	return describeServed(e)
}

// estimate is a wait that the caller was told, and by how much it was wrong if that is known.
func estimate(told *int64, late ...*int64) string {
	if told == nil {
		return ""
	}
	words := fmt.Sprintf(" estimate=%dms", *told)
	for _, ms := range late {
		words += fmt.Sprintf("%+dms", *ms)
	}
	return words
}

// episode is told of a call that joined one of a call before.
func episode(p callevent.Missed) string {
	if p.EpisodeCalls == 1 && p.Episode == p.CallID || p.EpisodeCalls == 0 && p.Episode == "" {
		return ""
	}
	return fmt.Sprintf(" episode=%s calls=%d", p.Episode, p.EpisodeCalls)
}

func describeEpisode(e queueflow.Episode) string {
	return fmt.Sprintf("%s of %q calls=%d %s %s missed=%s last=%s until=%s", e.ID, e.Number(), e.Calls, e.Queue, e.Reason,
		e.MissedAt.Format("15:04:05.000"), e.LastAt.Format("15:04:05.000"), e.Until.Format(time.RFC3339))
}

func said(p callevent.Announced) string {
	switch {
	case p.PositionTold == nil:
		return ""
	case p.MoreThan:
		return fmt.Sprintf(" told=more than %d", *p.PositionTold)
	}
	return fmt.Sprintf(" told=%d", *p.PositionTold)
}

func optional(key, value string) string {
	if value == "" {
		return ""
	}
	return " " + key + "=" + value
}

// who is told of a caller who is not the usual one.
func who(c callevent.Caller) string {
	if c.Raw == "" || c.Raw == usual.Raw {
		return ""
	}
	return " from=" + c.Raw
}

func withheld(c callevent.Caller) string {
	if c.Withheld && c.Raw == "" && c.E164 == "" {
		return " withheld"
	}
	return ""
}

func refusals(rs []callevent.Refusal) string {
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintf(&b, " refused_by=%s(%s)", r.Queue, r.Reason)
	}
	return b.String()
}

func hangup(h *callevent.Hangup) string {
	if h == nil {
		return ""
	}
	return fmt.Sprintf(" hangup=%d by %s", h.Cause, h.By)
}

func window(w *callevent.Window) string {
	if w == nil {
		return ""
	}
	return fmt.Sprintf(" window=%s..%s", w.From.Format("15:04:05.000"), w.To.Format("15:04:05.000"))
}

func describeCommand(cmd queueflow.Command) string {
	name := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", cmd), "queueflow."))
	on := cmd.On().ID
	if cmd.On().Node == otherNode {
		on = "b:" + on
	}
	switch c := cmd.(type) {
	case queueflow.AskCaller:
		if c.Number {
			return name + " " + on + " and his number"
		}
	case queueflow.StartMusic:
		return fmt.Sprintf("%s %s %q", name, on, c.Class)
	case queueflow.Play:
		return fmt.Sprintf("%s %s %s %s language=%s", name, on, c.Playback, strings.Join(c.Media, " "), c.Language)
	case queueflow.StopPlaying:
		return fmt.Sprintf("%s %s %s", name, on, c.Playback)
	case queueflow.AskExit:
		return fmt.Sprintf("%s %s %s", name, on, c.Target)
	case queueflow.Leave:
		return fmt.Sprintf("%s %s %s %v", name, on, c.Target, c.Variables)
	case queueflow.Hangup:
		return fmt.Sprintf("%s %s answered=%t", name, on, c.Answered)
	case queueflow.DestroyBridge:
		return fmt.Sprintf("%s %s", name, c.Bridge)
	}
	if said := describeLegCommand(cmd); said != "" {
		return name + " " + on + " " + said
	}
	return name + " " + on
}
