//go:build e2e

package ari

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/testbed"
)

// talk is the bridge of the conversations in these tests.
const talk = "missedcalls-talk-1"

// leg makes a channel to a phone of agent 101 and lets it ring, and gives the INVITE that the phone got.
func (r *real) leg(id, caller string, p *sipPhone, vs ...Variable) sipText {
	r.t.Helper()
	require.NoError(r.t, r.CreateChannel(r.t.Context(), NewChannel{
		Endpoint: "PJSIP/101/" + p.uri(), ID: id, Args: []string{"@leg", id}, Originator: caller, Variables: vs,
	}))
	start := event[*StasisStart](r)
	assert.Equal(r.t, []any{id, []string{"@leg", id}, StateDown}, []any{start.Channel.ID, start.Args, start.Channel.State})
	require.NoError(r.t, r.Dial(r.t.Context(), id, 30*time.Second))
	return p.invite()
}

// conversation connects a caller with a phone that has answered.
func (r *real) conversation(a *testbed.Asterisk, id string, p *sipPhone) (caller string, d dialog) {
	r.t.Helper()
	ctx := r.t.Context()
	caller = r.call(a).Channel.ID
	require.NoError(r.t, r.Answer(ctx, caller))
	d = p.called(r.leg(id, caller, p))
	r.awaitState(id, StateUp)
	require.NoError(r.t, r.CreateBridge(ctx, talk, BridgeMixing, ""))
	for _, channel := range []string{caller, id} {
		require.NoError(r.t, r.AddChannel(ctx, talk, channel))
		assert.Equal(r.t, channel, event[*ChannelEnteredBridge](r).Channel.ID)
	}
	return caller, d
}

// awaitState returns when a channel has come into a state.
func (r *real) awaitState(id string, state ChannelState) {
	r.t.Helper()
	for {
		if ch := event[*ChannelStateChange](r).Channel; ch.ID == id && ch.State == state {
			return
		}
	}
}

func TestAPhoneIsShownTheCallerAndWhatTheQueueAdds(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	p := newPhone(t, a.SIPAddr())
	caller := r.call(a).Channel.ID
	invite := r.leg("leg-1", caller, p,
		Variable{"CONNECTEDLINE(name,i)", `Sales: Анна "B" <x>`}, Variable{"CONNECTEDLINE(num,i)", "+79161234567"},
		Variable{"PJSIP_HEADER(add,X-Queue)", `sales; "ждём"`}, Variable{"CRM_ID", "${CHANNEL}"},
	)
	assert.True(t, strings.HasPrefix(invite.header("From"), `"Sales: Анна \"B\" <x>" <sip:+79161234567@`), invite.header("From"))
	assert.Equal(t, `sales; "ждём"`, invite.header("X-Queue"))
	value, err := r.Variable(t.Context(), "leg-1", "CRM_ID")
	require.NoError(t, err)
	assert.Equal(t, "${CHANNEL}", value, "nothing is put in the place of what a value holds")
	ofLeg, err := r.Variable(t.Context(), "leg-1", "CHANNEL(linkedid)")
	require.NoError(t, err)
	ofCaller, err := r.Variable(t.Context(), caller, "CHANNEL(linkedid)")
	require.NoError(t, err)
	assert.Equal(t, ofCaller, ofLeg)

	// Of a phone that is not heard to ring yet the call is taken back without a reason, as soon as it is.
	r.awaitState("leg-1", StateRinging)
	require.NoError(t, r.Hangup(t.Context(), "leg-1", HangupAnsweredElsewhere))
	assert.Contains(t, string(p.awaitMethod("CANCEL")), `Reason: SIP;cause=200;text="Call completed elsewhere"`)
	p.answer(invite, "487 Request Terminated", "")
	destroyed := event[*ChannelDestroyed](r)
	assert.Equal(t, []any{"leg-1", 26}, []any{destroyed.Channel.ID, destroyed.Cause})
}

