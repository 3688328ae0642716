package ari

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachCommandGoesOverTheWireAsAsteriskReadsIt(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		command func(c *Client) error
		wire    string
	}{
		{func(c *Client) error { return c.Answer(ctx, "17.1") }, "POST /ari/channels/17.1/answer"},
		{func(c *Client) error { return c.Ring(ctx, "17.1") }, "POST /ari/channels/17.1/ring"},
		{func(c *Client) error { return c.StopRing(ctx, "17.1") }, "DELETE /ari/channels/17.1/ring"},
		{func(c *Client) error { return c.StartMusic(ctx, "17.1", "") }, "POST /ari/channels/17.1/moh"},
		{func(c *Client) error { return c.StartMusic(ctx, "17.1", "jazz & blues") }, "POST /ari/channels/17.1/moh?mohClass=jazz+%26+blues"},
		{func(c *Client) error { return c.StopMusic(ctx, "17.1") }, "DELETE /ari/channels/17.1/moh"},
		{func(c *Client) error { return c.Play(ctx, "17.1", "p1", []string{"sound:a", "sound:b"}, "ru") }, `POST /ari/channels/17.1/play/p1 {"lang":"ru","media":["sound:a","sound:b"]}`},
		{func(c *Client) error { return c.Play(ctx, "17.1", "p1", []string{"sound:a"}, "") }, `POST /ari/channels/17.1/play/p1 {"media":["sound:a"]}`},
		{func(c *Client) error { return c.StopPlayback(ctx, "p1") }, "DELETE /ari/playbacks/p1"},
		{func(c *Client) error { return c.Hangup(ctx, "17.1", HangupAnsweredElsewhere) }, "DELETE /ari/channels/17.1?reason=answered_elsewhere"},
		{func(c *Client) error { return c.Continue(ctx, "17.1", DialplanTarget{}) }, "POST /ari/channels/17.1/continue"},
		{func(c *Client) error { return c.Continue(ctx, "17.1", DialplanTarget{"voicemail", "s", 1}) }, "POST /ari/channels/17.1/continue?context=voicemail&extension=s&priority=1"},
		{func(c *Client) error { return c.SetVariable(ctx, "17.1", "QUEUESTATUS", "TIMEOUT&=?") }, `POST /ari/channels/17.1/variable {"value":"TIMEOUT\u0026=?","variable":"QUEUESTATUS"}`},
		{func(c *Client) error { return c.CreateBridge(ctx, "b1", BridgeHolding, "queue sales") }, "POST /ari/bridges/b1?name=queue+sales&type=holding"},
		{func(c *Client) error { return c.CreateBridge(ctx, "b1", BridgeMixing, "") }, "POST /ari/bridges/b1?type=mixing%2Cdtmf_events"},
		{func(c *Client) error { return c.AddChannel(ctx, "b1", "17.1") }, "POST /ari/bridges/b1/addChannel?channel=17.1"},
		{func(c *Client) error { return c.RemoveChannel(ctx, "b1", "17.1") }, "POST /ari/bridges/b1/removeChannel?channel=17.1"},
		{func(c *Client) error { return c.DestroyBridge(ctx, "b1") }, "DELETE /ari/bridges/b1"},
		{func(c *Client) error {
			return c.CreateChannel(ctx, NewChannel{
				Endpoint: "PJSIP/101", ID: "leg-1", Args: []string{"@leg", "leg-1"}, Originator: "17.1",
				Variables: []Variable{{"Z", "last, \"quoted\""}, {"CONNECTEDLINE(num,i)", "+7916"}},
			})
		}, `POST /ari/channels/create {"endpoint":"PJSIP/101","app":"missedcalls","appArgs":"@leg,leg-1","channelId":"leg-1","originator":"17.1","variables":{"Z":"last, \"quoted\"","CONNECTEDLINE(num,i)":"+7916"}}`},
		{func(c *Client) error { return c.CreateChannel(ctx, NewChannel{Endpoint: "PJSIP/101", ID: "leg-1"}) }, `POST /ari/channels/create {"endpoint":"PJSIP/101","app":"missedcalls","channelId":"leg-1"}`},
		{func(c *Client) error { return c.Dial(ctx, "leg-1", 15*time.Second) }, "POST /ari/channels/leg-1/dial?timeout=15"},
		{func(c *Client) error { return c.Dial(ctx, "leg-1", time.Millisecond) }, "POST /ari/channels/leg-1/dial?timeout=1"},
		{func(c *Client) error { return c.Dial(ctx, "leg-1", 0) }, "POST /ari/channels/leg-1/dial"},
		{func(c *Client) error { return c.RecordBridge(ctx, "b1", "talk 1", "wav") }, "POST /ari/bridges/b1/record?format=wav&ifExists=fail&name=talk+1"},
		{func(c *Client) error { return c.StopRecording(ctx, "talk 1") }, "POST /ari/recordings/live/talk%201/stop"},
		{func(c *Client) error { return c.SubscribeDevices(ctx, []string{"PJSIP/101", "SIP/102"}) }, "POST /ari/applications/missedcalls/subscription?eventSource=deviceState%3APJSIP%2F101%2CdeviceState%3ASIP%2F102"},
		{func(c *Client) error { return c.UnsubscribeDevices(ctx, []string{"PJSIP/101"}) }, "DELETE /ari/applications/missedcalls/subscription?eventSource=deviceState%3APJSIP%2F101"},
		{func(c *Client) error { return c.UserEvent(ctx, "login", map[string]string{"agent": "101"}) }, `POST /ari/events/user/login?application=missedcalls {"variables":{"agent":"101"}}`},
		{func(c *Client) error { return c.Answer(ctx, "PJSIP/x y%#?") }, "POST /ari/channels/PJSIP%2Fx%20y%25%23%3F/answer"},
		{func(c *Client) error { return c.Answer(ctx, "..") }, "POST /ari/channels/../answer"},
		{func(c *Client) error { return c.Answer(ctx, "{}") }, "POST /ari/channels/%7B%7D/answer"},
	} {
		t.Run(test.wire, func(t *testing.T) {
			inBubble(t, testSettings(), func(t *testing.T, w *world) {
				require.NoError(t, test.command(w.client))
				assert.Equal(t, []string{test.wire}, w.asked(""))
			})
		})
	}
}

