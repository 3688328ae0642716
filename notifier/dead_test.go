package notifier

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

var refusal = target.Verdict{Outcome: target.Permanent, Reason: "refused", Err: errors.New("550 no such user")}

func TestWhatIsRefusedForGoodIsADeadLetterThatCanBeReplayedByACommand(t *testing.T) {
	settings := bus.Settings{Dir: t.TempDir(), Listen: "127.0.0.1:0"}
	b := openBus(t, settings)
	f := prepare(t, b, one()).run(t)
	f.channels["crm"].says(refusal)
	f.publish(t, someMissed(1, 3)...)
	f.idle(t)
	assert.Equal(t, 3, f.counts.of("dead", "crm", "refused"))
	assert.True(t, f.Health()[0].OK, "one refusal is not the target's state")
	f.channels["crm"].answers(nil)

	n, done, err := bus.OpenNotifications(t.Context(), settings)
	require.NoError(t, err)
	defer done()
	dead := DeadLetters{n}
	letters, more, err := dead.List(t.Context(), "crm", 2)
	require.NoError(t, err)
	assert.True(t, more)
	require.Len(t, letters, 2)
	l, err := dead.Show(t.Context(), letters[0].ID)
	require.NoError(t, err)
	assert.Equal(t, letters[0], l)
	assert.Equal(t, "550 no such user", l.Error)
	assert.Equal(t, 1, l.Attempts)
	assert.WithinDuration(t, time.Now(), l.At, time.Minute)
	e, err := l.Event()
	require.NoError(t, err)
	assert.Contains(t, []string{number(1), number(2), number(3)}, e.Call)
	letters, more, err = dead.List(t.Context(), "other", 2)
	require.NoError(t, err)
	assert.False(t, more)
	assert.Empty(t, letters)

	require.NoError(t, dead.Replay(t.Context(), l.ID))
	assert.Equal(t, []string{l.eventID(t) + ".crm"}, idsOf(f.channels["crm"].await(t, 1)))
	_, err = dead.Show(t.Context(), l.ID)
	assert.ErrorContains(t, err, "`missedcalls dead list` shows those there are")
	assert.Error(t, dead.Replay(t.Context(), l.ID))
	count, err := dead.ReplayAll(t.Context(), "crm")
	require.NoError(t, err)
	assert.Equal(t, 2, count)
	f.channels["crm"].await(t, 3)
	f.idle(t)
	assert.Empty(t, f.letters(t))
	assert.Len(t, f.channels["crm"].all(), 3)
}

func (l Letter) eventID(t *testing.T) string {
	t.Helper()
	e, err := l.Event()
	require.NoError(t, err)
	return e.ID
}

func TestWhatDiesAgainWhileAllAreReplayedIsReplayedOnce(t *testing.T) {
	f := start(t, one())
	f.channels["crm"].says(refusal)
	f.publish(t, someMissed(1, 10)...)
	f.idle(t)
	count, err := DeadLetters{f.streams.Load()}.ReplayAll(t.Context(), "crm")
	require.NoError(t, err)
	assert.Equal(t, 10, count)
	f.idle(t)
	assert.Len(t, f.letters(t), 10)
}

func TestAMessageOlderThanItsTargetWantsIsADeadLetterAndOneThatIsNotIsTold(t *testing.T) {
	p := one(func(t *policy.Target) { t.MaxAge = time.Hour })
	f := start(t, p)
	f.publish(t, ago("c1", time.Hour+time.Second), ago("c2", time.Hour-time.Minute))
	f.channels["crm"].await(t, 1)
	f.idle(t)
	assert.Equal(t, []string{"c2.end.crm"}, idsOf(f.channels["crm"].all()))
	letters := f.letters(t)
	require.Len(t, letters, 1)
	assert.Equal(t, reasonExpired, letters[0].Reason)
	require.NoError(t, DeadLetters{f.streams.Load()}.Replay(t.Context(), letters[0].ID))
	f.channels["crm"].await(t, 2)
}

func TestWhileATargetIsOffItsJobsAreKeptUntilTheyAreTooOldOrItIsMended(t *testing.T) {
	p := one(func(t *policy.Target) { t.MaxAge = time.Hour })
	f := start(t, p)
	f.channels["crm"].says(target.Verdict{Outcome: target.Permanent, All: true, Reason: "bad_token", Err: errors.New("bad token")})
	f.publish(t, missed("c1"))
	require.Eventually(t, func() bool { return strings.HasPrefix(f.Health()[0].State, "off because of bad_token") }, patience, time.Millisecond)
	f.publish(t, missed("c2"))
	backlog := func() int { n, _ := f.Backlog(t.Context(), "crm"); return n }
	require.Eventually(t, func() bool { return backlog() == 2 }, patience, time.Millisecond)
	f.publish(t, ago("c0", time.Hour-500*time.Millisecond))
	assert.Equal(t, 1, f.channels["crm"].tries())

	f.channels["crm"].answers(nil)
	require.NoError(t, f.Reconfigure(p))
	f.channels["crm"].await(t, 2)
	f.idle(t)
	assert.Contains(t, idsOf(f.channels["crm"].all()), "c1.end.crm")
	assert.Contains(t, idsOf(f.channels["crm"].all()), "c2.end.crm")
}