func TestWhatAPhoneAnswersIsTheCauseOfTheEnd(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	p := newPhone(t, a.SIPAddr())
	caller := r.call(a).Channel.ID
	for _, test := range []struct {
		status     string
		cause, sip int
	}{
		{"404 Not Found", 1, 404}, {"480 Temporarily Unavailable", 19, 480}, {"486 Busy Here", 17, 486}, {"488 Not Acceptable Here", 58, 488},
		{"503 Service Unavailable", 34, 503}, {"600 Busy Everywhere", 17, 600}, {"603 Decline", 21, 603}, {"302 Moved Temporarily", 23, 302},
	} {
		id := "leg-" + test.status[:3]
		p.answer(r.leg(id, caller, p), test.status, "")
		destroyed := event[*ChannelDestroyed](r)
		assert.Equal(t, []any{id, test.cause, test.sip}, []any{destroyed.Channel.ID, destroyed.Cause, destroyed.TechCause})
	}
}

func TestWhereAPhoneForwardsToNobodyIsCalled(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	p := newPhone(t, a.SIPAddr())
	other := a.Agent(t, "102", testbed.NeverAnswers())
	caller := r.call(a).Channel.ID
	p.forward(r.leg("leg-1", caller, p), "sip:102@127.0.0.1")
	var forward string
	for forward == "" {
		forward = event[*Dial](r).Forward
	}
	assert.Equal(t, "102", forward)
	require.NoError(t, r.Sync(t.Context()))
	assert.Empty(t, other.Calls())
	channels, err := r.Channels(t.Context())
	require.NoError(t, err)
	assert.Len(t, channels, 2, "the caller's")
}

func TestDevicesTellHowTheyStandAlsoAfterTheConnectionWasMadeAnew(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	ctx := t.Context()
	devices := []string{"PJSIP/101"}
	for i := range 500 {
		devices = append(devices, fmt.Sprintf("PJSIP/nobody-%d", i))
	}
	require.NoError(t, r.SubscribeDevices(ctx, devices))
	for device, state := range map[string]string{"PJSIP/101": "NOT_INUSE", "PJSIP/nobody-1": "INVALID", "Custom:x": "UNKNOWN"} {
		is, err := r.DeviceState(ctx, device)
		require.NoError(t, err)
		assert.Equal(t, DeviceState{device, state}, is)
	}
	rings := func(r *real) {
		t.Helper()
		p := newPhone(t, a.SIPAddr())
		invite := r.leg("leg-1", "", p)
		assert.Equal(t, DeviceState{"PJSIP/101", "BUSY"}, event[*DeviceStateChanged](r).Device, "device_state_busy_at is 1")
		require.NoError(t, r.Hangup(ctx, "leg-1", HangupNormal))
		p.awaitMethod("CANCEL")
		p.answer(invite, "487 Request Terminated", "")
		assert.Equal(t, DeviceState{"PJSIP/101", "NOT_INUSE"}, event[*DeviceStateChanged](r).Device)
	}
	rings(r)
	r.leave()
	again := join(t, a)
	rings(again)

	require.NoError(t, again.UnsubscribeDevices(ctx, devices))
	assert.ErrorIs(t, again.UnsubscribeDevices(ctx, devices[:1]), NotSubscribed)
}

