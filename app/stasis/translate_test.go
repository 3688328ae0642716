package stasis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/app/ari"
	"missedcalls/app/caller"
	"missedcalls/queueflow"
)

func TestTheArgumentsOfStasisAreReadAsTheDialplanReadsThem(t *testing.T) {
	for data, want := range map[string][]string{
		"":                                  {},
		"missedcalls":                       {},
		"missedcalls,sales":                 {"sales"},
		"missedcalls,sales,music=jazz":      {"sales", "music=jazz"},
		`missedcalls,a,"b,c",,d e`:          {"a", "b,c", "", "d e"},
		`missedcalls,a\,b`:                  {"a,b"},
		"missedcalls,отдел,priority=5":      {"отдел", "priority=5"},
		`missedcalls,"never closed,music=x`: {"never closed,music=x"},
	} {
		assert.Equal(t, want, append([]string{}, splitAppData(data)...), data)
	}
}

func TestEventsMeanWhatTheyMeanToTheQueue(t *testing.T) {
	at := time.Now()
	ch := ari.Channel{ID: "c1", Name: "PJSIP/trunk-1", State: ari.StateUp}
	ours := queueflow.Channel{Node: testNode, ID: "c1"}
	for name, c := range map[string]struct {
		event ari.Event
		want  queueflow.Input
	}{
		"left": {&ari.StasisEnd{Channel: ch}, queueflow.CallerLeft{At: at, Channel: ours}},
		"destroyed": {
			&ari.ChannelDestroyed{Channel: ch, Cause: 17, TechCause: 486}, queueflow.ChannelGone{At: at, Channel: ours, Cause: 17, SIP: 486},
		},
		"hang-up request": {&ari.ChannelHangupRequest{Channel: ch, Cause: 32, Soft: true}, queueflow.HangupRequested{Channel: ours, Cause: 32, Soft: true}},
		"digit":           {&ari.ChannelDtmfReceived{Channel: ch, Digit: "#"}, queueflow.DigitPressed{Channel: ours, Digit: '#'}},
		"up":              {&ari.ChannelStateChange{Channel: ch}, queueflow.CallerAnswered{Channel: ours}},
		"rings":           {&ari.ChannelStateChange{Channel: ari.Channel{ID: "c1", State: ari.StateRinging}}, queueflow.LegRinging{Channel: ours}},
		"hears ringing":   {&ari.ChannelStateChange{Channel: ari.Channel{ID: "c1", State: ari.StateRing}}, nil},
		"a prompt begins": {
			&ari.PlaybackStarted{Playback: ari.Playback{ID: "p", Target: "channel:c1"}}, queueflow.PromptStarted{Channel: ours, Playback: "p"},
		},
		"a prompt is over": {
			&ari.PlaybackFinished{Playback: ari.Playback{ID: "p", Target: "channel:c1", State: "done"}},
			queueflow.PromptFinished{Channel: ours, Playback: "p"},
		},
		"a prompt fails": {
			&ari.PlaybackFinished{Playback: ari.Playback{ID: "p", Target: "channel:c1", State: "failed"}},
			queueflow.PromptFinished{Channel: ours, Playback: "p", Failed: true},
		},
		"joined":        {&ari.ChannelEnteredBridge{Channel: ch, Bridge: ari.Bridge{ID: "b"}}, queueflow.BridgeJoined{Channel: ours, Bridge: "b"}},
		"left a bridge": {&ari.ChannelLeftBridge{Channel: ch, Bridge: ari.Bridge{ID: "b"}}, queueflow.BridgeLeft{Channel: ours, Bridge: "b"}},
		"an agent's":    {legStart("c1", "leg-1", ari.StateDown), queueflow.LegEntered{Channel: ours, Leg: "leg-1"}},
		"picked up":     {legStart("c1", "leg-1", ari.StateUp), queueflow.LegEntered{Channel: ours, Leg: "leg-1", Up: true}},
		"forwards":      {&ari.Dial{Peer: ch, Status: "CANCEL", Forward: "102"}, queueflow.LegForwarded{Channel: ours, To: "102"}},
		"is dialled":    {&ari.Dial{Peer: ch, Status: "RINGING"}, nil},
		"holds":         {&ari.ChannelHold{Channel: ch}, queueflow.Held{Channel: ours, On: true}},
		"takes back":    {&ari.ChannelUnhold{Channel: ch}, queueflow.Held{Channel: ours}},
		"is recorded":   {&ari.RecordingFinished{Recording: ari.Recording{Name: "r"}}, queueflow.RecordingEnded{Node: testNode, Name: "r"}},
		"is not recorded": {
			&ari.RecordingFailed{Recording: ari.Recording{Name: "r", Cause: "full"}},
			queueflow.RecordingEnded{Node: testNode, Name: "r", Failed: true, Why: "full"},
		},
		"snooped upon": {&ari.StasisStart{Channel: ari.Channel{ID: "c1", Name: "Snoop/c1-1"}}, nil},
	} {
		assert.Equal(t, c.want, translated(ari.Received{At: at, Event: c.event}), name)
	}
}

