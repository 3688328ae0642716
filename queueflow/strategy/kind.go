package strategy

import "math"

// Kind is a strategy: the order in which members of the same penalty are rung.
type Kind uint8

// The strategies of app_queue, and RingProgressively, which rings one more at a time.
const (
	RingAll Kind = iota
	LeastRecent
	FewestCalls
	Random
	RRMemory
	RROrdered
	Linear
	WRandom
	RingProgressively
)

// Past is what a strategy may go by. Times are in nanoseconds, 0 is never.
type Past struct {
	Talks int
	// EndedAt is when the member's last talk ended, OfferedAt when he was last rung.
	EndedAt, OfferedAt int64
}

// Key says where a member stands.
func (k Kind) Key(penalty, position int, past Past) Key {
	key := Key{Penalty: penalty, Position: position}
	switch k {
	case LeastRecent:
		key.Turn = max(past.EndedAt, past.OfferedAt)
	case FewestCalls:
		key.Turn, key.Idle = int64(past.Talks), max(past.EndedAt, past.OfferedAt)
	}
	return key
}

// GoesByPast says whether Key depends on the past.
func (k Kind) GoesByPast() bool { return k == LeastRecent || k == FewestCalls }

// Remembers says that the queue remembers whose turn it is: the next caller gets who comes after the last.
func (k Kind) Remembers() bool { return k == RRMemory || k == RROrdered }

// goesRound says that the choice begins at a place of the list and comes back to its beginning.
func (k Kind) goesRound() bool { return k.Remembers() || k == Linear }

// After is the place of the list at which the next choice begins, once a member was rung: that of the one who comes next,
// first among those of his penalty, then among the others.
func (o *Order[T]) After(s *Seat[T]) int {
	for _, k := range []Key{
		{Penalty: s.key.Penalty, Turn: s.key.Turn, Idle: s.key.Idle, Position: s.key.Position + 1},
		{Penalty: s.key.Penalty, Turn: math.MinInt64},
	} {
		if next := o.from(k); next != nil && next != s && next.key.Penalty == s.key.Penalty {
			return next.key.Position
		}
	}
	return o.afterAlone(s)
}

// afterAlone is for a member who has his penalty for himself.
func (o *Order[T]) afterAlone(s *Seat[T]) int {
	k := Key{Penalty: s.key.Penalty + 1, Turn: math.MinInt64}
	next := o.from(k)
	if next == nil {
		return 0
	}
	if behind := o.from(Key{Penalty: next.key.Penalty, Position: s.key.Position}); behind != nil &&
		behind.key.Penalty == next.key.Penalty {
		return behind.key.Position
	}
	return next.key.Position
}
