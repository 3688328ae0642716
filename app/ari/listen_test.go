package ari

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEventsAreDeliveredInTheOrderInWhichTheyCame(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		want := []string{"connected"}
		for i := range 1000 {
			want = append(want, fmt.Sprint(i))
			w.say(startFrame(fmt.Sprint(i)))
		}
		synctest.Wait()
		assert.Equal(t, want, w.story())
		assert.Equal(t, 1000, w.counts.of("StasisStart"))
		assert.NoError(t, w.client.Health())
	})
}

func TestAConnectionSetsTheFilterAndAsksOnlyForOurApplication(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		assert.Equal(t, []string{"GET /ari/events?app=missedcalls"}, w.asked("GET /ari/events"))
		filter := w.asked("PUT /ari/applications/missedcalls/eventFilter")
		require.Len(t, filter, 1)
		assert.Contains(t, filter[0], `"allowed":[]`, "a filter left by somebody else is taken off")
		assert.Contains(t, filter[0], `{"type":"ChannelVarset"}`)
		assert.NotContains(t, filter[0], "RESTResponse")
	})
}

func TestAConnectionThatIsCutThreeTimesIsMadeAnewAndTellsSinceWhen(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		for round := range 3 {
			w.say(startFrame(fmt.Sprint(round)))
			synctest.Wait()
			seen := time.Now()
			time.Sleep(time.Second)
			w.cut()
			time.Sleep(100 * time.Millisecond) // the longest first pause
			synctest.Wait()
			ended, again := signal[Disconnected](w, round), signal[Connected](w, round+1)
			assert.Equal(t, seen, ended.LastSeen, "the last frame, not the moment of the cut")
			assert.Equal(t, seen.Add(time.Second), ended.At)
			assert.Equal(t, seen, again.LastSeen)
			assert.Error(t, ended.Err)
		}
		assert.Equal(t, []string{"connected", "0", "disconnected", "connected", "1", "disconnected", "connected", "2", "disconnected", "connected"}, w.story())
		assert.Equal(t, 3, w.counts.of(GapLost))
		assert.Equal(t, 4, w.counts.of("connected"))
	})
}

func TestTheFirstConnectionHasSeenNothingBefore(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		first := signal[Connected](w, 0)
		assert.True(t, first.LastSeen.IsZero())
		assert.Equal(t, time.Now(), first.At)
		assert.Equal(t, "22.10.1~dfsg+~cs6.15.60671435-1", first.Info.Version)
		assert.Equal(t, "52:54:00:12:34:56", first.Info.EntityID)
		assert.Equal(t, "pbx", first.Info.System)
	})
}

func TestAnAsteriskThatIsDownIsTriedAgainWithGrowingPauses(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.set(func() { w.refuse = true })
		w.listen()
		assert.ErrorIs(t, w.client.Health(), Unavailable)
		time.Sleep(time.Minute)
		// Pauses are from 50-100 ms up to 5-10 s: ten in the first minute at the very least, twenty at the most.
		assert.InDelta(t, 15, w.counts.of("info unavailable"), 5)
		assert.Empty(t, w.story(), "nothing was connected, so nothing was lost")
		w.set(func() { w.refuse = false })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"connected"}, w.story())
		assert.NoError(t, w.client.Health())
	})
}

func TestWrongCredentialsAreNamedByHealth(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answers["GET /ari/asterisk/info"] = func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(rw, `{"message":"Authentication required"}`)
		}
		w.listen()
		err := w.client.Health()
		assert.ErrorIs(t, err, Refused)
		assert.ErrorContains(t, err, "ari.conf")
		assert.NotContains(t, err.Error(), "s3cret")
	})
}

func TestAWebsocketThatIsRefusedIsAnErrorOfThatOperation(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answers["GET /ari/events"] = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }
		w.listen()
		assert.ErrorIs(t, w.client.Health(), Refused)
		assert.ErrorContains(t, w.client.Health(), "listen missedcalls")
		assert.Empty(t, w.story())
	})
}

func TestAnotherConnectionTakesTheApplicationAndNothingIsSentAnyMore(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.say(startFrame("1"), replacedFrame, startFrame("2"))
		<-w.done
		assert.ErrorIs(t, w.err, ErrReplaced)
		assert.Equal(t, []string{"connected", "1", "replaced"}, w.story())

		before := len(w.asked(""))
		err := w.client.Hangup(t.Context(), "1", HangupNormal)
		assert.ErrorIs(t, err, Fenced)
		assert.ErrorIs(t, err, ErrReplaced)
		assert.ErrorIs(t, w.client.Sync(t.Context()), ErrDisconnected)
		assert.ErrorIs(t, w.client.Listen(t.Context(), w.deliver), ErrReplaced)
		time.Sleep(time.Hour)
		assert.Len(t, w.asked(""), before)
		assert.ErrorIs(t, w.client.Health(), ErrReplaced)
		assert.Zero(t, w.counts.of(GapLost), "it was not lost")
	})
}

