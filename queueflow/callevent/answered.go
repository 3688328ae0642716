package callevent

import "time"

// Answered says that the caller and an agent hear each other.
type Answered struct {
	CallID     string    `json:"call_id"`
	Queue      string    `json:"queue"`
	QueueName  string    `json:"queue_name"`
	DID        string    `json:"did"`
	Language   string    `json:"language"`
	Caller     Caller    `json:"caller"`
	EnteredAt  time.Time `json:"entered_at"`
	AnsweredAt time.Time `json:"answered_at"`
	// WaitedMS counts from first entry, in milliseconds.
	WaitedMS int64 `json:"waited_ms"`
	// Position is the caller's last place in line, 1 is the next to be served.
	Position int   `json:"position"`
	Priority int   `json:"priority"`
	Agent    Agent `json:"agent"`
	// EstimateToldMS is the last wait the caller was told and EstimateErrorMS how much longer he waited from then on than
	// he was told, in milliseconds; null when none was told.
	EstimateToldMS  *int64 `json:"estimate_told_ms"`
	EstimateErrorMS *int64 `json:"estimate_error_ms"`
	// Attempts are the newest ringings of agents for this call, at most MostAttempts, the one that was answered last.
	Attempts []Attempt `json:"attempts"`
	// AgentChannel is the id of the agent's channel and Bridge that of the bridge in which the two talk.
	AgentChannel string   `json:"agent_channel"`
	Bridge       string   `json:"bridge"`
	Asterisk     Asterisk `json:"asterisk"`
}

// Agent is a person who takes calls.
type Agent struct {
	// Name is what people call the agent, Endpoint what is rung, such as PJSIP/101.
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
}

// Kind implements Payload.
func (Answered) Kind() Kind { return KindAnswered }

// QueueID implements Payload.
func (a Answered) QueueID() string { return a.Queue }

func (a Answered) callID() string { return a.CallID }
