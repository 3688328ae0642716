package stasis

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// told gives what a fake Asterisk is told by one command, and what comes of it.
func told(t *testing.T, f *fakeAsterisk, c queueflow.Command) ([]string, error) {
	t.Helper()
	d := New(Config{Application: "missedcalls", Log: zerolog.Nop()})
	before := len(f.told)
	_, err := d.execute(t.Context(), f, c)
	return f.told[before:], err
}

func TestACommandAboutAnAgentIsCarriedOut(t *testing.T) {
	leg, caller := queueflow.Channel{Node: testNode, ID: "leg-1"}, queueflow.Channel{Node: testNode, ID: "c1"}
	for name, c := range map[string]struct {
		command queueflow.Command
		told    []string
	}{
		"a channel is made": {
			queueflow.CreateLeg{Channel: leg, Endpoint: "PJSIP/101", Caller: caller},
			[]string{"create leg-1 PJSIP/101 @leg,leg-1 for c1"},
		},
		"the phone is told who calls": {
			queueflow.CreateLeg{
				Channel: leg, Endpoint: "PJSIP/101", Caller: caller, CallerName: "Sales: Анна", CallerNumber: "+79161234567",
				Headers:   []queueflow.Variable{{Name: "X-Queue", Value: "sales"}, {Name: "Alert-Info", Value: "<info=alert>"}},
				Variables: []queueflow.Variable{{Name: "CRM", Value: "${EXTEN}"}},
			},
			[]string{"create leg-1 PJSIP/101 @leg,leg-1 for c1 CONNECTEDLINE(name,i)=Sales: Анна CONNECTEDLINE(num,i)=+79161234567 " +
				"PJSIP_HEADER(add,X-Queue)=sales PJSIP_HEADER(add,Alert-Info)=<info=alert> CRM=${EXTEN}"},
		},
		"others than PJSIP have no headers": {
			queueflow.CreateLeg{Channel: leg, Endpoint: "Local/101@agents", Caller: caller, Headers: []queueflow.Variable{{Name: "X-Queue", Value: "sales"}}},
			[]string{"create leg-1 Local/101@agents @leg,leg-1 for c1"},
		},
		"nobody writes a header of his own": {
			queueflow.CreateLeg{
				Channel: leg, Endpoint: "PJSIP/101", Caller: caller, CallerName: "A\r\nX-Evil: 1", CallerNumber: "1\x00\x7f2",
				Headers: []queueflow.Variable{{Name: "X-Name", Value: "a\r\n\r\nb"}, {Name: "X,Y)", Value: "c"}, {Name: "", Value: "d"}, {Name: "X:", Value: "e"}},
			},
			[]string{"create leg-1 PJSIP/101 @leg,leg-1 for c1 CONNECTEDLINE(name,i)=A  X-Evil: 1 CONNECTEDLINE(num,i)=1  2 PJSIP_HEADER(add,X-Name)=a    b"},
		},
		"the phone rings":              {queueflow.DialLeg{Channel: leg, Timeout: 15 * time.Second}, []string{"dial leg-1 15s"}},
		"the phone stops":              {queueflow.HangupLeg{Channel: leg}, []string{"hangup leg-1 normal"}},
		"somebody else has answered":   {queueflow.HangupLeg{Channel: leg, Elsewhere: true}, []string{"hangup leg-1 answered_elsewhere"}},
		"the two are connected":        {queueflow.Connect{Channel: leg, Bridge: "b1"}, []string{"bridge b1 mixing,dtmf_events", "add leg-1"}},
		"the talk is recorded":         {queueflow.StartRecording{Channel: caller, Bridge: "b1", Name: "r1", Format: "wav"}, []string{"record b1 r1 wav"}},
		"the talk is recorded no more": {queueflow.StopRecording{Channel: caller, Name: "r1"}, []string{"stop recording r1"}},
	} {
		f := newFake()
		f.channels["leg-1"] = legChannel("leg-1", "leg-1")
		commands, err := told(t, f, c.command)
		require.NoError(t, err, name)
		assert.Equal(t, c.told, commands, name)
	}
}

