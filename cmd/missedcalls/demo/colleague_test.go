package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/queueflow"
)

func TestTheColleagueCallsBackWhoCalledMostAndOfThoseTheLast(t *testing.T) {
	c := colleague{justNow: 3 * time.Second, knows: func(call string) bool { return call != "untold" }}
	open := func(id string, calls, secondsAgo int) queueflow.Episode {
		return queueflow.Episode{ID: id, Calls: calls, LastAt: noon.Add(-time.Duration(secondsAgo) * time.Second)}
	}
	chosen, found := c.choose([]queueflow.Episode{
		open("just now", 9, 2), open("untold", 8, 5), open("once", 1, 3), open("last of the twice", 2, 7), open("twice", 2, 9),
	}, noon)
	assert.True(t, found)
	assert.Equal(t, "last of the twice", chosen.ID)
	chosen, found = c.choose([]queueflow.Episode{open("older", 1, 9), open("once", 1, 3)}, noon)
	assert.True(t, found)
	assert.Equal(t, "once", chosen.ID)
	_, found = c.choose([]queueflow.Episode{open("just now", 9, 2)}, noon)
	assert.False(t, found)
}

func TestTheColleagueSpeaksTheLanguageOfTheQueue(t *testing.T) {
	assert.Equal(t, "перезвонили", calledBack("ru"))
	assert.Equal(t, "called back", calledBack("en"))
	assert.Equal(t, "called back", calledBack(""))
}
