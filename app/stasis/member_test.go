package stasis

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
)

func store(endpoint, queue, reason string) queueflow.StoreMember {
	return queueflow.StoreMember{Record: queueflow.MemberRecord{Queue: queue, Member: queueflow.Member{Endpoint: endpoint}, Reason: reason}}
}

// shelf is where records of members are stored, if it lets them.
type shelf struct {
	mu     sync.Mutex
	closed bool
	stored []string
	tries  int
}

func (s *shelf) put(_ context.Context, r queueflow.MemberRecord) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	if s.closed {
		return errors.New("no leader")
	}
	s.stored = append(s.stored, r.Member.Endpoint+" "+r.Queue+" "+r.Reason)
	return nil
}

// has gives what is stored, and how often somebody tried to.
func (s *shelf) has() (stored []string, tries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stored), s.tries
}

func (s *shelf) all() []string {
	stored, _ := s.has()
	return stored
}

func (s *shelf) set(closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = closed
}

func TestWhatIsDecidedAboutMembersIsStored(t *testing.T) {
	perform(t, func(s *stage) {
		var kept shelf
		s.driver.StoreMember = kept.put
		s.order(store("PJSIP/101", "sales", "lunch"), store("PJSIP/101", "sales", ""), store("PJSIP/101", "support", ""))
		assert.Equal(t, []string{"PJSIP/101 sales lunch", "PJSIP/101 sales ", "PJSIP/101 support "}, kept.all())
	})
}

func TestAStoreThatIsAwayIsTriedUntilItIsBackAndGetsTheNewest(t *testing.T) {
	perform(t, func(s *stage) {
		kept := shelf{closed: true}
		s.driver.StoreMember = kept.put
		s.order(store("PJSIP/101", "sales", "1"))
		for _, reason := range []string{"2", "3", "4"} {
			s.order(store("PJSIP/101", "sales", reason), store("PJSIP/101", "support", reason))
		}
		s.after(time.Second - time.Millisecond)
		_, tries := kept.has()
		assert.Equal(t, 1, tries)
		s.after(time.Millisecond)
		_, tries = kept.has()
		assert.Equal(t, 2, tries)
		kept.set(false)
		s.after(2 * time.Second)
		assert.Equal(t, []string{"PJSIP/101 sales 1", "PJSIP/101 sales 4", "PJSIP/101 support 4"}, kept.all())
	})
}

func TestAMemberThatCannotBeStoredKeepsNoOtherAgentWaiting(t *testing.T) {
	perform(t, func(s *stage) {
		var kept shelf
		hang := make(chan struct{})
		s.driver.StoreMember = func(ctx context.Context, r queueflow.MemberRecord) error {
			if r.Member.Endpoint == "PJSIP/101" {
				<-hang
			}
			return kept.put(ctx, r)
		}
		s.order(store("PJSIP/101", "sales", ""), store("PJSIP/102", "sales", ""))
		assert.Equal(t, []string{"PJSIP/102 sales "}, kept.all())
		close(hang)
		s.after(0)
		assert.Equal(t, []string{"PJSIP/102 sales ", "PJSIP/101 sales "}, kept.all())
	})
}

func TestTheEndWaitsForTheStoreWithinItsLimit(t *testing.T) {
	for name, c := range map[string]struct {
		back time.Duration
		ends time.Duration
		kept []string
	}{
		"it is back in time": {2 * time.Second, 3 * time.Second, []string{"PJSIP/101 sales "}},
		"it stays away":      {time.Hour, 10 * time.Second, nil},
	} {
		t.Run(name, func(t *testing.T) {
			perform(t, func(s *stage) {
				kept := shelf{closed: true}
				opens := time.Now().Add(c.back)
				s.driver.StoreMember = func(ctx context.Context, r queueflow.MemberRecord) error {
					kept.set(time.Now().Before(opens))
					return kept.put(ctx, r)
				}
				s.order(store("PJSIP/101", "sales", ""))
				began := time.Now()
				s.end()
				assert.NoError(t, <-s.ended)
				assert.Equal(t, c.ends, time.Since(began))
				assert.Equal(t, c.kept, kept.all())
			})
		})
	}
}

func TestWithoutAStoreNothingIsKept(t *testing.T) {
	perform(t, func(s *stage) {
		s.order(store("PJSIP/101", "sales", ""))
		assert.False(t, s.driver.lanes.busy())
	})
}

// withMembers gives the queues sales and support a member each, who is the same agent.
func (s *stage) withMembers() {
	policies := testPolicies()
	policies.Queues["support"] = queueflow.Policy{ID: "support", Name: "Support"}
	for id, p := range policies.Queues {
		p.Serving.Members = []queueflow.Member{{Endpoint: "PJSIP/101", Name: "Anna"}}
		policies.Queues[id] = p
	}
	s.driver.Reload(policies, s.driver.Caller)
	s.after(0)
}

func TestAMemberIsPausedWithEventAndRecord(t *testing.T) {
	perform(t, func(s *stage) {
		var kept shelf
		s.driver.StoreMember = kept.put
		s.withMembers()
		s.journal.slow = true
		before := len(s.journal.subjects())
		records, err := s.driver.ChangeMember(s.t.Context(), queueflow.ChangeMember{
			Change: queueflow.PauseMember, Queue: "sales", Member: queueflow.Member{Endpoint: "PJSIP/101"}, Reason: "lunch", By: "anna",
		})
		require.NoError(t, err)
		require.Len(t, records, 1)
		assert.Equal(t, []string{"sales", "PJSIP/101", "lunch", "anna"}, []string{
			records[0].Queue, records[0].Member.Endpoint, records[0].Reason, records[0].By,
		})
		assert.Equal(t, []string{"member_paused"}, s.journal.subjects()[before:])
		s.after(time.Second)
		assert.Empty(t, kept.all(), "its event is not durable yet")
		s.journal.release()
		s.after(0)
		assert.Equal(t, []string{"PJSIP/101 sales lunch"}, kept.all())

		members, err := s.driver.Members(s.t.Context(), "")
		require.NoError(t, err)
		require.Len(t, members, 2)
		assert.Equal(t, []any{"sales", true, "support", false}, []any{members[0].Queue, members[0].Paused, members[1].Queue, members[1].Paused})
		members, err = s.driver.Members(s.t.Context(), "sales")
		require.NoError(t, err)
		assert.Len(t, members, 1)
		queues, err := s.driver.Queues(s.t.Context())
		require.NoError(t, err)
		assert.Equal(t, []int{1, 0}, []int{queues[0].Agents.Paused, queues[1].Agents.Paused})
	})
}

func TestAChangeThatCannotBeMadeSaysWhyAndChangesNothing(t *testing.T) {
	perform(t, func(s *stage) {
		s.withMembers()
		before := len(s.journal.subjects())
		records, err := s.driver.ChangeMember(s.t.Context(), queueflow.ChangeMember{
			Change: queueflow.PauseMember, Queue: "nobody's", Member: queueflow.Member{Endpoint: "PJSIP/101"},
		})
		assert.ErrorIs(t, err, queueflow.ErrUnknownQueue)
		assert.Empty(t, records)
		gone, cancel := context.WithCancel(s.t.Context())
		cancel()
		_, err = s.driver.ChangeMember(gone, queueflow.ChangeMember{
			Change: queueflow.PauseMember, Queue: "sales", Member: queueflow.Member{Endpoint: "PJSIP/101"},
		})
		assert.ErrorIs(t, err, context.Canceled)
		s.after(0)
		assert.Len(t, s.journal.subjects(), before)
	})
}
