package notifier

import (
	"time"

	"missedcalls/notifier/target"
)

// Observer holds functions that are told what happens, for metrics. Any of them may be nil. They are called from several
// goroutines at a time, and must be quick.
type Observer struct {
	// Routed is told of each job that is made for a target.
	Routed func(target string)
	// Delivered is told of each delivery that was tried, what became of it, and how long after its event; a digest is one.
	Delivered func(target, channel string, v target.Verdict, sinceEvent time.Duration)
	// Digested is told how many jobs were told in one digest.
	Digested func(target string, jobs int)
	// Skipped is told of each job that nobody had to be told of: told_already, settled, untold.
	Skipped func(target, reason string)
	// Moved is told of each job that went on to the fallback.
	Moved func(target, fallback string)
	// Dead is told of each dead letter.
	Dead func(target, reason string)
	// TemplateFailed is told of each message for which the built-in text stood in.
	TemplateFailed func(target string)
}

// withDefaults has a function for everything.
func (o Observer) withDefaults() Observer {
	if o.Routed == nil {
		o.Routed = func(string) {}
	}
	if o.Delivered == nil {
		o.Delivered = func(string, string, target.Verdict, time.Duration) {}
	}
	if o.Digested == nil {
		o.Digested = func(string, int) {}
	}
	if o.Skipped == nil {
		o.Skipped = func(string, string) {}
	}
	if o.Moved == nil {
		o.Moved = func(string, string) {}
	}
	if o.Dead == nil {
		o.Dead = func(string, string) {}
	}
	if o.TemplateFailed == nil {
		o.TemplateFailed = func(string) {}
	}
	return o
}
