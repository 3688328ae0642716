package ari

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// frames has one event of each type as Asterisk 22.10.1 writes it, with CHANNEL in the place of a channel.
var frames = map[string]string{
	"StasisStart":          `{"type":"StasisStart","timestamp":"2026-08-01T12:00:00.123+0300","args":["sales","music=jazz"],"channel":CHANNEL,"replace_channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"StasisEnd":            `{"type":"StasisEnd","timestamp":"2026-08-01T12:00:00.123+0300","channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelHangupRequest": `{"cause":32,"soft":true,"tech_cause":487,"type":"ChannelHangupRequest","timestamp":"2026-08-01T12:00:00.123+0300","channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelDestroyed":     `{"type":"ChannelDestroyed","timestamp":"2026-08-01T12:00:00.123+0300","cause":16,"cause_txt":"Normal Clearing","tech_cause":200,"channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelDtmfReceived":  `{"type":"ChannelDtmfReceived","timestamp":"2026-08-01T12:00:00.123+0300","digit":"1","duration_ms":120,"channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelStateChange":   `{"type":"ChannelStateChange","timestamp":"2026-08-01T12:00:00.123+0300","channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelEnteredBridge": `{"type":"ChannelEnteredBridge","timestamp":"2026-08-01T12:00:00.123+0300","bridge":BRIDGE,"channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelLeftBridge":    `{"type":"ChannelLeftBridge","timestamp":"2026-08-01T12:00:00.123+0300","bridge":BRIDGE,"channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelCallerId":      `{"type":"ChannelCallerId","timestamp":"2026-08-01T12:00:00.123+0300","caller_presentation":0,"caller_presentation_txt":"Presentation Allowed, Not Screened","channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"PlaybackStarted":      `{"type":"PlaybackStarted","timestamp":"2026-08-01T12:00:00.123+0300","playback":PLAYBACK,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"PlaybackFinished":     `{"type":"PlaybackFinished","timestamp":"2026-08-01T12:00:00.123+0300","playback":PLAYBACK,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelUserevent":     `{"type":"ChannelUserevent","timestamp":"2026-08-01T12:00:00.123+0300","eventname":"login","userevent":{"agent":"101","eventname":"login"},"channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ApplicationReplaced":  replacedFrame,

	"Dial":                   `{"type":"Dial","timestamp":"2026-08-01T12:00:00.123+0300","dialstatus":"CANCEL","forward":"79001234567","dialstring":"","caller":CHANNEL,"peer":CHANNEL,"forwarded":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"DeviceStateChanged":     `{"type":"DeviceStateChanged","application":"missedcalls","timestamp":"2026-08-01T12:00:00.123+0300","device_state":{"name":"PJSIP/101","state":"RINGINUSE"},"asterisk_id":"52:54:00:12:34:56"}`,
	"ChannelHold":            `{"type":"ChannelHold","timestamp":"2026-08-01T12:00:00.123+0300","channel":CHANNEL,"musicclass":"default","asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"ChannelUnhold":          `{"type":"ChannelUnhold","timestamp":"2026-08-01T12:00:00.123+0300","channel":CHANNEL,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"BridgeBlindTransfer":    `{"type":"BridgeBlindTransfer","timestamp":"2026-08-01T12:00:00.123+0300","channel":CHANNEL,"transferee":CHANNEL,"replace_channel":CHANNEL,"exten":"102","context":"from-agents","result":"Success","is_external":true,"bridge":BRIDGE,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"BridgeAttendedTransfer": `{"type":"BridgeAttendedTransfer","timestamp":"2026-08-01T12:00:00.123+0300","result":"Success","is_external":true,"transferer_first_leg":CHANNEL,"transferer_first_leg_bridge":BRIDGE,"transferer_second_leg":CHANNEL,"transferer_second_leg_bridge":BRIDGE,"transferee":CHANNEL,"transfer_target":CHANNEL,"replace_channel":CHANNEL,"destination_type":"application","destination_application":"Stasis","asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"RecordingFinished":      `{"type":"RecordingFinished","timestamp":"2026-08-01T12:00:00.123+0300","recording":RECORDING,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
	"RecordingFailed":        `{"type":"RecordingFailed","timestamp":"2026-08-01T12:00:00.123+0300","recording":RECORDING,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`,
}

// ofNoChannel are the events in frames that are about no channel.
var ofNoChannel = []string{"ApplicationReplaced", "DeviceStateChanged", "RecordingFinished", "RecordingFailed"}

const recordingJSON = `{"name":"missedcalls-call-1","format":"wav","target_uri":"bridge:b1","state":"failed","duration":12,"cause":"No space left"}`

const playbackJSON = `{"id":"p1","media_uri":"sound:queue-thankyou","target_uri":"channel:1785574800.42","language":"en","state":"done"}`

const bridgeJSON = `{"id":"b1","technology":"holding_bridge","bridge_type":"holding","bridge_class":"stasis","creator":"Stasis","name":"sales","channels":["1785574800.42"],"creationtime":"2026-08-01T12:00:00.000+0300","video_mode":"none"}`

func frameOf(name string) []byte {
	text := strings.ReplaceAll(frames[name], "CHANNEL", channelJSON("1785574800.42"))
	text = strings.ReplaceAll(text, "PLAYBACK", playbackJSON)
	text = strings.ReplaceAll(text, "RECORDING", recordingJSON)
	return []byte(strings.ReplaceAll(text, "BRIDGE", bridgeJSON))
}

func TestEveryKnownEventIsReadWithItsTypeItsMomentAndItsChannel(t *testing.T) {
	assert.Len(t, frames, len(decoders))
	for name := range frames {
		event, known, err := Decode(frameOf(name))
		require.NoError(t, err, name)
		require.True(t, known, name)
		assert.Equal(t, name, event.Head().Type)
		assert.Equal(t, "missedcalls", event.Head().Application)
		assert.Equal(t, time.Date(2026, 8, 1, 9, 0, 0, 123e6, time.UTC), event.Head().Timestamp.Time)
		if !slices.Contains(ofNoChannel, name) {
			assert.Equal(t, "1785574800.42", event.ChannelID(), name)
		}
	}
}

func TestWhatEventsSayIsRead(t *testing.T) {
	start := decoded[*StasisStart](t)
	assert.Equal(t, []string{"sales", "music=jazz"}, start.Args)
	assert.Equal(t, "1785574800.42", start.Replaced.ID)
	assert.Equal(t, "3b2f1c9a-77aa@10.0.0.5", start.Channel.ProtocolID)
	assert.Equal(t, "ru", start.Channel.Language)
	hangup := decoded[*ChannelHangupRequest](t)
	assert.Equal(t, []any{32, 487, true}, []any{hangup.Cause, hangup.TechCause, hangup.Soft})
	destroyed := decoded[*ChannelDestroyed](t)
	assert.Equal(t, []any{16, 200, "Normal Clearing"}, []any{destroyed.Cause, destroyed.TechCause, destroyed.CauseText})
	digit := decoded[*ChannelDtmfReceived](t)
	assert.Equal(t, []any{"1", 120}, []any{digit.Digit, digit.Milliseconds})
	entered := decoded[*ChannelEnteredBridge](t)
	assert.Equal(t, []any{"b1", "holding", []string{"1785574800.42"}}, []any{entered.Bridge.ID, entered.Bridge.Type, entered.Bridge.Channels})
	begun, over := decoded[*PlaybackStarted](t).Playback, decoded[*PlaybackFinished](t).Playback
	assert.Equal(t, Playback{ID: "p1", Media: "sound:queue-thankyou", Target: "channel:1785574800.42", State: PlaybackDone}, begun)
	assert.Equal(t, begun, over)
	said := decoded[*ChannelUserevent](t)
	assert.Equal(t, "login", said.Name)
	assert.Equal(t, "101", said.Values["agent"])
	caller := decoded[*ChannelCallerId](t)
	assert.Equal(t, "Presentation Allowed, Not Screened", caller.PresentationText)
}

func TestWhatEventsOfServingSayIsRead(t *testing.T) {
	dial := decoded[*Dial](t)
	assert.Equal(t, []string{"CANCEL", "79001234567", "1785574800.42", "1785574800.42"}, []string{dial.Status, dial.Forward, dial.Forwarded.ID, dial.Caller.ID})
	assert.Equal(t, DeviceState{Name: "PJSIP/101", State: "RINGINUSE"}, decoded[*DeviceStateChanged](t).Device)
	assert.Equal(t, "default", decoded[*ChannelHold](t).Music)
	blind := decoded[*BridgeBlindTransfer](t)
	assert.Equal(t, []string{"102", "from-agents", TransferSuccess, "b1"}, []string{blind.Extension, blind.Context, blind.Result, blind.Bridge.ID})
	assert.Equal(t, []string{"1785574800.42", "1785574800.42"}, []string{blind.Transferee.ID, blind.Replacement.ID})
	attended := decoded[*BridgeAttendedTransfer](t)
	assert.Equal(t, []string{"b1", "b1", "application", "Stasis", TransferSuccess}, []string{
		attended.FirstBridge.ID, attended.SecondBridge.ID, attended.DestinationType, attended.DestinationApplication, attended.Result,
	})
	assert.Equal(t, []string{"1785574800.42", "1785574800.42", "1785574800.42"}, []string{
		attended.Transferee.ID, attended.Target.ID, attended.Replacement.ID,
	})
	finished, failed := decoded[*RecordingFinished](t).Recording, decoded[*RecordingFailed](t).Recording
	assert.Equal(t, Recording{Name: "missedcalls-call-1", Format: "wav", Target: "bridge:b1", State: "failed", Seconds: 12, Cause: "No space left"}, failed)
	assert.Equal(t, failed, finished)
	assert.Equal(t, "17.1", (&RecordingFailed{Recording: Recording{Target: "channel:17.1"}}).ChannelID())
}

func decoded[E Event](t *testing.T) E {
	t.Helper()
	for name := range frames {
		event, _, err := Decode(frameOf(name))
		require.NoError(t, err)
		if is, fits := event.(E); fits {
			return is
		}
	}
	var none E
	require.Failf(t, "no frame", "%T", none)
	return none
}

func TestTheTypeIsFoundWhereverItStands(t *testing.T) {
	for _, frame := range []string{
		`{"type":"StasisEnd","channel":{"id":"1"}}`,
		` {"channel":{"id":"1","type":"x"}, "type" : "StasisEnd"}`,
		`{"type":"Stasis\u0045nd","channel":{"id":"1"}}`,
		`{"channel":{"type":"x","id":"1","name":"\"type\":\"x\""},"x":"type","type":"StasisEnd"}`,
		`{"args":[{"type":"x"},"\\"],"type":"StasisEnd","channel":{"id":"1"}}`,
	} {
		event, known, err := Decode([]byte(frame))
		require.NoError(t, err, frame)
		require.True(t, known)
		assert.Equal(t, "1", event.ChannelID())
		assert.IsType(t, &StasisEnd{}, event)
		assert.Equal(t, "StasisEnd", event.Head().Type)
	}
}

func TestTheTypeOfWhatAsteriskWritesIsFoundWithoutReadingItAll(t *testing.T) {
	for name := range frames {
		assert.Equal(t, name, string(skim(frameOf(name))))
	}
}

func TestOneFieldOfTheWrongTypeCostsOnlyThatField(t *testing.T) {
	event, known, err := Decode([]byte(`{"type":"StasisEnd","timestamp":12,"channel":{"id":"1","dialplan":{"priority":"first","exten":"100"},"creationtime":"yesterday","language":7,"name":"PJSIP/a"}}`))
	require.NoError(t, err)
	require.True(t, known)
	end := event.(*StasisEnd)
	assert.Equal(t, "1", end.Channel.ID)
	assert.Equal(t, "100", end.Channel.Dialplan.Extension)
	assert.Equal(t, "PJSIP/a", end.Channel.Name)
	assert.True(t, end.Timestamp.IsZero())
}

func TestAnEventThatDoesNotSayWhatItIsAboutIsAnError(t *testing.T) {
	for _, frame := range []string{
		`{"type":"StasisStart","channel":{}}`, `{"type":"StasisEnd"}`, `{"type":"ChannelHangupRequest","channel":7}`,
		`{"type":"ChannelDestroyed","channel":null}`, `{"type":"ChannelDtmfReceived","channel":{"id":"1"}}`,
		`{"type":"ChannelStateChange"}`, `{"type":"ChannelEnteredBridge","channel":{"id":"1"}}`,
		`{"type":"ChannelLeftBridge","bridge":{"id":"1"}}`, `{"type":"ChannelCallerId"}`, `{"type":"ChannelUserevent"}`,
		`{"type":"Dial","peer":{}}`, `{"type":"DeviceStateChanged","device_state":{"name":"PJSIP/101"}}`, `{"type":"ChannelHold"}`,
		`{"type":"ChannelUnhold"}`, `{"type":"BridgeBlindTransfer"}`, `{"type":"BridgeAttendedTransfer","transferer_first_leg":{"id":"1"}}`,
		`{"type":"RecordingFinished"}`, `{"type":"RecordingFailed","recording":{}}`,
	} {
		_, known, err := Decode([]byte(frame))
		assert.True(t, known, frame)
		assert.ErrorIs(t, err, errIncomplete, frame)
	}
}

func TestNoErrorRepeatsWhatCameInTheFrame(t *testing.T) {
	for _, frame := range []string{
		`{"type":"StasisEnd","channel":89161234567}`, `{"type":"StasisEnd","channel":{"id":89161234567}}`,
		`{"type":89161234567}`, `89161234567`, `{"type":"StasisEnd",89161234567`, `{"89161234567":"`, `{"type":"StasisEnd","channel":{"id":1e89161234567}}`,
	} {
		_, _, err := Decode([]byte(frame))
		require.Error(t, err, frame)
		assert.NotContains(t, err.Error(), "8916", frame)
	}
}

func TestMomentsAreWrittenAsAsteriskWritesThem(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-08-01T12:00:00.123+0300"`:  `"2026-08-01T09:00:00.123+0000"`,
		`"2026-08-01T12:00:00.123-0330"`:  `"2026-08-01T15:30:00.123+0000"`,
		`"2026-08-01T12:00:00.123456Z"`:   `"2026-08-01T12:00:00.123+0000"`,
		`"2026-08-01T12:00:00.123+03:00"`: `"2026-08-01T09:00:00.123+0000"`,
		`"2026-02-30T12:00:00.123+0300"`:  `null`,
		`""`:                              `null`,
		`12`:                              `null`,
		`null`:                            `null`,
	} {
		var moment Timestamp
		require.NoError(t, json.Unmarshal([]byte(text), &moment), text)
		written, err := json.Marshal(moment)
		require.NoError(t, err)
		assert.Equal(t, want, string(written), text)
	}
}

func FuzzDecode(f *testing.F) {
	for name := range frames {
		f.Add(frameOf(name))
		f.Add(frameOf(name)[:100])
	}
	f.Add([]byte(`{"channel":{"id":"1"},"type":"StasisEnd"}`))
	f.Add([]byte(`{"type":"ChannelVarset","variable":"X","value":"Y"}`))
	f.Add([]byte(`{"type":"StasisEnd","Type":"X","channel":{"ID":"1"}}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		event, known, err := Decode(frame)
		require.Equal(t, before, frame, "the frame is only read")
		if err != nil {
			require.Nil(t, event)
			return
		}
		if !known {
			require.Nil(t, event)
			return
		}
		name, err := peek(frame)
		require.NoError(t, err)
		require.Equal(t, string(name), event.Head().Type)

		written, err := json.Marshal(event)
		require.NoError(t, err)
		again, known, err := Decode(written)
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, event, again, "written and read again it says the same")

		extended := append([]byte(`{"type":"`+event.Head().Type+`","field_of_the_future":{"channel":[1,{}]},`), written[1:]...)
		again, known, err = Decode(extended)
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, event, again, "an unknown field does not matter")
	})
}
