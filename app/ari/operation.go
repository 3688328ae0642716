package ari

import (
	"net/http"
	"strings"
)

// operation is what is the same for every request of one kind. The tables below are all there is to say about how
// an operation goes over the wire: to add one, write its line here and a method that sends it.
type operation struct {
	name   string // in errors and metrics
	method string
	path   string // below /ari; each {} stands for an id
	rules  []rule
	limit  int64 // bytes of the largest answer accepted; 0 stands for answerLimit
	// again says that doing it twice is the same as doing it once, so that it may be repeated when Asterisk closed
	// the connection before it answered.
	again bool
	// waits says that Asterisk answers only when the channel's own thread has done it, which may take as long as
	// whatever that thread is doing.
	waits bool
	// alone says that Asterisk may not survive it together with another one that says so; they go one at a time.
	alone bool
}

// rule maps one status of one operation, optionally only with certain words in the message. The first that fits holds.
type rule struct {
	status int
	words  string
	kind   Kind
}

// kind says what a status means for this operation. Asterisk uses different numbers for the same fact in different
// operations (an unknown channel is 404 to answer and 400 to addChannel), so that only the operation can tell.
func (op operation) kind(status int, message string) Kind {
	for _, r := range op.rules {
		if r.status == status && strings.Contains(message, r.words) {
			return r.kind
		}
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Refused
	case http.StatusServiceUnavailable:
		return Unavailable
	case http.StatusRequestEntityTooLarge:
		return TooLarge
	default:
		return Unexpected
	}
}

// channelRules hold for every command to a channel (resource_channels.c: find_control, channel_state_invalid).
var channelRules = []rule{{404, "", Gone}, {409, "", NotInStasis}, {412, "", InvalidState}}

// bridgeRules hold for what puts channels into a bridge or takes them out (resource_bridges.c: find_bridge,
// list_controls, check_add_remove_channel).
var bridgeRules = []rule{
	{400, "", Gone}, {404, "", BridgeGone}, {409, "", InvalidState},
	{422, "not in this bridge", NotInBridge}, {422, "", NotInStasis},
}

// sourceRules hold for subscriptions (resource_applications.c).
var sourceRules = []rule{{400, "", Invalid}, {404, "", Gone}, {422, "", NotSubscribed}}

// Operations on Asterisk and on the application.
var (
	opInfo        = operation{name: "info", method: http.MethodGet, path: "asterisk/info", rules: []rule{{404, "", Unavailable}}, again: true}
	opApplication = operation{
		name: "application", method: http.MethodGet, path: "applications/{}",
		rules: []rule{{404, "", Gone}}, limit: listLimit, again: true, alone: true,
	}
	opFilter = operation{
		name: "filter", method: http.MethodPut, path: "applications/{}/eventFilter",
		rules: []rule{{404, "", Gone}}, again: true, alone: true,
	}
	// Its answers show the application, filter included, so that they go alone as well.
	opSubscribe = operation{
		name: "subscribe", method: http.MethodPost, path: "applications/{}/subscription",
		rules: sourceRules, limit: listLimit, again: true, alone: true,
	}
	opUnsubscribe = operation{
		name: "unsubscribe", method: http.MethodDelete, path: "applications/{}/subscription",
		rules: sourceRules, limit: listLimit, alone: true,
	}
	opUserEvent = operation{name: "user_event", method: http.MethodPost, path: "events/user/{}", rules: []rule{{404, "", Gone}}}
	opSounds    = operation{name: "sounds", method: http.MethodGet, path: "sounds", rules: []rule{{404, "No sounds", Gone}}, limit: listLimit, again: true}
	opListen    = operation{name: "listen", method: http.MethodGet, path: "events", rules: []rule{{404, "", Unavailable}}}
)

