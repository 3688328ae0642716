//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
	"missedcalls/testbed/hearing"
)

const (
	// inHand is how long after the answer nothing need be heard yet: Asterisk's Answer waits for media that no caller sends.
	inHand = 700 * time.Millisecond
	// gap is the silence that a caller notices, and the longest time in which the music comes back.
	gap = 300 * time.Millisecond
	// music is the name under which the library knows the music of all queues here.
	music = "music default"
)

// library is what the program may let a caller hear in a language, and the music.
func library(t *testing.T, asterisk *testbed.Asterisk, language string) *hearing.Library {
	t.Helper()
	sounds, err := asterisk.Root.Sounds(language, "queue-*", "digits/*", "invalid", "tt-monkeys")
	require.NoError(t, err)
	songs, err := asterisk.Root.Music("default")
	require.NoError(t, err)
	return hearing.NewLibrary(append(sounds, songs...)...)
}

// listen tells what each caller of a plan heard, all of them recorded, on both processors. A caller has the library of his place in
// the plan.
func listen(run *testbed.CallerRun, libraries ...*hearing.Library) []hearing.Transcript {
	transcripts := make([]hearing.Transcript, len(libraries))
	var both sync.WaitGroup
	for half := range 2 {
		both.Go(func() {
			for i := half; i < len(libraries); i += 2 {
				transcripts[i] = libraries[i].Listen(run.Recording(i))
			}
		})
	}
	both.Wait()
	return transcripts
}

// pieces are what was heard in order, with the music and the tone in one piece where Asterisk stood still in the middle of it.
func pieces(heard hearing.Transcript) (all []hearing.Heard) {
	for _, h := range heard.Heard {
		last := len(all) - 1
		if last >= 0 && all[last].Name == h.Name && (h.Name == music || h.Name == hearing.Unknown) {
			all[last].To = h.To
			continue
		}
		all = append(all, h)
	}
	return all
}

// assertPieces holds what was heard against the names of the sounds, and gives it.
func assertPieces(t *testing.T, heard hearing.Transcript, want ...string) []hearing.Heard {
	t.Helper()
	all := pieces(heard)
	names := make([]string, len(all))
	for i, h := range all {
		names[i] = h.Name
	}
	require.Equal(t, want, names, "\n%s", heard)
	return all
}

// words are the names of media, without the kind.
func words(media []string) []string {
	names := make([]string, len(media))
	for i, m := range media {
		names[i] = strings.TrimPrefix(m, "sound:")
	}
	return names
}

// assertNoSilence holds that a caller hears something from soon after the answer to the end, and that the music is back at once after
// each prompt. Times in which Asterisk sent nothing in the middle of a word or of the music are the machine's: their sum is returned.
func assertNoSilence(t *testing.T, r testbed.CallResult, heard hearing.Transcript) (stalled time.Duration) {
	t.Helper()
	for _, s := range heard.SilencesBetween(r.AnsweredAt.Add(inHand), r.EndedAt, gap) {
		if isStall(heard, s) {
			stalled += s.Lasted()
			continue
		}
		assert.Fail(t, "silence", "caller %s: for %s, %s after the answer:\n%s", r.Number, s.Lasted(), s.From.Sub(r.AnsweredAt), heard)
	}
	all := pieces(heard)
	require.NotEmpty(t, all, "caller %s heard nothing", r.Number)
	for i, h := range all[1:] {
		assert.Less(t, h.From.Sub(all[i].To), gap, "caller %s: what follows %s is late:\n%s", r.Number, all[i].Name, heard)
	}
	assert.Equal(t, music, all[len(all)-1].Name, "caller %s: the music is back:\n%s", r.Number, heard)
	return stalled
}

// isStall says whether Asterisk sent nothing for a while in the middle of something, and went on there: it waited for a processor.
func isStall(heard hearing.Transcript, s hearing.Silence) bool {
	if s.Lasted()-s.Missing > 20*time.Millisecond {
		return false
	}
	for i, h := range heard.Heard {
		if h.From.Before(s.From) && h.To.After(s.To) {
			return true
		}
		if i > 0 && h.From.Equal(s.To) {
			before := heard.Heard[i-1]
			return h.Name == music && before.Name == music && before.File == h.File
		}
	}
	return false
}

