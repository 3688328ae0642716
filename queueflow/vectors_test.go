package queueflow_test

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// appQueue are what an exact model of app_queue does; the vectors about choosing are tested in package
// strategy.
type appQueue struct {
	OurTurn []struct {
		Pending   []int
		Me        int
		Available int `json:"available_members"`
		Strategy  string
		Turn      bool
	} `json:"our_turn"`
	Weight []struct {
		MyWeight int `json:"my_weight"`
		Others   []struct {
			Weight, Waiting, Available int
			HasMember                  bool `json:"has_member"`
		}
		Blocked bool
	}
	Join []struct {
		QueuePrios  []int `json:"queue_prios"`
		Prio        int
		PositionArg int `json:"position_arg"`
		Position    int
	}
	ServiceLevel []struct {
		CompletedInSL int `json:"completed_in_sl"`
		Completed     int
		AbandonedInSL int `json:"abandoned_in_sl"`
		Abandoned     int
		SL, SL2       float64
	} `json:"service_level"`
}

func readAppQueue(t *testing.T) appQueue {
	t.Helper()
	text, err := os.ReadFile("strategy/testdata/strategy_vectors.json")
	require.NoError(t, err)
	var v appQueue
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

// desk is a machine, and for whom it had agents rung.
type desk struct {
	t       *testing.T
	machine *queueflow.Machine
	now     time.Time
	rung    map[string]int
	entered int
	// endpoints are those that were rung, and events what was told, in order.
	endpoints []string
	events    []callevent.Event
}

func newDesk(t *testing.T, queues ...queueflow.Policy) *desk {
	t.Helper()
	p := queueflow.Policies{Queues: map[string]queueflow.Policy{}}
	for _, q := range queues {
		p.Queues[q.ID] = q
	}
	return &desk{
		t: t, now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), rung: map[string]int{},
		machine: queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1}, p),
	}
}

func (d *desk) step(in queueflow.Input) queueflow.Output {
	d.t.Helper()
	d.now = d.now.Add(time.Millisecond)
	out := d.machine.Step(d.now, in)
	d.events = append(d.events, out.Events...)
	for _, c := range out.Commands {
		if leg, is := c.(queueflow.CreateLeg); is {
			d.rung[leg.Caller.ID]++
			d.endpoints = append(d.endpoints, leg.Endpoint)
		}
	}
	require.NoError(d.t, d.machine.Check())
	return out
}

// enter lets a caller into a queue; args are further arguments of Stasis().
func (d *desk) enter(queue string, args ...string) string {
	d.t.Helper()
	d.entered++
	id := "c" + strconv.Itoa(d.entered)
	ch := queueflow.Channel{Node: testNode, ID: id}
	d.step(queueflow.CallerEntered{Call: id, Channel: ch, Args: append([]string{queue}, args...), Answered: true})
	d.step(queueflow.CallerKnown{Channel: ch})
	return id
}

func (d *desk) pause(agent string, change queueflow.MemberChange) {
	d.t.Helper()
	d.step(queueflow.ChangeMember{Change: change, Member: queueflow.Member{Endpoint: agent}})
}

// agents are members by endpoint, paused.
func agents(skills []string, endpoints ...string) []queueflow.Member {
	var all []queueflow.Member
	for _, e := range endpoints {
		all = append(all, queueflow.Member{Endpoint: e, Paused: true, Skills: skills})
	}
	return all
}

// TestTheTurnOfACaller lets the callers who are pending be rung for, then the others come, and then agents become free.
// With ringall ours is otherwise on purpose: who becomes free joins the first caller who is rung for.
func TestTheTurnOfACaller(t *testing.T) {
	for i, v := range readAppQueue(t).OurTurn {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			d := newDesk(t, queueflow.Policy{ID: "sales", Serving: queueflow.Serving{
				Strategy: strategies[v.Strategy], Members: agents(nil, "P/1", "P/2", "P/3", "P/4", "P/5", "P/6"),
			}})
			next := 0
			free := func() {
				next++
				d.pause("P/"+strconv.Itoa(next), queueflow.UnpauseMember)
			}
			var me string
			for i, pending := range v.Pending {
				if id := d.enter("sales"); i == v.Me {
					me = id
				}
				if pending == 1 {
					free()
				}
			}
			for range v.Available {
				free()
			}
			ours := v.Turn && v.Strategy != "ringall"
			assert.Equal(t, ours, d.rung[me] > 0, "app_queue: %t", v.Turn)
		})
	}
}

