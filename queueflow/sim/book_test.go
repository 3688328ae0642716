package sim

import (
	"fmt"
	"time"

	"missedcalls/queueflow/callevent"
)

// book is what the events alone say: who waits where. It shares nothing with the machine and takes no short cuts: the
// place of a call is counted anew every time.
type book struct {
	open  map[string]*stay
	ended map[string]bool
	// ids of all events but endings. They are never used twice, not even by one that was lost in a crash.
	ids map[string]bool
}

// stay is one call that was admitted and has not ended.
type stay struct {
	queue               string
	priority            int
	enteredAt, queuedAt time.Time
	positionAtEntry     int
	// told is the wait he was told last, and toldAt when; nil is none.
	told   *int64
	toldAt time.Time
	asked  callevent.Asked
	// agent is whom the caller talks with, on which channel, since when; empty while he waits.
	agent, agentChannel string
	answeredAt          time.Time
	// parted is true once the program was told that the agent is not there any more; the ending may follow later.
	parted bool
}

// late is by how many milliseconds a caller who is answered waited longer than he was told; nil if he was told nothing.
func (s *stay) late(answered time.Time) *int64 {
	if s.told == nil {
		return nil
	}
	ms := (answered.Sub(s.toldAt) - time.Duration(*s.told)*time.Millisecond).Milliseconds()
	return &ms
}

func same(a, b *int64) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func newBook() *book {
	return &book{open: make(map[string]*stay), ended: make(map[string]bool), ids: make(map[string]bool)}
}

// take writes an event down and says what is wrong with it.
func (b *book) take(e callevent.Event) error {
	if _, after := e.Payload.(callevent.Resolved); b.ended[e.Call] != after {
		return fmt.Errorf("%s comes at the wrong side of the ending of %s", e.ID, e.Call)
	}
	if e.Payload.Kind().Ends() {
		if e.ID != e.Call+".end" {
			return fmt.Errorf("the ending of %s has the id %s", e.Call, e.ID)
		}
	} else if b.ids[e.ID] {
		return fmt.Errorf("the id %s is used twice", e.ID)
	}
	b.ids[e.ID] = true
	switch p := e.Payload.(type) {
	case callevent.Entered:
		return b.entered(p)
	case callevent.Announced:
		return b.announced(p)
	case callevent.Moved:
		return b.moved(p)
	case callevent.Missed:
		return b.missed(p)
	case callevent.Offered:
		return b.offered(p)
	case callevent.Answered:
		return b.answered(p)
	case callevent.Completed:
		return b.completed(p)
	case callevent.Resolved, callevent.MemberAdded, callevent.MemberRemoved, callevent.MemberPaused, callevent.MemberUnpaused:
		return nil
	}
	return fmt.Errorf("%s tells something new", e.ID)
}

func (b *book) entered(p callevent.Entered) error {
	if b.open[p.CallID] != nil {
		return fmt.Errorf("%s entered twice", p.CallID)
	}
	s := &stay{
		queue: p.Queue, priority: p.Priority, enteredAt: p.EnteredAt, queuedAt: p.EnteredAt,
		positionAtEntry: p.Position, asked: p.Asked,
	}
	b.open[p.CallID] = s
	return b.placed(p.CallID, s, p.Position)
}

// announced checks what a caller was told of his place and of his wait.
func (b *book) announced(p callevent.Announced) error {
	s := b.open[p.CallID]
	switch {
	case s == nil:
		return fmt.Errorf("%s was told his place but never entered", p.CallID)
	case s.queue != p.Queue:
		return fmt.Errorf("%s was told his place in %s but was in %s", p.CallID, p.Queue, s.queue)
	case len(p.Media) == 0, p.PositionTold == nil && p.EstimateToldMS == nil:
		return fmt.Errorf("%s was told nothing", p.CallID)
	case p.PositionTold != nil && *p.PositionTold < 1, p.EstimateToldMS != nil && *p.EstimateToldMS <= 0:
		return fmt.Errorf("%s was told a place or a wait that is none", p.CallID)
	}
	if p.EstimateToldMS != nil {
		s.told, s.toldAt = p.EstimateToldMS, p.AnnouncedAt
	}
	return nil
}

