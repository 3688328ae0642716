package email

import (
	"net"
	"net/textproto"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wneessen/go-mail/smtp"
)

// newPipe is a connection in memory, and the words that come out of its other end until it is closed.
func newPipe() (c *connection, words <-chan string) {
	ours, theirs := net.Pipe()
	all := make(chan string, 1)
	go func() {
		b := make([]byte, 100)
		n, _ := theirs.Read(b)
		theirs.Close()
		all <- string(b[:n])
	}()
	return &connection{raw: ours, client: &smtp.Client{Text: textproto.NewConn(ours)}}, all
}

func TestAnIdleConnectionIsTakenUntilItsTimeIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := idle{most: 1}
		c, words := newPipe()
		i.put(c)
		time.Sleep(idleFor - time.Nanosecond)
		require.Same(t, c, i.take())
		i.put(c)
		time.Sleep(idleFor - time.Nanosecond) // the first turn's end does not count
		require.Same(t, c, i.take())
		i.put(c)
		time.Sleep(idleFor + time.Nanosecond)
		assert.Equal(t, "QUIT\r\n", <-words)
		assert.Nil(t, i.take())
	})
}

func TestNoMoreConnectionsAreKeptThanThereAreWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		i := idle{most: 1}
		one, wordsOfOne := newPipe()
		two, wordsOfTwo := newPipe()
		i.put(one)
		i.put(two)
		assert.Equal(t, "QUIT\r\n", <-wordsOfTwo)
		i.close()
		assert.Equal(t, "QUIT\r\n", <-wordsOfOne)
		three, wordsOfThree := newPipe()
		i.put(three)
		assert.Equal(t, "QUIT\r\n", <-wordsOfThree)
		assert.Nil(t, i.take())
		assert.Equal(t, began, time.Now(), "each of them at once")
	})
}

func TestAServerThatDoesNotReadHoldsNobodyUpForItsFarewell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		began := time.Now()
		(&connection{raw: ours, client: &smtp.Client{Text: textproto.NewConn(ours)}}).quit()
		assert.Equal(t, time.Second, time.Since(began))
		theirs.Close()
	})
}
