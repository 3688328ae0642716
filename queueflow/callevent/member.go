package callevent

import "time"

// Member is what every event of a queue's member tells. It belongs to no call: the CloudEvents subject is MemberSubject of the
// endpoint.
type Member struct {
	Queue     string    `json:"queue"`
	QueueName string    `json:"queue_name"`
	Language  string    `json:"language"`
	Agent     Agent     `json:"agent"`
	Penalty   int       `json:"penalty"`
	Paused    bool      `json:"paused"`
	At        time.Time `json:"at"`
	// Reason is what was said about it, such as lunch, or no_answer for a pause the queue made itself.
	Reason string `json:"reason"`
	// By is who did it: a person's name, `agent` for the agent's own phone, `queue` for the queue itself.
	By string `json:"by"`
}

// MemberSubject stands in place of a call's id in an event of a member.
func MemberSubject(endpoint string) string { return "member:" + endpoint }

// QueueID implements Payload.
func (m Member) QueueID() string { return m.Queue }

func (m Member) callID() string { return MemberSubject(m.Agent.Endpoint) }

// MemberAdded says that an agent became a member of a queue.
type MemberAdded struct{ Member }

// MemberRemoved says that an agent is no longer a member of a queue.
type MemberRemoved struct{ Member }

// MemberPaused says that a member takes no calls of the queue for now.
type MemberPaused struct{ Member }

// MemberUnpaused says that a member takes calls of the queue again.
type MemberUnpaused struct{ Member }

// Kind implements Payload.
func (MemberAdded) Kind() Kind { return KindMemberAdded }

// Kind implements Payload.
func (MemberRemoved) Kind() Kind { return KindMemberRemoved }

// Kind implements Payload.
func (MemberPaused) Kind() Kind { return KindMemberPaused }

// Kind implements Payload.
func (MemberUnpaused) Kind() Kind { return KindMemberUnpaused }