func TestListsAndObjectsAreRead(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answer("GET /ari/channels", 200, "["+channelJSON("1")+","+channelJSON("2")+"]")
		w.answer("GET /ari/channels/1", 200, channelJSON("1"))
		w.answer("GET /ari/bridges", 200, `[{"id":"b1","technology":"holding_bridge","bridge_type":"holding","bridge_class":"stasis","creator":"Stasis","name":"sales","channels":["1"],"creationtime":"2026-08-01T12:00:00.000+0300","video_mode":"none"}]`)
		w.answer("GET /ari/applications/missedcalls", 200, `{"name":"missedcalls","channel_ids":["1"],"bridge_ids":["b1"],"endpoint_ids":[],"device_names":[],"events_allowed":[],"events_disallowed":[{"type":"ChannelVarset"}]}`)
		w.answer("GET /ari/channels/1/variable", 200, `{"value":"1785574800.1"}`)

		channels, err := w.client.Channels(t.Context())
		require.NoError(t, err)
		require.Len(t, channels, 2)
		assert.Equal(t, "2", channels[1].ID)
		channel, err := w.client.Channel(t.Context(), "1")
		require.NoError(t, err)
		assert.Equal(t, channels[0], channel)
		assert.Equal(t, StateRing, channel.State)
		assert.Equal(t, Party{Number: "89161234567"}, channel.Caller)
		assert.Equal(t, Dialplan{"from-trunk", "74951234567", 1, "Stasis", "missedcalls,sales"}, channel.Dialplan)
		assert.Equal(t, time.Date(2026, 8, 1, 9, 0, 0, 120e6, time.UTC), channel.CreatedAt.Time)
		bridges, err := w.client.Bridges(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{"1"}, bridges[0].Channels)
		application, err := w.client.Application(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{"1"}, application.ChannelIDs)
		assert.Equal(t, []EventType{{"ChannelVarset"}}, application.Disallowed)
		value, err := w.client.Variable(t.Context(), "1", "CHANNEL(linkedid)")
		require.NoError(t, err)
		assert.Equal(t, "1785574800.1", value)
		assert.Equal(t, []string{"GET /ari/channels/1/variable?variable=CHANNEL%28linkedid%29"}, w.asked("/variable"))
	})
}

