package callevent

import (
	"fmt"
	"strings"
	"time"
)

// Event is one thing that happened to a call, or to a member of a queue.
type Event struct {
	// ID is unique for ever: `<call>.<epoch>.<n>`, or `<call>.end` for the one event that ends the call's stay, so that
	// whoever publishes an ending again, from whatever process, is recognised.
	ID string
	// Source is `/missedcalls/<application>/<asterisk>`.
	Source string
	// Call is the call's id, or MemberSubject for an event of a member: the CloudEvents subject.
	Call string
	// Time is when it happened: the arrival of Asterisk's event at our reader.
	Time time.Time
	// Payload is one of the types of this package that have a Kind.
	Payload Payload
}

// Payload is the sealed set of what an event can tell.
type Payload interface {
	// Kind names the payload in subjects and types.
	Kind() Kind
	// QueueID is the queue the event belongs to, empty for a call that has none.
	QueueID() string
	// callID is what the payload speaks of, a call or a member; it equals Event.Call.
	callID() string
}

// Kind names what happened; it is the last token of the subject.
type Kind string

// The kinds of events.
const (
	KindEntered           Kind = "entered"
	KindOffered           Kind = "offered"
	KindAnnounced         Kind = "announced"
	KindAnswered          Kind = "answered"
	KindMoved             Kind = "moved"
	KindCompleted         Kind = "completed"
	KindMissed            Kind = "missed"
	KindCallbackRequested Kind = "callback_requested"
	KindCallbackScheduled Kind = "callback_scheduled"
	KindCallbackAttempted Kind = "callback_attempted"
	KindCallbackCompleted Kind = "callback_completed"
	KindCallbackFailed    Kind = "callback_failed"
	KindCallbackExpired   Kind = "callback_expired"
	KindCallbackCancelled Kind = "callback_cancelled"
	KindResolved          Kind = "resolved"
	KindMemberAdded       Kind = "member_added"
	KindMemberRemoved     Kind = "member_removed"
	KindMemberPaused      Kind = "member_paused"
	KindMemberUnpaused    Kind = "member_unpaused"
)

// noQueue stands in a subject for a call without a queue.
const noQueue = "_"

// Kinds lists every kind of the contract, in the order of the table in docs/events.md, which says what is published today.
func Kinds() []Kind {
	return []Kind{
		KindEntered, KindOffered, KindAnnounced, KindAnswered, KindMoved, KindCompleted, KindMissed,
		KindCallbackRequested, KindCallbackScheduled, KindCallbackAttempted, KindCallbackCompleted, KindCallbackFailed,
		KindCallbackExpired, KindCallbackCancelled, KindResolved,
		KindMemberAdded, KindMemberRemoved, KindMemberPaused, KindMemberUnpaused,
	}
}

// Ends says whether an event of this kind ends the call's stay. Every call has exactly one such event.
func (k Kind) Ends() bool {
	return k == KindCompleted || k == KindMissed || k == KindCallbackRequested
}

// Type is the CloudEvents type, `missedcalls.call.<kind>.v1`.
func (k Kind) Type() string { return typePrefix + string(k) + typeVersion }

const (
	typePrefix  = "missedcalls.call."
	typeVersion = ".v1"
)

// Subject is where the event is published: `calls.<queue>.<kind>`.
func (e Event) Subject() string {
	queue := e.Payload.QueueID()
	if queue == "" {
		queue = noQueue
	}
	return "calls." + queue + "." + string(e.Payload.Kind())
}

// StepID is the id of the n-th event of a call in an epoch, counted from 1.
func StepID(call string, epoch uint64, n int) string { return fmt.Sprintf("%s.%d.%d", call, epoch, n) }

// EndID is the id of a call's ending event, whoever publishes it.
func EndID(call string) string { return call + ".end" }

// Source names an application on an Asterisk as a CloudEvents source.
func Source(application, asterisk string) string {
	return "/missedcalls/" + application + "/" + strings.ReplaceAll(asterisk, "/", "_")
}
