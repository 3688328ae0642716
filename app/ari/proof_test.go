package ari

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAConnectionThatIsDeafFromTheStartIsGivenUp(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.set(func() { w.deaf = true })
		w.listen()
		assert.ErrorIs(t, w.client.Health(), ErrDisconnected, "open is not yet alive")
		time.Sleep(3*time.Second - time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, []string{"connected"}, w.story())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, []string{"connected", "disconnected"}, w.story())
		assert.ErrorIs(t, signal[Disconnected](w, 0).Err, ErrDeaf)
		assert.True(t, signal[Disconnected](w, 0).LastSeen.IsZero(), "nothing was ever seen")
		assert.Equal(t, 1, w.counts.of(GapDeaf))
		w.set(func() { w.deaf = false })
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		assert.Equal(t, []string{"connected", "disconnected", "connected"}, w.story())
		assert.NoError(t, w.client.Health())
	})
}

func TestOtherEventsDoNotMakeUpForAFirstEchoThatNeverCame(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.set(func() { w.deaf = true })
		w.listen()
		time.Sleep(time.Second)
		w.say(startFrame("1"))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"connected", "1", "disconnected"}, w.story())
		assert.ErrorIs(t, signal[Disconnected](w, 0).Err, ErrDeaf)
	})
}

func TestAConnectionThatBecomesDeafIsNoticedWithinFiveSeconds(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		time.Sleep(time.Second)
		w.set(func() { w.deaf = true })
		time.Sleep(4*time.Second - time.Nanosecond) // asked at 2 s, given up 3 s later
		synctest.Wait()
		assert.Equal(t, []string{"connected"}, w.story())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, []string{"connected", "disconnected"}, w.story())
	})
}

func TestAConnectionOverWhichEventsComeIsAliveThoughRequestsFail(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.set(func() {
			w.answers["POST /ari/events/user/ari-echo"] = func(rw http.ResponseWriter, _ *http.Request) {
				rw.WriteHeader(http.StatusInternalServerError)
			}
		})
		for range 10 {
			time.Sleep(time.Second)
			w.say(startFrame("1"))
		}
		synctest.Wait()
		assert.Zero(t, w.counts.of(GapDeaf))
		time.Sleep(6 * time.Second)
		synctest.Wait()
		assert.Equal(t, 1, w.counts.of(GapDeaf), "silence and no echo")
	})
}

func TestAUserWhoMayOnlyReadIsToldSo(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answers["POST /ari/events/user/ari-echo"] = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }
		w.listen()
		assert.ErrorIs(t, w.client.Health(), Refused)
		assert.ErrorContains(t, w.client.Health(), "read_only")
	})
}

func TestAFilterThatFailsIsNoReasonToStayAway(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.answers["PUT /ari/applications/missedcalls/eventFilter"] = func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(http.StatusInternalServerError)
		}
		w.listen()
		assert.NoError(t, w.client.Health())
	})
}

func TestAQuietConnectionIsProvedForHours(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"connected"}, w.story())
		assert.Equal(t, 1801, w.counts.of("user_event ok"), "the first, and one every 2 s")
	})
}

func TestPausesStartAnewAfterAConnectionThatLived(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.set(func() { w.refuse = true })
		w.listen()
		time.Sleep(time.Minute)
		w.set(func() { w.refuse = false })
		time.Sleep(11 * time.Second)
		w.cut()
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		assert.Equal(t, []string{"connected", "disconnected", "connected"}, w.story())
	})
}
