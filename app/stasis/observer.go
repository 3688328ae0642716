package stasis

import (
	"fmt"
	"strings"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// Observer holds functions that are told what happens, for metrics. Any of them may be nil. All but Commanded are
// called from the driver's loop, so they must be quick.
type Observer struct {
	// Stepped is told how long each step of the machine took.
	Stepped func(took time.Duration)
	// Durable is told of each event that is durable, and how long that took since it happened.
	Durable func(e callevent.Event, took time.Duration)
	// Ringing is told of each agent whose channel is being made, and how long after the news that made it possible.
	Ringing func(after time.Duration)
	// Ignored is told of each input that changed nothing.
	Ignored func(reason string)
	// Noticed is told of each notice of the machine.
	Noticed func(kind queueflow.NoticeKind)
	// Commanded is told of each command, how it ended ("ok", the kind of its error, or "failed") and how long it took. It is
	// called from the lanes, several at a time.
	Commanded func(command, outcome string, took time.Duration)
}

func (o Observer) stepped(took time.Duration) {
	if o.Stepped != nil {
		o.Stepped(took)
	}
}

func (o Observer) durable(e callevent.Event, took time.Duration) {
	if o.Durable != nil {
		o.Durable(e, took)
	}
}

func (o Observer) ringing(after time.Duration) {
	if o.Ringing != nil {
		o.Ringing(after)
	}
}

func (o Observer) commanded(c queueflow.Command, outcome string, took time.Duration) {
	if o.Commanded != nil {
		o.Commanded(commandName(c), outcome, took)
	}
}

// stored tells of a try to store a member.
func (o Observer) stored(c queueflow.Command, err error, took time.Duration) {
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	o.commanded(c, outcome, took)
}

// commandName is the command's type as people and metrics know it.
func commandName(c queueflow.Command) string {
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", c), "queueflow."))
}

// report logs and counts what a step was asked to pass over, and what an administrator should know.
func (d *Driver) report(out queueflow.Output) {
	for _, i := range out.Ignored {
		if d.Observer.Ignored != nil {
			d.Observer.Ignored(i.Reason)
		}
		d.Log.Debug().Type("input", i.Input).Str("reason", i.Reason).Msg("input ignored")
	}
	for _, n := range out.Notices {
		if d.Observer.Noticed != nil {
			d.Observer.Noticed(n.Kind)
		}
		d.Log.WithLevel(severity(n.Kind)).Str("call", n.Call).Str("queue", n.Queue).Str("reason", string(n.Kind)).Msg(n.Detail)
	}
	for _, e := range out.Events {
		d.logEvent(e)
	}
}
