package demo

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

func ownTelling(t *testing.T) *telling {
	t.Helper()
	s, err := readScene("demo.yaml", ownConfiguration(1, openChat(t)), 1)
	require.NoError(t, err)
	return newTelling(s.notifications)
}

// missedAt is a missed call of a queue and an episode, some seconds after noon.
func missedAt(call, queue, episode string, second int) callevent.Event {
	return callevent.Event{ID: callevent.EndID(call), Call: call, Time: noon.Add(time.Duration(second) * time.Second), Payload: callevent.Missed{
		CallID: call, Queue: queue, Reason: callevent.ReasonAbandoned, Episode: episode,
	}}
}

func resolvedAt(episode string, second int) callevent.Event {
	return callevent.Event{ID: episode + ".1.9", Call: episode, Time: noon.Add(time.Duration(second) * time.Second), Payload: callevent.Resolved{
		CallID: episode, Episode: episode,
	}}
}

// in is a chat by heart.
func in(chat map[string]standing) func(string) standing {
	return func(call string) standing { return chat[call] }
}

func TestTheChatIsToldOfSalesOfSupportAndOfUnknownNumbers(t *testing.T) {
	told := ownTelling(t)
	for call, queue := range map[string]string{"c1": "sales", "c2": "support", "c3": "", "c4": "delivery"} {
		told.take(missedAt(call, queue, call, 0))
	}
	taken := missedAt("c5", "sales", "", 0)
	taken.Payload = callevent.Missed{CallID: "c5", Queue: "sales", Reason: callevent.ReasonTaken}
	told.take(taken)
	told.take(callevent.Event{Call: "c6", Payload: callevent.Entered{Queue: "sales"}})
	assert.Len(t, told.calls, 3)
	assert.NotContains(t, told.calls, "c4")
}

func TestEveryMissedCallIsToldOnceAndEverySettledOneIsChanged(t *testing.T) {
	told := ownTelling(t)
	for _, e := range []callevent.Event{
		missedAt("c1", "sales", "c1", 0), missedAt("c1", "sales", "c1", 0), // an event that comes twice is one
		missedAt("c2", "support", "c1", 10), resolvedAt("c1", 20), missedAt("c3", "sales", "c3", 30),
		missedAt("c4", "delivery", "c4", 31), resolvedAt("c4", 32),
	} {
		told.take(e)
	}
	good := map[string]standing{"c1": {1, true}, "c2": {1, true}, "c3": {1, false}, "of another run": {2, false}}
	end := noon.Add(time.Minute)
	v := told.judge(in(good), end)
	assert.Equal(t, report{missed: 3, messages: 3, changed: 2}, v)
	assert.Equal(t, "team-chat: 3 missed calls, 3 messages, 2 of them changed when the matter was settled: good", v.check())
	assert.False(t, told.behind(in(good), end))

	for name, c := range map[string]struct {
		chat map[string]standing
		says string
	}{
		"untold":    {map[string]standing{"c1": {1, true}, "c2": {1, true}}, "team-chat was told nothing of call c3"},
		"unchanged": {map[string]standing{"c1": {1, true}, "c2": {1, false}, "c3": {1, false}}, "team-chat was not told that call c2 is settled"},
	} {
		v := told.judge(in(c.chat), end)
		assert.Equal(t, []string{c.says}, v.wrong, name)
		assert.Equal(t, "team-chat: FAILED for 1 of 3 missed calls: "+c.says, v.check())
		assert.True(t, told.behind(in(c.chat), end), name)
		assert.False(t, told.behind(in(c.chat), noon), "it had not happened yet")
	}
	v = told.judge(in(map[string]standing{"c1": {1, true}, "c2": {1, true}, "c3": {2, false}}), end)
	assert.Equal(t, []string{"team-chat was told 2 times of call c3"}, v.wrong)
}

func TestOfAMatterOfManyCallsTheLastMessagesAreChanged(t *testing.T) {
	told := ownTelling(t)
	chat := make(map[string]standing)
	for i := range messagesChanged + 1 {
		call := fmt.Sprintf("c%02d", i)
		told.take(missedAt(call, "sales", "c00", i))
		chat[call] = standing{told: 1, changed: i > 0}
	}
	told.take(resolvedAt("c00", 50))
	assert.Empty(t, told.judge(in(chat), noon.Add(time.Minute)).wrong)
	chat["c01"] = standing{told: 1}
	assert.Len(t, told.judge(in(chat), noon.Add(time.Minute)).wrong, 1)
}

func TestWhatHappensInTheLastMomentMayBeToldByTheNextStart(t *testing.T) {
	told := ownTelling(t)
	told.take(missedAt("c1", "sales", "c1", 0))
	told.take(missedAt("c2", "sales", "c2", 59))
	told.take(resolvedAt("c1", 59))
	none := in(map[string]standing{"c1": {1, false}})
	end := curtain{toldAt: noon.Add(time.Minute)}
	v := told.judge(none, end.tellable())
	assert.Equal(t, report{missed: 2, messages: 1, late: 1}, v)
	assert.Contains(t, v.check(), ", 1 left to the next start: good")
	end.toldAt = end.toldAt.Add(time.Millisecond)
	assert.Len(t, told.judge(none, end.tellable()).wrong, 2, "a moment earlier it may not")
	end.busy = true
	assert.Equal(t, report{missed: 2, messages: 1, late: 1}, told.judge(none, end.tellable()), "nor what the notifier was about to tell")
}
