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
		"left":            {&ari.StasisEnd{Channel: ch}, queueflow.CallerLeft{At: at, Channel: ours}},
		"destroyed":       {&ari.ChannelDestroyed{Channel: ch}, queueflow.CallerLeft{At: at, Channel: ours}},
		"hang-up request": {&ari.ChannelHangupRequest{Channel: ch, Cause: 32, Soft: true}, queueflow.HangupRequested{Channel: ours, Cause: 32, Soft: true}},
		"digit":           {&ari.ChannelDtmfReceived{Channel: ch, Digit: "#"}, queueflow.DigitPressed{Channel: ours, Digit: '#'}},
		"up":              {&ari.ChannelStateChange{Channel: ch}, queueflow.CallerAnswered{Channel: ours}},
		"still ringing":   {&ari.ChannelStateChange{Channel: ari.Channel{ID: "c1", State: ari.StateRing}}, nil},
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
		"snooped upon":  {&ari.StasisStart{Channel: ari.Channel{ID: "c1", Name: "Snoop/c1-1"}}, nil},
	} {
		got := translate(testNode, caller.NewReader("RU"), ari.Received{At: at, Event: c.event})
		assert.Equal(t, c.want, got, name)
	}
}

func TestAReplacingChannelNamesTheOneItReplaces(t *testing.T) {
	start := &ari.StasisStart{Channel: ari.Channel{ID: "new", Name: "Local/1"}, Replaced: &ari.Channel{ID: "old"}}
	in, ok := translate(testNode, caller.NewReader("RU"), ari.Received{Event: start}).(queueflow.CallerEntered)
	assert.True(t, ok)
	assert.Equal(t, queueflow.Channel{Node: testNode, ID: "old"}, in.Replaces)
}