func (b *book) moved(p callevent.Moved) error {
	s := b.open[p.CallID]
	switch {
	case s == nil:
		return fmt.Errorf("%s moved but never entered", p.CallID)
	case s.agent != "":
		return fmt.Errorf("%s moved but talks with %s", p.CallID, s.agent)
	case s.queue != p.From:
		return fmt.Errorf("%s moved from %s but was in %s", p.CallID, p.From, s.queue)
	case !p.EnteredAt.Equal(s.enteredAt), p.Priority != s.priority:
		return fmt.Errorf("%s moved with another time of entry or priority than it had", p.CallID)
	case p.MovedAt.Before(s.queuedAt), p.WaitedMS != p.MovedAt.Sub(p.EnteredAt).Milliseconds():
		return fmt.Errorf("%s moved at %s after waiting %d ms, entered at %s", p.CallID, p.MovedAt, p.WaitedMS, p.EnteredAt)
	}
	s.queue, s.queuedAt = p.Queue, p.MovedAt
	return b.placed(p.CallID, s, p.Position)
}

func (b *book) missed(p callevent.Missed) error {
	s := b.open[p.CallID]
	delete(b.open, p.CallID)
	b.ended[p.CallID] = true
	switch {
	case p.LeftAt.Before(p.EnteredAt), p.WaitedMS != p.LeftAt.Sub(p.EnteredAt).Milliseconds():
		return fmt.Errorf("%s waited %d ms from %s to %s", p.CallID, p.WaitedMS, p.EnteredAt, p.LeftAt)
	case s == nil && (p.Position != 0 || p.PositionAtEntry != 0):
		return fmt.Errorf("%s had the position %d of %d but never entered", p.CallID, p.Position, p.PositionAtEntry)
	case s == nil:
		return nil
	case s.agent != "":
		return fmt.Errorf("%s is missed but talked with %s", p.CallID, s.agent)
	case p.Queue != s.queue:
		return fmt.Errorf("%s ended in %s but was in %s", p.CallID, p.Queue, s.queue)
	case !p.EnteredAt.Equal(s.enteredAt), p.Priority != s.priority, p.PositionAtEntry != s.positionAtEntry:
		return fmt.Errorf("%s ended with another entry than it had", p.CallID)
	case !same(p.EstimateToldMS, s.told):
		return fmt.Errorf("%s is missed with another wait told than he was", p.CallID)
	case p.LeftAt.Before(s.queuedAt) && p.Reason != callevent.ReasonLost:
		return fmt.Errorf("%s left %s before it came", p.CallID, p.Queue)
	}
	return b.placed(p.CallID, s, p.Position)
}

// offered checks that somebody was rung for a call that was admitted, whatever came of it.
func (b *book) offered(p callevent.Offered) error {
	s := b.open[p.CallID]
	switch {
	case s == nil:
		return fmt.Errorf("%s was offered to %s but never entered", p.CallID, p.Attempt.Endpoint)
	case p.Attempt.Outcome == "" || p.OfferedAt.Before(s.enteredAt) || p.WaitedMS != p.OfferedAt.Sub(s.enteredAt).Milliseconds():
		return fmt.Errorf("%s was offered to %s at %s after waiting %d ms, outcome %q", p.CallID, p.Attempt.Endpoint, p.OfferedAt, p.WaitedMS, p.Attempt.Outcome)
	}
	return nil
}

