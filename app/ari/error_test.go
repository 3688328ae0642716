package ari

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// meanings is the whole table of what a status means, by operation. What is not listed is Unexpected.
var meanings = map[string]map[int]Kind{
	"info":           {404: Unavailable},
	"application":    {404: Gone},
	"sounds":         {},
	"filter":         {404: Gone},
	"user_event":     {404: Gone},
	"listen":         {404: Unavailable},
	"channels":       {},
	"channel":        {404: Gone, 409: NotInStasis, 412: InvalidState},
	"answer":         {404: Gone, 409: NotInStasis, 412: InvalidState},
	"ring":           {404: Gone, 409: NotInStasis, 412: InvalidState},
	"stop_ring":      {404: Gone, 409: NotInStasis, 412: InvalidState},
	"start_music":    {404: Gone, 409: NotInStasis, 412: InvalidState},
	"stop_music":     {404: Gone, 409: NotInStasis, 412: InvalidState},
	"play":           {404: Gone, 409: NotInStasis, 412: InvalidState},
	"stop_playback":  {404: Gone, 500: InvalidState},
	"hangup":         {404: Gone, 409: NotInStasis, 412: InvalidState},
	"continue":       {404: Gone, 409: NotInStasis, 412: InvalidState},
	"variable":       {404: Gone, 409: NotInStasis, 412: InvalidState},
	"set_variable":   {404: Gone, 409: NotInStasis, 412: InvalidState},
	"bridges":        {},
	"create_bridge":  {409: Conflict},
	"add_channel":    {400: Gone, 404: BridgeGone, 409: InvalidState, 422: NotInStasis},
	"remove_channel": {400: Gone, 404: BridgeGone, 409: InvalidState, 422: NotInStasis},
	"destroy_bridge": {404: BridgeGone},
	"subscribe":      {400: Invalid, 404: Gone, 422: NotSubscribed},
	"unsubscribe":    {400: Invalid, 404: Gone, 422: NotSubscribed},
	"device_state":   {},
	"create_channel": {400: Invalid, 409: Conflict},
	"dial":           {404: Gone, 409: InvalidState},
	"record_bridge":  {400: Invalid, 404: BridgeGone, 409: InvalidState, 422: Invalid},
	"stop_recording": {404: Gone, 409: InvalidState},
}

var operations = []operation{
	opInfo, opApplication, opFilter, opUserEvent, opSounds, opListen, opChannels, opChannel, opAnswer, opRing, opStopRing,
	opStartMusic, opStopMusic, opPlay, opStopPlayback, opHangup, opContinue, opVariable, opSetVariable, opBridges, opCreateBridge,
	opAddChannel, opRemoveChannel, opDestroyBridge, opSubscribe, opUnsubscribe, opDeviceState, opCreateChannel, opDial,
	opRecordBridge, opStopRecording,
}

func TestEveryStatusOfEveryOperationHasItsMeaning(t *testing.T) {
	assert.Len(t, meanings, len(operations))
	for _, op := range operations {
		for _, status := range []int{300, 302, 400, 401, 403, 404, 405, 406, 409, 412, 413, 422, 500, 501, 502, 503, 504} {
			want, special := meanings[op.name][status]
			switch {
			case special:
			case status == 401 || status == 403:
				want = Refused
			case status == 503:
				want = Unavailable
			case status == 413:
				want = TooLarge
			default:
				want = Unexpected
			}
			assert.Equal(t, want, op.kind(status, "whatever"), "%s %d", op.name, status)
		}
	}
}

func TestWordsTellApartWhatAStatusDoesNot(t *testing.T) {
	for _, test := range []struct {
		op     operation
		status int
		words  string
		kind   Kind
	}{
		{opAnswer, 500, "Failed to answer channel", Gone},
		{opAnswer, 500, "Allocation failed", Unexpected},
		{opSounds, 404, "No sounds found that matched the query", Gone},
		{opSetVariable, 400, "Failed to execute function", Gone},
		{opSetVariable, 400, "Variable name is required", Unexpected},
		{opRemoveChannel, 422, "Channel not in this bridge", NotInBridge},
		{opCreateChannel, 500, "Allocation failed", Unreachable},
		{opCreateChannel, 500, "whatever", Unexpected},
		{opDial, 409, "Channel not in Stasis application", NotInStasis},
		{opDial, 409, "Channel is not in the 'Down' state", InvalidState},
		{opRecordBridge, 409, "Recording 'a' already exists and can not be overwritten", Conflict},
		{opRecordBridge, 409, "Bridge not in Stasis application", InvalidState},
		{opRemoveChannel, 422, "Channel not in Stasis application", NotInStasis},
	} {
		assert.Equal(t, test.kind, test.op.kind(test.status, test.words), test.words)
	}
}