func TestWhatIsDoneAlreadyIsAsGood(t *testing.T) {
	leg := queueflow.Channel{Node: testNode, ID: "leg-1"}
	for name, c := range map[string]struct {
		command queueflow.Command
		kind    ari.Kind
	}{
		"a channel that an earlier request made":    {queueflow.CreateLeg{Channel: leg, Endpoint: "PJSIP/101"}, ari.Conflict},
		"a recording that an earlier request began": {queueflow.StartRecording{Bridge: "b", Name: "r"}, ari.Conflict},
		"a recording that is over":                  {queueflow.StopRecording{Name: "r"}, ari.Gone},
	} {
		f := newFake()
		f.refuse = func(string, string) error { return c.kind }
		_, err := told(t, f, c.command)
		assert.NoError(t, err, name)
	}
}

func TestAChannelThatCannotBeMadeIsNone(t *testing.T) {
	leg := queueflow.Channel{Node: testNode, ID: "leg-1"}
	for kind, gone := range map[ari.Kind]bool{
		ari.Unreachable: true, ari.Invalid: true, ari.Timeout: false, ari.Unavailable: false, ari.Unexpected: false,
	} {
		assert.Equal(t, gone, failure(queueflow.CreateLeg{Channel: leg}, kind).Gone, kind)
	}
	assert.True(t, failure(queueflow.HangupLeg{Channel: leg}, ari.Gone).Gone)
	assert.True(t, failure(queueflow.DialLeg{Channel: leg}, ari.NotInStasis).Gone)
	assert.False(t, failure(queueflow.Connect{Channel: leg}, ari.BridgeGone).Gone)
}

func TestWhatAPhoneIsToldIsBoundedAndNoCharacterIsCutInTwo(t *testing.T) {
	long := clean(strings.Repeat("я", longestValue))
	assert.Len(t, long, longestValue)
	assert.True(t, utf8.ValidString(long))
	assert.Equal(t, strings.Repeat("a", longestValue), clean(strings.Repeat("a", longestValue)))
	assert.Len(t, clean("a"+strings.Repeat("я", longestValue)), longestValue-1)
	assert.Equal(t, "?b", clean("\xffb"))
}

// listingOf is what the machine is told at the beginning of a connection, when early came before the listing.
func listingOf(channels []ari.Channel, bridges []ari.Bridge, early ...ari.Event) ([]queueflow.CallerEntered, []queueflow.LegListed) {
	d := New(Config{Application: "missedcalls", Log: zerolog.Nop()})
	var received []ari.Received
	for _, e := range early {
		received = append(received, ari.Received{At: time.Now(), Event: e})
	}
	return d.atConnect(&node{url: testNode}, listing{channels: channels, bridges: bridges}, received)
}

func TestAListingTellsCallersFromAgents(t *testing.T) {
	up := legChannel("leg-2", "leg-2")
	up.State = ari.StateUp
	channels := []ari.Channel{channelOf("c1"), legChannel("leg-1", "leg-1"), up, legChannel("picker", "leg-3")}
	callers, legs := listingOf(channels, []ari.Bridge{{ID: "missedcalls-talk-1", Channels: []string{"c1", "leg-2"}}})
	require.Len(t, callers, 1)
	assert.Equal(t, []string{"c1", "missedcalls-talk-1"}, []string{callers[0].Channel.ID, callers[0].Bridge})
	at := func(id string) queueflow.Channel { return queueflow.Channel{Node: testNode, ID: id} }
	assert.Equal(t, []queueflow.LegListed{
		{Channel: at("leg-1"), Leg: "leg-1"},
		{Channel: at("leg-2"), Leg: "leg-2", Up: true, Bridge: "missedcalls-talk-1"},
		{Channel: at("picker"), Leg: "leg-3"},
	}, legs)
}

func TestAnAgentsChannelThatComesOrGoesDuringAListingIsRolledBackToItsBeginning(t *testing.T) {
	came, left, was := legChannel("came", "came"), legChannel("left", "left"), legChannel("was", "was")
	_, legs := listingOf([]ari.Channel{came, was}, nil,
		legStart("came", "came", ari.StateDown),
		&ari.StasisEnd{Channel: left}, &ari.ChannelDestroyed{Channel: left},
		legStart("brief", "brief", ari.StateDown), &ari.StasisEnd{Channel: legChannel("brief", "brief")},
	)
	var ids []string
	for _, leg := range legs {
		ids = append(ids, leg.Leg)
	}
	assert.Equal(t, []string{"was", "left"}, ids, "the others are told by the events that follow")
}

