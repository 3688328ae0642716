package queueflow

import "missedcalls/queueflow/callevent"

// Output is what a step obliges the driver to, in this order: make Events durable, in order; then, and not before, carry
// out Commands, in order per channel. Ignored and Notices oblige to nothing; they are for logs and metrics.
type Output struct {
	Events   []callevent.Event
	Commands []Command
	Ignored  []Ignored
	Notices  []Notice
}

// Ignored is an input that changed nothing, and why.
type Ignored struct {
	Input  Input
	Reason string
}

// Notice is something an administrator should know of.
type Notice struct {
	Kind NoticeKind
	// Call and Queue may be empty. Detail is for people; it holds no phone number, unless the dialplan put one into the
	// arguments of Stasis().
	Call, Queue, Detail string
}

// NoticeKind names a notice in logs and metrics.
type NoticeKind string

// The kinds of notices.
const (
	// NoticeUnknownQueue: the dialplan named a queue that is not configured.
	NoticeUnknownQueue NoticeKind = "unknown_queue"
	// NoticeUnknownDID: no queue stands for a dialled number.
	NoticeUnknownDID NoticeKind = "unknown_did"
	// NoticeBadArgument: an argument of Stasis() could not be read and was passed over.
	NoticeBadArgument NoticeKind = "bad_argument"
	// NoticeUnknownCommand: the dialplan asked for a command this version does not know.
	NoticeUnknownCommand NoticeKind = "unknown_command"
	// NoticeFeatureRefused: an agent's feature code changed nothing.
	NoticeFeatureRefused NoticeKind = "feature_refused"
	// NoticeMoveRefused: a key leads to a queue that takes nobody now.
	NoticeMoveRefused NoticeKind = "move_refused"
	// NoticeExitMissing: the place in the dialplan a caller should go to does not exist.
	NoticeExitMissing NoticeKind = "exit_missing"
	// NoticeCommandFailed: Asterisk did not do what it was told; it is tried again.
	NoticeCommandFailed NoticeKind = "command_failed"
	// NoticePromptFailed: Asterisk could not play something to a caller.
	NoticePromptFailed NoticeKind = "prompt_failed"
	// NoticeRecordingFailed: a talk that should be recorded is not.
	NoticeRecordingFailed NoticeKind = "recording_failed"
	// NoticeViolation: a rule of the machine was broken; only that call is dropped.
	NoticeViolation NoticeKind = "violation"
)

func (m *Machine) emit(c *call, id string, payload callevent.Payload) {
	at := m.now
	switch p := payload.(type) {
	case callevent.Entered:
		at = p.EnteredAt
	case callevent.Missed:
		at = p.LeftAt
	case callevent.Completed:
		at = p.EndedAt
	}
	m.countService(payload)
	m.out.Events = append(m.out.Events, callevent.Event{
		ID: id, Source: c.node.source, Call: c.id, Time: at, Payload: payload,
	})
}

func (m *Machine) command(c Command) { m.out.Commands = append(m.out.Commands, c) }

func (m *Machine) ignore(in Input, reason string) {
	m.out.Ignored = append(m.out.Ignored, Ignored{Input: in, Reason: reason})
}

func (m *Machine) notice(kind NoticeKind, c *call, detail string) {
	m.out.Notices = append(m.out.Notices, Notice{Kind: kind, Call: c.id, Queue: c.queue, Detail: detail})
}
