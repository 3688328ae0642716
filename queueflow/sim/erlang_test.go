package sim

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var erlangTimes = flag.Int("erlang", 1, "how many times as long each run of a row of erlang_reference.csv is")

// erlangCentre is one row of erlang_reference.csv: callers come at random (a Poisson process), agents talk for an exponential
// time, and callers hang up after one if their patience is finite. With infinite patience the values are those of Erlang C,
// otherwise of Erlang A (Palm's model; Garnett, Mandelbaum and Reiman, "Designing a Call Center with Impatient Customers",
// Manufacturing & Service Operations Management 4(3), 2002).
type erlangCentre struct {
	arrivals           float64 // a second
	handling, patience float64 // seconds
	agents             int
	exact              map[string]float64
}

func (c erlangCentre) String() string {
	return fmt.Sprintf("%.0f calls an hour of %.0f s, %d agents, patience %v s", c.arrivals*3600, c.handling, c.agents, c.patience)
}

// relaxation is how long the centre remembers, in seconds: for Erlang C the relaxation time of the M/M/s queue (Morse,
// "Queues, Inventories and Maintenance", 1958); callers who hang up bound it by the longer of the two times.
func (c erlangCentre) relaxation() float64 {
	bound := math.Inf(1)
	if !math.IsInf(c.patience, 1) {
		bound = max(c.handling, c.patience)
	}
	load := c.arrivals * c.handling / float64(c.agents)
	if load >= 1 {
		return bound
	}
	root := 1 - math.Sqrt(load)
	return min(bound, c.handling/(float64(c.agents)*root*root))
}

func readErlang(t *testing.T) (centres []erlangCentre) {
	file, err := os.Open("testdata/erlang_reference.csv")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		values := make(map[string]float64, len(row))
		for i, name := range rows[0] {
			values[name], err = strconv.ParseFloat(row[i], 64)
			require.NoError(t, err)
		}
		centres = append(centres, erlangCentre{
			arrivals: values["calls_per_hour"] / 3600, handling: values["aht_s"], patience: values["patience_s"],
			agents: int(values["agents"]), exact: values,
		})
	}
	require.Len(t, centres, 26)
	return centres
}

// erlangMeasures are the columns of erlang_reference.csv, each a sum over callers, or over time, divided by another. All callers
// offered count, whether they had to wait or not. A caller's wait ends when he and an agent hear each other, or when he
// hangs up; his offered wait is the one that he would have had with endless patience.
var erlangMeasures = []struct {
	column string
	ratio  func(r erlangRun, exact float64) (above, below float64)
}{
	{"p_wait", func(r erlangRun, _ float64) (float64, float64) { return r.count(erlangCaller.waited), r.offered() }},
	{"mean_wait_all_s", func(r erlangRun, _ float64) (float64, float64) {
		return r.sum(everybody, erlangCaller.wait), r.offered()
	}},
	{"mean_wait_answered_s", func(r erlangRun, _ float64) (float64, float64) {
		return r.sum(erlangCaller.answered, erlangCaller.wait), r.count(erlangCaller.answered)
	}},
	{"mean_offered_wait_s", func(r erlangRun, _ float64) (float64, float64) {
		return r.sum(everybody, erlangCaller.offeredWait), r.offered()
	}},
	{"p_abandon", func(r erlangRun, _ float64) (float64, float64) {
		return r.offered() - r.count(erlangCaller.answered), r.offered()
	}},
	{"sl20_of_offered", func(r erlangRun, _ float64) (float64, float64) { return r.count(erlangCaller.inTime), r.offered() }},
	{"sl20_of_answered", func(r erlangRun, _ float64) (float64, float64) {
		return r.count(erlangCaller.inTime), r.count(erlangCaller.answered)
	}},
	{"sl20_excl_abandoned_in_20", func(r erlangRun, _ float64) (float64, float64) {
		return r.count(erlangCaller.inTime), r.count(erlangCaller.inTime) + r.count(erlangCaller.late)
	}},
	{"p_wait_gt_20", func(r erlangRun, _ float64) (float64, float64) { return r.count(erlangCaller.late), r.offered() }},
	{"mean_queue_len", func(r erlangRun, _ float64) (float64, float64) { return r.waiting, r.lasted }},
	{"occupancy", func(r erlangRun, _ float64) (float64, float64) { return r.talking, r.lasted }},
	// A tenth of all callers wait longer than the 90th percentile.
	{"p90_wait_all_s", func(r erlangRun, exact float64) (float64, float64) {
		return r.count(func(v erlangCaller) bool { return v.wait() > exact }), r.offered()
	}},
}

