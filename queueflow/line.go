package queueflow

import (
	"cmp"
	"hash/fnv"
	"iter"

	"missedcalls/queueflow/estimate"
)

// line is the waiting calls of one queue in the order in which they are served: by priority, higher first, then by
// first entry.
type line struct {
	sequence
	queue string
	// alarm is the next opening or closing of the queue.
	alarm alarm
	// waits learns how long callers wait, and staff are the agents whom its callers wait for.
	waits *estimate.Queue
	staff staff
}

// sequence is calls in the order in which they are served. It is a treap, a search tree kept flat by pseudo-random weights,
// that counts its subtrees: inserting, removing and the rank of a call cost the logarithm of its length.
type sequence struct{ root *place }

// place is a call's node in the tree.
type place struct {
	call        *call
	weight      uint64
	size        int
	left, right *place
	parent      *place
}

func (s *sequence) len() int { return s.root.count() }

func (p *place) count() int {
	if p == nil {
		return 0
	}
	return p.size
}

// before is the order of the line. It is total: calls that entered in the same instant, as those found by one listing
// do, are told apart by their ids, so that a restart puts them into the same order.
func before(a, b *call) bool {
	if a.priority != b.priority {
		return a.priority > b.priority
	}
	return byEntry(a, b) < 0
}

// byEntry compares calls by their first entry, and then by id.
func byEntry(a, b *call) int {
	if a.order != b.order {
		return cmp.Compare(a.order, b.order)
	}
	return cmp.Compare(a.id, b.id)
}

// insert puts a call that is in no line into this one.
func (l *line) insert(c *call) { c.place = l.add(c) }

// remove takes a call that is in this line out of it.
func (l *line) remove(c *call) {
	l.drop(c.place)
	c.place = nil
}

// add puts a call into the sequence, and gives its place there.
func (s *sequence) add(c *call) *place {
	n := &place{call: c, weight: weigh(c.id), size: 1}
	ahead, behind := split(s.root, c)
	s.setRoot(merge(merge(ahead, n), behind))
	return n
}

// drop takes a place out of the sequence.
func (s *sequence) drop(n *place) {
	joined := merge(n.left, n.right)
	parent := n.parent
	switch {
	case parent == nil:
		s.setRoot(joined)
		return
	case parent.left == n:
		parent.left = joined
	default:
		parent.right = joined
	}
	if joined != nil {
		joined.parent = parent
	}
	for p := parent; p != nil; p = p.parent {
		p.size--
	}
}

// position of a call that is in the line, counted from 1.
func (l *line) position(c *call) int {
	n := c.place
	rank := n.left.count() + 1
	for ; n.parent != nil; n = n.parent {
		if n.parent.right == n {
			rank += n.parent.left.count() + 1
		}
	}
	return rank
}

// first is the call that is served next, nil when there is none.
func (s *sequence) first() *call {
	if s.root == nil {
		return nil
	}
	n := s.root
	for n.left != nil {
		n = n.left
	}
	return n.call
}

// ahead counts the calls that are served before one, which need not be in the line.
func (l *line) ahead(c *call) (calls int) {
	for n := l.root; n != nil; {
		if before(n.call, c) {
			calls += n.left.count() + 1
			n = n.right
		} else {
			n = n.left
		}
	}
	return calls
}

// all gives the calls in order.
func (s *sequence) all() iter.Seq[*call] {
	return func(yield func(*call) bool) { s.root.walk(yield) }
}

func (p *place) walk(yield func(*call) bool) bool {
	return p == nil || p.left.walk(yield) && yield(p.call) && p.right.walk(yield)
}

func (s *sequence) setRoot(n *place) {
	s.root = n
	if n != nil {
		n.parent = nil
	}
}

// split parts a tree into the calls that are served before c and the others.
func split(n *place, c *call) (ahead, behind *place) {
	if n == nil {
		return nil, nil
	}
	if before(n.call, c) {
		middle, rest := split(n.right, c)
		n.right = middle
		return n.update(), rest
	}
	rest, middle := split(n.left, c)
	n.left = middle
	return rest, n.update()
}

// merge joins two trees of which every call of a is served before every call of b.
func merge(a, b *place) *place {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.weight > b.weight:
		a.right = merge(a.right, b)
		return a.update()
	default:
		b.left = merge(a, b.left)
		return b.update()
	}
}

// update sets what follows from a node's children.
func (p *place) update() *place {
	p.size = 1 + p.left.count() + p.right.count()
	if p.left != nil {
		p.left.parent = p
	}
	if p.right != nil {
		p.right.parent = p
	}
	return p
}

// weigh gives the pseudo-random weight of a call. Ids alone decide, because many calls may share an instant of entry.
func weigh(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return mix(h.Sum64())
}

// mix spreads a number over 64 bits (the finaliser of SplitMix64, Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}
