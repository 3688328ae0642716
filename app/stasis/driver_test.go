package stasis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/ari"
	"missedcalls/app/caller"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// stage is a driver with a fake Asterisk and a journal in memory, in a bubble where time is free.
type stage struct {
	t        *testing.T
	asterisk *fakeAsterisk
	other    *fakeAsterisk // a second one, where nothing happens unless the test says so
	journal  *memoryJournal
	driver   *Driver
	saved    chan uint64
	end      context.CancelFunc
	ended    chan error
}

// perform runs a test in a bubble. The driver has listed an empty Asterisk when it begins, after what it took first.
func perform(t *testing.T, play func(s *stage), first ...queueflow.Input) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, asterisk: newFake(), other: newFake(), journal: &memoryJournal{}, saved: make(chan uint64, 100), ended: make(chan error, 1)}
		s.asterisk.values[identity] = "allowed linked-1"
		s.driver = New(Config{
			Machine:     queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute}, testPolicies()),
			First:       first,
			Application: "missedcalls",
			Asterisks:   map[string]Asterisk{testNode: s.asterisk, otherNode: s.other},
			Journal:     s.journal,
			Caller:      caller.NewReader("RU"),
			Drain:       10 * time.Second,
			Checkpoint:  func(seq uint64, _ queueflow.Snapshot) { s.saved <- seq },
			Every:       5 * time.Second,
			Log:         zerolog.Nop(),
		})
		ctx, end := context.WithCancel(context.Background())
		s.end = end
		go func() { s.ended <- s.driver.Run(ctx) }()
		synctest.Wait()
		play(s)
		end()
		synctest.Wait()
	})
}

// after lets time pass and everything settle.
func (s *stage) after(d time.Duration) {
	<-time.After(d) // of the bubble, where time costs nothing
	synctest.Wait()
}

func TestAChannelThatEnteredWithoutANumberIsAskedForIt(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.answerVariable("CALLERID(all)", `"" <>`)
		s.asterisk.enterFrom("c1", "Local/500@agents-1;2", ari.Party{})
		s.after(20 * time.Millisecond)
		s.asterisk.answerVariable("CALLERID(all)", `"Anna" <89161234567>`)
		s.after(10 * time.Second)
		s.asterisk.hangUp("c1")
		s.after(0)
		m := s.journal.missed(0)
		assert.Equal(t, callevent.Caller{Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal, Name: "Anna"}, m.Caller)
	})
}

func TestAReloadMayComeWhileCallersAreAsked(t *testing.T) {
	perform(t, func(s *stage) {
		reloaded := make(chan struct{})
		go func() {
			defer close(reloaded)
			for range 8 {
				s.driver.Reload(testPolicies(), caller.NewReader("DE"))
			}
		}()
		for i := range 8 {
			s.asterisk.enterFrom(fmt.Sprint("c", i), "Local/500@agents-1;2", ari.Party{})
		}
		<-reloaded
		s.after(time.Second)
		assert.Len(t, s.journal.subjects(), 8)
	})
}

func TestACallerHearsMusicAndHisHangUpIsOneMissedCall(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(10 * time.Second)
		assert.Equal(t, []string{
			"variable c1 " + identity, "answer c1", "add c1", "music c1 default",
		}, s.asterisk.toldOf("c1"))
		s.asterisk.hangUp("c1")
		s.after(0)
		assert.Equal(t, []string{"entered", "missed abandoned"}, s.journal.subjects())
		m := s.journal.missed(0)
		assert.Equal(t, int64(10_000), m.WaitedMS)
		assert.Equal(t, "+79161234567", m.Caller.E164)
		assert.Equal(t, "linked-1", m.Asterisk.LinkedID)
		assert.Equal(t, "74951234567", m.DID)
		assert.Empty(t, s.asterisk.bridges, "the holding bridge is removed with the call")
	})
}

func TestNoCommandIsSentBeforeItsEventIsDurable(t *testing.T) {
	perform(t, func(s *stage) {
		s.journal.slow = true
		s.asterisk.enter("c1")
		s.after(3 * time.Second)
		require.Equal(t, []string{"entered"}, s.journal.subjects())
		assert.NotContains(t, s.asterisk.toldOf("c1"), "answer c1", "the disk is slow")
		s.journal.release()
		s.after(0)
		assert.Contains(t, s.asterisk.toldOf("c1"), "answer c1")
	})
}

