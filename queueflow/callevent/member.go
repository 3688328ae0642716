package callevent

import (
	"fmt"
	"strings"
	"time"
)

// Member is what every event of a queue's member tells: how the member stands after it. It belongs to no call: the
// CloudEvents subject is MemberSubject of the endpoint.
type Member struct {
	Queue     string `json:"queue"`
	QueueName string `json:"queue_name"`
	Language  string `json:"language"`
	Agent     Agent  `json:"agent"`
	// Penalty says whom the queue rings first: the lower before the higher.
	Penalty int  `json:"penalty"`
	Paused  bool `json:"paused"`
	// Dynamic is true for a member that the configuration does not have; what follows is how it was added.
	Dynamic        bool      `json:"dynamic"`
	StateInterface string    `json:"state_interface,omitempty"`
	WrapUpMS       *int64    `json:"wrap_up_ms,omitempty"`
	Confirm        bool      `json:"confirm,omitempty"`
	RingInUse      *bool     `json:"ring_in_use,omitempty"`
	Skills         []string  `json:"skills,omitempty"`
	At             time.Time `json:"at"`
	// Reason is what was said about it, such as lunch, or no_answer for a pause the queue made itself; empty when nothing was.
	Reason string `json:"reason"`
	// By is who did it: a person's name, `agent` for the agent's own phone, `queue` for the queue itself.
	By string `json:"by"`
}

// MemberSubject stands in place of a call's id in an event of a member: `member:` and the endpoint, percent-encoded where
// an id may not hold it. A very long one is cut.
func MemberSubject(endpoint string) string {
	var subject strings.Builder
	subject.WriteString("member:")
	for i := 0; i < len(endpoint) && subject.Len() < maxMember; i++ {
		if c := endpoint[i]; c <= ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&subject, "%%%02X", c)
		} else {
			subject.WriteByte(c)
		}
	}
	return subject.String()
}

// maxMember is where a subject is cut, in bytes; it leaves room in an id for what StepID adds.
const maxMember = 200

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
