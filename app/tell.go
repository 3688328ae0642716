package app

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"missedcalls/app/bus"
	"missedcalls/app/config"
	"missedcalls/notifier"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// WithDeadLetters reaches the dead letters of the program of these settings, for as long as do works.
func WithDeadLetters(ctx context.Context, s config.Settings, do func(notifier.DeadLetters) error) error {
	n, done, err := bus.OpenNotifications(ctx, busSettings(s))
	if err != nil {
		return err
	}
	defer done()
	return do(notifier.DeadLetters{Notifications: n})
}

// TryTarget tells a target of a missed call that never was, in the words of the first queue of a file, once and from this
// process. The error says that it cannot be tried; whether it was told is in the verdict.
func TryTarget(ctx context.Context, s config.Settings, file config.File, t policy.Target) (target.Verdict, error) {
	var c channels
	if t.NATS != nil {
		nc, js, err := bus.OpenConn(busSettings(s))
		if err != nil {
			return target.Verdict{}, err
		}
		defer nc.Close()
		c.core, c.streams = nc, js
	}
	return notifier.Try(ctx, t, notifier.Deps{Factory: c.open, Renderer: words, Mask: message.Mask}, sampleCall(file, time.Now()))
}

// sampleCall is a caller who hung up at a time.
func sampleCall(file config.File, at time.Time) callevent.Event {
	queue := file.Policies.Queues[slices.Sorted(maps.Keys(file.Policies.Queues))[0]] // a file without queues is a bad one
	call := "notify-test-" + rand.Text()
	waited := 42 * time.Second
	return callevent.Event{
		ID: callevent.EndID(call), Source: callevent.Source("notify-test", "none"), Call: call, Time: at,
		Payload: callevent.Missed{
			CallID: call, Queue: queue.ID, QueueName: queue.Name, DID: "74950000001", Language: queue.Language,
			Caller:    callevent.Caller{Raw: "84950000000", E164: "+74950000000", Kind: callevent.CallerExternal, Name: "missedcalls notify-test"},
			Reason:    callevent.ReasonAbandoned,
			EnteredAt: at.Add(-waited), LeftAt: at, WaitedMS: waited.Milliseconds(), PositionAtEntry: 2, Position: 1,
			Attempts: []callevent.Attempt{}, Hangup: &callevent.Hangup{Cause: 16, Text: "Normal Clearing", By: callevent.ByCaller},
		},
	}
}
