package stasis

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// missesTwice is a caller who hangs up two times, with a second between.
func (s *stage) missesTwice() (episode string) {
	for _, id := range []string{"c1", "c2"} {
		s.asterisk.enter(id)
		s.after(time.Second)
		s.asterisk.hangUp(id)
		s.after(0)
	}
	return s.journal.missed(0).CallID
}

func anyEpisode(queueflow.Episode) bool { return true }

func TestTheOpenMissedCallsAreToldAndCounted(t *testing.T) {
	perform(t, func(s *stage) {
		episode := s.missesTwice()
		open, err := s.driver.Missed(s.t.Context(), 10, anyEpisode)
		require.NoError(t, err)
		require.Len(t, open, 1)
		assert.Equal(t, episode, open[0].ID)
		assert.Equal(t, 2, open[0].Calls)
		assert.Equal(t, "+79161234567", open[0].Number())
		n, err := s.driver.OpenMissed(s.t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	})
}

func TestAMissedCallIsResolvedByHandOnce(t *testing.T) {
	perform(t, func(s *stage) {
		episode := s.missesTwice()
		in := queueflow.ResolveMissed{Episode: episode, By: "anna", Why: "called back"}
		resolved, err := s.driver.ResolveMissed(s.t.Context(), in)
		require.NoError(t, err)
		require.NotNil(t, resolved)
		assert.Equal(t, "anna", resolved.By)
		assert.Equal(t, callevent.ResolvedByHand, resolved.How)
		assert.Equal(t, []string{"entered", "missed abandoned", "entered", "missed abandoned", "resolved"}, s.journal.subjects())
		again, err := s.driver.ResolveMissed(s.t.Context(), in)
		require.NoError(t, err)
		assert.Nil(t, again)
		s.after(0)
		assert.Len(t, s.journal.subjects(), 5)
	})
}

func TestWhoNoLongerWaitsForTheAnswerResolvesNothing(t *testing.T) {
	perform(t, func(s *stage) {
		episode := s.missesTwice()
		gone, cancel := context.WithCancel(s.t.Context())
		cancel()
		_, err := s.driver.ResolveMissed(gone, queueflow.ResolveMissed{Episode: episode})
		require.ErrorIs(t, err, context.Canceled)
		s.after(0)
		n, err := s.driver.OpenMissed(s.t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	})
}

func TestADriverThatHasEndedSaysSo(t *testing.T) {
	perform(t, func(s *stage) {
		episode := s.missesTwice()
		s.end()
		require.NoError(t, <-s.ended)
		_, err := s.driver.ResolveMissed(s.t.Context(), queueflow.ResolveMissed{Episode: episode})
		require.ErrorIs(t, err, errEnded)
		_, err = s.driver.Missed(s.t.Context(), 10, anyEpisode)
		require.ErrorIs(t, err, errEnded)
	})
}
