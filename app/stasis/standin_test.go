package stasis

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/ari"
	"missedcalls/app/caller"
	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// chain is the driver, the client of ARI and the stand-in Asterisk, one behind the other, with a journal in memory.
type chain struct {
	t        *testing.T
	asterisk *arimock.Server
	client   *ari.Client
	journal  *memoryJournal
	driver   *Driver
	end      context.CancelFunc
	ended    chan error
}

// linked runs a test with a chain in a bubble, where time costs nothing. The driver has listed an empty Asterisk when it
// begins.
func linked(t *testing.T, play func(c *chain)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newChain(t, arimock.Options{Dialplan: arimock.Dialplan{
			Exits: map[string]arimock.Exit{"voicemail,s": {Stay: 10 * time.Second}},
		}})
		play(c)
		c.close()
	})
}

func newChain(t *testing.T, o arimock.Options) *chain {
	c := &chain{t: t, asterisk: arimock.New(o), journal: &memoryJournal{}, ended: make(chan error, 1)}
	client, err := ari.New(ari.Settings{
		URL: testNode, Username: "missedcalls", Password: "secret", Application: "missedcalls",
	}, zerolog.Nop(), ari.WithDialer(c.asterisk.Dial))
	require.NoError(t, err)
	c.client = client
	c.driver = New(Config{
		Machine:     queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute, DeafFor: ari.DeafFor}, chainPolicies()),
		Application: "missedcalls",
		Asterisks:   map[string]Asterisk{testNode: client},
		Journal:     c.journal,
		Caller:      caller.NewReader("RU"),
		Drain:       10 * time.Second,
		Checkpoint:  func(uint64, queueflow.Snapshot) {},
		Every:       5 * time.Second,
		Log:         zerolog.Nop(),
	})
	ctx, end := context.WithCancel(context.Background())
	c.end = end
	go func() { c.ended <- c.driver.Run(ctx) }()
	c.settle()
	return c
}

// chainPolicies are the queues callers meet.
func chainPolicies() queueflow.Policies {
	p := testPolicies()
	sales := p.Queues["sales"]
	sales.MaxWait = 5 * time.Minute
	sales.Keys = queueflow.Keys{"9": {Queue: "support"}, "0": sales.OnTimeout}
	sales.Announce = queueflow.Announce{Position: queueflow.PositionTold, FirstAfter: 15 * time.Second, Every: 45 * time.Second, MinGap: 15 * time.Second}
	sales.Periodic = queueflow.Periodic{Media: []string{"sound:queue-periodic-announce"}, FirstAfter: 30 * time.Second, Every: time.Minute}
	p.Queues["sales"] = sales
	p.Queues["support"] = queueflow.Policy{ID: "support", Name: "Support", Music: "jazz", MaxCallers: 3}
	p.DefaultQueue = "sales"
	return p
}

func (c *chain) close() {
	c.end()
	require.NoError(c.t, <-c.ended)
	c.client.Close()
	c.asterisk.Close()
}

func (c *chain) settle() { synctest.Wait() }

func (c *chain) after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// call lets somebody call, and waits until whatever follows has followed.
func (c *chain) call(caller arimock.Caller) *arimock.Call {
	if caller.Number == "" {
		caller.Number = "89161234567"
	}
	if caller.DID == "" {
		caller.DID = "74951234567"
	}
	call := c.asterisk.Call(caller)
	c.settle()
	return call
}

// result is how a call that is over went.
func (c *chain) result(call *arimock.Call) arimock.Result {
	c.t.Helper()
	r, err := call.Result(c.t.Context())
	require.NoError(c.t, err)
	return r
}

