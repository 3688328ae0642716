package demo

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/queueflow/callevent"
)

const here = "http://127.0.0.1:1/ari"

func where(channel, url string) callevent.Asterisk {
	return callevent.Asterisk{URL: url, ChannelID: channel}
}

func ending(id, channel, url string) callevent.Event {
	return callevent.Event{ID: id, Payload: callevent.Missed{Reason: callevent.ReasonAbandoned, Asterisk: where(channel, url)}}
}

func answered(channel string) callevent.Event {
	return callevent.Event{ID: channel + ".1.2", Payload: callevent.Answered{Asterisk: where(channel, here)}}
}

func completed(channel string, transfers ...callevent.Transfer) callevent.Event {
	return callevent.Event{ID: channel + ".end", Payload: callevent.Completed{Transfers: transfers, Asterisk: where(channel, here)}}
}

func completedAfter(channel string, talk time.Duration) callevent.Event {
	return callevent.Event{ID: channel + ".end", Payload: callevent.Completed{TalkedMS: talk.Milliseconds(), Asterisk: where(channel, here)}}
}

func offered(channel, outcome string) callevent.Event {
	return callevent.Event{ID: channel + ".1." + outcome, Payload: callevent.Offered{Attempt: callevent.Attempt{Outcome: outcome}, Asterisk: where(channel, here)}}
}

func TestTheSumSaysWhatBecameOfEveryCall(t *testing.T) {
	long, before, after := noon.Add(-time.Minute), noon.Add(-time.Second), noon.Add(time.Second)
	a := newAudit(here, map[string]entry{
		"good":     {over: true, endedAt: before},
		"exit":     {}, // ended for us, and still at the voicemail
		"waits":    {},
		"unseen":   {over: true, endedAt: after},
		"fallback": {over: true, endedAt: before, failed: true},
		"declined": {over: true, endedAt: before, declined: true},
		"talked":   {over: true, endedAt: before, talkedAt: long},
		"passed":   {talkedAt: long}, // talks on with whom he was transferred to
		"talks":    {talkedAt: long},
		"talkedon": {over: true, endedAt: after, talkedAt: long},
		"begins":   {talkedAt: before}, // in the last moment, which the next start may tell
	}, noon)
	a.rings = map[string]rings{"PJSIP/201": {all: 7}, "PJSIP/202": {all: 4}}
	a.take(callevent.Event{ID: "1", Payload: callevent.Entered{Asterisk: where("good", here)}})
	a.take(callevent.Event{ID: "2", Payload: callevent.Moved{Asterisk: where("good", here)}})
	a.take(callevent.Event{ID: "3", Payload: callevent.Resolved{How: callevent.ResolvedAnswered}})
	for _, channel := range []string{"good", "good", "exit", "declined", "somebody else's"} {
		a.take(ending(channel+".end", channel, here))
	}
	a.take(ending("x.end", "waits", "http://127.0.0.1:2/ari"))
	for _, channel := range []string{"talked", "passed", "talks", "talkedon", "talked", "somebody else's"} {
		a.take(offered(channel, "answered"))
		a.take(answered(channel))
	}
	a.take(offered("good", "no_answer"))
	a.take(completed("talked"))
	a.take(completed("passed", callevent.Transfer{Kind: "blind"}))
	v := a.judge()
	assert.Equal(t, verdict{called: 11, fallback: 2, inside: 10, answered: 4, talking: 2, missed: 3, waiting: 1, unseen: 2, rings: 11}, v)
	assert.Equal(t, "check: of 10 calls that entered the application 4 were answered once (2 still talked), 3 were missed once and 1 still waited, "+
		"2 left during the hand-over; phones rang 11 times, none twice at once: good", v.check())
	var out strings.Builder
	a.summary(&out, v)
	assert.Equal(t, "callers called 11, entered a queue 1, moved to another 1\n"+
		"agents were rung 5: answered 4, no answer 1\nanswered 4, transferred 1 of them\nmissed 3: hung up 3\n"+
		"resolved 1, the missed calls of one number once; of 1 the caller got through\nserved by the dialplan's fallback 2\n"+v.check()+"\n", out.String())
}