func TestSoundsAreListedWithTheirLanguages(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answer("GET /ari/sounds", 200, `[{"id":"digits/1","formats":[{"language":"ru","format":"slin"},{"language":"en","format":"gsm"}]},{"id":"thanks","text":"Thanks.","formats":[{"language":"custom","format":"slin"}]}]`)
		sounds, err := w.client.Sounds(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []Sound{{"digits/1", []SoundFormat{{"ru", "slin"}, {"en", "gsm"}}}, {"thanks", []SoundFormat{{"custom", "slin"}}}}, sounds)

		w.answer("GET /ari/sounds", 404, `{"message":"No sounds found that matched the query"}`)
		sounds, err = w.client.Sounds(t.Context())
		assert.NoError(t, err, "an Asterisk without sounds is no error")
		assert.Empty(t, sounds)

		w.answer("GET /ari/sounds", 404, `{"message":"Resource not found"}`)
		_, err = w.client.Sounds(t.Context())
		assert.ErrorIs(t, err, Unexpected)
	})
}

func TestTheStateOfADeviceIsRead(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answer("GET /ari/deviceStates/PJSIP%2F101", 200, `{"name":"PJSIP/101","state":"ONHOLD"}`)
		state, err := w.client.DeviceState(t.Context(), "PJSIP/101")
		require.NoError(t, err)
		assert.Equal(t, DeviceState{Name: "PJSIP/101", State: "ONHOLD"}, state)
	})
}

func TestManyDevicesAreSubscribedToInFewRequestsEachOfWhichAsteriskTakes(t *testing.T) {
	for name, device := range map[string]func(i int) string{
		"short names":   func(i int) string { return fmt.Sprintf("X/%d", i) },
		"usual names":   func(i int) string { return fmt.Sprintf("PJSIP/agent-%d", 100000+i) },
		"names with %s": func(i int) string { return fmt.Sprintf("Local/отдел-%d@где-то", i) },
		"long names":    func(i int) string { return fmt.Sprintf("PJSIP/%02500d", i) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, testSettings(), func(t *testing.T, w *world) {
				var devices, asked []string
				for i := range 300 {
					devices = append(devices, device(i))
				}
				require.NoError(t, w.client.SubscribeDevices(t.Context(), devices))
				requests := w.asked("")
				for _, request := range requests {
					address, err := url.Parse(strings.Fields(request)[1])
					require.NoError(t, err)
					assert.LessOrEqual(t, len(address.RequestURI()), longestRequestURI)
					sources := strings.Split(address.Query().Get("eventSource"), ",")
					assert.LessOrEqual(t, len(sources), mostSources)
					for _, source := range sources {
						asked = append(asked, strings.TrimPrefix(source, "deviceState:"))
					}
				}
				assert.Equal(t, devices, asked)
				if len(device(0)) < 30 {
					assert.Less(t, len(requests), 300/mostSources+5)
				}
			})
		})
	}
}

func TestASubscriptionThatIsRefusedEndsTheRest(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answer("POST /ari/applications/missedcalls/subscription", 404, `{"message":"Application not found"}`)
		err := w.client.SubscribeDevices(t.Context(), strings.Fields(strings.Repeat("PJSIP/101 ", 300)))
		assert.ErrorIs(t, err, Gone)
		assert.Len(t, w.asked(""), 1)
	})
}

func TestAVariableThatIsNotSetIsEmptyAndAChannelThatIsGoneIsGone(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answer("GET /ari/channels/1/variable", 404, `{"message":"Provided variable was not found"}`)
		w.answer("GET /ari/channels/2/variable", 404, `{"message":"Provided channel was not found"}`)
		value, err := w.client.Variable(t.Context(), "1", "X")
		assert.NoError(t, err)
		assert.Empty(t, value)
		_, err = w.client.Variable(t.Context(), "2", "X")
		assert.ErrorIs(t, err, Gone)
	})
}

