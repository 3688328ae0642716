package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/queueflow/callevent"
)

const here = "http://127.0.0.1:1/ari"

func ending(id, channel, url string) callevent.Event {
	return callevent.Event{ID: id, Payload: callevent.Missed{Reason: callevent.ReasonAbandoned, Asterisk: callevent.Asterisk{URL: url, ChannelID: channel}}}
}

func TestTheCheckFindsCallsWithoutAnEndingAndCallsWithTwo(t *testing.T) {
	before, after := noon.Add(-time.Second), noon.Add(time.Second)
	a := newAudit(here, map[string]entry{
		"good":     {over: true, endedAt: before},
		"exit":     {}, // ended for us, and still at the voicemail
		"waits":    {},
		"unseen":   {over: true, endedAt: after},
		"fallback": {over: true, endedAt: before, failed: true},
		"declined": {over: true, endedAt: before, declined: true},
	}, noon)
	a.take(callevent.Event{ID: "1", Payload: callevent.Entered{Asterisk: callevent.Asterisk{URL: here, ChannelID: "good"}}})
	a.take(callevent.Event{ID: "2", Payload: callevent.Moved{Asterisk: callevent.Asterisk{URL: here, ChannelID: "good"}}})
	for _, channel := range []string{"good", "good", "exit", "declined", "somebody else's"} {
		a.take(ending(channel+".end", channel, here))
	}
	a.take(ending("x.end", "waits", "http://127.0.0.1:2/ari"))
	v := a.judge()
	assert.Equal(t, verdict{called: 6, fallback: 2, inside: 5, ended: 3, waiting: 1, unseen: 1}, v)
	assert.Equal(t, "check: of 5 calls that entered the application 3 had exactly one ending event and 1 still waited, 1 left during the hand-over: good", v.check())
	var out strings.Builder
	a.summary(&out, v)
	assert.Equal(t, "callers called 6, entered a queue 1, moved to another 1\nmissed 3: hung up 3\nserved by the dialplan's fallback 2\n"+v.check()+"\n", out.String())
}

func TestACallThatEndedUnheardIsAFailure(t *testing.T) {
	a := newAudit(here, map[string]entry{
		"forgotten": {over: true, endedAt: noon.Add(-time.Millisecond)},
		"twice":     {over: true, endedAt: noon.Add(-time.Second)},
		"ghost":     {over: true, failed: true},
	}, noon)
	a.take(ending("a.end", "twice", here))
	a.take(ending("b.end", "twice", here))
	a.take(ending("c.end", "ghost", here))
	v := a.judge()
	assert.Equal(t, []string{
		"call forgotten ended at 11:59:59.999 and has no ending event",
		"call ghost never entered the application, and has an ending event",
		"call twice has 2 ending events",
	}, v.wrong)
	assert.Equal(t, "check: FAILED for 3 of 2 calls that entered the application: "+v.wrong[0], v.check())
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
	assert.Contains(t, out.String(), "\nresolved 1, the missed calls of one number once\n")
	assert.Contains(t, out.String(), "\nteam-chat: FAILED for 1 of 1 missed calls: team-chat was told nothing of call c1\n")
}
