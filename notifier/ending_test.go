package notifier

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

func TestTheNotifierEndsSoonThoughMoreWasGatheredThanIsToldAtOnce(t *testing.T) {
	f := prepare(t, openBus(t, bus.Settings{}), one(func(t *policy.Target) { t.DigestOver, t.Workers = 10, 1 }))
	f.tuning.grace = 100 * time.Millisecond
	f.channels["crm"].answers(func(ctx context.Context, _ target.Delivery) target.Verdict {
		<-ctx.Done() // a server that hangs
		return away
	})
	// Held events are handed out a second time when they are due, and gathered for a digest then.
	p := f.policy.Load()
	p.Routes = []policy.Route{{To: []string{"crm"}, Hold: 200 * time.Millisecond}}
	f.publish(t, someMissed(1, 8)...)
	f.run(t)
	f.channels["crm"].until(t, func() bool {
		f.channels["crm"].mu.Lock()
		defer f.channels["crm"].mu.Unlock()
		return f.channels["crm"].begun > 0
	})
	ending := time.Now()
	f.stop()
	assert.Less(t, time.Since(ending), 10*time.Second)
}