// The runs of a row: each begins in a state drawn from the row's own distribution, so that it needs no time to settle and
// says nothing of the others, and lasts for a relaxation time at least, so that a queue which behaves otherwise shows it.
const (
	erlangRuns     = 40
	leastCallers   = 300 // in a run, on average
	standardErrors = 4
)

// length of a run, in seconds.
func (c erlangCentre) length() float64 {
	return max(c.relaxation(), leastCallers/c.arrivals) * float64(*erlangTimes)
}

// play plays the runs of a row with so many agents, which is the row's own number but in one test.
func (c erlangCentre) play(row uint64, agents int) (runs []erlangRun) {
	seeds := newChance(row)
	for range erlangRuns {
		// Seeds that follow each other would make runs that are no strangers to each other.
		chance := chance{rand.New(rand.NewPCG(seeds.Uint64(), seeds.Uint64()))}
		runs = append(runs, newErlangExchange(c, agents, chance).play(c.length()))
	}
	return runs
}

// TestTheQueueWaitsAsErlangSays plays each row with the machine and an Asterisk that does everything at once and without
// faults, strategy leastrecent, no wrap-up. Every column is within four standard errors, which are those of the ratio of
// the sums over independent runs.
func TestTheQueueWaitsAsErlangSays(t *testing.T) {
	for i, c := range readErlang(t) {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			runs := c.play(uint64(i+1), c.agents)
			for _, m := range erlangMeasures {
				exact := c.exact[m.column]
				want := exact
				if m.column == "p90_wait_all_s" {
					want = .1
				}
				value, deviation := ratioOf(runs, func(r erlangRun) (float64, float64) { return m.ratio(r, exact) })
				assert.InDelta(t, want, value, standardErrors*deviation+1e-9, "%s, standard error %.2g", m.column, deviation)
				t.Logf("%-26s %.5g, expected %.5g, standard error %.2g", m.column, value, want, deviation)
			}
		})
	}
}

// TestErlangsValuesTellAnAgentTooMany holds that a queue which does not behave as a row says is found out.
func TestErlangsValuesTellAnAgentTooMany(t *testing.T) {
	for i, c := range readErlang(t)[:2] {
		runs := c.play(uint64(i+1), c.agents+1)
		for _, m := range erlangMeasures[:2] {
			value, deviation := ratioOf(runs, func(r erlangRun) (float64, float64) { return m.ratio(r, 0) })
			assert.Greater(t, c.exact[m.column]-value, standardErrors*deviation, "%s of %s", m.column, c)
		}
	}
}

// ratioOf is the quotient of two sums over runs, and its standard error by the delta method.
func ratioOf(runs []erlangRun, of func(erlangRun) (above, below float64)) (value, deviation float64) {
	var above, below float64
	for _, r := range runs {
		x, y := of(r)
		above, below = above+x, below+y
	}
	value = above / below
	squares := 0.0
	for _, r := range runs {
		x, y := of(r)
		squares += (x - value*y) * (x - value*y)
	}
	n := float64(len(runs))
	return value, math.Sqrt(squares*n/(n-1)) / below
}

// erlangRun is what happened to those who came in a run, and in its time.
type erlangRun struct {
	callers []erlangCaller
	// waiting and talking are caller-seconds in line and the part of the agents' seconds that they talked.
	waiting, talking, lasted float64
}

func (r erlangRun) offered() float64 { return float64(len(r.callers)) }

func (r erlangRun) count(which func(erlangCaller) bool) float64 {
	return r.sum(which, func(erlangCaller) float64 { return 1 })
}

func (r erlangRun) sum(which func(erlangCaller) bool, of func(erlangCaller) float64) (sum float64) {
	for _, v := range r.callers {
		if which(v) {
			sum += of(v)
		}
	}
	return sum
}

// erlangCaller is one caller. served is when he and an agent heard each other or, if he hung up before, when an agent would have
// taken him.
type erlangCaller struct {
	entered, served, left time.Time // left is zero for one who was answered
}

func everybody(erlangCaller) bool { return true }

func (v erlangCaller) answered() bool { return v.left.IsZero() }

func (v erlangCaller) offeredWait() float64 { return v.served.Sub(v.entered).Seconds() }

func (v erlangCaller) wait() float64 {
	if v.answered() {
		return v.offeredWait()
	}
	return v.left.Sub(v.entered).Seconds()
}

func (v erlangCaller) waited() bool { return v.wait() > 0 }

const serviceLevelSeconds = 20

func (v erlangCaller) inTime() bool { return v.answered() && v.wait() <= serviceLevelSeconds }
func (v erlangCaller) late() bool   { return v.wait() > serviceLevelSeconds }
