package callevent

import "time"

// Missed says that a caller left, or was refused, without having reached a person. It ends the call's stay.
type Missed struct {
	CallID    string `json:"call_id"`
	Queue     string `json:"queue"`
	QueueName string `json:"queue_name"`
	DID       string `json:"did"`
	Language  string `json:"language"`
	Caller    Caller `json:"caller"`
	Reason    Reason `json:"reason"`
	// EnteredAt and LeftAt are arrivals of Asterisk's events here; WaitedMS is the monotonic time between them.
	EnteredAt time.Time `json:"entered_at"`
	LeftAt    time.Time `json:"left_at"`
	WaitedMS  int64     `json:"waited_ms"`
	// PositionAtEntry and Position count from 1; 0 for a call that was refused at the door.
	PositionAtEntry int `json:"position_at_entry"`
	Position        int `json:"position"`
	Priority        int `json:"priority"`
	// EstimateToldMS is the last wait the caller was told, in milliseconds; null when none was.
	EstimateToldMS *int64      `json:"estimate_told_ms"`
	Agents         AgentCounts `json:"agents"`
	// Attempts are the newest ringings of agents for this call, in order, at most MostAttempts.
	Attempts []Attempt       `json:"attempts"`
	Keys     string          `json:"keys"`
	Callback CallbackOffered `json:"callback"`
	// Hangup is null for a call that went on in the dialplan.
	Hangup *Hangup `json:"hangup"`
	// SentTo is the dialplan target the call was sent to, as context,extension,priority.
	SentTo string `json:"sent_to,omitempty"`
	// LostWindow is present for reason lost: the caller left somewhere in it, and LeftAt is its beginning, the last
	// moment at which he is known to have been there.
	LostWindow  *Window   `json:"lost_window,omitempty"`
	RefusedBy   []Refusal `json:"refused_by,omitempty"`
	ResumedFrom string    `json:"resumed_from,omitempty"`
	// Episode is the id of the open episode this call belongs to, which is that of its first missed call, and EpisodeCalls
	// counts its calls, this one too. Both are absent when somebody else took the call.
	Episode      string   `json:"episode,omitempty"`
	EpisodeCalls int      `json:"episode_calls,omitempty"`
	Asterisk     Asterisk `json:"asterisk"`
}

// AgentCounts is the state of the queue's agents when the caller left.
type AgentCounts struct {
	Ready       int `json:"ready"`
	Talking     int `json:"talking"`
	WrappingUp  int `json:"wrapping_up"`
	Paused      int `json:"paused"`
	Unavailable int `json:"unavailable"`
}

// MostAttempts is how many attempts an event tells at most; each has an event of its own besides.
const MostAttempts = 100

// Attempt is one ringing of one agent for the call.
type Attempt struct {
	Agent    string `json:"agent"`
	Endpoint string `json:"endpoint"`
	// Outcome is answered, no_answer, busy, rejected, unavailable, cancelled, forwarded, dropped, not_confirmed or lost_race.
	Outcome string `json:"outcome"`
	// RingMS is how long it rang, in milliseconds.
	RingMS int64 `json:"ring_ms"`
	// Cause is the Q.850 cause, SIP the final response; 0 when there was none.
	Cause int `json:"cause"`
	SIP   int `json:"sip"`
}

// CallbackOffered says whether the caller was offered to be called back.
type CallbackOffered struct {
	Offered   int  `json:"offered"`
	Requested bool `json:"requested"`
}

// Hangup says how the channel ended.
type Hangup struct {
	// Cause is a Q.850 cause; Asterisk's 0 is told as 16, normal clearing.
	Cause int      `json:"cause"`
	Text  string   `json:"text"`
	By    HungUpBy `json:"by"`
}

// HungUpBy says which side ended a channel.
type HungUpBy string

// Who may end a channel: the caller, this application, or somebody on the Asterisk (an operator, another program).
const (
	ByCaller      HungUpBy = "caller"
	ByApplication HungUpBy = "application"
	ByAsterisk    HungUpBy = "asterisk"
)

// Window is a span of time in which something happened unseen.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Kind implements Payload.
func (Missed) Kind() Kind { return KindMissed }

// QueueID implements Payload.
func (m Missed) QueueID() string { return m.Queue }

func (m Missed) callID() string { return m.CallID }