func TestAHangingCommandDelaysNoOtherChannel(t *testing.T) {
	perform(t, func(s *stage) {
		hang := make(chan struct{})
		s.asterisk.refuse = func(op, id string) error {
			if op == "answer" && id == "c1" {
				<-hang
			}
			return nil
		}
		s.asterisk.enter("c1")
		s.asterisk.enter("c2")
		s.after(time.Second)
		assert.NotContains(t, s.asterisk.toldOf("c1"), "music c1 default", "commands of one channel keep their order")
		assert.Contains(t, s.asterisk.toldOf("c2"), "music c2 default")
		close(hang)
		s.after(0)
		assert.Contains(t, s.asterisk.toldOf("c1"), "music c1 default")
	})
}

func TestAtTheLimitTheCallerIsSentToTheDialplanWithVariables(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.values["DIALPLAN_EXISTS(voicemail,s,1)"] = "1"
		s.asterisk.enter("c1")
		s.after(time.Minute - time.Millisecond)
		assert.Equal(t, []string{"entered"}, s.journal.subjects())
		s.after(time.Millisecond)
		assert.Equal(t, []string{"entered", "missed max_wait"}, s.journal.subjects())
		told := s.asterisk.toldOf("c1")
		assert.Equal(t, []string{
			"variable c1 DIALPLAN_EXISTS(voicemail,s,1)", "set c1 QUEUESTATUS=TIMEOUT", "set c1 QUEUEPOSITION=1",
			"set c1 QUEUEWAIT=60", "continue c1 voicemail,s,1",
		}, told[len(told)-5:])
	})
}

func TestWhatHappensDuringACutIsLostInItsWindowAndTheOthersStay(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.asterisk.enter("c2")
		s.after(10 * time.Second)
		s.asterisk.cut()
		s.after(5 * time.Second)
		s.asterisk.hangUp("c1") // nobody hears it
		trueEnd := time.Now()
		s.after(5 * time.Second)
		s.asterisk.connect()
		s.after(0)
		require.Equal(t, []string{"entered", "entered", "missed lost"}, s.journal.subjects())
		m := s.journal.missed(0)
		require.NotNil(t, m.LostWindow)
		assert.True(t, m.LostWindow.From.Before(trueEnd) && m.LostWindow.To.After(trueEnd))
		assert.Equal(t, 10*time.Second, m.LostWindow.To.Sub(m.LostWindow.From))

		s.after(time.Second)
		s.asterisk.hangUp("c2")
		s.after(0)
		assert.Equal(t, int64(21_000), s.journal.missed(1).WaitedMS, "he kept his time of entry")
	})
}

func TestACallerWhoWentOnIntoAnotherApplicationIsNoNewCallAfterACut(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("moved")
		s.asterisk.cut()
		s.after(time.Second)
		for _, id := range []string{"moved", "gone"} { // Asterisk lists both, and for both that they are in the other one
			ch := channelOf(id)
			ch.Dialplan.Data = "survey,en"
			s.asterisk.mu.Lock()
			s.asterisk.channels[id] = ch
			s.asterisk.mu.Unlock()
		}
		s.asterisk.connect()
		s.after(time.Second)
		assert.Equal(t, []string{"entered"}, s.journal.subjects(), "who was moved here from there stays, too")
		assert.Empty(t, s.asterisk.toldOf("gone"))
	})
}

func TestTheListingIsRolledBackByTheEventsThatCameMeanwhile(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("stays")
		s.asterisk.enter("leaves")
		s.after(time.Second)
		s.asterisk.cut()
		s.after(time.Second)
		hold := make(chan struct{})
		s.asterisk.refuse = func(op, _ string) error {
			if op == "list" {
				<-hold
			}
			return nil
		}
		s.asterisk.connect()
		s.after(2 * time.Second)
		s.asterisk.hangUp("leaves")
		s.asterisk.enter("comes")
		s.after(2 * time.Second)
		close(hold)
		s.after(0)
		assert.Equal(t, []string{"entered", "entered", "missed abandoned", "entered"}, s.journal.subjects())
		assert.Equal(t, int64(4000), s.journal.missed(0).WaitedMS, "the time of his hang-up, not of the listing")
		s.asterisk.hangUp("comes")
		s.after(0)
		assert.Equal(t, int64(2000), s.journal.missed(1).WaitedMS, "he entered when his news arrived")
	})
}