func TestACallerOfTheStandInHearsMusicAndHisHangUpIsOneMissedCall(t *testing.T) {
	linked(t, func(c *chain) {
		call := c.call(arimock.Caller{Args: "sales,music=jazz", HangupAfter: 10 * time.Second})
		assert.Equal(t, "music jazz", call.Hears())
		c.after(10 * time.Second)
		require.Equal(t, []string{"entered", "missed abandoned"}, c.journal.subjects())
		m := c.journal.missed(0)
		assert.Equal(t, int64(10_000), m.WaitedMS)
		assert.Equal(t, "+79161234567", m.Caller.E164)
		assert.Equal(t, call.ID(), m.Asterisk.ChannelID)
		assert.Equal(t, call.ID(), m.Asterisk.LinkedID)
		assert.Equal(t, callevent.ByCaller, m.Hangup.By)
		c.nothingIsLeft()
	})
}

// nothingIsLeft tells what the driver forgot to clear away on Asterisk.
func (c *chain) nothingIsLeft() {
	c.t.Helper()
	bridges, err := c.client.Bridges(c.t.Context())
	require.NoError(c.t, err)
	assert.Empty(c.t, bridges)
	app, err := c.client.Application(c.t.Context())
	require.NoError(c.t, err)
	assert.Empty(c.t, app.ChannelIDs)
}

func TestAWithheldNumberIsNotShown(t *testing.T) {
	linked(t, func(c *chain) {
		c.call(arimock.Caller{Withheld: true, HangupAfter: time.Second})
		c.after(time.Second)
		m := c.journal.missed(0)
		assert.True(t, m.Caller.Withheld)
		assert.Empty(t, m.Caller.Raw)
	})
}

// Five minutes of hold, with the proofs of life, the checkpoints, the limit of the wait, announcements and prompts: a few
// milliseconds of real time.
func TestFiveMinutesOfHoldWithAnnouncementsEndInTheVoicemail(t *testing.T) {
	linked(t, func(c *chain) {
		call := c.call(arimock.Caller{})
		heard := map[string]time.Duration{}
		for range 3000 {
			heard[call.Hears()] += 100 * time.Millisecond
			c.after(100 * time.Millisecond)
		}
		// Told at 15 s, 60 s, ... 285 s; the other prompt at 30 s, 90 s, ... 270 s.
		assert.InDelta(t, 7*5.36, heard["sound:queue-youarenext"].Seconds(), 1)
		assert.InDelta(t, 5*7.84, heard["sound:queue-periodic-announce"].Seconds(), 1)
		assert.InDelta(t, 300-7*5.36-5*7.84, heard["music default"].Seconds(), 1, "%v", heard)
		assert.Len(t, heard, 3, "there is nothing between them")
		assert.Equal(t, "entered announced announced announced announced announced announced announced missed max_wait",
			strings.Join(c.journal.subjects(), " "))
		assert.Equal(t, int64(300_000), c.journal.missed(0).WaitedMS)
		c.after(10 * time.Second)
		r := c.result(call)
		assert.Equal(t, []any{"SUCCESS", "TIMEOUT", 16}, []any{r.StasisStatus, r.QueueStatus, r.Cause})
		c.nothingIsLeft()
	})
}

func TestAKeyCutsAPromptOff(t *testing.T) {
	linked(t, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(16 * time.Second)
		assert.Equal(t, "sound:queue-youarenext", call.Hears())
		call.Press("9")
		c.settle()
		assert.Equal(t, "music jazz", call.Hears())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestWhoIsSentOnHearsNoPromptToItsEnd(t *testing.T) {
	linked(t, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(16 * time.Second)
		call.Press("0")
		c.settle()
		assert.Equal(t, "entered announced missed exit_key", strings.Join(c.journal.subjects(), " "))
		assert.False(t, c.asterisk.InApplication(call.ID()), "he is in the voicemail at once")
	})
}

// A channel that plays does nothing else, so a prompt that is forgotten would hold the caller until it ends.
func TestWhoIsSentOnIsHeldByNoPromptOfBeforeACutOrOfMinutesAgo(t *testing.T) {
	for name, waits := range map[string]struct{ before, cut time.Duration }{
		"the connection was cut meanwhile": {16 * time.Second, time.Second},
		"its end was never told":           {16*time.Second + 200*time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newChain(t, arimock.Options{
					Sounds:   func(string, string) (time.Duration, bool) { return 5 * time.Minute, true },
					Dialplan: arimock.Dialplan{Exits: map[string]arimock.Exit{"voicemail,s": {Stay: 10 * time.Second}}},
				})
				call := c.call(arimock.Caller{})
				c.after(waits.before)
				if waits.cut > 0 {
					c.asterisk.Disconnect()
					c.after(waits.cut)
				}
				call.Press("0")
				c.settle()
				assert.False(t, c.asterisk.InApplication(call.ID()), "he is in the voicemail at once")
				c.after(10 * time.Second)
				assert.Equal(t, "CONTINUE", c.result(call).QueueStatus)
				c.close()
			})
		})
	}
}

