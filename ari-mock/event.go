package arimock

import "time"

// timestampLayout is how Asterisk writes a moment: milliseconds, and an offset without a colon.
const timestampLayout = "2006-01-02T15:04:05.000-0700"

func stamp(t time.Time) string { return t.Format(timestampLayout) }

// event is what every event begins with. Its application is set when it is sent, once for each that gets it.
type event struct {
	Type        string `json:"type"`
	Timestamp   string `json:"timestamp"`
	AsteriskID  string `json:"asterisk_id"`
	Application string `json:"application"`
}

// head gives the common part to whoever fills it in.
func (e *event) head() *event { return e }

// anEvent is one of the types below.
type anEvent interface{ head() *event }

type (
	stasisStart struct {
		event
		Args     []string      `json:"args"`
		Channel  channelModel  `json:"channel"`
		Replaced *channelModel `json:"replace_channel,omitempty"`
	}
	stasisEnd struct {
		event
		Channel channelModel `json:"channel"`
	}
	channelHangupRequest struct {
		event
		Cause     int          `json:"cause,omitempty"`
		TechCause int          `json:"tech_cause,omitempty"`
		Soft      bool         `json:"soft,omitempty"`
		Channel   channelModel `json:"channel"`
	}
	channelDestroyed struct {
		event
		Cause     int          `json:"cause"`
		CauseText string       `json:"cause_txt"`
		TechCause int          `json:"tech_cause,omitempty"`
		Channel   channelModel `json:"channel"`
	}
	channelStateChange struct {
		event
		Channel channelModel `json:"channel"`
	}
	channelDtmfReceived struct {
		event
		Digit        string       `json:"digit"`
		Milliseconds int          `json:"duration_ms"`
		Channel      channelModel `json:"channel"`
	}
	channelVarset struct {
		event
		Variable string       `json:"variable"`
		Value    string       `json:"value"`
		Channel  channelModel `json:"channel"`
	}
	channelCallerID struct {
		event
		Presentation     int          `json:"caller_presentation"`
		PresentationText string       `json:"caller_presentation_txt"`
		Channel          channelModel `json:"channel"`
	}
	channelEnteredBridge struct {
		event
		Bridge  bridgeModel  `json:"bridge"`
		Channel channelModel `json:"channel"`
	}
	channelLeftBridge struct {
		event
		Bridge  bridgeModel  `json:"bridge"`
		Channel channelModel `json:"channel"`
	}
	bridgeDestroyed struct {
		event
		Bridge bridgeModel `json:"bridge"`
	}
	playbackEvent struct {
		event
		Playback playbackModel `json:"playback"`
	}
	channelUserevent struct {
		event
		Name    string         `json:"eventname"`
		Values  map[string]any `json:"userevent"`
		Channel *channelModel  `json:"channel,omitempty"`
	}
	dialEvent struct {
		event
		Status     string       `json:"dialstatus"`
		Forward    string       `json:"forward"`
		DialString string       `json:"dialstring"`
		Peer       channelModel `json:"peer"`
	}
	channelCreated struct {
		event
		Channel channelModel `json:"channel"`
	}
	endpointStateChange struct {
		event
		Endpoint endpointModel `json:"endpoint"`
	}
	deviceStateChanged struct {
		event
		Device deviceModel `json:"device_state"`
	}
	applicationReplaced struct {
		event
	}
	channelHold struct {
		event
		Channel channelModel `json:"channel"`
		Music   string       `json:"musicclass"`
	}
	channelUnhold struct {
		event
		Channel channelModel `json:"channel"`
	}
	recordingEvent struct {
		event
		Recording recordingModel `json:"recording"`
	}
	bridgeBlindTransfer struct {
		event
		Channel     channelModel `json:"channel"`
		Replacement channelModel `json:"replace_channel"`
		Transferee  channelModel `json:"transferee"`
		Bridge      bridgeModel  `json:"bridge"`
		Exten       string       `json:"exten"`
		Context     string       `json:"context"`
		Result      string       `json:"result"`
		External    bool         `json:"is_external"`
	}
	bridgeAttendedTransfer struct {
		event
		FirstLeg        channelModel  `json:"transferer_first_leg"`
		SecondLeg       channelModel  `json:"transferer_second_leg"`
		FirstBridge     bridgeModel   `json:"transferer_first_leg_bridge"`
		SecondBridge    bridgeModel   `json:"transferer_second_leg_bridge"`
		Transferee      channelModel  `json:"transferee"`
		Target          *channelModel `json:"transfer_target,omitempty"`
		FirstLink       channelModel  `json:"destination_link_first_leg"`
		SecondLink      channelModel  `json:"destination_link_second_leg"`
		DestinationType string        `json:"destination_type"`
		Result          string        `json:"result"`
		External        bool          `json:"is_external"`
	}
)