func translated(r ari.Received) queueflow.Input {
	return translator{node: testNode, application: "missedcalls", reader: caller.NewReader("RU")}.input(r)
}

func legStart(id, leg string, state ari.ChannelState) *ari.StasisStart {
	ch := legChannel(id, leg)
	ch.State = state
	return &ari.StasisStart{Args: []string{"@leg", leg}, Channel: ch}
}

func TestTheStateOfADeviceIsWhatAsteriskSays(t *testing.T) {
	for word, state := range map[string]queueflow.DeviceState{
		"NOT_INUSE": queueflow.DeviceNotInUse, "INUSE": queueflow.DeviceInUse, "BUSY": queueflow.DeviceBusy,
		"INVALID": queueflow.DeviceInvalid, "UNAVAILABLE": queueflow.DeviceUnavailable, "RINGING": queueflow.DeviceRinging,
		"RINGINUSE": queueflow.DeviceRingInUse, "ONHOLD": queueflow.DeviceOnHold, "UNKNOWN": queueflow.DeviceUnknown,
		"SOMETHING_NEW": queueflow.DeviceUnknown,
	} {
		event := &ari.DeviceStateChanged{Device: ari.DeviceState{Name: "PJSIP/101", State: word}}
		assert.Equal(t, queueflow.DeviceChanged{Node: testNode, Device: "PJSIP/101", State: state}, translated(ari.Received{Event: event}), word)
	}
}

func TestATransferSaysWhoHandedWhichTalkToWhom(t *testing.T) {
	agent := ari.Channel{ID: "leg", Name: "PJSIP/101-1"}
	consultation := ari.Channel{ID: "second", Name: "PJSIP/101-2", Dialplan: ari.Dialplan{Extension: "102", Context: "from-agents"}}
	customer, colleague := &ari.Channel{ID: "c1", Name: "PJSIP/trunk-1"}, &ari.Channel{ID: "c2", Name: "PJSIP/102-1"}
	talk, theirs := ari.Bridge{ID: "missedcalls-talk-1"}, ari.Bridge{ID: "0b5e"}
	of := queueflow.Channel{Node: testNode, ID: "leg"}
	for name, c := range map[string]struct {
		event ari.Event
		want  queueflow.Transferred
	}{
		"to an extension": {
			&ari.BridgeBlindTransfer{Channel: agent, Bridge: talk, Extension: "102", Context: "from-agents", Result: "Success"},
			queueflow.Transferred{Bridge: talk.ID, Channel: of, Target: "102@from-agents"},
		},
		"to nowhere": {
			&ari.BridgeBlindTransfer{Channel: agent, Bridge: talk, Extension: "1", Context: "from-agents", Result: "Invalid"},
			queueflow.Transferred{Bridge: talk.ID, Channel: of, Target: "1@from-agents", Failed: true},
		},
		"asked for over our call": {
			&ari.BridgeAttendedTransfer{
				First: agent, FirstBridge: talk, Second: consultation, SecondBridge: theirs, Transferee: customer, Target: colleague, Result: "Success",
			},
			queueflow.Transferred{Bridge: talk.ID, Channel: of, Attended: true, Target: "PJSIP/102-1"},
		},
		"asked for over the consultation": {
			&ari.BridgeAttendedTransfer{
				First: consultation, FirstBridge: theirs, Second: agent, SecondBridge: talk, Transferee: colleague, Target: customer, Result: "Success",
			},
			queueflow.Transferred{Bridge: talk.ID, Channel: of, Attended: true, Target: "PJSIP/102-1"},
		},
		"to somebody who waits in a queue, over our call": {
			&ari.BridgeAttendedTransfer{First: agent, FirstBridge: talk, Second: consultation, Transferee: customer, Result: "Success"},
			queueflow.Transferred{Bridge: talk.ID, Channel: of, Attended: true, Target: "102@from-agents"},
		},
		"to somebody who waits in a queue, over the consultation": {
			&ari.BridgeAttendedTransfer{First: consultation, Second: agent, SecondBridge: talk, Target: customer, Result: "Success"},
			queueflow.Transferred{Bridge: talk.ID, Channel: of, Attended: true, Target: "102@from-agents"},
		},
		"that was refused": {
			&ari.BridgeAttendedTransfer{First: agent, FirstBridge: talk, Second: consultation, Target: colleague, Result: "Fail"},
			queueflow.Transferred{Bridge: talk.ID, Channel: of, Attended: true, Target: "PJSIP/102-1", Failed: true},
		},
	} {
		assert.Equal(t, c.want, translated(ari.Received{Event: c.event}), name)
	}
}

func TestAReplacingChannelNamesTheOneItReplaces(t *testing.T) {
	start := &ari.StasisStart{Channel: ari.Channel{ID: "new", Name: "Local/1"}, Replaced: &ari.Channel{ID: "old"}}
	in, ok := translated(ari.Received{Event: start}).(queueflow.CallerEntered)
	assert.True(t, ok)
	assert.Equal(t, queueflow.Channel{Node: testNode, ID: "old"}, in.Replaces)
}
