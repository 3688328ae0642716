package notifier

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

const hold = time.Second

// holding waits before it tells crm of missed calls.
func holding() policy.Policy {
	p := one()
	p.Routes = []policy.Route{{To: []string{"crm"}, Hold: hold}}
	return p
}

func TestACallThatIsReturnedWithinTheHoldIsNotAnnounced(t *testing.T) {
	f := start(t, holding())
	f.publish(t, missed("c1"), missed("c2"))
	f.publish(t, resolved("c1"))
	got := f.channels["crm"].await(t, 1)
	f.idle(t)
	assert.Equal(t, []string{"c2.end.crm"}, idsOf(f.channels["crm"].all()))
	assert.GreaterOrEqual(t, time.Since(got[0].Event.Time), hold)
	assert.Equal(t, 1, f.counts.of("skipped", "crm", "settled"))
	assert.Equal(t, 1, f.counts.of("skipped", "crm", "untold"))
}

func TestACallThatIsReturnedAfterTheHoldIsAnnouncedAndChanged(t *testing.T) {
	f := start(t, holding())
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.publish(t, resolved("c1"))
	got := f.channels["crm"].await(t, 2)
	assert.True(t, got[1].Changes)
}

func TestOfACallerWhoCallsAgainWithinTheHoldBothCallsAreToldWhenTheyAreDue(t *testing.T) {
	f := start(t, holding())
	f.publish(t, missed("c1"), again("c2", "c1"))
	got := f.channels["crm"].await(t, 2)
	assert.Equal(t, []string{"c1.end.crm", "c2.end.crm"}, idsOf(got))
	for i, d := range got {
		assert.GreaterOrEqual(t, f.channels["crm"].at[i].Sub(d.Event.Time), hold)
	}
}

func TestACallbackThatFailsWithinTheHoldDoesNotKeepTheCallFromBeingAnnounced(t *testing.T) {
	p := holding()
	p.CopyAll = nil
	p.Routes[0].Match.Events = []callevent.Kind{callevent.KindMissed}
	f := start(t, p)
	f.publish(t, missed("c1"), callback("c1", callevent.CallbackFailed{Ticket: ticket("c1")}))
	got := f.channels["crm"].await(t, 2)
	assert.Equal(t, []string{"c1.end.crm", "c1.callback_failed.crm"}, idsOf(got))
}

func TestACallThatWasReturnedIsNotAnnouncedWhateverFollows(t *testing.T) {
	f := start(t, holding())
	f.publish(t, missed("c1"), resolved("c1"), callback("c1", callevent.CallbackCancelled{Ticket: ticket("c1")}))
	f.idle(t)
	assert.Empty(t, f.channels["crm"].all())
	assert.Equal(t, 1, f.counts.of("skipped", "crm", "settled"))
}
