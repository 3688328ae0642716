package strategy

import "cmp"

// Key is where a member stands in an Order. The order is by Penalty, Turn, Idle and Position, the lower first.
type Key struct {
	Penalty int
	// Turn is what the strategy goes by, see Kind.Key.
	Turn int64
	// Idle says since when he is idle: who is so for longer is lower.
	Idle int64
	// Position is his place in the list; no two members of an Order have the same.
	Position int
}

func (k Key) compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Penalty, other.Penalty), k.compareTurn(other))
}

// compareTurn compares members who have the same penalty.
func (k Key) compareTurn(other Key) int {
	switch {
	case k.Turn != other.Turn:
		return cmp.Compare(k.Turn, other.Turn)
	case k.Idle != other.Idle:
		return cmp.Compare(k.Idle, other.Idle)
	}
	return cmp.Compare(k.Position, other.Position)
}

// Seat is the place of one member, who is Of, in an Order.
type Seat[T any] struct {
	Of  T
	key Key
	// index is the place among all seats, counted from 1; 0 when it is in no Order.
	index               int
	weight              uint64
	free, some          bool // some: he or anybody below is free
	left, right, parent *Seat[T]
}

// Key is where the member stands.
func (s *Seat[T]) Key() Key { return s.key }

// Free says whether the member was said to be free.
func (s *Seat[T]) Free() bool { return s.free }

// Order is the members of a queue in the order in which its strategy takes them. It is a treap whose nodes know whether
// anybody below them is free.
type Order[T any] struct {
	root  *Seat[T]
	seats []*Seat[T]
	dice  Source
}

// Len counts the members.
func (o *Order[T]) Len() int { return len(o.seats) }

// AnyFree says whether anybody is free.
func (o *Order[T]) AnyFree() bool { return o.root.someFree() }

// Insert puts a member who is in no Order into this one.
func (o *Order[T]) Insert(s *Seat[T], k Key) {
	o.seats = append(o.seats, s)
	s.index, s.key, s.weight = len(o.seats), k, o.dice.Next()
	o.place(s)
}

// Remove takes a member out.
func (o *Order[T]) Remove(s *Seat[T]) {
	last := o.seats[len(o.seats)-1]
	o.seats[s.index-1], last.index = last, s.index
	o.seats[len(o.seats)-1] = nil
	o.seats = o.seats[:len(o.seats)-1]
	s.index = 0
	o.displace(s)
}

// Move changes where a member stands.
func (o *Order[T]) Move(s *Seat[T], k Key) {
	if s.key == k {
		return
	}
	o.displace(s)
	s.key = k
	o.place(s)
}

// SetFree says whether a member is free. It looks at those above him only as far as it makes a difference to them.
func (o *Order[T]) SetFree(s *Seat[T], free bool) {
	s.free = free
	s.refreshUp()
}

func (s *Seat[T]) someFree() bool { return s != nil && s.some }

func (s *Seat[T]) refreshUp() {
	for ; s != nil; s = s.parent {
		some := s.free || s.left.someFree() || s.right.someFree()
		if some == s.some {
			return
		}
		s.some = some
	}
}

// place hangs a seat into the tree, and lifts it until its weight is in order.
func (o *Order[T]) place(s *Seat[T]) {
	s.left, s.right, s.parent, s.some = nil, nil, nil, s.free
	if o.root == nil {
		o.root = s
		return
	}
	above := o.root
	for {
		next := &above.right
		if s.key.compare(above.key) < 0 {
			next = &above.left
		}
		if *next == nil {
			*next, s.parent = s, above
			break
		}
		above = *next
	}
	above.refreshUp()
	for s.parent != nil && s.parent.weight < s.weight {
		o.lift(s)
	}
}

// displace sinks a seat until nothing is below it, and cuts it off.
func (o *Order[T]) displace(s *Seat[T]) {
	for s.left != nil || s.right != nil {
		below := s.left
		if below == nil || s.right != nil && s.right.weight > below.weight {
			below = s.right
		}
		o.lift(below)
	}
	above := s.parent
	o.hang(above, s, nil)
	s.parent = nil
	above.refreshUp()
}

// lift turns the tree so that a seat takes the place of the one above it.
func (o *Order[T]) lift(s *Seat[T]) {
	above := s.parent
	o.hang(above.parent, above, s)
	if above.left == s {
		above.left, s.right = s.right, above
		if above.left != nil {
			above.left.parent = above
		}
	} else {
		above.right, s.left = s.left, above
		if above.right != nil {
			above.right.parent = above
		}
	}
	above.parent = s
	s.some = above.some
	above.some = above.free || above.left.someFree() || above.right.someFree()
}

// hang puts a seat below another one in the place of an older one.
func (o *Order[T]) hang(above, older, s *Seat[T]) {
	switch {
	case above == nil:
		o.root = s
	case above.left == older:
		above.left = s
	default:
		above.right = s
	}
	if s != nil {
		s.parent = above
	}
}

// firstFree is the first free member of a tree, of whom there must be one.
func (s *Seat[T]) firstFree() *Seat[T] {
	for {
		switch {
		case s.left.someFree():
			s = s.left
		case s.free:
			return s
		default:
			s = s.right
		}
	}
}

// nextFree is the free member who follows; nil when there is none.
func (s *Seat[T]) nextFree() *Seat[T] {
	if s.right.someFree() {
		return s.right.firstFree()
	}
	for ; s.parent != nil; s = s.parent {
		if s.parent.left != s {
			continue
		}
		if s.parent.free {
			return s.parent
		}
		if s.parent.right.someFree() {
			return s.parent.right.firstFree()
		}
	}
	return nil
}

// from is the first member, free or not, who does not stand before a key; nil when there is none.
func (o *Order[T]) from(k Key) *Seat[T] {
	var found *Seat[T]
	for s := o.root; s != nil; {
		if s.key.compare(k) < 0 {
			s = s.right
		} else {
			found, s = s, s.left
		}
	}
	return found
}

// freeFrom is the first free member who does not stand before a key; nil when there is none.
func (o *Order[T]) freeFrom(k Key) *Seat[T] {
	s := o.from(k)
	if s != nil && !s.free {
		return s.nextFree()
	}
	return s
}