func TestACallerIDIsReadAsAsteriskWritesIt(t *testing.T) {
	for id, want := range map[string][2]string{
		`"" <>`:                   {"", ""},
		`"" <79160000001>`:        {"", "79160000001"},
		`"Anna" <79160000001>`:    {"Anna", "79160000001"},
		`"A "B" <1>" <7916 0001>`: {`A "B" <1>`, "7916 0001"},
		"79160000001":             {"", "79160000001"},
		"":                        {"", ""},
		`"half <7916`:             {"", `"half <7916`},
	} {
		name, number := splitCallerID(id)
		assert.Equal(t, want, [2]string{name, number}, id)
	}
}

func TestAChannelThatLeavesItsBridgeDuringAListingIsRolledBackIntoIt(t *testing.T) {
	talk, other := ari.Bridge{ID: "missedcalls-talk-1"}, ari.Bridge{ID: "0b5e"}
	moved, ended, came, foreign := channelOf("moved"), channelOf("ended"), channelOf("came"), channelOf("foreign")
	callers, _ := listingOf([]ari.Channel{moved, came, foreign}, []ari.Bridge{{ID: "missedcalls-hold-1", Channels: []string{"moved", "came"}}},
		&ari.ChannelLeftBridge{Bridge: talk, Channel: moved}, &ari.ChannelEnteredBridge{Bridge: ari.Bridge{ID: "missedcalls-hold-1"}, Channel: moved},
		&ari.ChannelLeftBridge{Bridge: talk, Channel: ended}, &ari.StasisEnd{Channel: ended},
		&ari.ChannelEnteredBridge{Bridge: talk, Channel: came}, &ari.ChannelLeftBridge{Bridge: talk, Channel: came},
		&ari.ChannelLeftBridge{Bridge: other, Channel: foreign},
	)
	in := make(map[string]string)
	for _, c := range callers {
		in[c.Channel.ID] = c.Bridge
	}
	assert.Equal(t, map[string]string{"moved": talk.ID, "ended": talk.ID, "came": "missedcalls-hold-1", "foreign": ""}, in)
}

func TestACallerWhoWentOnInTheDialplanIsNotInTheApplicationAlthoughAsteriskListsHim(t *testing.T) {
	here, gone, taking := channelOf("here"), channelOf("gone"), channelOf("taking")
	gone.Dialplan.Application, gone.Dialplan.Data = "VoiceMail", "100"
	taking.Dialplan.Application, taking.Dialplan.Data = "", ""
	ours := inApplication(ari.Application{ChannelIDs: []string{"here", "gone", "taking"}}, []ari.Channel{here, gone, taking, channelOf("elsewhere")})
	assert.Equal(t, []ari.Channel{here, taking}, ours)
}

func TestACallerWhomSomebodyTookIntoABridgeIsNotOurs(t *testing.T) {
	waits, talks, taken, alone := channelOf("waits"), channelOf("talks"), channelOf("taken"), channelOf("alone")
	ours := notTaken([]ari.Channel{waits, talks, taken, alone}, []ari.Bridge{
		{ID: "missedcalls-hold-1", Channels: []string{"waits"}}, {ID: "missedcalls-talk-1", Channels: []string{"talks", "leg"}},
		{ID: "0b5e", Channels: []string{"taken", "colleague"}},
	}, "missedcalls")
	assert.Equal(t, []ari.Channel{waits, talks, alone}, ours)
}

func TestTheBridgesOfTheApplicationAreThoseItMade(t *testing.T) {
	ours := ofOurs([]ari.Bridge{{ID: "missedcalls-hold-1"}, {ID: "missedcalls-talk-1"}, {ID: "missedcalls2-talk-1"}, {ID: "0b5e"}}, "missedcalls")
	assert.Equal(t, []string{"missedcalls-hold-1", "missedcalls-talk-1"}, bridgeIDs(ours))
}
