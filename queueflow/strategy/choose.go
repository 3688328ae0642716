package strategy

import (
	"iter"
	"math"
)

// Wish is what a caller asks of an Order.
type Wish[T any] struct {
	Kind   Kind
	Window Window
	// Cursor is the place of the list at which the choice begins, for strategies that go round.
	Cursor int
	// Widen counts silence before penalty: the next penalty is rung once those of a lower one did not answer.
	Widen bool
	// May says whether the caller may have a free member who is in his window and, if not now, whether others of a higher
	// penalty have to wait for him all the same; and how often he has stayed silent for the caller.
	May func(T) (answer Answer, silent int)
	// Source is what random strategies draw from.
	Source *Source
}

// Answer says whether a caller may have a member.
type Answer uint8

// The answers.
const (
	No Answer = iota
	// Later: not now, but nobody of a higher penalty in his place, unless the caller's wish is to widen.
	Later
	Yes
)

// rank is what decides between two members: the lower is rung. Equal ones are told apart by their turn.
type rank struct {
	first, second int
	draw          float64
}

func (r rank) before(other rank) bool {
	switch {
	case r.first != other.first:
		return r.first < other.first
	case r.second != other.second:
		return r.second < other.second
	}
	return r.draw < other.draw
}

// Choose gives the free member that a caller gets, nil for none. It costs the logarithm of the number of members, and a
// look at each that the caller may not have before it; the strategies by chance, and a raised penalty, may cost a look at
// every free member.
func (o *Order[T]) Choose(w Wish[T]) *Seat[T] {
	if !o.AnyFree() {
		return nil
	}
	if w.Kind == Random {
		if s := o.guess(w); s != nil {
			return s
		}
	}
	c := choice[T]{wish: w}
	for s := range o.walk(w) {
		if c.consider(s) {
			break
		}
	}
	return c.best
}

// choice is one walk along an Order, and the best member so far.
type choice[T any] struct {
	wish Wish[T]
	best *Seat[T]
	rank rank
	// ties counts those who are as good as the best, for a fair draw among them.
	ties int
	// only is, unless the wish is to widen, the lowest penalty that counts; some is false before it is known.
	only int
	some bool
}

// consider takes a member into account; done is true when nobody who follows can be better.
func (c *choice[T]) consider(s *Seat[T]) (done bool) {
	p, in := c.wish.Window.Penalty(s.key.Penalty)
	if !in {
		return c.wish.Window.Max != nil && p > *c.wish.Window.Max
	}
	weighted, plain := c.wish.Kind == WRandom, c.wish.Window.Raise == nil
	if !c.wish.Widen && !weighted && c.some && p > c.only {
		return true
	}
	answer, silent := c.wish.May(s.Of)
	if answer == No {
		return false
	}
	c.hold(p)
	if answer == Later {
		return false
	}
	r := rank{first: p, second: silent}
	switch {
	case weighted:
		r = rank{first: silent, draw: c.wish.Source.Unit() * float64(1+p)}
	case c.wish.Widen:
		r = rank{first: silent, second: p}
	}
	c.take(s, r)
	return silent == 0 && plain && c.wish.Kind != Random && !weighted
}

// hold keeps those of a higher penalty out.
func (c *choice[T]) hold(p int) {
	if !c.some || p < c.only {
		c.only, c.some = p, true
	}
}

func (c *choice[T]) take(s *Seat[T], r rank) {
	switch {
	case c.best == nil, r.before(c.rank):
		c.best, c.rank, c.ties = s, r, 1
	case c.rank.before(r):
	case c.wish.Kind == Random:
		c.ties++
		if c.wish.Source.Below(c.ties) == 0 {
			c.best = s
		}
	case c.wish.turn(s) < c.wish.turn(c.best), c.wish.turn(s) == c.wish.turn(c.best) && s.key.compareTurn(c.best.key) < 0:
		c.best = s
	}
}

// turn is 1 for those whom a strategy that goes round reaches only after the end of the list.
func (w Wish[T]) turn(s *Seat[T]) int {
	if w.Kind.goesRound() && s.key.Position < w.Cursor {
		return 1
	}
	return 0
}

// walk gives the free members by penalty and, inside of one, in their turn.
func (o *Order[T]) walk(w Wish[T]) iter.Seq[*Seat[T]] {
	return func(yield func(*Seat[T]) bool) {
		if !w.Kind.goesRound() || w.Cursor == 0 {
			o.along(o.root.firstFree(), nil, yield)
			return
		}
		for s := o.root.firstFree(); s != nil; {
			p := s.key.Penalty
			middle := o.freeFrom(Key{Penalty: p, Position: w.Cursor})
			end := o.freeFrom(Key{Penalty: p + 1, Turn: math.MinInt64})
			if !o.along(middle, end, yield) || !o.along(s, middle, yield) {
				return
			}
			s = end
		}
	}
}

// along gives the free members from one on, up to the end; false says that no more are wanted.
func (o *Order[T]) along(s, end *Seat[T], yield func(*Seat[T]) bool) bool {
	for ; s != end; s = s.nextFree() {
		if !yield(s) {
			return false
		}
	}
	return true
}

// guess tries a few members at random: where many are free, that finds one without a look at all of them. It gives nil
// when it has found none, and then all are looked at; either way each of them is as likely as the other.
func (o *Order[T]) guess(w Wish[T]) *Seat[T] {
	const tries = 16
	lowest := choice[T]{wish: w}
	for s := range o.walk(w) {
		if lowest.consider(s); lowest.some {
			break
		}
	}
	if lowest.best == nil || lowest.rank.first != 0 && w.Widen || w.Window.Raise != nil {
		return nil
	}
	for range tries {
		s := o.seats[w.Source.Below(len(o.seats))]
		if !s.free || s.key.Penalty != lowest.best.key.Penalty {
			continue
		}
		if answer, silent := w.May(s.Of); answer == Yes && silent == 0 {
			return s
		}
	}
	return nil
}
