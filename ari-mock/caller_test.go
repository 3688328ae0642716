package arimock

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// connect brings a caller and the phone PJSIP/101 together in a bridge, as an application does.
func (c *client) connect(call *Call) {
	c.t.Helper()
	for _, path := range []string{
		"bridges/b1?type=mixing", "bridges/b1/addChannel?channel=" + call.ID(),
		"channels/create?channelId=leg&app=missedcalls&endpoint=PJSIP/101", "bridges/b1/addChannel?channel=leg", "channels/leg/dial",
	} {
		status, body := c.ask(http.MethodPost, "/ari/"+path)
		require.Less(c.t, status, 300, "%s: %s", path, body)
		synctest.Wait()
	}
}

func TestACallerWithWhomNobodyTalksHangsUpWhenHisPatienceIsOver(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.hears(func() {
			call := c.Call(Caller{Number: "1", DID: "2", Patience: 10 * time.Second, TalkFor: time.Second})
			synctest.Wait()
			c.ask(http.MethodPost, "/ari/channels/"+call.ID()+"/answer") // music is nobody
			time.Sleep(10*time.Second - time.Millisecond)
			assert.Equal(t, "nothing", call.Hears())
			time.Sleep(time.Millisecond)
			r, err := call.Result(c.t.Context())
			require.NoError(t, err)
			assert.True(t, r.ByCaller)
			assert.Zero(t, r.Talked)
			assert.Zero(t, call.Talked())
		})
	})
}

func TestACallerWhoTalksHasAllThePatienceThatHisTalkTakes(t *testing.T) {
	for name, early := range map[string]bool{"answered before": true, "answered by the agent": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(c *client) {
				c.SetPhone("PJSIP/101", Phone{RingFor: 4 * time.Second})
				c.hears(func() {
					begun := time.Now()
					call := c.Call(Caller{Number: "1", DID: "2", Patience: 5 * time.Second, TalkFor: 20 * time.Second})
					synctest.Wait()
					if early {
						c.ask(http.MethodPost, "/ari/channels/"+call.ID()+"/answer")
					}
					c.connect(call)
					r, err := call.Result(c.t.Context())
					require.NoError(t, err)
					assert.Equal(t, 4*time.Second, r.Talked.Sub(begun), "a phone that rings is nobody to talk with")
					assert.Equal(t, r.Talked, call.Talked())
					assert.Equal(t, 24*time.Second, r.Ended.Sub(begun))
					assert.True(t, r.ByCaller)
				})
			})
		})
	}
}

func TestAPhoneThatRingsWhileItHasAnotherCallIsCounted(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.SetPhone("PJSIP/101", Phone{RingFor: time.Hour})
		c.hears(func() {
			ring := func(leg string) {
				for _, path := range []string{"channels/create?channelId=" + leg + "&app=missedcalls&endpoint=PJSIP/101", "channels/" + leg + "/dial"} {
					status, body := c.ask(http.MethodPost, "/ari/"+path)
					require.Less(t, status, 300, body)
					synctest.Wait()
				}
			}
			rings := func() [2]int {
				all, besides := c.Rings("PJSIP/101")
				return [2]int{all, besides}
			}
			ring("one")
			assert.Equal(t, [2]int{1, 0}, rings())
			ring("two")
			time.Sleep(besidesFor - time.Millisecond)
			synctest.Wait()
			assert.Equal(t, [2]int{2, 0}, rings())
			time.Sleep(time.Millisecond)
			synctest.Wait()
			assert.Equal(t, [2]int{2, 1}, rings())
			c.ask(http.MethodDelete, "/ari/channels/one")
			ring("three")
			c.ask(http.MethodDelete, "/ari/channels/two")
			time.Sleep(time.Minute)
			assert.Equal(t, [2]int{3, 1}, rings(), "a call that is ended a moment late is none")
		})
	})
}
