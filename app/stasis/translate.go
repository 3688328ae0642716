package stasis

import (
	"strings"
	"time"

	"missedcalls/app/ari"
	"missedcalls/app/caller"
	"missedcalls/queueflow"
)

// translator says what events of one Asterisk mean to the queue.
type translator struct {
	node, application string
	reader            caller.Reader
}

// input is what an event means to the queue; nil when it means nothing.
func (t translator) input(r ari.Received) queueflow.Input {
	channel := t.channel(r.Event.ChannelID())
	switch e := r.Event.(type) {
	case *ari.StasisStart:
		return t.started(r.At, e)
	case *ari.StasisEnd:
		return queueflow.CallerLeft{At: r.At, Channel: channel, Timestamp: timestamp(e.Timestamp)}
	case *ari.ChannelDestroyed:
		return queueflow.ChannelGone{
			At: r.At, Channel: channel, Timestamp: timestamp(e.Timestamp), Cause: e.Cause, SIP: e.TechCause,
		}
	case *ari.ChannelHangupRequest:
		return queueflow.HangupRequested{Channel: channel, Cause: e.Cause, Soft: e.Soft}
	case *ari.ChannelDtmfReceived:
		return queueflow.DigitPressed{Channel: channel, Digit: e.Digit[0]}
	case *ari.ChannelStateChange:
		return stateChanged(channel, e.Channel.State)
	case *ari.ChannelEnteredBridge:
		return queueflow.BridgeJoined{Channel: channel, Bridge: e.Bridge.ID}
	case *ari.PlaybackStarted:
		return queueflow.PromptStarted{Channel: channel, Playback: e.Playback.ID}
	case *ari.PlaybackFinished:
		return queueflow.PromptFinished{Channel: channel, Playback: e.Playback.ID, Failed: e.Playback.State == ari.PlaybackFailed}
	case *ari.ChannelLeftBridge:
		return queueflow.BridgeLeft{Channel: channel, Bridge: e.Bridge.ID}
	default:
		return t.serving(channel, e)
	}
}

// serving is what an event of agents and talks means to the queue.
func (t translator) serving(channel queueflow.Channel, e ari.Event) queueflow.Input {
	switch e := e.(type) {
	case *ari.DeviceStateChanged:
		return deviceChanged(t.node, e.Device)
	case *ari.Dial:
		if e.Forward != "" {
			return queueflow.LegForwarded{Channel: channel, To: e.Forward}
		}
	case *ari.ChannelHold:
		return queueflow.Held{Channel: channel, On: true}
	case *ari.ChannelUnhold:
		return queueflow.Held{Channel: channel}
	case *ari.BridgeBlindTransfer:
		return queueflow.Transferred{
			Bridge: e.Bridge.ID, Channel: channel, Target: e.Extension + "@" + e.Context, Failed: e.Result != ari.TransferSuccess,
		}
	case *ari.BridgeAttendedTransfer:
		return t.attended(e)
	case *ari.RecordingFinished:
		return queueflow.RecordingEnded{Node: t.node, Name: e.Recording.Name}
	case *ari.RecordingFailed:
		return queueflow.RecordingEnded{Node: t.node, Name: e.Recording.Name, Failed: true, Why: e.Recording.Cause}
	}
	return nil
}

func (t translator) channel(id string) queueflow.Channel {
	return queueflow.Channel{Node: t.node, ID: id}
}

func (t translator) started(at time.Time, e *ari.StasisStart) queueflow.Input {
	if !isCaller(e.Channel) {
		return nil
	}
	if leg, is := legOf(e.Args); is {
		return queueflow.LegEntered{Channel: t.channel(e.Channel.ID), Leg: leg, Up: e.Channel.State == ari.StateUp}
	}
	in := enteredBy(t.node, t.reader, e.Channel)
	in.At, in.Args, in.Timestamp = at, e.Args, timestamp(e.Timestamp)
	if e.Replaced != nil {
		in.Replaces = t.channel(e.Replaced.ID)
	}
	return in
}

// stateChanged is what a new state of a channel means.
func stateChanged(ch queueflow.Channel, s ari.ChannelState) queueflow.Input {
	switch s {
	case ari.StateUp:
		return queueflow.CallerAnswered{Channel: ch}
	case ari.StateRinging:
		return queueflow.LegRinging{Channel: ch}
	default:
		return nil
	}
}

// attended reads a transfer after a consultation. A phone may ask for it over either of its two calls: ours is the one in a
// bridge of ours, and the target whoever is at the end of the other, or what the phone dialled when that is not known.
func (t translator) attended(e *ari.BridgeAttendedTransfer) queueflow.Input {
	leg, bridge, other, target := e.First, e.FirstBridge, e.Second, e.Target
	if !queueflow.OwnsBridge(t.application, bridge.ID) && queueflow.OwnsBridge(t.application, e.SecondBridge.ID) {
		leg, bridge, other, target = e.Second, e.SecondBridge, e.First, e.Transferee
	}
	in := queueflow.Transferred{
		Bridge: bridge.ID, Channel: t.channel(leg.ID), Attended: true,
		Target: other.Dialplan.Extension + "@" + other.Dialplan.Context, Failed: e.Result != ari.TransferSuccess,
	}
	if target != nil {
		in.Target = target.Name
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
