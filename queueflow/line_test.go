package queueflow

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// model is a line as a sorted slice: slow, and right by sight.
type model []*call

func (m *model) insert(c *call) {
	i, _ := slices.BinarySearchFunc(*m, c, func(a, b *call) int {
		if before(a, b) {
			return -1
		}
		return 1
	})
	*m = slices.Insert(*m, i, c)
}

func (m *model) remove(i int) *call {
	c := (*m)[i]
	*m = slices.Delete(*m, i, i+1)
	return c
}

func TestTheLineIsASortedListWhateverComesAndGoes(t *testing.T) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var l line
		var m model
		for n := range 2000 {
			if len(m) > 0 && rng.IntN(5) < 2 {
				l.remove(m.remove(rng.IntN(len(m))))
			} else {
				c := &call{id: fmt.Sprintf("c%05d", n), order: int64(rng.IntN(300)), priority: rng.IntN(3)}
				l.insert(c)
				m.insert(c)
			}
			requireSame(t, &l, m, rng)
		}
	}
}

func requireSame(t *testing.T, l *line, m model, rng *rand.Rand) {
	t.Helper()
	require.Equal(t, len(m), l.len())
	if len(m) == 0 {
		require.Nil(t, l.first())
		return
	}
	require.Same(t, m[0], l.first())
	i := rng.IntN(len(m))
	require.Equal(t, i+1, l.position(m[i]))
	require.Equal(t, i, l.ahead(m[i]))
	next := &call{id: m[i].id + "a", order: m[i].order, priority: m[i].priority}
	require.Equal(t, i+1, l.ahead(next), "one who is in no line and would come right behind")
	if rng.IntN(50) == 0 {
		require.Equal(t, []*call(m), slices.Collect(l.all()))
	}
}

func TestALineOfAHundredThousandIsFlat(t *testing.T) {
	const length = 100_000
	for name, order := range map[string]func(i int) int64{
		"one after the other":     func(i int) int64 { return int64(i) },
		"all in one instant":      func(int) int64 { return 7 },
		"the newest served first": func(i int) int64 { return int64(-i) },
	} {
		var l line
		for i := range length {
			l.insert(&call{id: fmt.Sprintf("d0%018d", i), order: order(i)})
		}
		require.Equal(t, length, l.len(), name)
		require.Less(t, depth(l.root), int(4*math.Log2(length)), name)
	}
}

func depth(p *place) int {
	if p == nil {
		return 0
	}
	return 1 + max(depth(p.left), depth(p.right))
}

func TestALookAtALineMayStopEarly(t *testing.T) {
	var l line
	for i := range 10 {
		l.insert(&call{id: fmt.Sprint(i), order: int64(i)})
	}
	var seen []string
	for c := range l.all() {
		if seen = append(seen, c.id); len(seen) == 3 {
			break
		}
	}
	require.Equal(t, []string{"0", "1", "2"}, seen)
}
