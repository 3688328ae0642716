package stasis

import (
	"github.com/rs/zerolog"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// severity of a notice: what an administrator must mend is an error, what mends itself a warning.
func severity(kind queueflow.NoticeKind) zerolog.Level {
	switch kind {
	case queueflow.NoticeCommandFailed, queueflow.NoticeBadArgument, queueflow.NoticeFeatureRefused:
		return zerolog.WarnLevel
	default:
		return zerolog.ErrorLevel
	}
}

// logEvent tells of an event. The caller's number stays out of it above level debug, unless it was asked for.
func (d *Driver) logEvent(e callevent.Event) {
	line := d.Log.Info().Str("call", e.Call).Str("queue", e.Payload.QueueID())
	switch p := e.Payload.(type) {
	case callevent.Entered:
		if d.LogNumbers || d.Log.GetLevel() <= zerolog.DebugLevel {
			line.Str("caller", p.Caller.Raw)
		}
		line.Int("position", p.Position)
	case callevent.Announced:
		line.Int("position", p.Position)
	case callevent.Moved:
		line.Str("from", p.From).Str("reason", string(p.Reason))
	case callevent.Missed:
		line.Str("reason", string(p.Reason)).Int64("waited_ms", p.WaitedMS)
	case callevent.Offered:
		line.Str("agent", p.Attempt.Endpoint).Str("outcome", p.Attempt.Outcome).Int64("waited_ms", p.WaitedMS)
	case callevent.Answered:
		line.Str("agent", p.Agent.Endpoint).Int64("waited_ms", p.WaitedMS)
	case callevent.Completed:
		line.Str("agent", p.Agent.Endpoint).Str("ended_by", string(p.EndedBy)).Int64("talked_ms", p.TalkedMS)
	case callevent.MemberAdded:
		logMember(line, p.Member)
	case callevent.MemberRemoved:
		logMember(line, p.Member)
	case callevent.MemberPaused:
		logMember(line, p.Member)
	case callevent.MemberUnpaused:
		logMember(line, p.Member)
	case callevent.Resolved:
		line.Str("how", string(p.How)).Str("by", p.By).Str("why", p.Why).Int("calls", p.Calls)
	}
	line.Msg(string(e.Payload.Kind()))
}

func logMember(line *zerolog.Event, m callevent.Member) {
	line.Str("agent", m.Agent.Endpoint).Str("reason", m.Reason).Str("by", m.By)
}