func (b *book) answered(p callevent.Answered) error {
	s := b.open[p.CallID]
	switch {
	case s == nil:
		return fmt.Errorf("%s was answered but never entered", p.CallID)
	case s.agent != "":
		return fmt.Errorf("%s was answered by %s and by %s", p.CallID, s.agent, p.Agent.Endpoint)
	case p.Queue != s.queue, !p.EnteredAt.Equal(s.enteredAt), p.Priority != s.priority, p.Agent.Endpoint == "":
		return fmt.Errorf("%s was answered with another entry than it had", p.CallID)
	case p.AnsweredAt.Before(s.queuedAt), p.WaitedMS != p.AnsweredAt.Sub(p.EnteredAt).Milliseconds():
		return fmt.Errorf("%s was answered at %s after %d ms, entered at %s", p.CallID, p.AnsweredAt, p.WaitedMS, p.EnteredAt)
	case !same(p.EstimateToldMS, s.told), !same(p.EstimateErrorMS, s.late(p.AnsweredAt)):
		return fmt.Errorf("%s is answered with another wait told than he was, or with another error of it", p.CallID)
	}
	err := b.placed(p.CallID, s, p.Position)
	s.agent, s.agentChannel, s.answeredAt = p.Agent.Endpoint, p.AgentChannel, p.AnsweredAt
	return err
}

func (b *book) completed(p callevent.Completed) error {
	s := b.open[p.CallID]
	delete(b.open, p.CallID)
	b.ended[p.CallID] = true
	switch {
	case s == nil, s.agent == "":
		return fmt.Errorf("%s is completed but was not answered", p.CallID)
	case p.Agent.Endpoint != s.agent, p.Queue != s.queue, !p.EnteredAt.Equal(s.enteredAt), !p.AnsweredAt.Equal(s.answeredAt):
		return fmt.Errorf("%s is completed as %+v, but it is %+v", p.CallID, p, *s)
	case p.WaitedMS != p.AnsweredAt.Sub(p.EnteredAt).Milliseconds(), p.TalkedMS != p.EndedAt.Sub(p.AnsweredAt).Milliseconds():
		return fmt.Errorf("%s waited %d ms and talked %d ms from %s to %s", p.CallID, p.WaitedMS, p.TalkedMS, p.AnsweredAt, p.EndedAt)
	case p.HeldMS < 0, p.HeldMS > p.TalkedMS, p.WrapUpMS < 0:
		return fmt.Errorf("%s was held %d ms of %d, and the agent rests %d", p.CallID, p.HeldMS, p.TalkedMS, p.WrapUpMS)
	case (p.EndedBy == callevent.EndedByTransfer) != (len(p.Transfers) > 0):
		return fmt.Errorf("%s was ended by %s with the transfers %v", p.CallID, p.EndedBy, p.Transfers)
	}
	return nil
}

// talkOf is the call that an agent talks with, empty when there is none.
func (b *book) talkOf(agent string) string {
	for call, s := range b.open {
		if s.agent == agent && !s.parted {
			return call
		}
	}
	return ""
}

// placed says whether a call is at the place where it is said to be.
func (b *book) placed(call string, s *stay, position int) error {
	ahead, beside := 0, 0
	for other, o := range b.open {
		switch {
		case other == call || o.agent != "" || o.queue != s.queue || o.priority < s.priority:
		case o.priority > s.priority, o.enteredAt.Before(s.enteredAt):
			ahead++
		case o.enteredAt.Equal(s.enteredAt):
			beside++
		}
	}
	if position < ahead+1 || position > ahead+beside+1 {
		return fmt.Errorf("%s is said to be at %d in %s, but %d are before it and %d came with it", call, position, s.queue, ahead, beside)
	}
	return nil
}

// waiting counts the calls in a queue.
func (b *book) waiting(queue string) int {
	n := 0
	for _, s := range b.open {
		if s.queue == queue && s.agent == "" {
			n++
		}
	}
	return n
}

// fallBack forgets what was said and not durable: the book is then as the durable one, but for the ids used.
func (b *book) fallBack(durable *book) {
	clear(b.open)
	for call, s := range durable.open {
		again := *s
		b.open[call] = &again
		delete(b.ended, call)
	}
}
