package queueflow

import "time"

// Serving is how the agents of a queue are rung, and what happens from the first ring to the end of the wrap-up.
type Serving struct {
	// Members are those of the configuration, in its order.
	Members  []Member
	Strategy Strategy
	// RingTimeout is how long one agent is rung; 15 s if 0.
	RingTimeout time.Duration
	// Retry is the pause after a round in which every agent that could be rung was, and nobody answered; 0 begins the next
	// round at once. Rounds is how many there are before the caller leaves by OnTimeout; 0 is without limit.
	Retry  time.Duration
	Rounds int
	// WrapUp is an agent's rest after a talk, unless the member has one.
	WrapUp time.Duration
	// Weight: of two queues that want the same agent the heavier is served first.
	Weight int
	// ServiceLevel is the time within which an answer counts as in time.
	ServiceLevel time.Duration
	// RingInUse rings agents whose phone is in use.
	RingInUse bool
	// Autopause says after how many failed attempts in a row the queue pauses an agent.
	Autopause Autopause
	// Penalties say which agents a caller may reach from the beginning, and Escalation how that changes while he waits, in
	// the order of the time.
	Penalties  Penalties
	Escalation []EscalationStep
	// PenaltyMembersLimit: a queue of at most so many members takes no notice of penalties. Without members it is 0.
	PenaltyMembersLimit int
	// WidenOnTimeout rings the agents of the next penalty once those of the lowest did not answer.
	WidenOnTimeout bool
	// Skills are what an agent needs to serve any caller of the queue, beside what the caller's dialplan asks for.
	Skills Skills
	// RefuseWhenAll and LeaveWhenAll are states: when every agent is in one of them, nobody may enter, or who waits leaves.
	RefuseWhenAll, LeaveWhenAll Factors
	// RefuseEstimateOver refuses a caller who would have to wait longer than this by the estimate; MaxCallersPerAgent one
	// who would be more than so many for each agent who is logged in. 0 is without limit. Both refuse as a full queue does.
	RefuseEstimateOver time.Duration
	MaxCallersPerAgent int
	// Whisper is what an agent hears before the caller is connected, ReportWait tells him how long the caller has waited,
	// and CallerAnnounce is what the caller hears right before.
	Whisper        []string
	ReportWait     bool
	CallerAnnounce []string
	// ConfirmWithin is how long an agent who has to confirm may take to press 1; ConfirmPrompt is what asks him to.
	ConfirmWithin time.Duration
	ConfirmPrompt []string
	// MusicWhileRinging is what a caller hears in place of Music while an agent is rung; empty changes nothing.
	MusicWhileRinging string
	// AgentLeg is what an agent's phone is told.
	AgentLeg AgentLeg
	// Recording says whether talks are recorded.
	Recording Recording
	// OnAgentHangup is where a caller goes on to when the agent hangs up first; the zero Exit hangs up.
	OnAgentHangup Exit
	// Expected are what the estimate of the wait takes for granted before it has learned.
	Expected Expected
}

// Strategy is the order in which the agents of a queue are rung.
type Strategy uint8

// The strategies, with the meaning they have in app_queue, and RingProgressively: in the order of the list, each agent
// beside those who ring already.
const (
	RingAll Strategy = iota
	LeastRecent
	FewestCalls
	Random
	RRMemory
	RROrdered
	Linear
	WRandom
	RingProgressively
)

// Member is one agent in one queue.
type Member struct {
	// Endpoint is what is dialled, and by it an agent is the same one in all queues.
	Endpoint string `json:"endpoint"`
	// Name is what people call the agent; the endpoint when it is empty.
	Name string `json:"name,omitempty"`
	// Penalty says whom the queue rings first: the lower before the higher.
	Penalty int `json:"penalty,omitempty"`
	// WrapUp is the agent's own rest after a talk of this queue; nil is the queue's.
	WrapUp *time.Duration `json:"wrap_up,omitempty"`
	// StateInterface is the device whose state tells whether the agent is free; the endpoint when it is empty.
	StateInterface string `json:"state_interface,omitempty"`
	// Paused is how the member begins.
	Paused bool `json:"paused,omitempty"`
	// Confirm wants the agent to press 1 before the caller is connected.
	Confirm bool `json:"confirm,omitempty"`
	// RingInUse is the queue's when nil.
	RingInUse *bool    `json:"ring_in_use,omitempty"`
	Skills    []string `json:"skills,omitempty"`
}

// Autopause counts failed attempts in a row, of one agent in one queue; 0 is never.
type Autopause struct {
	NoAnswer, Busy, Unavailable int
	// Grace is how long after his last talk an agent is not paused.
	Grace time.Duration
	// AllQueues pauses the agent in all his queues.
	AllQueues bool
}

// Penalties are the window of penalties that a caller may reach; nil is without limit. Raise lifts lower penalties to it;
// with RaiseRespectsMin only those that are not below Min.
type Penalties struct {
	Min, Max, Raise  *int
	RaiseRespectsMin bool
}

// EscalationStep changes a caller's penalties when he has waited for After; what is nil stays.
type EscalationStep struct {
	After time.Duration
	Penalties
}

// Skills are what an agent must have: all of Required and, unless it is empty, one of Any.
type Skills struct {
	Required []string `json:"required,omitempty"`
	Any      []string `json:"any,omitempty"`
}

// Factors is a set of states of an agent.
type Factors uint16

// The factors, as joinempty and leavewhenempty of app_queue have them.
const (
	FactorPaused Factors = 1 << iota
	FactorPenalty
	FactorInUse
	FactorRinging
	FactorUnavailable
	FactorInvalid
	FactorUnknown
	FactorWrapUp
)

// AgentLeg is what an agent's phone is told about a call. Texts may hold {queue}, {queue_name}, {number}, {e164}, {name},
// {did}, {call_id} and {waited} (whole seconds).
type AgentLeg struct {
	// CallerName and CallerNumber are shown; {name} and {number} of the caller when empty.
	CallerName, CallerNumber string
	// Headers are added to the INVITE of a PJSIP phone, and Variables set on its channel, in order.
	Headers, Variables []Variable
	// ShowMissed lets the phones of those who lost the race show a missed call; otherwise they are told that it was
	// answered elsewhere.
	ShowMissed bool
}

// Recording says whether the talks of a queue are recorded, and how.
type Recording struct {
	Mode RecordingMode
	// Format is Asterisk's name of a file format.
	Format string
	// Key is what the agent presses to begin, and again to end, with RecordByKey.
	Key string
}

// RecordingMode says when a talk is recorded.
type RecordingMode uint8

// The modes.
const (
	RecordNever RecordingMode = iota
	RecordAlways
	RecordByKey
)

// Expected is what is taken for granted before anything was learned; 5 min each if 0.
type Expected struct {
	// Handling is the time of an agent for one call, ring and wrap-up included; Patience the time after which callers hang
	// up, on average.
	Handling, Patience time.Duration
}