func TestAListingThatFailsIsTriedAgain(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(time.Second)
		tries := 0
		s.asterisk.refuse = func(op, _ string) error {
			if op == "list" {
				if tries++; tries < 3 {
					return errors.New("status 500")
				}
			}
			return nil
		}
		s.asterisk.cut()
		s.asterisk.connect()
		s.after(2 * listingRetry)
		assert.Equal(t, 3, tries)
		s.asterisk.hangUp("c1")
		s.after(0)
		assert.Equal(t, []string{"entered", "missed abandoned"}, s.journal.subjects())
	})
}

func TestACallThatEnteredUnseenIsFoundByTheListing(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.cut()
		s.after(time.Second)
		s.asterisk.enter("c1")
		s.asterisk.connect()
		s.after(0)
		assert.Equal(t, []string{"entered"}, s.journal.subjects())
		assert.Contains(t, s.asterisk.toldOf("c1"), "music c1 default")
		assert.Empty(t, s.asterisk.toldOf("somebody-else"), "a channel that is not in the application is nobody's business")
	})
}

func TestAReplacedApplicationSendsNothingMore(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(time.Second)
		before := len(s.asterisk.toldOf("c1"))
		close(s.asterisk.replaced)
		s.after(2 * time.Minute)
		require.ErrorIs(t, <-s.ended, ErrReplaced)
		assert.Len(t, s.asterisk.toldOf("c1"), before)
		assert.Equal(t, []string{"entered"}, s.journal.subjects(), "the call goes on, with the one who replaced us")
	})
}

func TestReplacedOnOneAsteriskNothingIsSentToTheOtherEither(t *testing.T) {
	perform(t, func(s *stage) {
		s.journal.slow = true
		s.other.enter("c1")
		s.after(time.Second)
		close(s.asterisk.replaced)
		s.after(0)
		s.journal.release()
		s.after(time.Minute)
		require.ErrorIs(t, <-s.ended, ErrReplaced)
		assert.Equal(t, []string{"entered"}, s.journal.subjects())
		assert.NotContains(t, s.other.toldOf("c1"), "answer c1")
	})
}

func TestACallIsNotHandedBackWithoutItsStatus(t *testing.T) {
	perform(t, func(s *stage) {
		tries := 0
		s.asterisk.refuse = func(op, _ string) error {
			if op == "set" {
				if tries++; tries == 1 {
					return errors.New("status 500")
				}
			}
			return nil
		}
		s.driver.CheckIntake(func() bool { return true })
		s.asterisk.enter("c1")
		s.after(time.Second)
		assert.NotContains(t, s.asterisk.toldOf("c1"), "continue c1 ,,0", "the dialplan would take him for served")
		s.after(5 * time.Second)
		told := s.asterisk.toldOf("c1")
		assert.Equal(t, "continue c1 ,,0", told[len(told)-1])
		assert.Equal(t, "set c1 QUEUESTATUS=DECLINED", told[len(told)-4])
	})
}

func TestACheckpointThatHangsDoesNotKeepTheProcess(t *testing.T) {
	perform(t, func(s *stage) {
		hang := make(chan struct{})
		defer close(hang)
		_, err := ask(context.Background(), s.driver, func(d *Driver) struct{} {
			d.checkpoints.save = func(uint64, queueflow.Snapshot) { <-hang }
			return struct{}{}
		})
		require.NoError(t, err)
		s.after(6 * time.Second)
		s.asterisk.enter("c1") // a step, after which a checkpoint is taken
		s.after(time.Second)
		s.end()
		s.after(10 * time.Second)
		require.NoError(t, <-s.ended)
	})
}

func TestTheHandOverLeavesCallersAndFinishesWhatWasBegun(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(time.Second)
		s.journal.slow = true
		s.asterisk.enter("c2")
		s.after(time.Second)
		s.end()
		s.after(time.Second)
		s.journal.release()
		s.after(0)
		require.NoError(t, <-s.ended)
		assert.Equal(t, []string{"entered", "entered"}, s.journal.subjects())
		assert.Contains(t, s.asterisk.toldOf("c2"), "music c2 default", "his entry is durable, so he is received")
		assert.Contains(t, s.asterisk.channels, "c1")
		assert.NotContains(t, s.asterisk.toldOf("c1"), "hangup c1 normal")
	})
}

