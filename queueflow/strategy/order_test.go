package strategy

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAnOrderIsAListThatIsSorted lets members come, go, move and be busy, and compares with a list.
func TestAnOrderIsAListThatIsSorted(t *testing.T) {
	chance := &Source{State: 7}
	var o Order[int]
	var list []*Seat[int]
	for i := range 3000 {
		switch at := chance.Below(len(list) + 1); {
		case at == len(list) || chance.Below(3) == 0:
			s := &Seat[int]{Of: i}
			o.Insert(s, keyBy(chance, i))
			list = append(list, s)
		case chance.Below(4) == 0 || len(list) > 60:
			o.Remove(list[at])
			list = slices.Delete(list, at, at+1)
		case chance.Below(3) == 0:
			o.Move(list[at], keyBy(chance, i))
		default:
			o.SetFree(list[at], chance.Below(2) == 0)
		}
		compare(t, &o, list, keyBy(chance, -1))
	}
	require.Greater(t, len(list), 20)
}

func keyBy(chance *Source, position int) Key {
	return Key{Penalty: chance.Below(3), Turn: int64(chance.Below(3)), Idle: int64(chance.Below(3)), Position: position}
}

func compare(t *testing.T, o *Order[int], list []*Seat[int], from Key) {
	t.Helper()
	slices.SortFunc(list, func(a, b *Seat[int]) int { return a.key.compare(b.key) })
	var free, found []int
	after := -1
	for _, s := range list {
		if s.free {
			free = append(free, s.Of)
			if after < 0 && s.key.compare(from) >= 0 {
				after = s.Of
			}
		}
	}
	require.Equal(t, len(free) > 0, o.AnyFree())
	require.Equal(t, len(list), o.Len())
	if o.AnyFree() {
		for s := o.root.firstFree(); s != nil; s = s.nextFree() {
			found = append(found, s.Of)
		}
	}
	require.Equal(t, free, found)
	if s := o.freeFrom(from); s == nil {
		require.Equal(t, -1, after)
	} else {
		require.Equal(t, after, s.Of)
	}
}

// TestChanceIsThatOfThePaper compares with the numbers that the reference implementation of SplitMix64 gives for 1234567.
func TestChanceIsThatOfThePaper(t *testing.T) {
	s := Source{State: 1234567}
	for _, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		assert.Equal(t, want, s.Next())
	}
}

func TestChanceFavoursNobody(t *testing.T) {
	const draws = 30_000
	s := Source{State: 3}
	var counts [6]int
	sum := 0.0
	for range draws {
		counts[s.Below(6)]++
		sum += s.Unit()
	}
	for _, n := range counts {
		assert.InDelta(t, draws/6, n, 4*65) // four standard errors of 65
	}
	assert.InDelta(t, 0.5, sum/draws, 4*0.0017)
}