// spread tells the middle, the end and the last of times, which it sorts.
func spread(times []time.Duration) string {
	slices.Sort(times)
	n := len(times)
	return fmt.Sprintf("%d times: p50 %s, p99 %s, most %s", n, times[n/2].Round(time.Millisecond/10),
		times[n*99/100].Round(time.Millisecond/10), times[n-1].Round(time.Millisecond/10))
}

// placed are places in a line and how they are said between queue-thereare and queue-callswaiting.
var placed = []struct {
	place            int
	english, russian []string
}{
	{2, []string{"digits/2"}, []string{"digits/2"}},
	{3, []string{"digits/3"}, []string{"digits/3"}},
	{5, []string{"digits/5"}, []string{"digits/5"}},
	{11, []string{"digits/11"}, []string{"digits/11"}},
	{21, []string{"digits/20", "digits/1"}, []string{"digits/20", "digits/1"}},
	{22, []string{"digits/20", "digits/2"}, []string{"digits/20", "digits/2"}},
	{101, []string{"digits/1", "digits/hundred", "digits/1"}, []string{"digits/hundred", "digits/1"}},
}

// listener is a recorded caller with a place in line, and what he is to hear.
type listener struct {
	caller   testbed.Caller
	language string
	place    int
	hears    []string
}

// listeners are a caller for each place in each language.
func listeners() (all []listener) {
	add := func(language, did string, place int, hears ...string) {
		number, _ := external(1000 + len(all))
		all = append(all, listener{inLine(number, did, place), language, place, hears})
	}
	add("en", "74951234567", 1, "queue-youarenext")
	add("ru", "78001111111", 1, "queue-youarenext")
	for _, p := range placed {
		add("en", "74951234567", p.place, slices.Concat([]string{"queue-thereare"}, p.english, []string{"queue-callswaiting"})...)
		add("ru", "78001111111", p.place, slices.Concat([]string{"queue-thereare"}, p.russian, []string{"queue-callswaiting"})...)
	}
	for i := range all {
		all[i].caller.Record, all[i].caller.HangupAfter = true, 16*time.Second
	}
	return all
}

// inLine is a caller whose priority gives him his place, in whatever order the calls arrive.
func inLine(number, did string, place int) testbed.Caller {
	return testbed.Caller{Number: number, DID: did, Args: fmt.Sprintf("priority=%d", 1000-place)}
}

// others are callers who hold the places of two queues up to 101 that nobody in particular has. They leave last.
func others(taken []listener) (callers []testbed.Caller) {
	for place := 1; place <= 101; place++ {
		if slices.ContainsFunc(taken, func(l listener) bool { return l.place == place }) {
			continue
		}
		for _, did := range []string{"74951234567", "78001111111"} {
			number, _ := external(len(callers))
			caller := inLine(number, did, place)
			caller.HangupAfter = 26 * time.Second
			callers = append(callers, caller)
		}
	}
	return callers
}