func TestAtTheEndTheConnectionIsClosedByTheLoopThatKnowsOfIt(t *testing.T) {
	perform(t, func(s *stage) {
		connected := func() bool {
			s.asterisk.mu.Lock()
			defer s.asterisk.mu.Unlock()
			return s.asterisk.deliver != nil
		}
		busy := make(chan struct{})
		go func() {
			_, _ = ask(context.Background(), s.driver, func(*Driver) bool { <-busy; return true })
		}()
		synctest.Wait()
		s.end()
		synctest.Wait()
		assert.True(t, connected(), "the loop would take its end for a cut")
		close(busy)
		synctest.Wait()
		assert.False(t, connected())
		assert.NoError(t, <-s.ended)
	})
}

func TestAHandOverThatTakesTooLongEnds(t *testing.T) {
	perform(t, func(s *stage) {
		s.journal.slow = true
		s.asterisk.enter("c1")
		s.after(time.Second)
		s.end()
		s.after(10*time.Second - time.Millisecond)
		assert.Empty(t, s.ended)
		s.after(time.Millisecond)
		require.NoError(t, <-s.ended)
	})
}

func TestWhileTheDoorIsClosedNewCallsGoBackToTheDialplan(t *testing.T) {
	perform(t, func(s *stage) {
		s.driver.CheckIntake(func() bool { return true })
		s.asterisk.enter("c1")
		s.after(time.Second)
		assert.Equal(t, []string{"missed declined"}, s.journal.subjects())
		assert.Contains(t, s.asterisk.toldOf("c1"), "set c1 QUEUESTATUS=DECLINED")
		assert.Contains(t, s.asterisk.toldOf("c1"), "continue c1 ,,0")
		s.driver.CheckIntake(func() bool { return false })
		s.asterisk.enter("c2")
		s.after(time.Second)
		assert.Equal(t, []string{"missed declined", "entered"}, s.journal.subjects())
	})
}

func TestAReloadReachesThoseWhoWait(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(10 * time.Second)
		p := testPolicies()
		sales := p.Queues["sales"]
		sales.MaxWait, sales.OnTimeout = 15*time.Second, queueflow.Exit{}
		p.Queues["sales"] = sales
		s.driver.Reload(p, caller.NewReader("RU"))
		s.after(5 * time.Second)
		assert.Equal(t, []string{"entered", "missed max_wait"}, s.journal.subjects())
		assert.Contains(t, s.asterisk.toldOf("c1"), "hangup c1 normal")
	})
}

func TestACheckpointHasThePlaceOfTheLastEventInIt(t *testing.T) {
	perform(t, func(s *stage) {
		s.after(0)
		require.Equal(t, uint64(0), <-s.saved, "an empty state at the start")
		s.asterisk.enter("c1")
		s.asterisk.enter("c2")
		s.after(6 * time.Second)
		s.asterisk.enter("c3")
		s.after(6 * time.Second)
		s.end()
		s.after(0)
		var last uint64
		for len(s.saved) > 0 {
			seq := <-s.saved
			assert.GreaterOrEqual(t, seq, last)
			last = seq
		}
		assert.Equal(t, uint64(3), last)
	})
}

func TestLinesAreToldToWhoeverAsks(t *testing.T) {
	perform(t, func(s *stage) {
		s.asterisk.enter("c1")
		s.after(time.Second)
		views, err := s.driver.Lines(context.Background())
		require.NoError(t, err)
		require.Len(t, views, 1)
		assert.Equal(t, 1, views[0].Waiting)
		s.end()
		s.after(0)
		_, err = s.driver.Lines(context.Background())
		require.ErrorIs(t, err, errEnded)
	})
}

func TestTheObserverIsToldOfStepsCommandsAndDurableEvents(t *testing.T) {
	perform(t, func(s *stage) {
		var mu sync.Mutex
		durable, commands, ignored := 0, map[string]string{}, 0
		_, err := ask(context.Background(), s.driver, func(d *Driver) struct{} {
			d.Observer = Observer{
				Durable: func(callevent.Event, time.Duration) { durable++ },
				Ignored: func(string) { ignored++ },
				Commanded: func(c, outcome string, _ time.Duration) {
					mu.Lock()
					defer mu.Unlock()
					commands[c] = outcome
				},
			}
			return struct{}{}
		})
		require.NoError(t, err)
		s.asterisk.enter("c1")
		s.asterisk.say(&ari.StasisEnd{Channel: channelOf("nobody")})
		s.after(time.Second)
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, 1, durable)
		assert.Equal(t, 1, ignored)
		assert.Equal(t, "ok", commands["startmusic"])
	})
}
