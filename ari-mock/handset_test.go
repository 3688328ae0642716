package arimock

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const offer101 = "/ari/channels/create?endpoint=PJSIP/101&app=missedcalls&channelId=leg"

// talkWith brings a caller and the phone PJSIP/101, as leg, together in bridge talk.
func (c *client) talkWith(p Phone) *Call {
	c.t.Helper()
	c.SetPhone("PJSIP/101", p)
	call := c.Call(Caller{Number: "79990000001", DID: "2"})
	synctest.Wait()
	c.ask(http.MethodPost, "/ari/channels/"+call.ID()+"/answer")
	c.ask(http.MethodPost, offer101)
	synctest.Wait()
	c.ask(http.MethodPost, "/ari/channels/leg/dial")
	time.Sleep(time.Second)
	c.ask(http.MethodPost, "/ari/bridges/talk")
	c.ask(http.MethodPost, "/ari/bridges/talk/addChannel?channel=leg,"+call.ID())
	return call
}

// besides is the id of whoever is in a bridge with a caller.
func (c *client) besides(call *Call) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := call.channel.partner(); other != nil {
		return other.id
	}
	return ""
}

// count is how many channels there are.
func (c *client) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.channels)
}

func TestAPhoneDoesAtOnceWhatATestTellsIt(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		types := c.hears(func() {
			c.talkWith(Phone{RingFor: 100 * time.Millisecond})
			require.NoError(t, c.StepPhone("PJSIP/101", Step{Key: "1"}))
			require.NoError(t, c.StepPhone("PJSIP/101", Step{Hold: true}))
			require.NoError(t, c.StepPhone("PJSIP/101", Step{Unhold: true}))
			require.NoError(t, c.HangUpPhone("PJSIP/101"))
			assert.ErrorIs(t, c.HangUpPhone("PJSIP/101"), ErrNoTalk)
			assert.ErrorIs(t, c.StepPhone("PJSIP/102", Step{Key: "1"}), ErrNoTalk)
		})
		assert.Equal(t, []string{"ChannelDtmfReceived", "ChannelHold", "ChannelUnhold", "ChannelHangupRequest", "ChannelLeftBridge",
			"StasisEnd", "ChannelDestroyed"}, types[len(types)-7:])
	})
}

func TestATransferThatLeadsNowhereChangesNothing(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		types := c.hears(func() {
			c.talkWith(Phone{RingFor: 100 * time.Millisecond, Steps: []Step{
				{After: 2 * time.Second, Transfer: "nobody"}, {After: 3 * time.Second, Transfer: "nobody", ConsultFor: time.Second},
			}})
			before := c.count()
			time.Sleep(time.Minute)
			synctest.Wait()
			assert.Equal(t, before, c.count())
		})
		assert.NotContains(t, types, "BridgeBlindTransfer")
		assert.Equal(t, "ChannelEnteredBridge", types[len(types)-1])
	})
}

func TestTheEventsOfATransferComeInAsterisksOrder(t *testing.T) {
	for number, order := range map[string][]string{
		"102": {"ChannelUnhold", "StasisStart", "ChannelLeftBridge", "ChannelEnteredBridge", "BridgeBlindTransfer",
			"ChannelStateChange", "ChannelCallerId", "Dial"},
		"74950000000": {"ChannelUnhold", "StasisStart", "StasisStart", "ChannelLeftBridge", "ChannelEnteredBridge", "BridgeBlindTransfer"},
	} {
		inBubble(t, Options{}, func(c *client) {
			c.SetPhone("PJSIP/102", Phone{})
			types := c.hears(func() {
				c.talkWith(Phone{RingFor: 100 * time.Millisecond})
				require.NoError(t, c.StepPhone("PJSIP/101", Step{Transfer: number}))
			})
			assert.Equal(t, order, types[len(types)-len(order):])
		})
	}
}

