package arimock

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnectionsAboveTheSessionLimitAreClosedWithoutAByte(t *testing.T) {
	inBubble(t, Options{SessionLimit: 10}, func(c *client) {
		assert.Equal(t, 3, c.closedOf(13))
		synctest.Wait()
		assert.Zero(t, c.closedOf(10), "those that were closed count no more")
	})
}

func TestAReaderThatStandsStillIsCutOffWithoutAGoodbye(t *testing.T) {
	inBubble(t, Options{SocketBuffer: 10_000, WriteTimeout: time.Second}, func(c *client) {
		l := c.listen()
		body := `{"variables":{"x":"` + strings.Repeat("a", 1000) + `"}}`
		tell := func() (status int) {
			status, _ = c.ask(http.MethodPost, "/ari/events/user/fill?application=missedcalls", []byte(body)...)
			return status
		}
		for range 9 {
			require.Equal(t, http.StatusNoContent, tell())
		}
		time.Sleep(time.Hour)
		status, _ := c.ask(http.MethodGet, "/ari/applications/missedcalls")
		require.Equal(t, http.StatusOK, status, "what the kernel holds costs nothing")
		require.Equal(t, http.StatusNoContent, tell())
		require.Equal(t, http.StatusNoContent, tell())
		time.Sleep(time.Second - time.Millisecond)
		status, _ = c.ask(http.MethodGet, "/ari/applications/missedcalls")
		require.Equal(t, http.StatusOK, status)
		time.Sleep(2 * time.Second)
		status, _ = c.ask(http.MethodGet, "/ari/applications/missedcalls")
		assert.Equal(t, http.StatusNotFound, status, "the application is gone with its connection")
		go l.read()
		synctest.Wait()
		<-l.done
		assert.ErrorContains(t, l.err, "EOF")
	})
}

func TestWhoStopsReadingForAMomentIsNotCutOff(t *testing.T) {
	inBubble(t, Options{SocketBuffer: 1000, WriteTimeout: time.Second}, func(c *client) {
		l := c.listen()
		for range 20 {
			c.ask(http.MethodPost, "/ari/events/user/fill?application=missedcalls")
		}
		time.Sleep(500 * time.Millisecond)
		go l.read()
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Len(t, l.types, 20)
		l.stop()
	})
}

func TestARestartForgetsEverything(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		l := c.listen()
		go l.read()
		call := c.Call(Caller{Number: "1", DID: "2"})
		c.ask(http.MethodPost, "/ari/bridges/b1")
		synctest.Wait()
		c.Crash()
		<-call.Ended()
		<-l.done
		synctest.Wait()
		_, channels := c.ask(http.MethodGet, "/ari/channels")
		_, bridges := c.ask(http.MethodGet, "/ari/bridges")
		_, applications := c.ask(http.MethodGet, "/ari/applications")
		assert.Equal(t, []string{"[]", "[]", "[]"}, []string{channels, bridges, applications})
		assert.Equal(t, []string{"StasisStart"}, l.types, "nobody is told")
	})
}

func TestWhileItRefusesNobodyConnects(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.Refuse(true)
		status, _ := c.ask(http.MethodGet, "/ari/asterisk/ping")
		assert.Zero(t, status)
		c.Refuse(false)
		status, _ = c.ask(http.MethodGet, "/ari/asterisk/ping")
		assert.Equal(t, http.StatusOK, status)
	})
}

func TestACallerWhoIsTakenLeavesWithoutAHangUp(t *testing.T) {
	inBubble(t, Options{Dialplan: Dialplan{Exits: map[string]Exit{"desk,s": {Stay: ForEver}}}}, func(c *client) {
		types := c.hears(func() {
			call := c.Call(Caller{Number: "1", DID: "2"})
			synctest.Wait()
			call.Take("desk", "s")
			synctest.Wait()
			assert.False(t, c.InApplication(call.ID()))
		})
		assert.Equal(t, []string{"StasisStart", "StasisEnd"}, types)
	})
}

func TestWhatACallerHears(t *testing.T) {
	inBubble(t, Options{}, func(c *client) {
		c.hears(func() {
			call := c.Call(Caller{Number: "1", DID: "2"})
			synctest.Wait()
			at := "/ari/channels/" + call.ID()
			do := func(method, path string) string {
				status, _ := c.ask(method, path)
				require.Less(t, status, 300)
				synctest.Wait()
				return call.Hears()
			}
			assert.Equal(t, "nothing", call.Hears())
			assert.Equal(t, "ringing", do(http.MethodPost, at+"/ring"))
			assert.Equal(t, "nothing", do(http.MethodPost, at+"/answer"))
			assert.Equal(t, "music default", do(http.MethodPost, at+"/moh"))
			assert.Equal(t, "sound:hello-world", do(http.MethodPost, at+"/play?media=sound:hello-world"))
			time.Sleep(time.Minute)
			assert.Equal(t, "nothing", call.Hears(), "outside of a bridge the music does not come back")
			assert.Equal(t, "music jazz", do(http.MethodPost, at+"/moh?mohClass=jazz"))
			do(http.MethodPost, "/ari/bridges/b1?type=holding")
			do(http.MethodPost, "/ari/bridges/b1/addChannel?channel="+call.ID())
			do(http.MethodPost, at+"/play?media=sound:hello-world")
			time.Sleep(time.Minute)
			assert.Equal(t, "music jazz", call.Hears(), "in a bridge it does")
			assert.Equal(t, "nothing", do(http.MethodDelete, at+"/moh"))
		})
	})
}
