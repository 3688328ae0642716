package queueflow

import (
	"cmp"
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// Episode is the open missed calls of one number: as long as nobody has seen to them, they are one matter.
type Episode struct {
	// ID is the id of its first missed call.
	ID string `json:"episode"`
	// Calls counts its missed calls. MissedAt and LastAt are when the first and the latest were missed.
	Calls    int       `json:"calls"`
	MissedAt time.Time `json:"missed_at"`
	LastAt   time.Time `json:"last_missed_at"`
	// Until is when it is closed without a word, unless another call is missed before.
	Until time.Time `json:"open_until"`
	// What follows is told of the latest missed call.
	Queue     string           `json:"queue"`
	QueueName string           `json:"queue_name"`
	DID       string           `json:"did"`
	Language  string           `json:"language"`
	Caller    callevent.Caller `json:"caller"`
	Reason    callevent.Reason `json:"reason"`
	// Source is the CloudEvents source.
	Source string `json:"source"`
}

const (
	defaultOpenFor = 24 * time.Hour
	// episodeLimit is how many are open at most; the one that would be closed next makes room.
	episodeLimit = 100_000
)

// Number is what the calls of an episode have in common: the number in international form, or an extension of the
// company. It is empty for callers who cannot be told apart: each of their calls is an episode of its own.
func (e Episode) Number() string { return numberOf(e.Caller) }

func numberOf(c callevent.Caller) string {
	switch {
	case c.E164 != "":
		return c.E164
	case c.Kind == callevent.CallerInternal:
		return c.Raw
	}
	return ""
}

// episode is an Episode in the machine. Its alarm, in episodes.due, is at its Until.
type episode struct {
	Episode
	// steps counts the events of its first call in this epoch.
	steps int
	alarm alarm
}

func (e *episode) ring(m *Machine) { m.episodes.drop(e) }

// episodes are those that are open.
type episodes struct {
	byID     map[string]*episode
	byNumber map[string]*episode
	// due are all of them, that which is closed next first.
	due alarms
	// alarm is the one of them all among those of the machine.
	alarm alarm
}

func newEpisodes() *episodes {
	s := &episodes{byID: make(map[string]*episode), byNumber: make(map[string]*episode)}
	s.alarm = alarm{rank: rankBeforeCalls, order: episodeOrder, owner: s}
	return s
}

// put keeps an episode open, in place of an older one of its number.
func (s *episodes) put(e *episode) {
	number := e.Number()
	if older := s.byNumber[number]; older != nil && older != e {
		s.drop(older)
	}
	if s.byID[e.ID] == nil && len(s.byID) >= episodeLimit {
		s.drop(s.due[0].owner.(*episode))
	}
	s.byID[e.ID] = e
	if number != "" {
		s.byNumber[number] = e
	}
	s.due.set(&e.alarm, e.Until)
}

func (s *episodes) drop(e *episode) {
	s.due.set(&e.alarm, time.Time{})
	delete(s.byID, e.ID)
	if number := e.Number(); s.byNumber[number] == e {
		delete(s.byNumber, number)
	}
}

// ring closes without a word the episodes whose time is over.
func (s *episodes) ring(m *Machine) {
	for len(s.due) > 0 && !s.due[0].at.After(m.now) {
		s.due[0].owner.ring(m)
	}
	m.watchEpisodes()
}

// watchEpisodes sets the alarm to the time at which an episode is closed next. One that is past already, because the
// program did not run then, fires in a step of its own.
func (m *Machine) watchEpisodes() {
	s, at := m.episodes, time.Time{}
	if len(s.due) > 0 {
		at = s.due[0].at
		if soonest := m.now.Add(time.Millisecond); at.Before(soonest) {
			at = soonest
		}
	}
	m.alarms.set(&s.alarm, at)
}

// fold counts a missed call into the open episode of its number, or opens one with it. A call that somebody else took
// was not missed by everybody: it does neither.
func (m *Machine) fold(c *call, p *callevent.Missed) {
	if p.Reason == callevent.ReasonTaken {
		return
	}
	m.episodes.ring(m)
	e := m.episodes.byNumber[numberOf(p.Caller)]
	if e == nil {
		e = newEpisode(c.id, p.LeftAt)
		e.steps = c.steps
	}
	p.Episode, p.EpisodeCalls = e.ID, e.Calls+1
	m.count(e, c.node.source, *p)
}

func newEpisode(id string, missedAt time.Time) *episode {
	e := &episode{Episode: Episode{ID: id, MissedAt: missedAt}}
	e.alarm = alarm{id: id, owner: e}
	return e
}

// count makes a missed call the latest of an episode.
func (m *Machine) count(e *episode, source string, p callevent.Missed) {
	e.Calls, e.Source, e.Reason = p.EpisodeCalls, source, p.Reason
	e.Queue, e.QueueName, e.DID, e.Language, e.Caller = p.Queue, p.QueueName, p.DID, p.Language, p.Caller
	if p.LeftAt.After(e.LastAt) {
		e.LastAt = p.LeftAt
	}
	if until := m.openUntil(p); until.After(e.Until) {
		e.Until = until
	}
	m.episodes.put(e)
	m.watchEpisodes()
}

// openUntil is when an episode is closed that has no later missed call. Of a call that left unseen it counts when that
// was known: the program may have been away for longer than a day. By the clock of the machine, as all alarms must be.
func (m *Machine) openUntil(p callevent.Missed) time.Time {
	known := p.LeftAt
	if p.LostWindow != nil {
		known = p.LostWindow.To
	}
	return m.now.Add(known.Add(m.settings.OpenFor).Sub(m.now))
}

// replayEpisode takes up what a missed call says of its episode. A call that is in the episode already, or of which a
// later one is, changes nothing.
func (m *Machine) replayEpisode(source string, p callevent.Missed) {
	if p.Episode == "" {
		return
	}
	e := m.episodes.byID[p.Episode]
	if e == nil {
		if newer := m.episodes.byNumber[numberOf(p.Caller)]; newer != nil && newer.Until.After(m.openUntil(p)) {
			return
		}
		e = newEpisode(p.Episode, p.LeftAt)
	}
	if p.EpisodeCalls > e.Calls && (e.Calls == 0 || e.Number() == numberOf(p.Caller)) {
		m.count(e, source, p)
	}
}

func (m *Machine) replayResolved(p callevent.Resolved) {
	if e := m.episodes.byID[p.Episode]; e != nil {
		m.episodes.drop(e)
		m.watchEpisodes()
	}
}

// ResolveMissed closes an open episode by hand.
type ResolveMissed struct {
	// Episode is the id of the episode. Number is used when it is empty: see Episode.Number.
	Episode, Number string
	// By and Why are for people; what is longer than TextLimit is cut off.
	By, Why string
}

func (in ResolveMissed) apply(m *Machine) {
	m.episodes.ring(m)
	e := m.episodes.byID[in.Episode]
	if in.Episode == "" {
		e = m.episodes.byNumber[in.Number]
	}
	if e == nil {
		m.ignore(in, "no such missed call is open")
		return
	}
	m.resolve(e, resolution{how: callevent.ResolvedByHand, by: in.By, why: in.Why})
}

// resolution is what resolve must know beside the episode.
type resolution struct {
	how callevent.ResolvedHow
	// by and why are for people, and may be empty; byCall is the call by which the person got through, if there was one.
	by, why, byCall string
}

// resolve closes an open episode and makes the one event that says so. Nothing else makes one.
func (m *Machine) resolve(e *episode, r resolution) {
	m.episodes.drop(e)
	m.watchEpisodes()
	e.steps++
	m.out.Events = append(m.out.Events, callevent.Event{
		ID: callevent.StepID(e.ID, m.settings.Epoch, e.steps), Source: e.Source, Call: e.ID, Time: m.now,
		Payload: callevent.Resolved{
			CallID: e.ID, Episode: e.ID, Queue: e.Queue, QueueName: e.QueueName, DID: e.DID, Language: e.Language, Caller: e.Caller,
			How: r.how, By: shorten(r.by), Why: shorten(r.why), Calls: e.Calls, MissedAt: e.MissedAt, LastAt: e.LastAt,
			ClosedAt: m.now, AfterMS: max(0, m.now.Sub(e.MissedAt).Milliseconds()), ByCall: r.byCall,
		},
	})
}

// Episodes gives the newest of the open episodes that are wanted, by their latest missed call, at most as many as the
// limit says. It costs a look at every one.
func (m *Machine) Episodes(limit int, wanted func(Episode) bool) []Episode {
	var found []Episode
	for _, al := range slices.Backward(m.episodes.due) { // the newer ones are in its back
		e := al.owner.(*episode)
		if len(found) >= limit && (limit < 1 || compareNewest(&found[limit-1], &e.Episode) < 0) {
			continue
		}
		if e.Until.After(m.now) && wanted(e.Episode) {
			at, _ := slices.BinarySearchFunc(found, &e.Episode, func(f Episode, e *Episode) int { return compareNewest(&f, e) })
			found = slices.Insert(found[:min(len(found), limit-1)], at, e.Episode)
		}
	}
	return found
}

// compareNewest orders episodes by their latest missed call, the newest first.
func compareNewest(a, b *Episode) int {
	return cmp.Or(b.LastAt.Compare(a.LastAt), cmp.Compare(b.ID, a.ID))
}

// snapshot gives all that are open at a time, in the order in which they were opened.
func (s *episodes) snapshot(now time.Time) []Episode {
	var all []Episode
	for _, e := range s.byID {
		if e.Until.After(now) {
			all = append(all, e.Episode)
		}
	}
	slices.SortFunc(all, func(a, b Episode) int { return cmp.Or(a.MissedAt.Compare(b.MissedAt), cmp.Compare(a.ID, b.ID)) })
	return all
}

// restoreEpisode opens an episode as it was in a snapshot.
func (m *Machine) restoreEpisode(s Episode) {
	e := newEpisode(s.ID, s.MissedAt)
	e.Episode = s
	e.Until = m.now.Add(s.Until.Sub(m.now))
	m.episodes.put(e)
}