func TestOperationsThatMayBeRepeatedAreThoseWithoutASecondEffect(t *testing.T) {
	once := []string{}
	for _, op := range operations {
		if !op.again {
			once = append(once, op.name)
		}
	}
	assert.Equal(t, []string{"user_event", "listen", "answer", "play", "continue", "add_channel", "remove_channel", "unsubscribe", "dial"}, once)
}

func TestOperationsThatReadOrSetAFilterAreAlone(t *testing.T) {
	alone := []string{}
	for _, op := range operations {
		if op.alone {
			alone = append(alone, op.name)
		}
	}
	assert.Equal(t, []string{"application", "filter", "subscribe", "unsubscribe"}, alone)
}

func TestAnErrorSaysWhatWhomWhyAndWhatToDo(t *testing.T) {
	for _, test := range []struct {
		failure *Error
		text    string
	}{
		{answerError(opAnswer, "17.1", 404, []byte(`{"message":"Channel not found"}`)), "answer 17.1: Channel not found (gone, status 404)"},
		{answerError(opChannels, "", 500, []byte(`{"error":"Allocation failed"}`)), "channels: Allocation failed (unexpected, status 500)"},
		{answerError(opAnswer, "17.1", 500, []byte(`<html><head><title>500</title>`)), "answer 17.1: Internal Server Error (unexpected, status 500)"},
		{answerError(opAnswer, "17.1", 599, nil), "answer 17.1: an answer without words (unexpected, status 599)"},
		{answerError(opInfo, "", 401, []byte(`{"message":"Authentication required"}`)), "info: Authentication required (refused, status 401); the user name and password must be those of a [section] with type=user in Asterisk's ari.conf"},
		{answerError(opInfo, "", 403, []byte(`{"message":"Write access denied"}`)), "info: Write access denied (refused, status 403); in Asterisk's ari.conf the user must not be read_only and its acl must permit this address"},
		{answerError(opInfo, "", 503, nil), "info: Service Unavailable (unavailable, status 503); Asterisk is still starting"},
		{answerError(opInfo, "", 404, nil), "info: Not Found (unavailable, status 404); unless Asterisk is just starting, the URL must end in /ari (after the prefix of http.conf), ari.conf must say enabled=yes and res_ari must be loaded"},
	} {
		assert.EqualError(t, test.failure, test.text)
	}
}

func TestWhatAsteriskSaysIsBoundedAndCannotForgeALogLine(t *testing.T) {
	long := strings.Repeat("é", 1000)
	failure := answerError(opAnswer, long, 404, fmt.Appendf(nil, `{"message":"one\ntwo %s"}`, long))
	assert.LessOrEqual(t, len(failure.Message), longestMessage+len("…"))
	assert.LessOrEqual(t, len(failure.Target), longestTarget+len("…"))
	assert.True(t, strings.HasPrefix(failure.Message, "one two é"))
	assert.NotContains(t, failure.Error(), "\n")
	assert.NotContains(t, failure.Error(), "\ufffd", "no character is cut in two")
}

func TestKindsAreFoundThroughOtherErrors(t *testing.T) {
	failure := answerError(opAnswer, "17.1", 404, nil)
	wrapped := fmt.Errorf("welcome caller: %w", failure)
	assert.ErrorIs(t, wrapped, Gone)
	assert.NotErrorIs(t, wrapped, NotInStasis)
	assert.Equal(t, Gone, KindOf(wrapped))
	assert.Equal(t, OK, KindOf(nil))
	assert.Equal(t, Unexpected, KindOf(errors.New("something else")))
}

func TestEveryKindHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for k := OK; k <= Unexpected; k++ {
		assert.NotEmpty(t, k.String())
		assert.NotEqual(t, "unknown", k.String())
		assert.False(t, seen[k.String()], k.String())
		seen[k.String()] = true
	}
	assert.Equal(t, "unknown", Kind(-1).String())
	assert.Equal(t, "unknown", (Unexpected + 1).Error())
}

func TestNoPathNamesMoreOrFewerIdsThanItsOperationIsAbout(t *testing.T) {
	for _, op := range operations {
		ids := 1
		if op.name == "play" {
			ids = 2 // of the channel, and the one that the playback gets
		}
		assert.LessOrEqual(t, strings.Count(op.path, "{}"), ids, op.name)
		assert.NotEmpty(t, op.path)
		assert.Contains(t, []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}, op.method)
	}
}
