package ari

import (
	"bytes"
	"encoding/json"
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
}

const playbackJSON = `{"id":"p1","media_uri":"sound:queue-thankyou","target_uri":"channel:1785574800.42","language":"en","state":"done"}`

const bridgeJSON = `{"id":"b1","technology":"holding_bridge","bridge_type":"holding","bridge_class":"stasis","creator":"Stasis","name":"sales","channels":["1785574800.42"],"creationtime":"2026-08-01T12:00:00.000+0300","video_mode":"none"}`

func frameOf(name string) []byte {
	text := strings.ReplaceAll(frames[name], "CHANNEL", channelJSON("1785574800.42"))
	text = strings.ReplaceAll(text, "PLAYBACK", playbackJSON)
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
		if name != "ApplicationReplaced" {
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
