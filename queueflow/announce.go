package queueflow

import (
	"time"

	"missedcalls/queueflow/speech"
)

// Announce is what a queue tells its callers of their place and of the wait. The zero value tells nothing.
type Announce struct {
	// Position says whether the place is told.
	Position PositionPolicy
	// EstimatedWait says whether the expected wait is told, and Round to what it is rounded up; 0 is 30 s below two minutes
	// and whole minutes above.
	EstimatedWait EstimatePolicy
	Round         time.Duration
	// Limit is the place up to which it is told (PositionLimit), or beyond which "more than" it (PositionMoreThan).
	Limit int
	// FirstAfter counts from the entry into the queue. Every is between the beginnings of two announcements; 0 makes one.
	FirstAfter, Every time.Duration
	// MinGap is the least time between the beginnings of two announcements. After it a change of place is told.
	MinGap time.Duration
	// OnlyUp tells a place only when it is better than the one told last.
	OnlyUp bool
	// ThankYou ends each announcement with a thank-you.
	ThankYou bool
}

// PositionPolicy says whether a caller is told his place.
type PositionPolicy uint8

// The policies.
const (
	// PositionSilent does not tell the place.
	PositionSilent PositionPolicy = iota
	// PositionTold tells every place.
	PositionTold
	// PositionLimit tells places up to Announce.Limit.
	PositionLimit
	// PositionMoreThan tells places up to Announce.Limit, and of others that they are more than it.
	PositionMoreThan
)

// EstimatePolicy says whether a caller is told how long he will probably wait.
type EstimatePolicy uint8

// The policies.
const (
	// EstimateSilent does not tell the wait.
	EstimateSilent EstimatePolicy = iota
	// EstimateOnce tells it in the first announcement that there is an estimate for.
	EstimateOnce
	// EstimateTold tells it in every announcement.
	EstimateTold
)

// told is what an announcement says of the place; the zero value is nothing.
type told struct {
	position int
	moreThan bool
}

// announcing is what is remembered of a call's announcements in its queue.
type announcing struct {
	// times counts them, lastAt is when the newest was to begin, and last what it said of the place.
	times  int
	lastAt time.Time
	last   told
	// waitTold is true once one told the wait.
	waitTold bool
}

// lookAgain is how often a caller's place is looked at once enough time has passed since he was told the last one. A
// change is told that much late at most; looking at once would cost a look at the whole line whenever somebody leaves.
const lookAgain = 5 * time.Second

// beginHearing arms what a caller is to hear in the queue he has come into.
func (m *Machine) beginHearing(c *call, p Policy) {
	c.hears.announcing, c.hears.rotation, c.hears.periodicAt, c.hears.next = announcing{}, 0, time.Time{}, nil
	m.armHearing(c, p)
}

// armHearing arms what a caller is to hear next in his queue, counted from when he came into it or last heard it.
func (m *Machine) armHearing(c *call, p Policy) {
	c.due[dueAnnouncement] = m.soon(c.nextAnnouncement(p.Announce))
	c.due[duePeriodic] = m.soon(c.nextPeriodic(p.Periodic))
	m.schedule(c)
}

// soon moves a time that is past to the next instant, so that it fires in a step of its own.
func (m *Machine) soon(at time.Time) time.Time {
	if soonest := m.now.Add(time.Millisecond); !at.IsZero() && at.Before(soonest) {
		return soonest
	}
	return at
}

// nextAnnouncement is when to look whether a caller should be told something; zero is never.
func (c *call) nextAnnouncement(a Announce) time.Time {
	switch {
	case a.Position == PositionSilent && !c.hearsWait(a), c.hears.times > 0 && a.Every == 0:
		return time.Time{}
	case c.hears.times == 0:
		return c.queuedAt.Add(a.FirstAfter)
	}
	return c.hears.lastAt.Add(min(a.Every, max(a.MinGap, time.Second)))
}

// announce tells a caller his place and his wait if there is something to tell, and looks again later if not.
func (m *Machine) announce(c *call) {
	p, _ := m.policy(c.queue)
	if p.Announce.Position == PositionSilent && !c.hearsWait(p.Announce) || c.place == nil {
		return
	}
	if c.state == waiting && m.worthTelling(c, p.Announce) {
		m.say(c, announcement)
		return
	}
	next := m.now.Add(lookAgain)
	if due := c.hears.lastAt.Add(p.Announce.Every); due.After(m.now) && due.Before(next) {
		next = due
	}
	m.arm(c, dueAnnouncement, next)
}

// composeAnnouncement makes the announcement that a caller hears now, and arms the next. His place may have changed since
// it became due, even to one that is not told, or that cannot be told in his language.
func (m *Machine) composeAnnouncement(c *call, p Policy) prompt {
	now := p.Announce.tell(m.line(c.queue).position(c))
	language, known := speech.For(c.spokenLanguage(p))
	if !m.settings.OwnPrompts {
		language = language.Stock()
	}
	media, said := now.say(language)
	wait := m.waitToTell(c, p.Announce)
	words := language.Wait(wait)
	if len(words) == 0 {
		wait = 0
	}
	if media = append(media, words...); len(media) == 0 {
		m.arm(c, dueAnnouncement, m.now.Add(lookAgain))
		return prompt{}
	}
	if p.Announce.ThankYou {
		media = append(media, language.ThankYou()...)
	}
	c.hears.times++
	c.hears.lastAt, c.hears.last = m.now, now
	c.hears.waitTold = c.hears.waitTold || wait > 0
	m.arm(c, dueAnnouncement, c.nextAnnouncement(p.Announce))
	heard := prompt{kind: announcement, media: media, told: said, wait: wait}
	if !known {
		heard.language = language.Name() // the channel's own sounds would be put together by the wrong grammar
	}
	return heard
}

// say is what tells a place in a language, none for nothing, and what it tells.
func (t told) say(l speech.Language) (words []string, said told) {
	var place speech.Place
	if t.moreThan {
		words, place = l.MoreThan(t.position)
	} else {
		words, place = l.Position(t.position)
	}
	return words, told{position: place.N, moreThan: place.MoreThan}
}

// tell is what is said of a place.
func (a Announce) tell(position int) told {
	switch {
	case a.Position == PositionTold, position <= a.Limit:
		return told{position: position}
	case a.Position == PositionMoreThan:
		return told{position: a.Limit, moreThan: true}
	}
	return told{}
}

// worthTelling says whether a caller should be told something of his place or of his wait now.
func (m *Machine) worthTelling(c *call, a Announce) bool {
	now, last := a.tell(m.line(c.queue).position(c)), c.hears.last
	due := c.hears.times == 0 || !m.now.Before(c.hears.lastAt.Add(a.Every))
	switch {
	case now == told{}:
		return due && m.waitToTell(c, a) > 0
	case c.hears.times == 0:
		return true
	case a.OnlyUp:
		return now.better(last)
	}
	return now != last || due
}

// better says whether a place is nearer to the front than another one.
func (t told) better(than told) bool {
	return t.position < than.position || t.position == than.position && than.moreThan && !t.moreThan
}
