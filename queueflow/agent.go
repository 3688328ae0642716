package queueflow

import "time"

// agent is one person who takes calls, in however many queues: one phone, one reservation, one wrap-up.
type agent struct {
	endpoint, name string
	// device is whose state tells whether he is free.
	device string
	// members are his memberships by queue.
	members map[string]*member
	// states are how the device stands on each Asterisk that said so.
	states map[string]DeviceState
	// attempt is what his phone rings for, or whom he talks with: the reservation. nil is none.
	attempt *attempt
	// wrapUpUntil and restUntil are until when he is not rung: after a talk, and because his phone cannot be reached.
	wrapUpUntil, restUntil time.Time
	// refusals counts in a row the attempts after which he rests.
	refusals int
	// endedAt is when his last talk ended, offeredAt when he was last rung, talks how many he had.
	endedAt, offeredAt time.Time
	talks              int
	alarm              alarm
}

// member is an agent in one queue.
type member struct {
	agent *agent
	queue string
	Member
	// position is his place in the queue's list.
	position int
	paused   bool
	// reason and by are of the newest change, changedAt is when it was made.
	reason, by string
	changedAt  time.Time
	dynamic    bool
	// failed counts the failed attempts in a row, for Autopause.
	failed struct{ noAnswer, busy, unavailable int }
}

// The seam between the agents and the attempts.

// reserve takes an agent for an attempt.
func (m *Machine) reserve(at *attempt) {}

// attemptOver lets an agent go whose attempt, which led to no talk, has its outcome; it draws the consequences for him and
// for the call's choice of agents.
func (m *Machine) attemptOver(at *attempt) {}

// talkOver lets an agent go who has talked: his wrap-up begins. It gives how long that is.
func (m *Machine) talkOver(at *attempt) time.Duration { return 0 }

// reconsider says anew whether a call wants agents rung, after anything that may change it.
func (m *Machine) reconsider(c *call) {}

// match rings agents for calls until no agent who is free could serve a call that wants one. Every step ends with it.
func (m *Machine) match() {}

// MemberChange says what is wrong with a change, nil when it would be made.
func (m *Machine) MemberChange(in ChangeMember) error { return nil }

func (in ChangeMember) apply(m *Machine) {}

func (in MembersStored) apply(m *Machine) {}

func (in DeviceChanged) apply(m *Machine) {}