func TestWhatAsteriskWouldNotTakeIsNotSent(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		ctx := t.Context()
		long := strings.Repeat("a", 5000)
		for _, test := range []struct {
			kind Kind
			err  error
		}{
			{TooLarge, w.client.Answer(ctx, long)},
			{TooLarge, w.client.Answer(ctx, long[:longestRequestURI-len("/ari/channels//answer")+1])},
			{TooLarge, w.client.SetVariable(ctx, "1", "X", strings.Repeat("a", longestBody-len(`{"value":"","variable":"X"}`)+1))},
			{Invalid, w.client.Answer(ctx, "")},
			{Invalid, w.client.Hangup(ctx, "", HangupNormal)},
			{Invalid, w.client.Hangup(ctx, "1", "")},
			{Invalid, w.client.Hangup(ctx, "1", "because")},
			{Invalid, w.client.AddChannel(ctx, "b1", "")},
			{Invalid, w.client.AddChannel(ctx, "b1", "1,2")},
			{Invalid, w.client.AddChannel(ctx, "", "1")},
			{Invalid, w.client.UserEvent(ctx, "", nil)},
			{Invalid, w.client.CreateChannel(ctx, NewChannel{Endpoint: "PJSIP/101"})},
			{Invalid, w.client.SubscribeDevices(ctx, []string{"PJSIP/101", ""})},
			{Invalid, w.client.SubscribeDevices(ctx, []string{"PJSIP/101,PJSIP/102"})},
			{Invalid, w.client.UnsubscribeDevices(ctx, []string{""})},
		} {
			var failure *Error
			require.ErrorAs(t, test.err, &failure)
			assert.Equal(t, test.kind, failure.Kind, failure.Error())
			assert.False(t, failure.Kind.Uncertain())
			assert.Less(t, len(failure.Error()), 500)
		}
		assert.Empty(t, w.asked(""))
	})
}

func TestTheLongestThatAsteriskTakesIsSent(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		id := strings.Repeat("a", longestRequestURI-len("/ari/channels//answer"))
		assert.NoError(t, w.client.Answer(t.Context(), id))
		value := strings.Repeat("a", longestBody-len(`{"value":"","variable":"X"}`))
		assert.NoError(t, w.client.SetVariable(t.Context(), "1", "X", value))
		assert.Len(t, w.asked(""), 2)
	})
}

func TestEveryRequestIsAuthenticatedByHeader(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		var user, password string
		w.answers["POST /ari/channels/1/answer"] = func(rw http.ResponseWriter, r *http.Request) {
			user, password, _ = r.BasicAuth()
			rw.WriteHeader(http.StatusNoContent)
		}
		require.NoError(t, w.client.Answer(t.Context(), "1"))
		assert.Equal(t, []string{"queue", "s3cret"}, []string{user, password})
	})
}

func TestARedirectionIsNotFollowed(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answers["GET /ari/channels"] = func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://elsewhere/", http.StatusFound)
		}
		_, err := w.client.Channels(t.Context())
		assert.ErrorIs(t, err, Unexpected)
		assert.Len(t, w.asked(""), 1)
	})
}

func TestNoTwoRequestsThatMayNotMeetInAsteriskAreUnderWayAtOnce(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		slow := func(rw http.ResponseWriter, _ *http.Request) {
			time.Sleep(500 * time.Millisecond)
			fmt.Fprint(rw, "{}")
		}
		w.answers["GET /ari/applications/missedcalls"] = slow
		w.answers["PUT /ari/applications/missedcalls/eventFilter"] = slow
		w.answers["POST /ari/applications/missedcalls/subscription"] = slow
		w.answers["DELETE /ari/applications/missedcalls/subscription"] = slow
		var calls sync.WaitGroup
		began := time.Now()
		for range 2 {
			calls.Go(func() { assert.NoError(t, w.client.Filter(t.Context())) })
			calls.Go(func() {
				_, err := w.client.Application(t.Context())
				assert.NoError(t, err)
			})
		}
		calls.Go(func() { assert.NoError(t, w.client.SubscribeDevices(t.Context(), []string{"PJSIP/101"})) })
		calls.Go(func() { assert.NoError(t, w.client.UnsubscribeDevices(t.Context(), []string{"PJSIP/101"})) })
		for n := 1; n <= 6; n++ {
			synctest.Wait()
			assert.Len(t, w.asked(""), n, "each waits for the answer to the one before it")
			time.Sleep(500 * time.Millisecond)
		}
		calls.Wait()
		assert.Equal(t, 3*time.Second, time.Since(began))
	})
}

