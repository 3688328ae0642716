package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/queueflow"
)

// shelf keeps records of members in memory, and may be full.
type memberShelf struct {
	mu     sync.Mutex
	values map[string][]byte
	puts   int
	err    error
}

func (s *memberShelf) Put(_ context.Context, name string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if s.err == nil {
		s.values[name] = value
	}
	return s.err
}

func (s *memberShelf) All(context.Context) (values [][]byte, err error) {
	for _, v := range s.values {
		values = append(values, v)
	}
	return values, s.err
}

func (s *memberShelf) reason(t *testing.T, name string) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Contains(t, s.values, name)
	r, err := readMember(s.values[name])
	require.NoError(t, err)
	return r.Reason
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func paused(reason string, after time.Duration) queueflow.MemberRecord {
	return queueflow.MemberRecord{
		Queue: "sales", Member: queueflow.Member{Endpoint: "PJSIP/101", Paused: true}, Reason: reason, By: "anna", At: noon.Add(after),
	}
}

func TestTheNewestRecordOfAMemberStays(t *testing.T) {
	shelf := &memberShelf{values: map[string][]byte{}}
	s := newMemberStore(shelf, zerolog.Nop())
	require.NoError(t, s.Store(t.Context(), paused("lunch", time.Minute)))
	require.NoError(t, s.Store(t.Context(), paused("lunch", time.Minute)), "twice is once")
	require.NoError(t, s.Store(t.Context(), paused("coffee", 0)), "it comes late")
	assert.Equal(t, "lunch", shelf.reason(t, "sales PJSIP/101"))
	assert.Equal(t, 1, shelf.puts)
	require.NoError(t, s.Store(t.Context(), paused("meeting", 2*time.Minute)))
	assert.Equal(t, "meeting", shelf.reason(t, "sales PJSIP/101"))

	again := newMemberStore(shelf, zerolog.Nop())
	stored := again.read(t.Context())
	require.Len(t, stored.Records, 1)
	assert.Equal(t, paused("meeting", 2*time.Minute), stored.Records[0])
	require.NoError(t, again.Store(t.Context(), paused("lunch", time.Minute)), "what was read is known to be stored")
	assert.Equal(t, "meeting", shelf.reason(t, "sales PJSIP/101"))
}

func TestARecordThatCannotBeStoredIsStoredWhenItIsTriedAgain(t *testing.T) {
	shelf := &memberShelf{values: map[string][]byte{}, err: errors.New("disk full")}
	s := newMemberStore(shelf, zerolog.Nop())
	require.ErrorContains(t, s.Store(t.Context(), paused("lunch", 0)), "disk full")
	shelf.err = nil
	require.NoError(t, s.Store(t.Context(), paused("lunch", 0)))
	assert.Equal(t, "lunch", shelf.reason(t, "sales PJSIP/101"))
}

func TestTheLongestRecordThatMayBeAskedForIsNotTooLong(t *testing.T) {
	text := strings.Repeat(`"`, queueflow.TextLimit)
	rest := 24 * time.Hour
	yes := true
	r := queueflow.MemberRecord{
		Queue: strings.Repeat("q", 64), Dynamic: true, Removed: true, Reason: text, By: text, At: time.Now(),
		Member: queueflow.Member{
			Endpoint: strings.Repeat("x/", 100), Name: text, Penalty: 1_000_000, WrapUp: &rest, StateInterface: strings.Repeat("x/", 100),
			Paused: true, Confirm: true, RingInUse: &yes,
		},
	}
	for range 50 { // 2000 bytes, as the API lets at most
		r.Member.Skills = append(r.Member.Skills, strings.Repeat("s", 40))
	}
	value, err := json.Marshal(r)
	require.NoError(t, err)
	assert.LessOrEqual(t, len(value), bus.MaxRecord)
}

func TestARecordOfAMemberThatCannotBeReadIsPassedOver(t *testing.T) {
	good, err := json.Marshal(paused("lunch", 0))
	require.NoError(t, err)
	shelf := &memberShelf{values: map[string][]byte{
		"a": []byte("{"), "b": []byte(`{"queue":"sales","member":{},"at":"2026-11-26T12:00:00Z"}`), "c": []byte("{}"), "d": make([]byte, bus.MaxRecord+1),
		"e": []byte(`{"queue":"sales","member":{"endpoint":"PJSIP/101"}}`), "f": good,
	}}
	var log said
	stored := newMemberStore(shelf, zerolog.New(&log)).read(t.Context())
	assert.Equal(t, []queueflow.MemberRecord{paused("lunch", 0)}, stored.Records)
	assert.Equal(t, 5, strings.Count(log.String(), "is passed over"))

	shelf.err = errors.New("no connection")
	shelf.values = nil
	assert.Empty(t, newMemberStore(shelf, zerolog.New(&log)).read(t.Context()).Records)
	assert.Contains(t, log.String(), "no connection")
}

// said is a log in memory.
type said struct{ strings.Builder }