func TestAConsultationThatIsRefusedOrGivenUpLeavesTheTalk(t *testing.T) {
	for name, target := range map[string]Phone{"refused": {RingFor: time.Second, Status: 486}, "never answered": {}} {
		inBubble(t, Options{}, func(c *client) {
			c.SetPhone("PJSIP/102", target)
			types := c.hears(func() {
				call := c.talkWith(Phone{RingFor: 100 * time.Millisecond, Steps: []Step{{After: 2 * time.Second, Transfer: "102", ConsultFor: time.Second}}})
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				assert.Equal(t, 2, c.count(), name)
				call.HangUp()
				synctest.Wait()
			})
			assert.NotContains(t, types, "BridgeAttendedTransfer", name)
		})
	}
}

func TestAConsultationEndsWhenTheCallerHangsUp(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.SetPhone("PJSIP/102", Phone{RingFor: time.Second})
		c.hears(func() {
			call := c.talkWith(Phone{RingFor: 100 * time.Millisecond, Steps: []Step{{After: 2 * time.Second, Transfer: "102", ConsultFor: time.Minute}}})
			time.Sleep(10 * time.Second)
			assert.Equal(t, 4, c.count(), "the caller, the phone twice, and the phone it consults")
			call.HangUp()
			synctest.Wait()
			c.ask(http.MethodDelete, "/ari/channels/leg")
			synctest.Wait()
			assert.Zero(t, c.count())
		})
	})
}

func TestNothingIsLeftOfATransferWhenEitherSideHasHungUp(t *testing.T) {
	for _, transfer := range []Step{{Transfer: "102"}, {Transfer: "74950000000"}, {Transfer: "102", ConsultFor: time.Second}} {
		inBubble(t, Options{}, func(c *client) {
			c.SetPhone("PJSIP/102", Phone{RingFor: time.Second})
			c.hears(func() {
				transfer.After = 2 * time.Second
				call := c.talkWith(Phone{RingFor: 100 * time.Millisecond, Steps: []Step{transfer}})
				time.Sleep(20 * time.Second)
				newcomer := c.besides(call)
				require.NotEmpty(t, newcomer, transfer)
				call.HangUp()
				synctest.Wait()
				c.ask(http.MethodDelete, "/ari/channels/"+newcomer)
				synctest.Wait()
				assert.Zero(t, c.count(), transfer)
			})
		})
	}
}

func TestAPhoneRemembersWhatItShowed(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.hears(func() {
			c.SetPhone("PJSIP/101", Phone{RingFor: time.Second, Status: 486})
			for range callsShown + 5 {
				c.ask(http.MethodPost, offer101, []byte(`{"variables":{"CONNECTEDLINE(num,i)":"7999","CONNECTEDLINE(name,i)":"Sales","PJSIP_HEADER(add,X-Queue)":"sales"}}`)...)
				synctest.Wait()
				c.ask(http.MethodPost, "/ari/channels/leg/dial")
				time.Sleep(2 * time.Second)
			}
			calls := c.PhoneCalls("PJSIP/101")
			require.Len(t, calls, callsShown)
			assert.Equal(t, PhoneCall{Channel: "leg", At: calls[0].At, Number: "7999", Name: "Sales", Headers: map[string]string{"X-Queue": "sales"}}, calls[0])
			_, text := c.ask(http.MethodGet, "/mock/phones/PJSIP%2F101")
			assert.Contains(t, text, `"number":"7999","name":"Sales","headers":{"X-Queue":"sales"}`)
			assert.Empty(t, c.PhoneCalls("PJSIP/102"))
		})
	})
}