func TestCallersHearTheirPlaceOnceBetweenTheMusicInEnglishAndInRussian(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
dids: {"74951234567": english, "78001111111": {queue: russian, language: ru}}
queues:
  english: {language: en, announce: &told {position: true, first_after: 5s, every: 0s}}
  russian: {announce: *told}
`)
	p.serve()
	events := subscribe(t, p)
	told := listeners()
	before := others(told)
	standing := asterisk.Callers(t, testbed.CallerPlan{Callers: before})
	events.await(callevent.KindEntered, len(before))
	plan := testbed.CallerPlan{}
	var libraries []*hearing.Library
	languages := map[string]*hearing.Library{"en": library(t, asterisk, "en"), "ru": library(t, asterisk, "ru")}
	for _, l := range told {
		plan.Callers = append(plan.Callers, l.caller)
		libraries = append(libraries, languages[l.language])
	}
	run := asterisk.Callers(t, plan)
	results := run.Results()
	transcripts := listen(run, libraries...)
	standing.Results()
	events.await(callevent.KindMissed, len(before)+len(told))

	var late, back, stalls []time.Duration
	for i, l := range told {
		heard := transcripts[i]
		announced := events.announced(l.caller.Number)
		require.Len(t, announced, 1, "place %d in %s", l.place, l.language)
		all := assertPieces(t, heard, slices.Concat([]string{music}, l.hears, []string{music})...)
		assert.Equal(t, l.hears, words(announced[0].Media), "the event says what was heard")
		assert.Equal(t, l.place, *announced[0].PositionTold)
		assert.Equal(t, l.language, announced[0].Language)
		for _, h := range all[1 : len(all)-1] {
			assert.True(t, h.Whole, "place %d in %s, %s:\n%s", l.place, l.language, h.Name, heard)
		}
		first, last, after := all[1], all[len(all)-2], all[len(all)-1]
		assert.WithinDuration(t, announced[0].AnnouncedAt, first.From, gap, "place %d in %s", l.place, l.language)
		late = append(late, first.From.Sub(announced[0].AnnouncedAt))
		back = append(back, after.From.Sub(last.To))
		stalls = append(stalls, assertNoSilence(t, results[i], heard))
	}
	t.Logf("the first sound of an announcement, from its event's announced_at on, %s", spread(late))
	t.Logf("an announcement's end -> music, %s", spread(back))
	t.Logf("stalls of the machine in music and words, for each caller, %s", spread(stalls))
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func TestMusicIsBackAfterEveryPromptAndBetweenThemIsNoSilence(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
dids: {"74951234567": told}
queues:
  told:
    language: en
    announce: {position: {limit: 1}, first_after: 2s, every: 0s, thank_you: true}
    prompts:
      periodic: {media: ["sound:queue-periodic-announce", "sound:queue-thankyou"], first_after: 9s, every: 10s}
      unknown_key: "sound:invalid"
    keys: {"9": {queue: further}}
  further:
    language: en
    prompts: {periodic: {media: "sound:queue-thankyou", first_after: 1s, every: 0s}}
`)
	p.serve()
	events := subscribe(t, p)
	const n = 5
	plan := testbed.CallerPlan{Rate: 5}
	for i := range n {
		number, _ := external(i)
		plan.Callers = append(plan.Callers, testbed.Caller{
			Number: number, DID: "74951234567", Args: "priority=" + fmt.Sprint(n-i), Record: true, HangupAfter: 21 * time.Second,
			Digits: []testbed.Digit{{Key: "5", After: 1500 * time.Millisecond}, {Key: "9", After: 16 * time.Second}},
		})
	}
	run := asterisk.Callers(t, plan)
	results := run.Results()
	events.await(callevent.KindMissed, n)

	english := library(t, asterisk, "en")
	var back, stalls []time.Duration
	for i, heard := range listen(run, slices.Repeat([]*hearing.Library{english}, n)...) {
		want := []string{music, "invalid", music, "queue-periodic-announce", music, "queue-thankyou", music}
		if i == 0 { // what becomes due while something else plays follows it
			want = []string{music, "invalid", "queue-youarenext", "queue-thankyou", "queue-periodic-announce", music, "queue-thankyou", music}
		}
		all := assertPieces(t, heard, want...)
		for j, h := range all {
			if j > 0 && h.Name == music {
				back = append(back, h.From.Sub(all[j-1].To))
			}
		}
		stalls = append(stalls, assertNoSilence(t, results[i], heard))
	}
	t.Logf("a prompt's end -> music, %s", spread(back))
	t.Logf("stalls of the machine in music and words, for each caller, %s", spread(stalls))
	assertQuiet(t, asterisk)
}

// cutOff is what one caller says about how a prompt of 16 s ended: how long after the moment at which it should, less what Asterisk
// stood still meanwhile, and how soon he heard music.
type cutOff struct{ late, back time.Duration }

// cutAt measures a prompt that was to be cut at a moment.
func cutAt(t *testing.T, heard hearing.Transcript, moment time.Time) cutOff {
	t.Helper()
	all := assertPieces(t, heard, music, "tt-monkeys", music)
	prompt, after := all[1], all[2]
	assert.False(t, prompt.Whole, heard.String())
	stalled := time.Duration(0)
	if prompt.To.After(moment) {
		stalled = heard.Stalled(hearing.Heard{From: moment, To: prompt.To})
	}
	return cutOff{late: prompt.To.Sub(moment) - stalled, back: after.From.Sub(prompt.To)}
}

// assertCut reports how prompts were cut off, and holds that nobody heard more of his than can be noticed.
func assertCut(t *testing.T, what string, cuts []cutOff) {
	t.Helper()
	var late, back []time.Duration
	for _, c := range cuts {
		late, back = append(late, c.late), append(back, c.back)
	}
	t.Logf("%s -> end of the prompt, %s", what, spread(late))
	t.Logf("%s: end of the prompt -> music, %s", what, spread(back))
	assert.LessOrEqual(t, late[len(late)*99/100], 200*time.Millisecond, what)
	assert.Less(t, back[len(back)*99/100], gap, what)
}

