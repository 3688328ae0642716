package arimock

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheWorldIsMovedOverHTTP(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		types := c.hears(func() {
			status, text := c.ask(http.MethodPost, "/mock/calls", []byte(
				`{"number":"79990000001","did":"2","give_up_after":"1m","digits":[{"key":"1","after":"2s"}]}`)...)
			require.Equal(t, http.StatusCreated, status)
			var call struct{ ID string }
			require.NoError(t, json.Unmarshal([]byte(text), &call))
			_, text = c.ask(http.MethodGet, "/mock/calls")
			assert.JSONEq(t, `[{"id":"`+call.ID+`","state":"Ring","hears":"nothing"}]`, text)
			c.ask(http.MethodPost, "/ari/channels/"+call.ID+"/answer")
			time.Sleep(3 * time.Second)
			status, _ = c.ask(http.MethodPost, "/mock/calls/"+call.ID+"/keys/"+url.PathEscape("#"))
			assert.Equal(t, http.StatusNoContent, status)
			status, _ = c.ask(http.MethodDelete, "/mock/calls/"+call.ID)
			assert.Equal(t, http.StatusNoContent, status)
			synctest.Wait()
			status, _ = c.ask(http.MethodDelete, "/mock/calls/"+call.ID)
			assert.Equal(t, http.StatusNotFound, status)
		})
		assert.Equal(t, []string{
			"StasisStart", "ChannelStateChange", "ChannelDtmfReceived", "ChannelDtmfReceived", "ChannelHangupRequest", "StasisEnd",
		}, types)
	})
}

func TestPhonesAreSwitchedOnAndOffOverHTTP(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		const phone, call = "/mock/phones/PJSIP%2F101", "/ari/channels?endpoint=PJSIP/101&app=missedcalls"
		status, _ := c.ask(http.MethodPost, call)
		assert.Equal(t, http.StatusInternalServerError, status)
		status, _ = c.ask(http.MethodPut, phone, []byte(`{"ring_for":"3s","status":486}`)...)
		assert.Equal(t, http.StatusNoContent, status)
		status, _ = c.ask(http.MethodPost, call)
		assert.Equal(t, http.StatusOK, status)
		c.ask(http.MethodDelete, phone)
		status, _ = c.ask(http.MethodPost, call)
		assert.Equal(t, http.StatusInternalServerError, status)
	})
}

func TestConnectionsAreBrokenAndAsteriskIsRestartedOverHTTP(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		for _, way := range []string{"disconnect", "crash"} {
			l := c.listen()
			go l.read()
			c.ask(http.MethodPost, "/mock/"+way)
			<-l.done
			assert.Error(t, l.err, way)
		}
	})
}

func TestABadControlIsRefusedWithItsReason(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		for body, says := range map[string]string{
			`{"number":"1"}`:                        "did",
			`{"did":"2","mood":"1s"}`:               "mood",
			`{"did":"2","hangup_after":"a minute"}`: "a minute",
			`{"did":`:                               "read body",
		} {
			status, text := c.ask(http.MethodPost, "/mock/calls", []byte(body)...)
			assert.Equal(t, http.StatusBadRequest, status, body)
			assert.Contains(t, text, says)
		}
		status, text := c.ask(http.MethodPost, "/mock/earthquake")
		assert.Equal(t, http.StatusNotFound, status)
		assert.Contains(t, text, "control.go")
	})
}