func TestATalkIsHeldRecordedAndTransferredBlindly(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	p := newPhone(t, a.SIPAddr())
	a.Agent(t, "102", testbed.Answers(100*time.Millisecond, 0))
	caller, d := r.conversation(a, "leg-1", p)
	ctx := t.Context()

	require.NoError(t, r.RecordBridge(ctx, talk, "call-1", "wav"))
	assert.ErrorIs(t, r.RecordBridge(ctx, talk, "call-1", "wav"), Conflict)
	assert.ErrorIs(t, r.RecordBridge(ctx, talk, "call-2", "nonsense"), Invalid)
	assert.ErrorIs(t, r.RecordBridge(ctx, "none", "call-3", "wav"), BridgeGone)

	p.invites(d, strings.Replace(sdp(p.port()), "a=rtpmap", "a=sendonly\r\na=rtpmap", 1))
	assert.Equal(t, "leg-1", event[*ChannelHold](r).Channel.ID)
	p.invites(d, sdp(p.port()))
	assert.Equal(t, "leg-1", event[*ChannelUnhold](r).Channel.ID)

	require.NoError(t, r.StopRecording(ctx, "call-1"))
	finished := event[*RecordingFinished](r).Recording
	assert.Equal(t, []string{"call-1", "wav", "bridge:" + talk, "done"}, []string{finished.Name, finished.Format, finished.Target, finished.State})
	assert.ErrorIs(t, r.StopRecording(ctx, "call-1"), Gone)
	file, err := os.Stat(filepath.Join(a.Folder, "spool/recording/call-1.wav"))
	require.NoError(t, err)
	assert.Greater(t, file.Size(), int64(44), "more than the head of a WAV")

	p.request(d, "REFER", "", "Refer-To: <sip:102@127.0.0.1>", "Referred-By: <sip:101@127.0.0.1>")
	replacing := event[*StasisStart](r)
	require.NotNil(t, replacing.Replaced)
	assert.Equal(t, []any{"leg-1", 0}, []any{replacing.Replaced.ID, len(replacing.Args)})
	assert.Equal(t, "leg-1", event[*ChannelLeftBridge](r).Channel.ID)
	assert.Equal(t, replacing.Channel.ID, event[*ChannelEnteredBridge](r).Channel.ID)
	transfer := event[*BridgeBlindTransfer](r)
	assert.Equal(t, []string{"leg-1", caller, replacing.Channel.ID, talk, "102", "from-agents", TransferSuccess}, []string{
		transfer.Channel.ID, transfer.Transferee.ID, transfer.Replacement.ID, transfer.Bridge.ID, transfer.Extension, transfer.Context, transfer.Result,
	})
	p.request(d, "BYE", "")
	assert.Equal(t, "leg-1", event[*StasisEnd](r).Channel.ID)
	require.NoError(t, r.Hangup(ctx, caller, HangupNormal))
	assert.Equal(t, caller, event[*ChannelDestroyed](r).Channel.ID, "that of a leg that was replaced is never told")
}

func TestATalkIsTransferredAfterTheTargetWasAsked(t *testing.T) {
	for name, overTheConsultation := range map[string]bool{"asked for over our leg": false, "asked for over the other one": true} {
		t.Run(name, func(t *testing.T) {
			a := testbed.Start(t)
			r := join(t, a)
			p := newPhone(t, a.SIPAddr())
			a.Agent(t, "102", testbed.Answers(100*time.Millisecond, 0))
			caller, ours := r.conversation(a, "leg-1", p)
			consultation := p.call("101", "102")
			r.awaitBridges(2) // until the two hear each other, Asterisk would transfer to what the dialplan does with the one
			asked, other := ours, consultation
			if overTheConsultation {
				asked, other = consultation, ours
			}
			p.request(asked, "REFER", "", "Referred-By: <sip:101@127.0.0.1>", fmt.Sprintf(
				"Refer-To: <sip:102@127.0.0.1?Replaces=%s>", url.QueryEscape(fmt.Sprintf("%s;to-tag=%s;from-tag=%s", other.id, tagOf(other.to), tagOf(other.from)))))
			replacing := event[*StasisStart](r)
			require.NotNil(t, replacing.Replaced)
			assert.Equal(t, "leg-1", replacing.Replaced.ID)
			transfer := event[*BridgeAttendedTransfer](r)
			leg, bridge, customer, target := transfer.First, transfer.FirstBridge, transfer.Transferee, transfer.Target
			if overTheConsultation {
				leg, bridge, customer, target = transfer.Second, transfer.SecondBridge, transfer.Target, transfer.Transferee
			}
			assert.Equal(t, []string{"leg-1", talk, caller, "link", TransferSuccess}, []string{
				leg.ID, bridge.ID, customer.ID, transfer.DestinationType, transfer.Result,
			})
			assert.True(t, strings.HasPrefix(target.Name, "PJSIP/102-"), target.Name)
		})
	}
}

// awaitBridges returns when there are so many bridges with two channels in them.
func (r *real) awaitBridges(count int) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		bridges, err := r.Bridges(r.t.Context())
		require.NoError(r.t, err)
		full := 0
		for _, bridge := range bridges {
			if len(bridge.Channels) == 2 {
				full++
			}
		}
		return full == count
	}, patience, 10*time.Millisecond)
}

func tagOf(address string) string {
	_, tag, _ := strings.Cut(address, "tag=")
	return tag
}