func TestTheOldestJobOfATargetThatIsOffIsBuriedWhenItIsTooOld(t *testing.T) {
	p := one(func(t *policy.Target) { t.MaxAge = time.Hour })
	f := start(t, p)
	f.channels["crm"].says(target.Verdict{Outcome: target.Permanent, All: true, Reason: "bad_token"})
	f.publish(t, ago("c1", time.Hour-time.Second))
	require.Eventually(t, func() bool { return !f.Health()[0].OK }, patience, time.Millisecond)
	f.publish(t, missed("c2"))
	require.Eventually(t, func() bool { return len(f.letters(t)) == 1 }, patience, 5*time.Millisecond)
	assert.Equal(t, "c1.end", f.letters(t)[0].eventID(t))
	n, err := f.Backlog(t.Context(), "crm")
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

func TestJobsOfATargetThatIsConfiguredNoLongerAreDeadLetters(t *testing.T) {
	p := one()
	p.Targets["gone"] = webhook()
	p.CopyAll = append(p.CopyAll, "gone")
	f := start(t, p)
	f.channels["gone"].says(away)
	f.publish(t, someMissed(1, 20)...)
	f.channels["crm"].await(t, 20)
	require.NoError(t, f.Reconfigure(one()))
	f.idle(t)
	letters := f.letters(t)
	require.Len(t, letters, 20)
	for _, l := range letters {
		assert.Equal(t, "gone", l.Target)
		assert.Equal(t, reasonNoTarget, l.Reason)
	}
	assert.Equal(t, 20, f.counts.of("dead", "gone", reasonNoTarget))
}

func TestAJobThatCannotBeReadIsADeadLetterAndStaysOne(t *testing.T) {
	f := start(t, one())
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	for i, data := range []string{"nonsense", `{"target":"crm","event":{}}`, ""} {
		_, err := f.streams.Load().Jobs.Publish(t.Context(), []bus.Message{{Subject: "jobs.crm.x", ID: fmt.Sprint(i), Data: []byte(data)}})
		require.NoError(t, err)
	}
	f.idle(t)
	letters := f.letters(t)
	require.Len(t, letters, 3)
	var raw []string
	for _, l := range letters {
		assert.Equal(t, reasonUnreadable, l.Reason)
		raw = append(raw, string(l.Raw)+string(l.Job))
	}
	assert.ElementsMatch(t, []string{"nonsense", `{"target":"crm","event":{}}`, ""}, raw)
	dead := DeadLetters{f.streams.Load()}
	assert.ErrorContains(t, dead.Replay(t.Context(), letters[0].ID), "holds no job")
	count, err := dead.ReplayAll(t.Context(), "crm")
	assert.Error(t, err)
	assert.Zero(t, count)
	assert.Len(t, f.letters(t), 3)
}

func TestSomethingElseInTheStreamOfDeadLettersIsShownAsItIs(t *testing.T) {
	f := start(t, one())
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	_, err := f.streams.Load().Dead.Publish(t.Context(), []bus.Message{{Subject: "dead.crm", ID: "x", Data: []byte("hello")}})
	require.NoError(t, err)
	letters := f.letters(t)
	require.Len(t, letters, 1)
	assert.Equal(t, "crm", letters[0].Target)
	assert.Equal(t, "hello", string(letters[0].Raw))
}

func TestATargetIsTriedAtOnceWithoutAnyStream(t *testing.T) {
	c := newChannel()
	f := &fixture{channels: map[string]*channel{"crm": c}, counts: &counts{}}
	target := webhook(func(t *policy.Target) { t.Name, t.MaskNumbers = "crm", true })
	v, err := Try(t.Context(), target, f.deps(), missed("c1"))
	require.NoError(t, err)
	assert.Equal(t, sentAs("c1.end.crm"), v)
	assert.NotContains(t, string(c.all()[0].Data), "9161234567")
	assert.Equal(t, 1, c.closed)

	deps := f.deps()
	deps.Renderer = func(policy.Target) (Renderer, error) { return words{fail: errors.New("line 3")}, nil }
	v, err = Try(t.Context(), target, deps, missed("c1"))
	assert.EqualError(t, err, "line 3")
	assert.Equal(t, sentAs("c1.end.crm"), v)
	target.Name = "other"
	_, err = Try(context.Background(), target, deps, missed("c1"))
	assert.EqualError(t, err, "target other: no such channel")
}

func TestATemplateThatFailsLosesNoMessage(t *testing.T) {
	b := openBus(t, bus.Settings{})
	f := &fixture{bus: b, channels: map[string]*channel{"crm": newChannel()}, counts: &counts{}}
	deps := f.deps()
	deps.Renderer = func(policy.Target) (Renderer, error) { return words{fail: errors.New("line 3")}, nil }
	var err error
	f.Notifier, err = New(one(), deps)
	require.NoError(t, err)
	f.tuning = quick()
	f.run(t).publish(t, missed("c1"))
	assert.Equal(t, "missed c1", f.channels["crm"].await(t, 1)[0].Message.Title)
	assert.Equal(t, 1, f.counts.of("template", "crm"))
}

func TestAnEventOfOthersThatIsAsLongAsOneMayBeStopsNobody(t *testing.T) {
	f := start(t, one())
	f.channels["crm"].says(refusal)
	long := missed("c1", func(m *callevent.Missed) { m.Caller.Name = "@" })
	data, err := callevent.Encode(long)
	require.NoError(t, err)
	name := strings.Repeat("<", callevent.MaxSize-len(data)) // as no encoder of Go's writes it
	data = []byte(strings.Replace(string(data), `"@"`, `"`+name+`"`, 1))
	_, err = f.bus.Publish(t.Context(), []bus.Message{{Subject: long.Subject(), ID: long.ID, Data: data}})
	require.NoError(t, err)
	f.publish(t, missed("c2"))
	f.idle(t)
	assert.Len(t, f.letters(t), 2)
}