// TestACallerWhomNobodyFreeMayServeHoldsUpNobody is where app_queue and ours differ: it counts him as ahead, so that with
// one agent free it is not the turn of the second.
func TestACallerWhomNobodyFreeMayServeHoldsUpNobody(t *testing.T) {
	d := newDesk(t, queueflow.Policy{ID: "sales", Serving: queueflow.Serving{Members: agents(nil, "P/1")}})
	first, second := d.enter("sales", "skills=ru"), d.enter("sales")
	d.pause("P/1", queueflow.UnpauseMember)
	assert.Zero(t, d.rung[first])
	assert.Equal(t, 1, d.rung[second])
}

// TestAHeavierQueueIsServedFirst has the agent in both queues, mine with the older caller.
func TestAHeavierQueueIsServedFirst(t *testing.T) {
	for i, v := range readAppQueue(t).Weight {
		other := v.Others[0]
		theirs := queueflow.Policy{ID: "theirs", Serving: queueflow.Serving{Weight: other.Weight}}
		if other.HasMember {
			theirs.Serving.Members = agents(nil, "P/1")
		}
		d := newDesk(t, theirs, queueflow.Policy{ID: "mine", Serving: queueflow.Serving{Weight: v.MyWeight, Members: agents(nil, "P/1")}})
		me := d.enter("mine")
		for range other.Waiting {
			d.enter("theirs")
		}
		d.pause("P/1", queueflow.UnpauseMember)
		assert.Equal(t, v.Blocked, d.rung[me] == 0, "vector %d", i)
	}
}

// TestAHeavierQueueThatCannotUseTheAgentBlocksNobody is where app_queue and ours differ: it looks at the numbers of callers
// and of agents only.
func TestAHeavierQueueThatCannotUseTheAgentBlocksNobody(t *testing.T) {
	d := newDesk(t, queueflow.Policy{ID: "theirs", Serving: queueflow.Serving{Weight: 9, Members: agents(nil, "P/1")}},
		queueflow.Policy{ID: "mine", Serving: queueflow.Serving{Members: agents(nil, "P/1")}})
	me, they := d.enter("mine"), d.enter("theirs", "skills=ru")
	d.pause("P/1", queueflow.UnpauseMember)
	assert.Equal(t, 1, d.rung[me])
	assert.Zero(t, d.rung[they])
}

// TestThePlaceOfANewcomer has no asked-for places: with one, app_queue's is the other, and ours is that by priority.
func TestThePlaceOfANewcomer(t *testing.T) {
	for i, v := range readAppQueue(t).Join {
		d := newDesk(t, queueflow.Policy{ID: "sales"})
		behind := 1
		for _, prio := range v.QueuePrios {
			d.enter("sales", "priority="+strconv.Itoa(prio))
			if prio >= v.Prio {
				behind++
			}
		}
		d.enter("sales", "priority="+strconv.Itoa(v.Prio))
		id := "c" + strconv.Itoa(d.entered)
		out := d.step(queueflow.CallerLeft{Channel: queueflow.Channel{Node: testNode, ID: id}})
		missed := missedOf(t, out)
		assert.Equal(t, behind, missed.Position, "vector %d", i)
		if v.PositionArg == 0 {
			assert.Equal(t, v.Position, missed.Position, "vector %d", i)
		}
	}
}

func TestTheServiceLevelsAreThoseOfAppQueue(t *testing.T) {
	for _, v := range readAppQueue(t).ServiceLevel {
		ofAnswered, ofAll := queueflow.Service{
			Answered: v.Completed, AnsweredInTime: v.CompletedInSL, Abandoned: v.Abandoned, AbandonedInTime: v.AbandonedInSL,
		}.Levels()
		assert.InDelta(t, v.SL/100, ofAnswered, 1e-9)
		assert.InDelta(t, v.SL2/100, ofAll, 1e-9)
	}
	ofAnswered, ofAll := queueflow.Service{}.Levels()
	assert.Zero(t, ofAnswered+ofAll)
}

func missedOf(t *testing.T, out queueflow.Output) callevent.Missed {
	t.Helper()
	for _, e := range out.Events {
		if missed, is := e.Payload.(callevent.Missed); is {
			return missed
		}
	}
	require.Fail(t, "no call was missed")
	return callevent.Missed{}
}
