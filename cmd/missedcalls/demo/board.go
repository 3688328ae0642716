package demo

import (
	"cmp"
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// board is what the events have told so far: who waits where, what was counted, what happened last. It is a value
// without clock or goroutine. Events may be repeated, may be of kinds it does not know, and may speak of calls that
// began before it did: none of this is an error.
type board struct {
	lanes []*lane
	// zone is that of the times it shows; paint tells whether it may use colours.
	zone  *time.Location
	paint bool
	// head stands above everything, foot below.
	head []string
	foot string

	entered, moved, announced, answered, resolved, repeated, unknown int
	missed                                                           map[callevent.Reason]int
	// rang is how often an agent was rung, by what came of it.
	rang map[string]int
	// callers are the numbers of those who wait or talk, by call.
	callers map[string]string
	// longest is the longest wait of those who have left the line.
	longest time.Duration
	// news are the last events in words, the newest last.
	news   []string
	recent recent
	// chatting tells whether there is a chat; posts are its last messages as they stand, the one that came or changed last
	// at the end.
	chatting bool
	posts    []post
}

// lane is one queue's line.
type lane struct {
	id, name   string
	maxWait    time.Duration // 0 without limit
	maxCallers int           // 0 without limit
	waiting    []waiter
	seats      []seat
}

// waiter is somebody in a line.
type waiter struct {
	call, number string
	since        time.Time
	priority     int
}

// newsKept bounds the events in words that are kept, postsKept the messages.
const (
	newsKept  = 100
	postsKept = 10
)

// newBoard has the queues of a configuration, in the order of the numbers that lead to them.
func newBoard(s scene, zone *time.Location) *board {
	b := &board{zone: zone, missed: make(map[callevent.Reason]int), rang: make(map[string]int), callers: make(map[string]string)}
	for _, d := range s.destinations {
		b.lanes = append(b.lanes, laneOf(s.policies.Queues[d.queue]))
	}
	return b
}

func laneOf(p queueflow.Policy) *lane {
	return &lane{id: p.ID, name: p.Name, maxWait: p.MaxWait, maxCallers: p.MaxCallers}
}

// take reads one message. What is no event that this version knows is counted. news is the event in words, empty for
// one that says nothing new; ends is the channel of a call that it ended.
func (b *board) take(message []byte) (news, ends string) {
	e, err := callevent.Decode(message)
	if err != nil {
		b.unknown++
		return "", ""
	}
	switch p := e.Payload.(type) {
	case callevent.Missed:
		ends = p.Asterisk.ChannelID
	case callevent.Completed:
		ends = p.Asterisk.ChannelID
	}
	return b.apply(e), ends
}

// apply folds one event in, and gives it in words; empty when it says nothing new.
func (b *board) apply(e callevent.Event) (news string) {
	if b.recent.has(e.ID) {
		b.repeated++
		return ""
	}
	b.recent.add(e.ID)
	before, known := b.fold(e.Payload)
	if !known {
		b.unknown++
		return ""
	}
	if ring, is := e.Payload.(callevent.Offered); is && !isNews(ring) {
		return ""
	}
	news = e.Time.In(b.zone).Format(time.TimeOnly) + " " + sentence(e.Payload, before)
	if b.news = append(b.news, news); len(b.news) > newsKept {
		b.news = b.news[1:]
	}
	return news
}

// fold changes the board by what happened. before is how many were in the line that a call left; known is false for an event
// of a kind that this version does not know.
func (b *board) fold(p callevent.Payload) (before int, known bool) {
	switch p := p.(type) {
	case callevent.Entered:
		b.entered++
		b.wait(p.Queue, p.QueueName, waiter{p.CallID, number(p.Caller), p.EnteredAt, p.Priority})
	case callevent.Moved:
		b.moved++
		b.leave(p.CallID)
		b.wait(p.Queue, p.QueueName, waiter{p.CallID, number(p.Caller), p.EnteredAt, p.Priority})
	case callevent.Missed:
		b.missed[p.Reason]++
		before = b.gone(p.CallID, p.WaitedMS)
	case callevent.Offered:
		b.rang[p.Attempt.Outcome]++
	case callevent.Answered:
		b.answered++
		before = b.gone(p.CallID, p.WaitedMS)
		b.callers[p.CallID] = number(p.Caller)
	case callevent.Completed:
		delete(b.callers, p.CallID)
	case callevent.Announced:
		b.announced++
	case callevent.Resolved:
		b.resolved++
	case callevent.MemberAdded, callevent.MemberRemoved, callevent.MemberPaused, callevent.MemberUnpaused:
	default:
		return 0, false
	}
	return before, true
}

// isNews tells whether the end of a ring says something that no other event does: an answer is told by answered, and one
// that was cut by what cut it.
func isNews(ring callevent.Offered) bool {
	return ring.Attempt.Outcome != "answered" && ring.Attempt.Outcome != "cancelled"
}

// post takes a message in, or what it was changed to, and gives it in words.
func (b *board) post(p post) (news string) {
	b.posts = slices.DeleteFunc(b.posts, func(old post) bool { return old.message == p.message })
	b.posts = append(b.posts, p)
	b.posts = b.posts[max(len(b.posts)-postsKept, 0):]
	return p.news(b.zone)
}

// wait puts somebody into a line, at his place by priority and first entry.
func (b *board) wait(queue, name string, w waiter) {
	l := b.lane(queue)
	if l == nil {
		l = &lane{id: queue, name: name}
		b.lanes = append(b.lanes, l)
	}
	at, _ := slices.BinarySearchFunc(l.waiting, w, func(a, b waiter) int {
		return cmp.Or(cmp.Compare(b.priority, a.priority), a.since.Compare(b.since), cmp.Compare(a.call, b.call))
	})
	l.waiting = slices.Insert(l.waiting, at, w)
	b.callers[w.call] = w.number
}

// gone takes somebody out of his line for good, after a wait in milliseconds, and tells how many were in it.
func (b *board) gone(call string, waited int64) (before int) {
	b.longest = max(b.longest, milliseconds(waited))
	delete(b.callers, call)
	return b.leave(call)
}

// leave takes somebody out of the line he is in, and tells how many were in it, himself included; 0 when he was in none.
func (b *board) leave(call string) (before int) {
	for _, l := range b.lanes {
		at := slices.IndexFunc(l.waiting, func(w waiter) bool { return w.call == call })
		if at >= 0 {
			before = len(l.waiting)
			l.waiting = slices.Delete(l.waiting, at, at+1)
			return before
		}
	}
	return 0
}

func (b *board) lane(queue string) *lane {
	for _, l := range b.lanes {
		if l.id == queue {
			return l
		}
	}
	return nil
}

// waiting is how many wait, and since when the first of them does.
func (b *board) waiting() (n int, first time.Time) {
	for _, l := range b.lanes {
		n += len(l.waiting)
		for _, w := range l.waiting {
			if first.IsZero() || w.since.Before(first) {
				first = w.since
			}
		}
	}
	return n, first
}

// recent remembers the ids of the last events. Whoever delivers at least once repeats what he delivered lately.
type recent struct {
	ids  map[string]bool
	ring []string
	next int
}

const recentKept = 4096

func (r *recent) has(id string) bool { return r.ids[id] }

func (r *recent) add(id string) {
	if r.ids == nil {
		r.ids, r.ring = make(map[string]bool), make([]string, recentKept)
	}
	delete(r.ids, r.ring[r.next])
	r.ids[id], r.ring[r.next] = true, id
	r.next = (r.next + 1) % recentKept
}
