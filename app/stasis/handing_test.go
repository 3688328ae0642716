package stasis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// completed is what was told of the end of the one talk there was.
func (c *chain) completed() callevent.Completed {
	c.t.Helper()
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	var talks []callevent.Completed
	for _, e := range c.journal.events {
		if p, is := e.Payload.(callevent.Completed); is {
			talks = append(talks, p)
		}
	}
	require.Len(c.t, talks, 1)
	return talks[0]
}

func TestAnAgentHoldsTheCallerAndItIsKnownForHowLong(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second, TalkFor: 20 * time.Second, Steps: []arimock.Step{
		{After: 5 * time.Second, Hold: true}, {After: 12 * time.Second, Unhold: true},
	}}}, nil, func(c *chain) {
		c.call(arimock.Caller{})
		c.after(30 * time.Second)
		assert.Equal(t, int64(7000), c.completed().HeldMS)
		c.nothingIsLeft()
	})
}

func TestAPhoneHandsTheCallerOn(t *testing.T) {
	for name, test := range map[string]struct {
		step   arimock.Step
		kind   string
		target string
	}{
		"blindly":                  {arimock.Step{After: 5 * time.Second, Transfer: "109"}, "blind", "109@from-agents"},
		"after asking a colleague": {arimock.Step{After: 5 * time.Second, Transfer: "109", ConsultFor: 3 * time.Second}, "attended", "PJSIP/109-"},
	} {
		t.Run(name, func(t *testing.T) {
			staffed(t, []arimock.Phone{{RingFor: time.Second, Steps: []arimock.Step{test.step}}}, nil, func(c *chain) {
				c.asterisk.SetPhone("PJSIP/109", arimock.Phone{RingFor: time.Second, TalkFor: time.Minute})
				call := c.call(arimock.Caller{})
				c.after(20 * time.Second)
				end := c.completed()
				assert.Equal(t, callevent.EndedByTransfer, end.EndedBy)
				require.Len(t, end.Transfers, 1)
				assert.Equal(t, test.kind, end.Transfers[0].Kind)
				assert.Contains(t, end.Transfers[0].Target, test.target)
				assert.True(t, c.asterisk.InApplication(call.ID()), "he talks with the colleague")

				next := c.call(arimock.Caller{})
				c.after(2 * time.Second)
				assert.Equal(t, "nothing", next.Hears(), "the agent is free for the next")
				next.HangUp()
				c.after(time.Minute)
				assert.False(t, c.asterisk.InApplication(call.ID()), "the colleague has hung up")
				c.nothingIsLeft()
			})
		})
	}
}

func TestAnAgentOnAnOutsideLinePressesOne(t *testing.T) {
	confirm := func(p *queueflow.Policy) {
		linear(p)
		p.Serving.ConfirmWithin = 3 * time.Second
		for i := range p.Serving.Members {
			p.Serving.Members[i].Confirm = true
		}
	}
	staffed(t, []arimock.Phone{
		{RingFor: time.Second}, // a mailbox
		{RingFor: time.Second, Steps: []arimock.Step{{After: 2 * time.Second, Key: "1"}}},
	}, confirm, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(time.Minute)
		assert.Equal(t, "entered offered:101:not_confirmed offered:102:answered answered:102", c.story())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestAPhoneThatForwardsIsRefusedAndTheNextIsRung(t *testing.T) {
	staffed(t, []arimock.Phone{{RingFor: time.Second, Status: 302, ForwardTo: "109"}, {RingFor: time.Second}}, linear, func(c *chain) {
		call := c.call(arimock.Caller{})
		c.after(3 * time.Second)
		assert.Equal(t, "entered offered:101:forwarded offered:102:answered answered:102", c.story())
		call.HangUp()
		c.settle()
		c.nothingIsLeft()
	})
}

func TestATalkIsRecordedIntoTheFileThatIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		mode  queueflow.RecordingMode
		steps []arimock.Step
		made  bool
	}{
		"always":                      {queueflow.RecordAlways, nil, true},
		"when the agent presses *1":   {queueflow.RecordByKey, []arimock.Step{{After: 2 * time.Second, Key: "*"}, {After: 2500 * time.Millisecond, Key: "1"}}, true},
		"not when he presses nothing": {queueflow.RecordByKey, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			staffed(t, []arimock.Phone{{RingFor: time.Second, TalkFor: 10 * time.Second, Steps: test.steps}}, func(p *queueflow.Policy) {
				p.Serving.Recording = queueflow.Recording{Mode: test.mode, Format: "wav", Key: "*1"}
			}, func(c *chain) {
				c.call(arimock.Caller{})
				c.after(15 * time.Second)
				assert.Equal(t, test.made, c.completed().Recording != "", c.completed().Recording)
				c.nothingIsLeft()
			})
		})
	}
}
