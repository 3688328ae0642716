package queueflow

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func lostAt(id string) Channel { return Channel{Node: "n", ID: id} }

func TestALostChannelIsKnownOnce(t *testing.T) {
	l := newLostChannels()
	l.put(lostAt("1"), "c1")
	l.put(lostAt("1"), "c1")
	require.Equal(t, []LostSnapshot{{Node: "n", Channel: "1", Call: "c1"}}, l.snapshot())
	require.Equal(t, "c1", l.take(lostAt("1")))
	require.Empty(t, l.take(lostAt("1")))
	require.Empty(t, l.snapshot())
}

func TestAChannelLostTwiceIsTheLaterCall(t *testing.T) {
	l := newLostChannels()
	l.put(lostAt("1"), "c1")
	l.take(lostAt("1"))
	l.put(lostAt("1"), "c2")
	for i := range lostLimit - 1 { // c1 is forgotten now
		l.put(lostAt("x"+strconv.Itoa(i)), "x")
	}
	require.Equal(t, "c2", l.take(lostAt("1")))
}

func TestTheOldestLostChannelIsForgottenBeyondTheBound(t *testing.T) {
	l := newLostChannels()
	for i := range lostLimit + 2 {
		l.put(lostAt(strconv.Itoa(i)), "c")
	}
	require.Len(t, l.calls, lostLimit)
	require.Len(t, l.snapshot(), lostLimit)
	require.Empty(t, l.take(lostAt("1")))
	require.Equal(t, "c", l.take(lostAt("2")))
}
