package stasis

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// staffed runs a test with a chain whose queue sales has agents 101, 102 and so on, one for each phone. change, if given, may
// change the queue.
func staffed(t *testing.T, phones []arimock.Phone, change func(p *queueflow.Policy), play func(c *chain)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newChain(t, arimock.Options{Dialplan: arimock.Dialplan{
			Exits: map[string]arimock.Exit{"voicemail,s": {Stay: 10 * time.Second}},
		}})
		policies := chainPolicies()
		sales := policies.Queues["sales"]
		sales.Announce, sales.Periodic = queueflow.Announce{}, queueflow.Periodic{}
		for i, phone := range phones {
			name := fmt.Sprintf("PJSIP/%d", 101+i)
			c.asterisk.SetPhone(name, phone)
			sales.Serving.Members = append(sales.Serving.Members, queueflow.Member{Endpoint: name})
		}
		if change != nil {
			change(&sales)
		}
		policies.Queues["sales"] = sales
		c.driver.Reload(policies, c.driver.Caller)
		c.settle()
		play(c)
		c.close()
	})
}

// story is what the business was told, in one line.
func (c *chain) story() string {
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	var said []string
	for _, e := range c.journal.events {
		s := string(e.Payload.Kind())
		switch p := e.Payload.(type) {
		case callevent.MemberAdded, callevent.MemberRemoved:
			continue
		case callevent.Missed:
			s += ":" + string(p.Reason)
		case callevent.Offered:
			s += ":" + strings.TrimPrefix(p.Attempt.Endpoint, "PJSIP/") + ":" + p.Attempt.Outcome
		case callevent.Answered:
			s += ":" + strings.TrimPrefix(p.Agent.Endpoint, "PJSIP/")
		case callevent.Completed:
			s += ":" + string(p.EndedBy)
		}
		said = append(said, s)
	}
	return strings.Join(said, " ")
}

func TestAnAgentAnswersTalksAndHangsUp(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: 3 * time.Second, TalkFor: 20 * time.Second}}, nil, func(c *chain) {
		call := c.call(arimock.Caller{})
		assert.Equal(t, "music default", call.Hears(), "while the agent's phone rings")
		c.after(3 * time.Second)
		assert.Equal(t, "nothing", call.Hears(), "but the agent")
		c.after(20 * time.Second)
		assert.Equal(t, "entered offered:101:answered answered:101 completed:agent", c.story())
		r := c.result(call)
		assert.Equal(t, []any{16, false, 23 * time.Second}, []any{r.Cause, r.ByCaller, r.Ended.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))})
		c.nothingIsLeft()
	})
}

func TestACallerTalksAndHangsUpAndTheAgentServesTheNext(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second}}, nil, func(c *chain) {
		first := c.call(arimock.Caller{})
		next := c.call(arimock.Caller{})
		c.after(10 * time.Second)
		assert.Equal(t, []string{"nothing", "music default"}, []string{first.Hears(), next.Hears()})
		first.HangUp()
		c.settle()
		c.after(time.Second)
		assert.Equal(t, "entered entered offered:101:answered answered:101 completed:caller offered:101:answered answered:101", c.story())
		next.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestAgentsWhoDoNotAnswerGiveWayToTheNext(t *testing.T) {
	phones := []arimock.Phone{{}, {RingFor: time.Second, Status: 486}, {RingFor: time.Second, Status: 603}, {RingFor: time.Second, Status: 503}, {RingFor: time.Second}}
	staffed(t, phones, linear, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(5*time.Second - time.Millisecond)
		assert.Equal(t, "entered", c.story())
		c.after(5 * time.Second)
		assert.Equal(t, "entered offered:101:no_answer offered:102:busy offered:103:rejected offered:104:unavailable offered:105:answered answered:105", c.story())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

// linear rings one agent after the other, in the order of the list.
func linear(p *queueflow.Policy) {
	p.Serving.Strategy, p.Serving.RingTimeout = queueflow.Linear, 5*time.Second
}

func TestAPhoneThatCannotBeCalledCostsTheCallerNoTime(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second}, {RingFor: time.Second}}, linear, func(c *chain) {
		c.asterisk.RemovePhone("PJSIP/101")
		call := c.call(arimock.Caller{})
		c.after(time.Second)
		assert.Equal(t, "entered offered:101:unavailable offered:102:answered answered:102", c.story())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestOfTwoWhoAnswerAtOnceOneTalksAndTheOtherIsFree(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second}, {RingFor: time.Second}, {}}, nil, func(c *chain) {
		first := c.call(arimock.Caller{})
		c.after(time.Second)
		story := c.story()
		assert.Equal(t, 1, strings.Count(story, " answered:"), story)
		assert.Equal(t, 1, strings.Count(story, ":lost_race"), story)
		assert.Equal(t, 1, strings.Count(story, ":103:cancelled"), story)
		second := c.call(arimock.Caller{})
		c.after(time.Second)
		assert.Equal(t, 2, strings.Count(c.story(), " answered:"), "the loser is rung for the next: %s", c.story())
		first.HangUp()
		second.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestACallerWhoHangsUpWhileItRingsStopsThePhones(t *testing.T) {
	staffed(t, []arimock.Phone{{}, {}}, nil, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(2 * time.Second)
		call.HangUp()
		c.settle()
		assert.Equal(t, "entered offered:101:cancelled offered:102:cancelled missed:abandoned", c.story())
		c.nothingIsLeft()
	})
}

func TestACutDoesNotEndATalk(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second}}, nil, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(5 * time.Second)
		c.asterisk.Disconnect()
		c.after(10 * time.Second)
		assert.True(t, c.asterisk.InApplication(call.ID()))
		call.HangUp()
		c.settle()
		assert.Equal(t, "entered offered:101:answered answered:101 completed:caller", c.story())
		c.nothingIsLeft()
	})
}