func TestACallOfWhichTheEventsSayWhatWasNotIsAFailure(t *testing.T) {
	at := noon.Add(-time.Minute)
	over, talked := entry{over: true, endedAt: noon.Add(-time.Millisecond)}, entry{over: true, endedAt: noon, talkedAt: at}
	again := func(e callevent.Event) callevent.Event { e.ID += ".again"; return e }
	for name, c := range map[string]struct {
		call   entry
		events []callevent.Event
		says   string
	}{
		"forgotten":                  {over, nil, "ended at 11:59:59.999 and has no ending event"},
		"missed twice":               {over, []callevent.Event{ending("a.end", "c", here), ending("b.end", "c", here)}, "has 2 ending events"},
		"a ghost":                    {entry{over: true, failed: true}, []callevent.Event{ending("c.end", "c", here)}, "never entered the application, and has events"},
		"answered twice":             {talked, []callevent.Event{answered("c"), again(answered("c")), completed("c")}, "was answered 2 times"},
		"answered and missed":        {talked, []callevent.Event{answered("c"), ending("c.end", "c", here)}, "was answered, and is missed"},
		"completed, never answered":  {talked, []callevent.Event{completed("c")}, "is said to have talked, and was not answered"},
		"answered by nobody":         {over, []callevent.Event{answered("c"), completedAfter("c", instant+time.Millisecond)}, "was answered, and its caller never talked with anybody"},
		"answered, and waits":        {entry{}, []callevent.Event{answered("c")}, "was answered, and its caller never talked with anybody"},
		"talked, and missed":         {talked, []callevent.Event{ending("c.end", "c", here)}, "talked at 11:59:00.000, and was not answered"},
		"talks, and nobody knows it": {entry{talkedAt: at}, nil, "talked at 11:59:00.000, and was not answered"},
		"a talk whose end is untold": {talked, []callevent.Event{answered("c")}, "ended at 12:00:00.000 and has no ending event"},
	} {
		a := newAudit(here, map[string]entry{"c": c.call}, noon)
		for _, e := range c.events {
			a.take(e)
		}
		v := a.judge()
		assert.Equal(t, []string{"call c " + c.says}, v.wrong, name)
		assert.Equal(t, fmt.Sprintf("check: FAILED for 1 of %d calls that entered the application: call c %s", v.inside, c.says), v.check(), name)
	}
}

func TestWhoHangsUpInTheInstantOfTheAnswerHasTalkedOrNot(t *testing.T) {
	gone := noon.Add(-time.Minute)
	a := newAudit(here, map[string]entry{
		"told": {over: true, endedAt: gone}, "seen": {over: true, endedAt: gone, talkedAt: gone.Add(-instant)},
	}, noon)
	a.take(answered("told"))
	a.take(completedAfter("told", instant))
	a.take(ending("seen.end", "seen", here))
	v := a.judge()
	assert.Equal(t, verdict{called: 2, inside: 2, answered: 1, missed: 1}, v)
	a.calls["seen"] = entry{over: true, endedAt: gone, talkedAt: gone.Add(-instant - time.Nanosecond)}
	assert.Equal(t, []string{"call seen talked at 11:58:59.899, and was not answered"}, a.judge().wrong)
}

func TestAnAgentWhoIsRungWhileHeHasACallIsAFailure(t *testing.T) {
	a := newAudit(here, map[string]entry{}, noon)
	a.rings = map[string]rings{"PJSIP/201": {all: 3, besides: 2}, "PJSIP/202": {all: 4}}
	v := a.judge()
	assert.Equal(t, []string{"agent PJSIP/201 was rung 2 times while he had another call"}, v.wrong)
	assert.Contains(t, v.check(), "FAILED")
}

func TestACallThatWasNotToldIsAFailure(t *testing.T) {
	a := newAudit(here, map[string]entry{}, noon.Add(time.Minute))
	a.chat, a.telling, a.tellable = openChat(t), ownTelling(t), noon.Add(time.Minute)
	a.take(missedAt("c1", "sales", "c1", 0))
	a.take(resolvedAt("c1", 1))
	v := a.judge()
	assert.Empty(t, v.wrong)
	assert.Equal(t, []string{"team-chat was told nothing of call c1"}, v.faults())
	var out strings.Builder
	a.summary(&out, v)
	assert.Contains(t, out.String(), "\nresolved 1, the missed calls of one number once; of 0 the caller got through\n")
	assert.Contains(t, out.String(), "\nteam-chat: FAILED for 1 of 1 missed calls: team-chat was told nothing of call c1\n")
}