func TestWhoWasReplacedIsFencedThoughDeliveryIsFarBehind(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hold = make(chan struct{})
		w.listen()
		w.say(startFrame("1"), replacedFrame)
		synctest.Wait()
		assert.Empty(t, w.story())
		assert.ErrorIs(t, w.client.Answer(t.Context(), "1"), Fenced)
		close(w.hold)
		<-w.done
		assert.Equal(t, []string{"connected", "1", "replaced"}, w.story())
	})
}

func TestAnEventThatOnlyMentionsReplacementDoesNotFence(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.say(`{"type":"ChannelUserevent","eventname":"ApplicationReplaced","userevent":{},"application":"missedcalls"}`)
		synctest.Wait()
		assert.Len(t, w.story(), 2)
		assert.NoError(t, w.client.Answer(t.Context(), "1"))
	})
}

func TestThereIsOneListenerAtATime(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		assert.ErrorIs(t, w.client.Listen(t.Context(), w.deliver), ErrListening)
	})
}

func TestListenEndsWithItsContextAndDeliversWhatWasRead(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hold = make(chan struct{})
		w.listen()
		w.say(startFrame("1"), startFrame("2"))
		synctest.Wait()
		w.cancel()
		synctest.Wait()
		close(w.hold)
		<-w.done
		assert.ErrorIs(t, w.err, context.Canceled)
		assert.Equal(t, []string{"connected", "1", "2", "disconnected"}, w.story())
		assert.Zero(t, w.counts.of(GapLost))
		assert.Equal(t, []websocket.StatusCode{websocket.StatusNormalClosure}, w.goodbyes, "so that Asterisk sends new callers to the fallback at once")
	})
}

func TestListenWaitsOneSecondForAnAsteriskThatDoesNotSayGoodbye(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answers["GET /ari/events"] = func(rw http.ResponseWriter, r *http.Request) {
			socket, err := websocket.Accept(rw, r, &websocket.AcceptOptions{Subprotocols: []string{"ari"}})
			if assert.NoError(t, err) {
				<-w.done // without reading
				_ = socket.CloseNow()
			}
		}
		w.listen()
		began := time.Now()
		w.cancel()
		<-w.done
		assert.Equal(t, time.Second, time.Since(began))
	})
}

func TestMoreEventsThanTheQueueHoldsAreAGapAndNeverALossInSilence(t *testing.T) {
	settings := testSettings()
	settings.QueueLimit = 10
	inBubble(t, settings, func(t *testing.T, w *world) {
		w.hold = make(chan struct{})
		w.listen()
		for i := range 30 {
			w.say(startFrame(fmt.Sprint(i)))
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		assert.Equal(t, 1, w.counts.of(GapOverflow))
		assert.Equal(t, 1, w.counts.of("connected"), "there is no room yet, so no new connection")
		assert.ErrorIs(t, w.client.Health(), ErrOverflow)
		close(w.hold)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		story := strings.Join(w.story(), " ")
		assert.Regexp(t, `^connected( \d+)+ disconnected connected$`, story)
		assert.True(t, strings.HasPrefix(story, "connected 0 1 2 3 4 5 6 7 8 "), story)
		assert.ErrorIs(t, signal[Disconnected](w, 0).Err, ErrOverflow)
	})
}

func TestAnEventThatCannotBeReadIsCountedAndTheConnectionGoesOn(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.say(`{"type":"StasisStart","channel":{"id":"1"`, `[]`, `null`, ``, `"text"`, `{"type":"StasisStart"}`, startFrame("2"))
		synctest.Wait()
		assert.Equal(t, []string{"connected", "2"}, w.story())
		assert.Equal(t, 6, w.counts.of(SkippedMalformed))
		assert.Zero(t, w.counts.of(GapLost))
	})
}

func TestAnEventOfAnUnknownTypeIsCounted(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.say(`{"type":"ChannelSneezed","channel":{"id":"1"}}`, startFrame("2"))
		synctest.Wait()
		assert.Equal(t, []string{"connected", "2"}, w.story())
		assert.Equal(t, 1, w.counts.of(SkippedType))
	})
}

func TestAnEventAboveTheFrameLimitEndsTheConnection(t *testing.T) {
	settings := testSettings()
	settings.FrameLimit = 100_000
	inBubble(t, settings, func(t *testing.T, w *world) {
		w.listen()
		most := startFrame("1")
		most = strings.Replace(most, `"sales"`, `"`+strings.Repeat("a", 100_000-len(most)+5)+`"`, 1)
		require.Len(t, most, 100_000)
		w.say(most)
		synctest.Wait()
		assert.Equal(t, []string{"connected", "1"}, w.story())
		w.say(most + " ")
		synctest.Wait()
		assert.Equal(t, 1, w.counts.of(GapLost))
	})
}

func TestAnAsteriskThatIsTooOldIsRefused(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.version = "18.26.4"
		w.listen()
		<-w.done
		assert.ErrorIs(t, w.err, ErrUnsupported)
		assert.ErrorContains(t, w.err, "upgrade to 22.10.1")
		assert.Empty(t, w.asked("GET /ari/events"))
	})
}
