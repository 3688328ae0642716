package arimock

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestEachFaultOfARequestIsWhatItSays(t *testing.T) {
	for name, test := range map[string]struct {
		fault  RequestFault
		status int
		took   time.Duration
		done   bool
	}{
		"none":              {RequestFault{}, http.StatusOK, 0, true},
		"delay":             {RequestFault{Delay: time.Minute}, http.StatusOK, time.Minute, true},
		"delay of answer":   {RequestFault{DelayAnswer: time.Minute}, http.StatusOK, time.Minute, true},
		"error":             {RequestFault{Status: http.StatusInternalServerError}, http.StatusInternalServerError, 0, false},
		"dropped when done": {RequestFault{Drop: true}, 0, 0, true},
		"dropped":           {RequestFault{Drop: true, Undone: true}, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(c *client) {
				asked := 0
				c.SetFaults(Faults{Request: func(r Request) RequestFault {
					if r.String() != "POST /ari/bridges/b1" {
						return RequestFault{}
					}
					if asked++; asked > 1 { // Go's client asks again where nothing was answered on a connection it had before
						return RequestFault{Drop: true, Undone: true}
					}
					return test.fault
				}})
				began := time.Now()
				status, _ := c.ask(http.MethodPost, "/ari/bridges/b1")
				assert.Equal(t, test.status, status)
				assert.Equal(t, test.took, time.Since(began))
				there, _ := c.ask(http.MethodGet, "/ari/bridges/b1")
				assert.Equal(t, test.done, there == http.StatusOK)
			})
		})
	}
}

func TestEventsAreLostRepeatedAndOvertaken(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.SetFaults(Faults{Event: func(e Event) EventFault {
			assert.Equal(t, "missedcalls", e.Application)
			switch e.Type {
			case "ChannelVarset":
				return EventFault{Drop: true}
			case "ChannelStateChange":
				return EventFault{Delay: time.Second}
			case "ChannelDtmfReceived":
				return EventFault{Repeats: 2}
			}
			return EventFault{}
		}})
		types := c.hears(func() {
			call := c.Call(Caller{Number: "1", DID: "2"})
			c.ask(http.MethodPost, "/ari/channels/"+call.ID()+"/answer")
			c.ask(http.MethodPost, "/ari/channels/"+call.ID()+"/variable?variable=X&value=1")
			call.Press("5")
			time.Sleep(time.Minute)
			call.HangUp()
		})
		assert.Equal(t, "StasisStart ChannelDtmfReceived ChannelDtmfReceived ChannelDtmfReceived ChannelStateChange ChannelHangupRequest StasisEnd",
			strings.Join(types, " "))
	})
}
