package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/bus"
	"missedcalls/queueflow"
)

// memberRecords is the kind of the records that say what was decided about members of queues beside the configuration: by
// queue and endpoint, the JSON of queueflow.MemberRecord. A member that was removed has one, too, so that it wins over what
// is older.
const memberRecords = "member"

// maxMembers bounds how many records are read at a start.
const maxMembers = 100_000

// recordsOfMembers are where records are kept; bus.Records are.
type recordsOfMembers interface {
	Put(ctx context.Context, name string, value []byte) error
	All(ctx context.Context) ([][]byte, error)
}

// memberStore keeps the records of members for the next start. It is safe for use by several goroutines: the driver, which
// stores all of them, and requests, which are answered when theirs are.
type memberStore struct {
	records recordsOfMembers
	log     zerolog.Logger

	mu     sync.Mutex // guards the map
	stored map[string]*storedMember
}

// storedMember is what is known of one record.
type storedMember struct {
	// writing lets one writer at a time have the record, so that the newest stays; it guards at and value.
	writing sync.Mutex
	// at is that of the newest record which is stored, value what is stored.
	at    time.Time
	value []byte
}

func newMemberStore(records recordsOfMembers, log zerolog.Logger) *memberStore {
	return &memberStore{records: records, log: log, stored: make(map[string]*storedMember)}
}

// of is what is known of a record.
func (s *memberStore) of(r queueflow.MemberRecord) *storedMember {
	name := memberName(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.stored[name]
	if !ok {
		known = new(storedMember)
		s.stored[name] = known
	}
	return known
}

// memberName is the name of a record. Neither a queue nor an endpoint has a space.
func memberName(r queueflow.MemberRecord) string { return r.Queue + " " + r.Member.Endpoint }

// Store stores a record, unless that or a newer one is stored. When it returns nil that is durable.
func (s *memberStore) Store(ctx context.Context, r queueflow.MemberRecord) error {
	value, err := encodeMember(r)
	if err != nil {
		return err
	}
	known := s.of(r)
	known.writing.Lock()
	defer known.writing.Unlock()
	if r.At.Before(known.at) || bytes.Equal(value, known.value) {
		return nil
	}
	if err := s.records.Put(ctx, memberName(r), value); err != nil {
		return err
	}
	known.at, known.value = r.At, value
	return nil
}

func encodeMember(r queueflow.MemberRecord) ([]byte, error) {
	var value bytes.Buffer
	encoder := json.NewEncoder(&value)
	encoder.SetEscapeHTML(false) // a record is read by nobody who would take it for markup, and has a bound
	if err := encoder.Encode(r); err != nil {
		return nil, fmt.Errorf("encode the record of %s: %w", memberName(r), err)
	}
	return value.Bytes(), nil
}

// read gives what is stored. What cannot be read is told and passed over: the events and the checkpoint know the members of
// the last run, too.
func (s *memberStore) read(ctx context.Context) queueflow.MembersStored {
	values, err := s.records.All(ctx)
	if err != nil {
		s.log.Error().Err(err).Msg("what was decided about members cannot be read; those of the last run are known from its events")
	}
	if len(values) > maxMembers {
		s.log.Error().Int("records", len(values)).Int("read", maxMembers).
			Msg("there are too many records of members; the others are passed over")
		values = values[len(values)-maxMembers:] // the newest
	}
	var all queueflow.MembersStored
	for _, value := range values {
		r, err := readMember(value)
		if err != nil {
			s.log.Warn().Err(err).Msg("the record of a member is passed over; `missedcalls members` sets it anew")
			continue
		}
		known := s.of(r)
		known.writing.Lock()
		known.at, known.value = r.At, value
		known.writing.Unlock()
		all.Records = append(all.Records, r)
	}
	return all
}

// ofQueues gives what is stored of the members of some queues.
func (s *memberStore) ofQueues(queues map[string]bool) queueflow.MembersStored {
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.stored))
	s.mu.Unlock()
	var some queueflow.MembersStored
	for _, known := range all {
		known.writing.Lock()
		value := known.value
		known.writing.Unlock()
		if r, err := readMember(value); err == nil && queues[r.Queue] {
			some.Records = append(some.Records, r)
		}
	}
	return some
}

func readMember(value []byte) (queueflow.MemberRecord, error) {
	var r queueflow.MemberRecord
	if len(value) > bus.MaxRecord {
		return r, fmt.Errorf("read the record of a member: it has %d bytes, and may have %d", len(value), bus.MaxRecord)
	}
	if err := json.Unmarshal(value, &r); err != nil {
		return r, fmt.Errorf("read the record of a member: %w", err)
	}
	switch {
	case r.Queue == "" || !strings.Contains(r.Member.Endpoint, "/"):
		return r, errors.New("read the record of a member: it names no queue, or no endpoint")
	case r.At.IsZero():
		return r, fmt.Errorf("read the record of %s: it does not say when it was made", memberName(r))
	}
	return r, nil
}
