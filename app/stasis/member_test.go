package stasis

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/queueflow"
)

func store(endpoint, queue, reason string) queueflow.StoreMember {
	return queueflow.StoreMember{Record: queueflow.MemberRecord{Queue: queue, Member: queueflow.Member{Endpoint: endpoint}, Reason: reason}}
}

// shelf is where records of members are stored, if it lets them.
type shelf struct {
	closed bool
	stored []string
	tries  int
}

func (s *shelf) put(_ context.Context, r queueflow.MemberRecord) error {
	s.tries++
	if s.closed {
		return errors.New("no leader")
	}
	s.stored = append(s.stored, r.Member.Endpoint+" "+r.Queue+" "+r.Reason)
	return nil
}

func TestWhatIsDecidedAboutMembersIsStored(t *testing.T) {
	perform(t, func(s *stage) {
		var kept shelf
		s.driver.StoreMember = kept.put
		s.order(store("PJSIP/101", "sales", "lunch"), store("PJSIP/101", "sales", ""), store("PJSIP/101", "support", ""))
		assert.Equal(t, []string{"PJSIP/101 sales lunch", "PJSIP/101 sales ", "PJSIP/101 support "}, kept.stored)
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
		assert.Equal(t, 1, kept.tries)
		s.after(time.Millisecond)
		assert.Equal(t, 2, kept.tries)
		kept.closed = false
		s.after(2 * time.Second)
		assert.Equal(t, []string{"PJSIP/101 sales 1", "PJSIP/101 sales 4", "PJSIP/101 support 4"}, kept.stored)
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
		assert.Equal(t, []string{"PJSIP/102 sales "}, kept.stored)
		close(hang)
		s.after(0)
		assert.Equal(t, []string{"PJSIP/102 sales ", "PJSIP/101 sales "}, kept.stored)
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
					kept.closed = time.Now().Before(opens)
					return kept.put(ctx, r)
				}
				s.order(store("PJSIP/101", "sales", ""))
				began := time.Now()
				s.end()
				assert.NoError(t, <-s.ended)
				assert.Equal(t, c.ends, time.Since(began))
				assert.Equal(t, c.kept, kept.stored)
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
