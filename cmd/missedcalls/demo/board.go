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

	entered, moved, announced, resolved, repeated, unknown int
	missed                                                 map[callevent.Reason]int
	// longest is the longest wait of those who have left.
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
	b := &board{zone: zone, missed: make(map[callevent.Reason]int)}
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
	if missed, is := e.Payload.(callevent.Missed); is {
		ends = missed.Asterisk.ChannelID
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
	before := 0
	switch p := e.Payload.(type) {
	case callevent.Entered:
		b.entered++
		b.wait(p.Queue, p.QueueName, waiter{p.CallID, number(p.Caller), p.EnteredAt, p.Priority})
	case callevent.Moved:
		b.moved++
		b.leave(p.CallID)
		b.wait(p.Queue, p.QueueName, waiter{p.CallID, number(p.Caller), p.EnteredAt, p.Priority})
	case callevent.Missed:
		b.missed[p.Reason]++
		b.longest = max(b.longest, time.Duration(p.WaitedMS)*time.Millisecond)
		before = b.leave(p.CallID)
	case callevent.Announced:
		b.announced++
	case callevent.Resolved:
		b.resolved++
	default:
		b.unknown++
		return ""
	}
	news = e.Time.In(b.zone).Format(time.TimeOnly) + " " + sentence(e.Payload, before)
	if b.news = append(b.news, news); len(b.news) > newsKept {
		b.news = b.news[1:]
	}
	return news
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
