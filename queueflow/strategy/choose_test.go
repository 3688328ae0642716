package strategy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// queue is members of whom a test says what is to be known.
type queue struct {
	order  Order[string]
	seats  map[string]*Seat[string]
	silent map[string]int
	says   map[string]Answer
}

// of makes a queue of members A, B, … with penalties.
func of(kind Kind, penalties ...int) *queue {
	q := &queue{seats: map[string]*Seat[string]{}, silent: map[string]int{}, says: map[string]Answer{}}
	for i, p := range penalties {
		s := &Seat[string]{Of: string(rune('A' + i))}
		q.seats[s.Of], q.says[s.Of] = s, Yes
		q.order.Insert(s, kind.Key(p, i, Past{}))
		q.order.SetFree(s, true)
	}
	return q
}

func (q *queue) choose(w Wish[string]) string {
	w.May = func(name string) (Answer, int) { return q.says[name], q.silent[name] }
	if w.Source == nil {
		w.Source = &Source{State: 1}
	}
	if s := q.order.Choose(w); s != nil {
		return s.Of
	}
	return "nobody"
}

func TestWhoStayedSilentIsBehindHisOwn(t *testing.T) {
	for _, kind := range []Kind{RingAll, LeastRecent, FewestCalls, Random, RRMemory, RROrdered, Linear, WRandom} {
		q := of(kind, 0, 0, 1)
		q.silent["A"], q.silent["C"] = 1, 0
		if kind != WRandom {
			assert.Equal(t, "B", q.choose(Wish[string]{Kind: kind}), "strategy %d", kind)
		}
		q.silent["B"], q.silent["C"] = 2, 3
		assert.Equal(t, "A", q.choose(Wish[string]{Kind: kind}), "strategy %d: before the higher penalty", kind)
	}
}

func TestToWidenIsToCountSilenceBeforePenalty(t *testing.T) {
	q := of(RRMemory, 0, 1, 2)
	q.silent["A"] = 1
	assert.Equal(t, "A", q.choose(Wish[string]{Kind: RRMemory}))
	assert.Equal(t, "B", q.choose(Wish[string]{Kind: RRMemory, Widen: true}))
	q.silent["B"], q.silent["C"] = 1, 1
	assert.Equal(t, "A", q.choose(Wish[string]{Kind: RRMemory, Widen: true}))
}

func TestOthersWaitForWhoMayBeRungLaterAndNotForWhoMayNot(t *testing.T) {
	q := of(Linear, 0, 1)
	q.says["A"] = Later
	assert.Equal(t, "nobody", q.choose(Wish[string]{Kind: Linear}))
	assert.Equal(t, "B", q.choose(Wish[string]{Kind: Linear, Widen: true}))
	q.says["A"] = No
	assert.Equal(t, "B", q.choose(Wish[string]{Kind: Linear}))
}

func TestARoundBeginsAtTheCursorInsideOfEachPenalty(t *testing.T) {
	q := of(RRMemory, 0, 1, 0, 1)
	for cursor, want := range []string{"A", "C", "C", "A"} {
		assert.Equal(t, want, q.choose(Wish[string]{Kind: RRMemory, Cursor: cursor}), "from %d", cursor)
	}
	q.order.SetFree(q.seats["A"], false)
	q.order.SetFree(q.seats["C"], false)
	for cursor, want := range []string{"B", "B", "D", "D"} {
		assert.Equal(t, want, q.choose(Wish[string]{Kind: RRMemory, Cursor: cursor}), "from %d", cursor)
	}
}

func TestARaisedPenaltyPutsThePenaltiesBelowItIntoOne(t *testing.T) {
	one, two := 1, 2
	q := of(RRMemory, 2, 0, 1)
	raised := Wish[string]{Kind: RRMemory, Window: Window{Raise: &two}}
	assert.Equal(t, "A", q.choose(raised))
	raised.Cursor = 2
	assert.Equal(t, "C", q.choose(raised))
	raised.Window.Max = &one
	assert.Equal(t, "nobody", q.choose(raised))
	assert.Equal(t, "C", q.choose(Wish[string]{Kind: RRMemory, Window: Window{Min: &one, Raise: &one, RaiseRespectsMin: true}}))
}

// TestARandomChoiceIsFair holds with many free, where a guess finds somebody, and with few, where all are looked at.
func TestARandomChoiceIsFair(t *testing.T) {
	const draws = 8000
	for _, busy := range []int{0, 60} {
		q := of(Random, make([]int, 64)...)
		for i := range busy {
			q.order.SetFree(q.order.from(Key{Position: i}), false)
		}
		source := &Source{State: 11}
		counts := map[string]int{}
		for range draws {
			counts[q.choose(Wish[string]{Kind: Random, Source: source})]++
		}
		free := 64 - busy
		assert.Len(t, counts, free)
		for name, n := range counts {
			p := 1 / float64(free)
			assert.InDelta(t, p, float64(n)/draws, 5*0.5/90, name)
		}
	}
}

func TestOnlyWhoIsFreeIsChosen(t *testing.T) {
	for kind := RingAll; kind <= RingProgressively; kind++ {
		q := of(kind, 0, 0, 0)
		for _, name := range []string{"A", "B", "C"} {
			assert.NotEqual(t, "nobody", q.choose(Wish[string]{Kind: kind}))
			q.order.SetFree(q.seats[name], false)
		}
		assert.Equal(t, "nobody", q.choose(Wish[string]{Kind: kind}), "strategy %d", kind)
	}
}

func TestWhoTalkedOrWasRungLatelyIsRungLater(t *testing.T) {
	assert.Negative(t, LeastRecent.Key(0, 5, Past{}).compare(LeastRecent.Key(0, 1, Past{EndedAt: 9})))
	assert.Negative(t, LeastRecent.Key(0, 5, Past{EndedAt: 9}).compare(LeastRecent.Key(0, 1, Past{EndedAt: 3, OfferedAt: 10})))
	assert.Negative(t, FewestCalls.Key(0, 5, Past{Talks: 1, EndedAt: 9}).compare(FewestCalls.Key(0, 1, Past{Talks: 2})))
	assert.Negative(t, FewestCalls.Key(0, 5, Past{Talks: 2, EndedAt: 9}).compare(FewestCalls.Key(0, 1, Past{Talks: 2, EndedAt: 10})))
	assert.Negative(t, Linear.Key(0, 1, Past{Talks: 9, EndedAt: 9}).compare(Linear.Key(0, 5, Past{})))
}