func TestAKeyLeadsToAnotherQueueAndItsMusic(t *testing.T) {
	linked(t, func(c *chain) {
		call := c.call(arimock.Caller{})
		call.Press("9")
		c.settle()
		assert.Equal(t, []string{"entered", "moved"}, c.journal.subjects())
		assert.Equal(t, "music jazz", call.Hears())
		call.HangUp()
		c.settle()
		assert.Equal(t, "support", c.journal.missed(0).Queue)
	})
}

func TestACallerWhoIsTakenByARedirectIsTaken(t *testing.T) {
	linked(t, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(time.Second)
		call.Take("voicemail", "s")
		c.settle()
		assert.Equal(t, []string{"entered", "missed taken"}, c.journal.subjects())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestCallsDuringACutTakeTheFallbackAndThoseWhoWaitKeepTheirPlaces(t *testing.T) {
	linked(t, func(c *chain) {
		stays, leaves := c.call(arimock.Caller{}), c.call(arimock.Caller{})
		c.after(10 * time.Second)
		c.asterisk.Refuse(true)
		c.asterisk.Disconnect()
		c.settle()
		during := c.call(arimock.Caller{})
		assert.Equal(t, []any{"FAILED", 503}, []any{c.result(during).StasisStatus, c.result(during).Status})
		c.after(3 * time.Second)
		leaves.HangUp()
		c.after(3 * time.Second)
		assert.Equal(t, "music default", stays.Hears(), "he notices nothing")
		c.asterisk.Refuse(false)
		c.after(10 * time.Second)
		require.Equal(t, "entered entered missed lost announced", strings.Join(c.journal.subjects(), " "))
		window := c.journal.missed(0).LostWindow
		require.NotNil(t, window)
		left := c.result(leaves).Ended
		assert.True(t, window.From.Before(left) && window.To.After(left), "%v is not between %v and %v", left, window.From, window.To)
		stays.HangUp()
		c.settle()
		assert.Equal(t, 1, c.journal.missed(1).Position)
		assert.Equal(t, int64(26_000), c.journal.missed(1).WaitedMS)
	})
}

func TestARestartOfAsteriskEndsItsCallsAsLost(t *testing.T) {
	linked(t, func(c *chain) {
		c.call(arimock.Caller{})
		c.after(10 * time.Second)
		c.asterisk.Crash()
		c.after(10 * time.Second)
		assert.Equal(t, []string{"entered", "missed lost"}, c.journal.subjects())
		again := c.call(arimock.Caller{})
		assert.Equal(t, "music default", again.Hears())
	})
}

func TestAnAnswerThatIsLostIsAskedForAgain(t *testing.T) {
	linked(t, func(c *chain) {
		tries := 0
		c.asterisk.SetFaults(arimock.Faults{Request: func(r arimock.Request) arimock.RequestFault {
			if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/answer") {
				if tries++; tries == 1 {
					return arimock.RequestFault{Drop: true, Undone: true}
				}
			}
			return arimock.RequestFault{}
		}})
		call := c.call(arimock.Caller{})
		c.after(14 * time.Second)
		assert.Equal(t, "music default", call.Hears())
		assert.Equal(t, 2, tries)
	})
}