func TestARequestThatMustBeAloneWaitsNoLongerThanAnyOther(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hang("PUT /ari/applications/missedcalls/eventFilter")
		var filter sync.WaitGroup
		filter.Go(func() { assert.ErrorIs(t, w.client.Filter(t.Context()), Timeout) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := w.client.Application(ctx)
		assert.ErrorIs(t, err, Unavailable)
		assert.ErrorContains(t, err, "too slowly")
		assert.Empty(t, w.asked("GET"), "it was never sent")
		filter.Wait()
		w.answer("GET /ari/applications/missedcalls", 200, "{}")
		_, err = w.client.Application(t.Context())
		assert.NoError(t, err, "the next has its turn when the one that hung was given up")
	})
}

func TestARequestThatHangsEndsWithItsDeadlineAndItsFateIsUnknown(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hang("POST /ari/channels/1/answer")
		began := time.Now()
		err := w.client.Answer(t.Context(), "1")
		assert.Equal(t, 5*time.Second, time.Since(began), "the settings' bound, the caller having none")
		assert.ErrorIs(t, err, Timeout)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.True(t, KindOf(err).Uncertain())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		assert.ErrorIs(t, w.client.Answer(ctx, "1"), Timeout)
		assert.Equal(t, time.Second, time.Since(began), "the caller's bound, which is shorter")
		assert.Len(t, w.asked(""), 2, "no request was repeated")
	})
}

func TestARequestThatIsGivenUpSaysSo(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hang("GET /ari/channels")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := w.client.Channels(ctx)
		assert.ErrorIs(t, err, Timeout)
		assert.ErrorIs(t, err, context.Canceled)
		assert.Len(t, w.asked(""), 1)
	})
}

func TestNothingListeningIsUnavailable(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.set(func() { w.refuse = true })
		err := w.client.Answer(t.Context(), "1")
		assert.ErrorIs(t, err, Unavailable)
		assert.ErrorContains(t, err, "http.conf")
	})
}

func TestAConnectionClosedBeforeTheAnswerIsTriedAgainOnlyWhereThatIsHarmless(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		for name, times := range map[string]int{
			"GET /ari/channels": 1, "DELETE /ari/channels/1": 1, "POST /ari/channels/1/answer": 1, "DELETE /ari/channels/2": 2,
		} {
			w.slam(name, times)
		}
		_, err := w.client.Channels(t.Context())
		assert.ErrorIs(t, err, Unexpected, "the second time it answers, with nothing that could be read")
		assert.NoError(t, w.client.Hangup(t.Context(), "1", HangupNormal))
		assert.Len(t, w.asked("DELETE /ari/channels/1"), 2)

		err = w.client.Answer(t.Context(), "1")
		assert.ErrorIs(t, err, Broken)
		assert.ErrorIs(t, err, io.EOF)
		assert.ErrorContains(t, err, "sessionlimit")
		assert.Len(t, w.asked("answer"), 1)

		assert.ErrorIs(t, w.client.Hangup(t.Context(), "2", HangupNormal), Broken)
		assert.Len(t, w.asked("DELETE /ari/channels/2"), 2, "once again, and not more")
	})
}

func TestAnIdleConnectionIsGivenUpBeforeAsteriskClosesIt(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		require.NoError(t, w.client.Answer(t.Context(), "1"))
		time.Sleep(10*time.Second - time.Nanosecond)
		synctest.Wait()
		require.NoError(t, w.client.Answer(t.Context(), "1"))
		assert.Len(t, w.wires, 1, "used again")
		time.Sleep(10*time.Second + time.Nanosecond)
		synctest.Wait()
		require.NoError(t, w.client.Answer(t.Context(), "1"))
		assert.Len(t, w.wires, 2)
	})
}

