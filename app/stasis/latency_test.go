package stasis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
)

var addsAnna = queueflow.ChangeMember{
	Change: queueflow.AddMember, Queue: "sales", Member: queueflow.Member{Endpoint: "PJSIP/101", Name: "Анна"}, By: "boris",
}

func TestHowSoonAnAgentIsRungIsToldOnceHisChannelIsBeingMade(t *testing.T) {
	perform(t, func(s *stage) {
		var told []time.Duration
		s.driver.Observer.Ringing = func(after time.Duration) { told = append(told, after) }
		s.asterisk.enter("c1")
		s.after(10 * time.Second)
		assert.Empty(t, told, "there is no agent")
		s.journal.slow = true
		_, err := s.driver.ChangeMember(s.t.Context(), addsAnna)
		require.NoError(t, err)
		s.after(3 * time.Second)
		assert.Empty(t, told, "that he is a member is not durable")
		s.journal.release()
		s.after(0)
		assert.Equal(t, []time.Duration{3 * time.Second}, told)
	})
}