func TestWhatHappensToAnAgentDuringACutIsKnownAfterIt(t *testing.T) {
	for name, test := range map[string]struct {
		phone arimock.Phone
		story string // when the caller has hung up
	}{
		"he answers":                 {arimock.Phone{RingFor: 3 * time.Second}, "offered:101:answered answered:101 completed:caller"},
		"he hangs up after the talk": {arimock.Phone{RingFor: time.Second, TalkFor: 4 * time.Second}, "offered:101:answered answered:101 completed:agent"},
	} {
		t.Run(name, func(t *testing.T) {
			staffed(t, []arimock.Phone{test.phone}, nil, func(c *chain) {
				call := c.call(arimock.Caller{})
				c.after(2 * time.Second)
				c.asterisk.Refuse(true)
				c.asterisk.Disconnect()
				c.after(5 * time.Second)
				c.asterisk.Refuse(false)
				c.after(20 * time.Second)
				call.HangUp()
				c.settle()
				assert.Equal(t, "entered "+test.story, c.story())
				c.nothingIsLeft()
			})
		})
	}
}

func TestARestartOfAsteriskEndsATalkAndTheAgentIsFree(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second}}, nil, func(c *chain) {
		c.call(arimock.Caller{})
		c.after(5 * time.Second)
		c.asterisk.Crash()
		c.after(10 * time.Second)
		assert.Equal(t, "entered offered:101:answered answered:101 completed:lost", c.story())
		again := c.call(arimock.Caller{})
		c.after(2 * time.Second)
		assert.Equal(t, "nothing", again.Hears(), c.story())
	})
}

func TestAnAgentWhosePhoneIsInUseElsewhereIsRungWhenItIsFree(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second, TalkFor: 30 * time.Second}}, nil, func(c *chain) {
		c.post("channels?endpoint=PJSIP/101&extension=s&context=voicemail")
		c.after(2 * time.Second)
		call := c.call(arimock.Caller{})
		c.after(5 * time.Second)
		assert.Equal(t, "entered", c.story(), "his phone is in use")
		c.after(10 * time.Second) // the voicemail hangs up
		assert.Equal(t, "entered offered:101:answered answered:101", c.story())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestDevicesAreWatchedAgainAfterEachConnect(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second}}, nil, func(c *chain) {
		c.asterisk.Crash() // and every subscription with it
		c.after(10 * time.Second)
		c.post("channels?endpoint=PJSIP/101&extension=s&context=voicemail")
		c.after(2 * time.Second)
		members, err := c.driver.Members(c.t.Context(), "sales")
		require.NoError(t, err)
		assert.Equal(t, []string{"in_use", "INUSE"}, []string{members[0].State, members[0].DeviceState})
	})
}

func TestAWhisperIsHeardByTheAgentWhileTheCallerWaitsOn(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second}, {}}, func(p *queueflow.Policy) {
		p.Serving.Whisper = []string{"sound:queue-thankyou"}
	}, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(2 * time.Second)
		assert.Equal(t, "music default", call.Hears())
		assert.Equal(t, "entered", c.story(), "the other phone rings on")
		c.after(10 * time.Second)
		assert.Equal(t, "nothing", call.Hears())
		assert.Equal(t, "entered offered:101:answered answered:101 offered:102:cancelled", c.story())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestACallerGoesOnInTheDialplanWhenTheAgentHangsUp(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second, TalkFor: 5 * time.Second}}, func(p *queueflow.Policy) {
		p.Serving.OnAgentHangup = p.OnTimeout
	}, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(30 * time.Second)
		assert.Equal(t, "entered offered:101:answered answered:101 completed:agent", c.story())
		assert.Equal(t, "CONTINUE", c.result(call).QueueStatus)
		c.nothingIsLeft()
	})
}

func TestAnAgentRestsAfterATalk(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second, TalkFor: 5 * time.Second}}, func(p *queueflow.Policy) {
		p.Serving.WrapUp = 30 * time.Second
	}, func(c *chain) {
		c.call(arimock.Caller{})
		next := c.call(arimock.Caller{})
		c.after(36*time.Second - time.Millisecond)
		assert.Equal(t, "entered entered offered:101:answered answered:101 completed:agent", c.story())
		c.after(time.Second + time.Millisecond)
		assert.Equal(t, "nothing", next.Hears(), "he is rung at the end of the rest")
		next.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

// post sends a request of somebody else's to the stand-in.
func (c *chain) post(path string) {
	c.t.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: c.asterisk.Dial, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, testNode+"/"+path, nil)
	require.NoError(c.t, err)
	request.SetBasicAuth("missedcalls", "secret")
	answer, err := client.Do(request)
	require.NoError(c.t, err)
	assert.NoError(c.t, answer.Body.Close())
	assert.Less(c.t, answer.StatusCode, 300)
	c.settle()
}
