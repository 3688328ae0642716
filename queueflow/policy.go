package queueflow

import (
	"strconv"
	"strings"
	"time"
)

// Policies is how calls are to be treated: the configuration as a value. The machine never changes it.
type Policies struct {
	// DIDs maps dialled numbers to queues.
	DIDs DIDMap
	// DefaultQueue takes calls for a number that DIDs does not know; empty gives them back to the dialplan.
	DefaultQueue string
	// Queues by id. Every queue named anywhere in the policies is in it.
	Queues map[string]Policy
}

// Policy is how one queue treats its callers.
type Policy struct {
	// ID is used in subjects and metrics; Name is what people read.
	ID, Name string
	// Language and Music are Asterisk's names of a language and a class of music on hold.
	Language, Music string
	Answer          AnswerPolicy
	// MaxWait is how long a caller waits at most in this queue; 0 is without limit.
	MaxWait time.Duration
	// MaxCallers is how many wait at most; 0 is without limit.
	MaxCallers int
	// Hours are when callers may enter; ExitAtClosing sends those away who are in line when they end.
	Hours         Hours
	ExitAtClosing bool
	// Announce and Periodic are what callers are told while they wait.
	Announce Announce
	Periodic Periodic
	// Keys are what a caller may press, KeyTimeout how long a key waits for its next digit (3 s if 0), and UnknownKey what
	// is played to one who presses something else; nothing if empty.
	Keys       Keys
	KeyTimeout time.Duration
	UnknownKey []string
	// What happens to a caller whose wait ran out, and to one who may not enter.
	OnTimeout, OnFull, OnEmpty, OnClosed Exit
	// Serving is how the queue's agents are rung and talk.
	Serving Serving
	// StayOnMissingExit keeps a caller in line when the place in the dialplan he should go to does not exist;
	// otherwise he is hung up on.
	StayOnMissingExit bool
}

// AnswerPolicy says when Asterisk answers a caller.
type AnswerPolicy uint8

// The answer policies.
const (
	// AnswerEarly answers at entry, so that the caller hears music; the wait is billed.
	AnswerEarly AnswerPolicy = iota
	// AnswerAgent lets the caller hear ringing until an agent answers.
	AnswerAgent
)

// Exit is where a caller goes who leaves a queue; the zero Exit hangs up. At most one field is set.
type Exit struct {
	Dialplan Target
	Queue    string
}

// Target is a place in the dialplan. The zero Target is the priority after the one that called Stasis().
type Target struct {
	Context, Extension string
	Priority           int
}

// String is the target as the configuration writes it, context,extension,priority.
func (t Target) String() string {
	if t == (Target{}) {
		return ""
	}
	return strings.Join([]string{t.Context, t.Extension, strconv.Itoa(t.Priority)}, ",")
}
