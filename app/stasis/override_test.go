package stasis

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/caller"
	"missedcalls/queueflow"
)

func TestAQueueThatIsClosedByHandRefusesWhoComesAndOpensAgain(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(time.Second)
		s.driver.Override(queueflow.QueueOverride{Queue: "sales", State: queueflow.StateClosed})
		s.asterisk.enter("c2")
		s.after(time.Second)
		assert.Equal(t, []string{"entered", "missed closed"}, s.journal.subjects(), "who is in line may stay")
		assert.Contains(t, s.asterisk.toldOf("c2"), "hangup c2 no_answer")
		s.driver.Override(queueflow.QueueOverride{Queue: "sales", State: queueflow.StateAuto})
		s.asterisk.enter("c3")
		s.after(time.Second)
		assert.Equal(t, []string{"entered", "missed closed", "entered"}, s.journal.subjects())
	})
}

func TestAClosingByHandThatWasDecidedBeforeHoldsForTheFirstCaller(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(time.Second)
		assert.Equal(t, []string{"missed closed"}, s.journal.subjects())
	}, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateClosed})
}

func TestAClosingByHandWithAnEndHoldsUntilThen(t *testing.T) {
	perform(t, func(s *stage) {
		s.driver.Override(queueflow.QueueOverride{Queue: "sales", State: queueflow.StateClosed, Until: time.Now().Add(time.Minute)})
		s.after(time.Minute - 2*time.Millisecond)
		s.asterisk.enter("c1")
		s.after(0)
		assert.Equal(t, []string{"missed closed"}, s.journal.subjects())
		s.after(2 * time.Millisecond)
		s.asterisk.enter("c2")
		s.after(0)
		assert.Equal(t, []string{"missed closed", "entered"}, s.journal.subjects())
	})
}

// A process that died after somebody was taken in closes the line that it restores before its Asterisk is heard of.
func TestThoseWhoWaitedWhenTheProgramDiedLeaveWhenTheirQueueWasClosedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policies := testPolicies()
		sales := policies.Queues["sales"]
		sales.ExitAtClosing = true
		policies.Queues["sales"] = sales
		settings := queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute}
		asterisk, journal := newFake(), &memoryJournal{}
		run := func(machine *queueflow.Machine, play func(), first ...queueflow.Input) {
			d := New(Config{
				Machine: machine, First: first, Application: "missedcalls", Asterisks: map[string]Asterisk{testNode: asterisk},
				Journal: journal, Caller: caller.NewReader("RU"), Drain: time.Second, Log: zerolog.Nop(),
			})
			ctx, end := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- d.Run(ctx) }()
			synctest.Wait()
			play()
			end()
			require.NoError(t, <-ended)
		}
		before := queueflow.New(settings, policies)
		run(before, func() {
			asterisk.enter("c1")
			synctest.Wait()
		})
		require.Equal(t, []string{"entered"}, journal.subjects())

		settings.Epoch = 2
		after := queueflow.Restore(settings, policies, before.Snapshot(), time.Now())
		after.Begin(time.Now())
		run(after, func() {
			<-time.After(time.Second)
			synctest.Wait()
		}, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateClosed})
		assert.Equal(t, []string{"entered", "missed closed"}, journal.subjects())
	})
}