func TestConnectionsAreBoundedAndOneIsLeftForRequestsThatDoNotWait(t *testing.T) {
	settings := testSettings()
	settings.MaxConnections = 3
	inBubble(t, settings, func(t *testing.T, w *world) {
		w.hang("POST /ari/channels/1/answer")
		failed := make(chan error)
		for range 2 {
			go func() { failed <- w.client.Answer(t.Context(), "1") }()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, w.client.Answer(ctx, "1"), Unavailable, "the third is not sent")
		assert.NoError(t, w.client.Hangup(t.Context(), "1", HangupNormal), "nobody need wait for a channel to hang it up")
		assert.ErrorIs(t, <-failed, Timeout)
		assert.ErrorIs(t, <-failed, Timeout)
		assert.Len(t, w.asked("answer"), 2)
	})
}

func TestRequestsThatDoNotWaitUseEveryConnection(t *testing.T) {
	settings := testSettings()
	settings.MaxConnections = 4
	inBubble(t, settings, func(t *testing.T, w *world) {
		w.hang("DELETE /ari/channels/1")
		var hangups sync.WaitGroup
		for range 5 {
			hangups.Go(func() { _ = w.client.Hangup(t.Context(), "1", HangupNormal) })
		}
		synctest.Wait()
		assert.Len(t, w.asked("channels/1"), 4, "the fifth is not sent")
		hangups.Wait()
	})
}

func TestAConnectionIsProvedThoughEveryChannelKeepsUsWaiting(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hang("POST /ari/channels/1/answer")
		w.listen()
		var answers sync.WaitGroup
		for range 100 {
			answers.Go(func() { _ = w.client.Answer(t.Context(), "1") })
		}
		answers.Wait()
		assert.Equal(t, []string{"connected"}, w.story())
		assert.NoError(t, w.client.Health())
	})
}

func TestAnAnswerThatIsTooLargeOrNoJSONIsAnError(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answer("GET /ari/channels/1", 200, `"`+strings.Repeat("a", answerLimit)+`"`)
		w.answer("GET /ari/channels/2", 200, `<html>`)
		w.answer("GET /ari/channels/3", 200, strings.Repeat(" ", answerLimit-len(channelJSON("3")))+channelJSON("3"))
		_, err := w.client.Channel(t.Context(), "1")
		assert.ErrorIs(t, err, TooLarge)
		_, err = w.client.Channel(t.Context(), "2")
		assert.ErrorIs(t, err, Unexpected)
		_, err = w.client.Channel(t.Context(), "3")
		assert.NoError(t, err, "just as large as is accepted")
	})
}

func TestRequestsAreObserved(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answer("POST /ari/channels/2/answer", 404, `{"message":"Channel not found"}`)
		_ = w.client.Answer(t.Context(), "1")
		_ = w.client.Answer(t.Context(), "2")
		assert.Equal(t, 1, w.counts.of("answer ok"))
		assert.Equal(t, 1, w.counts.of("answer gone"))
	})
}

func TestSecretsAreInNoError(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.set(func() { w.refuse = true })
		err := w.client.SetVariable(t.Context(), "1", "PIN", "4711")
		assert.NotContains(t, err.Error(), "s3cret")
		assert.NotContains(t, err.Error(), "4711")
		assert.NotContains(t, err.Error(), "queue")
		assert.NotContains(t, fmt.Sprint(errors.Unwrap(err)), "/ari/")
	})
}

// answer makes Asterisk answer one resource in one way.
func (a *asterisk) answer(name string, status int, body string) {
	a.set(func() {
		a.answers[name] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	})
}

// hang makes Asterisk answer only when the client has gone.
func (a *asterisk) hang(name string) {
	a.set(func() { a.answers[name] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() } })
}

// slam makes Asterisk close the connection instead of answering, a number of times.
func (a *asterisk) slam(name string, times int) {
	a.set(func() {
		a.answers[name] = func(w http.ResponseWriter, _ *http.Request) {
			if times--; times < 0 {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		}
	})
}

var _ net.Listener = (*asterisk)(nil)