// Operations on channels. Answer and SetVariable answer when the channel's own thread has done them, without limit
// of time; a channel that is leaving by then gives 500 and 400 with the words below.
var (
	answerRules = append([]rule{{500, "Failed to answer", Gone}}, channelRules...)
	setRules    = append([]rule{{400, "Failed to execute function", Gone}}, channelRules...)

	opChannels    = operation{name: "channels", method: http.MethodGet, path: "channels", limit: listLimit, again: true}
	opChannel     = operation{name: "channel", method: http.MethodGet, path: "channels/{}", rules: channelRules, again: true}
	opAnswer      = operation{name: "answer", method: http.MethodPost, path: "channels/{}/answer", rules: answerRules, waits: true}
	opRing        = operation{name: "ring", method: http.MethodPost, path: "channels/{}/ring", rules: channelRules, again: true}
	opStopRing    = operation{name: "stop_ring", method: http.MethodDelete, path: "channels/{}/ring", rules: channelRules, again: true}
	opStartMusic  = operation{name: "start_music", method: http.MethodPost, path: "channels/{}/moh", rules: channelRules, again: true}
	opStopMusic   = operation{name: "stop_music", method: http.MethodDelete, path: "channels/{}/moh", rules: channelRules, again: true}
	opPlay        = operation{name: "play", method: http.MethodPost, path: "channels/{}/play/{}", rules: channelRules}
	opHangup      = operation{name: "hangup", method: http.MethodDelete, path: "channels/{}", rules: channelRules, again: true}
	opContinue    = operation{name: "continue", method: http.MethodPost, path: "channels/{}/continue", rules: channelRules}
	opVariable    = operation{name: "variable", method: http.MethodGet, path: "channels/{}/variable", rules: channelRules, again: true}
	opSetVariable = operation{name: "set_variable", method: http.MethodPost, path: "channels/{}/variable", rules: setRules, again: true, waits: true}
)

// Operations on channels to people whom we call. Asterisk says that it could not allocate a channel when the endpoint is
// unknown, is not registered, or cannot be called for another reason.
var (
	createRules = []rule{{400, "", Invalid}, {409, "", Conflict}, {500, "Allocation failed", Unreachable}}
	dialRules   = []rule{{404, "", Gone}, {409, "Stasis", NotInStasis}, {409, "", InvalidState}}

	opCreateChannel = operation{name: "create_channel", method: http.MethodPost, path: "channels/create", rules: createRules, again: true}
	opDial          = operation{name: "dial", method: http.MethodPost, path: "channels/{}/dial", rules: dialRules}
)

// opDeviceState asks how a device stands, whichever it is.
var opDeviceState = operation{name: "device_state", method: http.MethodGet, path: "deviceStates/{}", again: true}

// Operations on recordings (resource_bridges.c: ast_ari_bridges_record; resource_recordings.c: control_recording).
var (
	recordRules = []rule{{400, "", Invalid}, {404, "", BridgeGone}, {409, "already", Conflict}, {409, "", InvalidState}, {422, "", Invalid}}

	opRecordBridge  = operation{name: "record_bridge", method: http.MethodPost, path: "bridges/{}/record", rules: recordRules, again: true}
	opStopRecording = operation{
		name: "stop_recording", method: http.MethodPost, path: "recordings/live/{}/stop",
		rules: []rule{{404, "", Gone}, {409, "", InvalidState}}, again: true,
	}
)

// Operations on playbacks. What Asterisk puts together itself (number:, digits:) cannot be stopped: 500.
var opStopPlayback = operation{
	name: "stop_playback", method: http.MethodDelete, path: "playbacks/{}",
	rules: []rule{{404, "", Gone}, {500, "", InvalidState}}, again: true,
}

// Operations on bridges. One that is being made by another request in the same moment gives 500 instead of 409.
var (
	makeRules = []rule{{409, "", Conflict}, {500, "Unable to create bridge", Conflict}}

	opBridges       = operation{name: "bridges", method: http.MethodGet, path: "bridges", limit: listLimit, again: true}
	opCreateBridge  = operation{name: "create_bridge", method: http.MethodPost, path: "bridges/{}", rules: makeRules, again: true}
	opAddChannel    = operation{name: "add_channel", method: http.MethodPost, path: "bridges/{}/addChannel", rules: bridgeRules, waits: true}
	opRemoveChannel = operation{name: "remove_channel", method: http.MethodPost, path: "bridges/{}/removeChannel", rules: bridgeRules, waits: true}
	opDestroyBridge = operation{name: "destroy_bridge", method: http.MethodDelete, path: "bridges/{}", rules: []rule{{404, "", BridgeGone}}, again: true}
)
