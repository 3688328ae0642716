package stasis

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
)

func TestAChangeOfAMemberGivesWhatIsStoredOfIt(t *testing.T) {
	perform(t, func(s *stage) {
		records, err := s.driver.ChangeMember(s.t.Context(), addsAnna)
		require.NoError(t, err)
		require.Len(t, records, 1)
		assert.Equal(t, "sales", records[0].Queue)
		assert.Equal(t, "Анна", records[0].Member.Name)
		_, err = s.driver.ChangeMember(s.t.Context(), addsAnna)
		require.ErrorIs(t, err, queueflow.ErrAlreadyMember)

		for queue, n := range map[string]int{"": 1, "sales": 1, "support": 0, "unknown": 0} {
			members, err := s.driver.Members(s.t.Context(), queue)
			require.NoError(t, err)
			assert.Len(t, members, n, queue)
		}
		queues, err := s.driver.Queues(s.t.Context())
		require.NoError(t, err)
		assert.Len(t, queues, len(testPolicies().Queues))

		s.end()
		s.after(0)
		_, err = s.driver.ChangeMember(s.t.Context(), addsAnna)
		require.ErrorIs(t, err, errEnded)
	})
}
