package strategy

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// vectors are what an exact model of app_queue does, from the reference of the project.
type vectors struct {
	Choice []struct {
		Name  string
		Queue struct {
			Strategy            string
			Members             []vectorMember
			RRPos               int
			PenaltyMembersLimit int `json:"penaltymemberslimit"`
		}
		Caller struct {
			MinPenalty   *int `json:"min_penalty"`
			MaxPenalty   *int `json:"max_penalty"`
			RaisePenalty *int `json:"raise_penalty"`
		}
		Rejects  []string
		Attempts []struct {
			Caller string
			Rang   []string
			RRPos  *int
			LinPos *int
		}
		Tie bool
	}
	PenaltyRule []struct {
		Before, After vectorWindow
		Rule          struct {
			Max, Min, Raise *int
			MaxRel          bool `json:"max_rel"`
			MinRel          bool `json:"min_rel"`
		}
	} `json:"penalty_rule"`
	WRandom []struct {
		Penalties  []int
		PFirstRing []float64 `json:"p_first_ring"`
	}
}

type vectorWindow struct{ Max, Min, Raise *int }

type vectorMember struct {
	Name      string
	Penalty   int
	Available *bool
	QueuePos  int
	Idle      *int64
	Calls     int
}

var kinds = map[string]Kind{
	"ringall": RingAll, "leastrecent": LeastRecent, "fewestcalls": FewestCalls, "random": Random, "rrmemory": RRMemory,
	"rrordered": RROrdered, "linear": Linear, "wrandom": WRandom,
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	text, err := os.ReadFile("testdata/strategy_vectors.json")
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

// likeAppQueue chooses as app_queue does, with what we do otherwise switched off: nobody's silence is remembered, being
// rung does not count for leastrecent, and ties go to the last of the container, so that the places count backwards where
// they decide nothing else.
type likeAppQueue struct {
	kind    Kind
	order   Order[string]
	window  Window
	plain   bool
	rrpos   int
	linpos  map[string]int
	rejects []string
}

func newLikeAppQueue(kind Kind, members []vectorMember, limit int) *likeAppQueue {
	const now = 10_000_000
	q := &likeAppQueue{kind: kind, plain: len(members) > limit, linpos: map[string]int{}}
	for _, mb := range members {
		past := Past{Talks: mb.Calls}
		if mb.Idle != nil {
			past.EndedAt = now - *mb.Idle
		}
		position, penalty := mb.QueuePos, 0
		if !kind.goesRound() {
			position = -position
		}
		if q.plain {
			penalty = mb.Penalty
		}
		seat := &Seat[string]{Of: mb.Name}
		q.order.Insert(seat, kind.Key(penalty, position, past))
		q.order.SetFree(seat, mb.Available == nil || *mb.Available)
	}
	return q
}

// attempt rings for a caller: one after the other until one does not refuse at once; with ringall, all of a penalty.
func (q *likeAppQueue) attempt(caller string) (rang []string) {
	tried := map[string]bool{}
	var last *Seat[string]
	highest := 1 << 30
	for {
		w := Wish[string]{Kind: q.kind, Cursor: q.rrpos, May: func(name string) (Answer, int) {
			if tried[name] {
				return No, 0
			}
			return Yes, 0
		}}
		if q.plain {
			w.Window = q.window
		}
		if q.kind == Linear {
			w.Cursor = q.linpos[caller]
		}
		s := q.order.Choose(w)
		if s == nil {
			break
		}
		if p, _ := w.Window.Penalty(s.Key().Penalty); q.kind == RingAll && p > highest {
			break
		} else if !slices.Contains(q.rejects, s.Of) || q.kind == RingAll {
			highest = p
		}
		tried[s.Of], last = true, s
		rang = append(rang, s.Of)
		if q.kind != RingAll && !slices.Contains(q.rejects, s.Of) {
			break
		}
	}
	switch {
	case last == nil:
	case q.kind == Linear:
		q.linpos[caller] = q.order.After(last)
	case q.kind.Remembers():
		q.rrpos = q.order.After(last)
	}
	return rang
}

func TestTheStrategiesRingWhomAppQueueRings(t *testing.T) {
	for _, v := range readVectors(t).Choice {
		t.Run(v.Name, func(t *testing.T) {
			q := newLikeAppQueue(kinds[v.Queue.Strategy], v.Queue.Members, v.Queue.PenaltyMembersLimit)
			q.window = Window{Min: v.Caller.MinPenalty, Max: v.Caller.MaxPenalty, Raise: v.Caller.RaisePenalty}
			q.rejects, q.rrpos = v.Rejects, v.Queue.RRPos
			for i, want := range v.Attempts {
				assert.Equal(t, want.Rang, q.attempt(want.Caller), "attempt %d", i+1)
			}
		})
	}
}

// TestTheTurnIsRememberedAsAppQueueRemembersIt leaves out the attempts with penalties of which some group is out of reach:
// app_queue's place is that of the best who was not tried, ours that of the next of the group; the rings are the same.
func TestTheTurnIsRememberedAsAppQueueRemembersIt(t *testing.T) {
	compared := 0
	for _, v := range readVectors(t).Choice {
		if v.Name == "rrmemory with penalties: group 0 unavailable" {
			continue
		}
		q := newLikeAppQueue(kinds[v.Queue.Strategy], v.Queue.Members, v.Queue.PenaltyMembersLimit)
		q.rejects, q.rrpos = v.Rejects, v.Queue.RRPos
		for i, want := range v.Attempts {
			q.attempt(want.Caller)
			switch {
			case want.RRPos != nil:
				assert.Equal(t, *want.RRPos, q.rrpos, "%s, attempt %d", v.Name, i+1)
				compared++
			case want.LinPos != nil:
				assert.Equal(t, *want.LinPos, q.linpos[want.Caller], "%s, attempt %d", v.Name, i+1)
				compared++
			}
		}
	}
	assert.Greater(t, compared, 20)
}

// TestAnEscalationChangesPenaltiesAsARuleOfAppQueueDoes resolves the relative numbers of a rule, which ours do not have.
// app_queue changes only what the caller had set; a step of ours also sets what was without limit before.
func TestAnEscalationChangesPenaltiesAsARuleOfAppQueueDoes(t *testing.T) {
	for _, v := range readVectors(t).PenaltyRule {
		step := Window{Max: relative(v.Before.Max, v.Rule.Max, v.Rule.MaxRel), Min: relative(v.Before.Min, v.Rule.Min, v.Rule.MinRel), Raise: v.Rule.Raise}
		got := Window{Max: v.Before.Max, Min: v.Before.Min, Raise: v.Before.Raise}.Change(step)
		want := Window{Max: v.After.Max, Min: v.After.Min, Raise: v.After.Raise}
		assert.Equal(t, want, got)
	}
	two := 2
	assert.Equal(t, Window{Max: &two}, Window{}.Change(Window{Max: &two}))
}

func relative(before, change *int, is bool) *int {
	if !is || change == nil {
		return change
	}
	n := *before + *change
	return &n
}

func TestAWeightedDrawFavoursLowPenaltiesAsInAppQueue(t *testing.T) {
	const draws = 40_000
	for _, v := range readVectors(t).WRandom {
		q := newLikeAppQueue(WRandom, nil, 0)
		for i, p := range v.Penalties {
			s := &Seat[string]{Of: string(rune('A' + i))}
			q.order.Insert(s, WRandom.Key(p, i, Past{}))
			q.order.SetFree(s, true)
		}
		source := &Source{State: 1}
		counts := make([]int, len(v.Penalties))
		for range draws {
			s := q.order.Choose(Wish[string]{Kind: WRandom, Source: source, May: func(string) (Answer, int) { return Yes, 0 }})
			counts[s.Key().Position]++
		}
		for i, p := range v.PFirstRing {
			// Four standard errors, and the half per mille by which app_queue's whole numbers favour the last.
			assert.InDelta(t, p, float64(counts[i])/draws, 4*0.5/200+0.0005, "%v", v.Penalties)
		}
	}
}
