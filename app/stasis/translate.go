package stasis

import (
	"strings"
	"time"

	"missedcalls/app/ari"
	"missedcalls/app/caller"
	"missedcalls/queueflow"
)

// translate says what an event means to the queue; nil when it means nothing.
func translate(node string, reader caller.Reader, r ari.Received) queueflow.Input {
	channel := queueflow.Channel{Node: node, ID: r.Event.ChannelID()}
	switch e := r.Event.(type) {
	case *ari.StasisStart:
		return started(node, reader, r.At, e)
	case *ari.StasisEnd:
		return queueflow.CallerLeft{At: r.At, Channel: channel, Timestamp: timestamp(e.Timestamp)}
	case *ari.ChannelDestroyed:
		return queueflow.CallerLeft{At: r.At, Channel: channel, Timestamp: timestamp(e.Timestamp)}
	case *ari.ChannelHangupRequest:
		return queueflow.HangupRequested{Channel: channel, Cause: e.Cause, Soft: e.Soft}
	case *ari.ChannelDtmfReceived:
		return queueflow.DigitPressed{Channel: channel, Digit: e.Digit[0]}
	case *ari.ChannelStateChange:
		if e.Channel.State == ari.StateUp {
			return queueflow.CallerAnswered{Channel: channel}
		}
	case *ari.ChannelEnteredBridge:
		return queueflow.BridgeJoined{Channel: channel, Bridge: e.Bridge.ID}
	case *ari.PlaybackStarted:
		return queueflow.PromptStarted{Channel: channel, Playback: e.Playback.ID}
	case *ari.PlaybackFinished:
		return queueflow.PromptFinished{Channel: channel, Playback: e.Playback.ID, Failed: e.Playback.State == ari.PlaybackFailed}
	case *ari.ChannelLeftBridge:
		return queueflow.BridgeLeft{Channel: channel, Bridge: e.Bridge.ID}
	}
	return nil
}

func started(node string, reader caller.Reader, at time.Time, e *ari.StasisStart) queueflow.Input {
	if !isCaller(e.Channel) {
		return nil
	}
	in := enteredBy(node, reader, e.Channel)
	in.At, in.Args, in.Timestamp = at, e.Args, timestamp(e.Timestamp)
	if e.Replaced != nil {
		in.Replaces = queueflow.Channel{Node: node, ID: e.Replaced.ID}
	}
	return in
}

// isCaller tells a caller's channel from those that Asterisk makes beside it, which are nobody.
func isCaller(ch ari.Channel) bool {
	for _, technology := range []string{"Snoop/", "Recorder/", "Announcer/"} {
		if strings.HasPrefix(ch.Name, technology) {
			return false
		}
	}
	return true
}

// enteredBy reads a channel.
func enteredBy(node string, reader caller.Reader, ch ari.Channel) queueflow.CallerEntered {
	return queueflow.CallerEntered{
		Call: newCallID(), Channel: queueflow.Channel{Node: node, ID: ch.ID}, Name: ch.Name,
		Dialled: ch.Dialplan.Extension, Caller: reader.Identify(ch.Caller.Number, ch.Caller.Name, ""),
		Language: ch.Language, Answered: ch.State == ari.StateUp,
	}
}

// timestamp is Asterisk's own time as text.
func timestamp(t ari.Timestamp) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05.000Z07:00")
}

// splitAppData reads the arguments of Stasis(application,...) as Asterisk's dialplan does: commas part them, quotes and
// backslashes protect. The application's name is left out.
func splitAppData(data string) []string {
	var args []string
	var arg strings.Builder
	quoted, escaped := false, false
	for _, r := range data {
		switch {
		case escaped:
			arg.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			args = append(args, arg.String())
			arg.Reset()
		default:
			arg.WriteRune(r)
		}
	}
	args = append(args, arg.String())
	return args[1:]
}
