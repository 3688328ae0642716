package queueflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnAgentIsNotPausedForWhatAsteriskDidNotDo(t *testing.T) {
	create := func(s *served, gone bool) {
		s.tell(CommandFailed{Command: CreateLeg{Channel: s.at.channel}, Gone: gone})
	}
	for name, c := range map[string]struct {
		in     attemptState
		happen func(s *served)
		paused bool
	}{
		"no answer to the request for his channel": {creating, func(s *served) { create(s, false) }, false},
		"his phone cannot be called":               {creating, func(s *served) { create(s, true) }, true},
		"his channel is never made": {creating, func(s *served) {
			s.now = s.now.Add(createWithin)
			s.tell(Tick{})
		}, false},
		"no answer to the request to let it ring": {ringing, func(s *served) {
			s.tell(CommandFailed{Command: DialLeg{Channel: s.at.channel}})
		}, false},
		"his phone says that it is not there": {ringing, func(s *served) { s.tell(ChannelGone{Channel: s.at.channel, Cause: 20, SIP: 480}) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServed(c.in)
			mb := s.at.member
			mb.roster.serving.Autopause.Unavailable = 1
			c.happen(&s)
			assert.Equal(t, OutcomeUnavailable, s.at.outcome)
			assert.Equal(t, c.paused, mb.paused)
			assert.NoError(t, s.m.Check())
		})
	}
}