func TestAPromptEndsWhenItsCallerPressesAKeyOrHasWaitedTooLong(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
dids: {"74951234567": keyed, "78001111111": limited}
queues:
  keyed:
    language: en
    prompts: {periodic: &monkeys {media: "sound:tt-monkeys", first_after: 1s, every: 0s}}
    keys: {"1": {exit: "exit,wait,1"}, "2": {queue: further}}
  limited: {language: en, max_wait: 4s, on_timeout: {exit: "exit,wait,1"}, prompts: {periodic: *monkeys}}
  further: {}
`)
	p.serve()
	events := subscribe(t, p)
	const n = 40
	plan := testbed.CallerPlan{Rate: 10, RecordFor: 30 * time.Second}
	for i := range n {
		number, _ := external(i)
		key := testbed.Digit{Key: "1", After: 3*time.Second + time.Duration(i)*37*time.Millisecond}
		if i%2 == 1 {
			key.Key = "2"
		}
		caller := testbed.Caller{Number: number, DID: "78001111111", Record: true, HangupAfter: 7 * time.Second}
		plan.Callers = append(plan.Callers, caller)
		caller.Number, caller.DID, caller.Digits = "8"+caller.Number, "74951234567", []testbed.Digit{key}
		plan.Callers = append(plan.Callers, caller)
	}
	run := asterisk.Callers(t, plan)
	results := run.Results()
	events.await(callevent.KindMissed, 2*n)

	english := library(t, asterisk, "en")
	missed := events.missed()
	var left, moved, timedOut []cutOff
	for i, heard := range listen(run, slices.Repeat([]*hearing.Library{english}, 2*n)...) {
		r := results[i]
		require.Len(t, missed[r.Number], 1, "caller %s", r.Number)
		m := missed[r.Number][0]
		switch m.Reason {
		case callevent.ReasonMaxWait:
			timedOut = append(timedOut, cutAt(t, heard, m.EnteredAt.Add(4*time.Second)))
		case callevent.ReasonExitKey:
			left = append(left, cutAt(t, heard, r.DigitsAt[0]))
		default:
			moved = append(moved, cutAt(t, heard, r.DigitsAt[0]))
		}
	}
	assert.Len(t, timedOut, n)
	assert.Len(t, left, n/2)
	assert.Len(t, moved, n/2)
	assertCut(t, "key into the dialplan", left)
	assertCut(t, "key into another queue", moved)
	assertCut(t, "limit of the wait", timedOut)
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func TestInPlaceOfMusicARingingToneOrNothing(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
dids: {"74951234567": ringing, "78001111111": nothing}
queues:
  ringing: {language: en, music: "@ringing", announce: {position: {limit: 1}, first_after: 3s, every: 0s}}
  nothing: {language: en, music: "@none", announce: {position: {limit: 1}, first_after: 3s, every: 0s}}
`)
	p.serve()
	events := subscribe(t, p)
	const first, second = "priority=2", "priority=1"
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89160000001", DID: "74951234567", Args: first, Record: true, HangupAfter: 14 * time.Second},
		{Number: "89160000002", DID: "74951234567", Args: second, Record: true, HangupAfter: 14 * time.Second},
		{Number: "89160000003", DID: "78001111111", Args: first, Record: true, HangupAfter: 14 * time.Second},
		{Number: "89160000004", DID: "78001111111", Args: second, Record: true, HangupAfter: 14 * time.Second},
	}})
	run.Results()
	events.await(callevent.KindMissed, 4)
	english := library(t, asterisk, "en")
	heard := listen(run, english, english, english, english)

	rang := assertPieces(t, heard[0], hearing.Unknown, "queue-youarenext", hearing.Unknown)
	assert.Less(t, rang[2].From.Sub(rang[1].To), gap, "the tone is back after the prompt")
	assertPieces(t, heard[1], hearing.Unknown)
	assert.GreaterOrEqual(t, len(heard[1].Heard), 2, "a tone every six seconds:\n%s", heard[1])
	for _, h := range heard[1].Heard {
		assert.LessOrEqual(t, h.Lasted()-heard[1].Stalled(h), 2*time.Second+gap, "the American cadence is two seconds of six")
	}
	assertPieces(t, heard[2], "queue-youarenext")
	assert.Empty(t, heard[3].Heard, "nothing:\n%s", heard[3])
	assert.Empty(t, run.Recording(3).Frames, "not even silence")
	assertQuiet(t, asterisk)
}