func TestAPhoneIsGoneUntilItRegistersAgain(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.hears(func() {
			c.SetPhone("PJSIP/101", Phone{})
			state := func() string {
				_, text := c.ask(http.MethodGet, "/ari/deviceStates/PJSIP%2F101")
				return text
			}
			c.ask(http.MethodPost, "/ari/applications/missedcalls/subscription?eventSource=deviceState:PJSIP/101")
			assert.Contains(t, state(), deviceFree)
			c.ask(http.MethodDelete, "/mock/registrations/PJSIP%2F101")
			assert.Contains(t, state(), deviceAbsent)
			status, _ := c.ask(http.MethodPost, offer101)
			assert.Equal(t, http.StatusInternalServerError, status)
			c.ask(http.MethodPut, "/mock/registrations/PJSIP%2F101", []byte(`{"lasts":"1m"}`)...)
			time.Sleep(59 * time.Second)
			assert.Contains(t, state(), deviceFree)
			c.Register("PJSIP/101", time.Minute)
			time.Sleep(59 * time.Second)
			assert.Contains(t, state(), deviceFree, "it registered anew")
			time.Sleep(2 * time.Second)
			assert.Contains(t, state(), deviceAbsent)
		})
	})
}

func TestARecordingFailsOverHTTP(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		types := c.hears(func() {
			c.talkWith(Phone{RingFor: 100 * time.Millisecond})
			c.ask(http.MethodPost, "/ari/bridges/talk/record?name=r&format=wav")
			synctest.Wait()
			status, _ := c.ask(http.MethodPost, "/mock/recordings/r/fail")
			assert.Equal(t, http.StatusNoContent, status)
			status, _ = c.ask(http.MethodPost, "/mock/recordings/r/fail")
			assert.Equal(t, http.StatusNotFound, status)
			status, _ = c.ask(http.MethodGet, "/ari/recordings/stored/r")
			assert.Equal(t, http.StatusNotFound, status)
		})
		assert.Equal(t, []string{"RecordingStarted", "RecordingFailed"}, types[len(types)-2:])
	})
}

func TestAgentsPhonesAreMovedOverHTTP(t *testing.T) {
	inBubble(t, Options{Endpoints: map[string]Endpoint{"PJSIP/102": {Name: "Boris", Number: "102"}}}, func(c *client) {
		const phone = "/mock/phones/PJSIP%2F101"
		types := c.hears(func() {
			status, _ := c.ask(http.MethodPut, phone, []byte(`{"steps":[{"key":"1","after":"1s"}],"forward_to":""}`)...)
			assert.Equal(t, http.StatusNoContent, status)
			c.ask(http.MethodPost, offer101)
			synctest.Wait()
			status, text := c.ask(http.MethodPost, phone+"/pick_up/PJSIP%2F101")
			assert.Equal(t, http.StatusBadRequest, status)
			assert.Contains(t, text, "does not ring")
			c.ask(http.MethodPost, "/ari/channels/leg/dial")
			synctest.Wait()
			status, _ = c.ask(http.MethodPost, "/mock/phones/PJSIP%2F102/pick_up/PJSIP%2F101")
			assert.Equal(t, http.StatusNoContent, status)
			synctest.Wait()
			status, _ = c.ask(http.MethodPost, "/mock/phones/PJSIP%2F102/step", []byte(`{"key":"5"}`)...)
			assert.Equal(t, http.StatusNoContent, status)
			status, _ = c.ask(http.MethodDelete, "/mock/phones/PJSIP%2F102/talk")
			assert.Equal(t, http.StatusNoContent, status)
			for _, body := range []string{`{"key":"12"}`, `{}`, `{"key":"1","hold":true}`, `{"hold":true,"consult_for":"1s"}`} {
				status, _ = c.ask(http.MethodPost, "/mock/phones/PJSIP%2F102/step", []byte(body)...)
				assert.Equal(t, http.StatusBadRequest, status, body)
			}
			status, _ = c.ask(http.MethodPut, phone, []byte(`{"steps":[{}]}`)...)
			assert.Equal(t, http.StatusBadRequest, status)
		})
		assert.Equal(t, []string{"StasisStart", "Dial", "ChannelStateChange", "Dial", "StasisStart", "StasisEnd",
			"ChannelDtmfReceived", "ChannelHangupRequest", "StasisEnd"}, types)
	})
}
