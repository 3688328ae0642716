package queueflow_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// BenchmarkStep measures one step, with 1 to 100,000 callers waiting in one queue or spread over a thousand. One step of
// `stay` is a third of: a caller enters, his number is known, he leaves. ns/op is the time of one step.
func BenchmarkStep(b *testing.B) {
	for _, queues := range []int{1, 1000} {
		for _, waiting := range []int{1, 10, 100, 1_000, 10_000, 100_000} {
			f := newFull(queues, waiting)
			for _, kind := range []struct {
				name string
				step func(f *full, i int)
			}{{"stay", (*full).stay}, {"digit", (*full).digit}, {"tick", (*full).tick}, {"unknown", (*full).unknown}} {
				b.Run(fmt.Sprintf("%s/queues=%d/waiting=%d", kind.name, queues, waiting), func(b *testing.B) {
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						kind.step(f, i)
					}
				})
			}
		}
	}
}

// BenchmarkSnapshot measures what a checkpoint of 100,000 waiting callers costs the loop, and what it costs beside it.
func BenchmarkSnapshot(b *testing.B) {
	f := newFull(1000, 100_000)
	b.Run("take", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.machine.Snapshot()
		}
	})
	state := f.machine.Snapshot()
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			text, err := json.Marshal(state)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(text))/100_000, "B/call")
		}
	})
	b.Run("restore", func(b *testing.B) {
		for b.Loop() {
			queueflow.Restore(queueflow.Settings{Application: "missedcalls"}, f.policies, state, f.now)
		}
	})
}

// full is a machine with callers who wait.
type full struct {
	machine  *queueflow.Machine
	policies queueflow.Policies
	queues   []string
	now      time.Time
	waiting  int
	calls    int
	// at is where the present caller of stay is: 0 outside, 1 at the door, 2 in line.
	at int
	in queueflow.CallerEntered
}

func newFull(queues, waiting int) *full {
	f := &full{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), waiting: waiting}
	f.policies.Queues = make(map[string]queueflow.Policy)
	for i := range queues {
		id := "queue-" + strconv.Itoa(i)
		f.queues = append(f.queues, id)
		f.policies.Queues[id] = queueflow.Policy{ID: id, Name: "Queue " + id, Music: "default", MaxWait: time.Hour}
	}
	f.machine = queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute}, f.policies)
	for range waiting {
		for range 2 {
			f.stay(0)
		}
		f.machine.Step(f.now, queueflow.CallerAnswered{Channel: f.in.Channel})
		f.machine.Step(f.now, queueflow.BridgeJoined{Channel: f.in.Channel, Bridge: queueflow.BridgePrefix("missedcalls") + f.in.Call})
		f.at = 0
	}
	return f
}

// stay lets a caller enter, be known and leave, one step at a time.
func (f *full) stay(int) {
	f.now = f.now.Add(time.Microsecond)
	switch f.at {
	case 0:
		f.in = f.next()
		f.machine.Step(f.now, f.in)
	case 1:
		f.machine.Step(f.now, queueflow.CallerKnown{Channel: f.in.Channel, LinkedID: f.in.Channel.ID})
	case 2:
		f.machine.Step(f.now, queueflow.CallerLeft{At: f.now, Channel: f.in.Channel})
	}
	f.at = (f.at + 1) % 3
}

func (f *full) next() queueflow.CallerEntered {
	f.calls++
	id := strconv.Itoa(f.calls)
	return queueflow.CallerEntered{
		At: f.now, Call: "d0" + id, Channel: queueflow.Channel{Node: testNode, ID: id}, Name: "PJSIP/trunk-" + id,
		Dialled: "74951234567", Args: []string{f.queues[f.calls%len(f.queues)]}, Language: "ru",
		Caller: callevent.Caller{Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal},
	}
}

// digit is a key without a meaning, of one of those who wait.
func (f *full) digit(i int) {
	f.now = f.now.Add(time.Microsecond)
	id := strconv.Itoa(i*7919%f.waiting + 1)
	f.machine.Step(f.now, queueflow.DigitPressed{Channel: queueflow.Channel{Node: testNode, ID: id}, Digit: '5'})
}

func (f *full) tick(int) {
	f.machine.Step(f.now, queueflow.Tick{})
}

func (f *full) unknown(int) {
	f.machine.Step(f.now, queueflow.CallerLeft{Channel: queueflow.Channel{Node: testNode, ID: "nobody"}})
}

// BenchmarkMissed measures what a missed call costs, all three steps of a caller who is declined at the door, with 1 to
// 100,000 open episodes: half of the calls join one, half open another.
func BenchmarkMissed(b *testing.B) {
	for _, open := range []int{1, 100, 10_000, 100_000} {
		s := newShut()
		for i := range open {
			s.now = s.now.Add(time.Millisecond)
			s.misses("c"+strconv.Itoa(i), external(i))
		}
		b.Run(fmt.Sprintf("open=%d", open), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s.now = s.now.Add(time.Microsecond)
				number := i * 7919 % open
				if i%2 == 0 {
					number = open + i
				}
				s.misses("d"+strconv.Itoa(i), external(number))
				if i%2 == 0 {
					s.resolve(queueflow.ResolveMissed{Episode: "d" + strconv.Itoa(i)})
				}
			}
		})
	}
}

// BenchmarkEpisodes measures what a list of the newest 200 of 100,000 open episodes costs the loop.
func BenchmarkEpisodes(b *testing.B) {
	s := newShut()
	for i := range 100_000 {
		s.now = s.now.Add(time.Millisecond)
		s.misses("c"+strconv.Itoa(i*7919%100_000), external(i*7919%100_000))
	}
	for b.Loop() {
		s.machine.Episodes(200, all)
	}
}
