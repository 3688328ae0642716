package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
	"missedcalls/queueflow"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

func TestABadFileTellsAllItsProblemsAtOnce(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		_, err := config.Load(file)
		var problems config.Problems
		require.ErrorAs(t, err, &problems, file)
		golden(t, strings.TrimSuffix(file, ".yaml")+".problems", strings.ReplaceAll(err.Error()+"\n", "testdata/bad/", ""))
	}
}

func TestAGoodFileTellsWhatThisVersionDoesNotActOn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/good/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		f, err := config.Load(file)
		require.NoError(t, err, file)
		warnings := ""
		for _, w := range f.Warnings {
			warnings += strings.ReplaceAll(w.Error()+"\n", "testdata/good/", "")
		}
		golden(t, strings.TrimSuffix(file, ".yaml")+".warnings", warnings)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, file)
}

func TestAnEmptyQueueHasEveryDefault(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"queues: {sales: {}}", "queues:\n  sales:\n", "queues:\n  sales: ~"} {
		f, err := config.Parse("q.yaml", []byte(text))
		require.NoError(t, err)
		assert.Equal(t, map[string]queueflow.Policy{
			"sales": {ID: "sales", Name: "sales", Music: "default", KeyTimeout: 3 * time.Second, Serving: usualServing()},
		}, f.Policies.Queues)
		assert.Equal(t, time.UTC, f.Timezone)
		assert.Empty(t, f.Region)
		assert.Empty(t, f.Policies.DefaultQueue)
		assert.Empty(t, f.Warnings)
		assert.Equal(t, "q.yaml", f.Path)
	}
}

// usualServing is how agents of a queue are rung that says nothing of it.
func usualServing() queueflow.Serving {
	return queueflow.Serving{
		Strategy: queueflow.RingAll, RingTimeout: 15 * time.Second, ServiceLevel: 20 * time.Second, ConfirmWithin: 10 * time.Second,
		AgentLeg:  queueflow.AgentLeg{CallerName: "{name}", CallerNumber: "{number}"},
		Recording: queueflow.Recording{Format: "wav", Key: "*1"},
		Expected:  queueflow.Expected{Handling: 5 * time.Minute, Patience: 5 * time.Minute},
	}
}

func TestTheContractIsReadIntoPolicies(t *testing.T) {
	t.Parallel()
	f, err := config.Load("testdata/good/contract.yaml")
	require.NoError(t, err)
	assert.Equal(t, queueflow.Policy{
		ID: "sales", Name: "Отдел продаж", Language: "ru", Music: "default",
		MaxWait: 5 * time.Minute, MaxCallers: 50, KeyTimeout: 3 * time.Second,
		Keys: queueflow.Keys{
			"*": {Dialplan: queueflow.Target{Context: "from-internal", Extension: "500", Priority: 1}},
			"9": {Queue: "support"},
		},
		Announce: queueflow.Announce{
			Position: queueflow.PositionTold, FirstAfter: 15 * time.Second, Every: 45 * time.Second, MinGap: 15 * time.Second,
			EstimatedWait: queueflow.EstimateTold, Round: 30 * time.Second,
		},
		Serving:   contractServing(),
		Periodic:  queueflow.Periodic{Media: []string{"sound:custom/thanks"}, FirstAfter: 20 * time.Second, Every: time.Minute},
		OnTimeout: queueflow.Exit{Dialplan: queueflow.Target{Context: "voicemail", Extension: "s", Priority: 1}},
		OnClosed:  queueflow.Exit{Dialplan: queueflow.Target{Context: "closed", Extension: "s", Priority: 1}},
		Hours: queueflow.Hours{
			Weekly: []queueflow.Window{
				{Days: workdays, Opens: 9 * time.Hour, Closes: 20 * time.Hour},
				{Days: queueflow.On(time.Saturday), Opens: 10 * time.Hour, Closes: 16 * time.Hour},
			},
			Closed: []queueflow.Days{{
				First: queueflow.Date{Year: 2027, Month: time.January, Day: 1}, Last: queueflow.Date{Year: 2027, Month: time.January, Day: 8},
			}},
			Location: f.Timezone,
		},
	}, f.Policies.Queues["sales"])
	assert.Equal(t, "support", f.Policies.DefaultQueue)
	assert.Equal(t, "RU", f.Region)
	assert.Equal(t, "Europe/Moscow", f.Timezone.String())
	for number, queue := range map[string]string{"74951234567": "sales", "+74951234567": "sales", "78005553535": "support"} {
		got, ok := f.Policies.DIDs.Route(number)
		assert.True(t, ok)
		assert.Equal(t, queue, got.Queue)
	}
}

var workdays = queueflow.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)

func TestOpeningHoursAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for text, want := range map[string]queueflow.Window{
		"Mon 09:00-20:00":             {Days: queueflow.On(time.Monday), Opens: 9 * time.Hour, Closes: 20 * time.Hour},
		"Mon-Fri 00:00-24:00":         {Days: workdays, Closes: day},
		"Sat,Sun 10:15-14:45":         {Days: queueflow.On(time.Saturday, time.Sunday), Opens: 10*time.Hour + 15*time.Minute, Closes: 14*time.Hour + 45*time.Minute},
		"Sat-Mon 08:00-08:01":         {Days: queueflow.On(time.Saturday, time.Sunday, time.Monday), Opens: 8 * time.Hour, Closes: 8*time.Hour + time.Minute},
		"Mon-Wed,Fri,Sun 08:00-09:00": {Days: queueflow.Everyday &^ queueflow.On(time.Thursday, time.Saturday), Opens: 8 * time.Hour, Closes: 9 * time.Hour},
		"Thu-Wed 22:00-02:00":         {Days: queueflow.Everyday, Opens: 22 * time.Hour, Closes: 2 * time.Hour},
		"Fri 22:00-00:00":             {Days: queueflow.On(time.Friday), Opens: 22 * time.Hour},
	} {
		f, err := config.Parse("q.yaml", []byte(`queues: {sales: {hours: {weekly: ["`+text+`"]}}}`))
		require.NoError(t, err, text)
		assert.Equal(t, queueflow.Hours{Weekly: []queueflow.Window{want}, Location: time.UTC}, f.Policies.Queues["sales"].Hours, text)
	}
}

func TestAQueueOpensByTheClockOfItsZone(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("q.yaml", []byte(`
timezone: Europe/Berlin
queues:
  sales: {hours: {weekly: ["Mon-Fri 09:00-20:00"], closed: ["2026-12-24/2026-12-26", "2026-12-31"]}, at_closing: exit}
  holidays: {hours: {closed: ["2026-12-24"]}}
  none: {hours: {}}
`))
	require.NoError(t, err)
	sales, holidays, none := f.Policies.Queues["sales"], f.Policies.Queues["holidays"], f.Policies.Queues["none"]
	assert.True(t, sales.ExitAtClosing)
	assert.False(t, holidays.ExitAtClosing)
	for at, want := range map[string][3]bool{
		"2026-11-27T07:59:59Z": {false, true, true}, "2026-11-27T08:00:00Z": {true, true, true}, // winter
		"2027-06-01T06:59:59Z": {false, true, true}, "2027-06-01T07:00:00Z": {true, true, true}, // summer
		"2026-12-23T22:59:59Z": {false, true, true}, "2026-12-23T23:00:00Z": {false, false, true},
		"2026-12-25T12:00:00Z": {false, true, true}, "2026-12-28T12:00:00Z": {true, true, true}, "2026-12-31T12:00:00Z": {false, true, true},
	} {
		when, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		assert.Equal(t, want, [3]bool{sales.Hours.Open(when), holidays.Hours.Open(when), none.Hours.Open(when)}, at)
	}
}

func TestPhoneLikeTextKeepsItsDigits(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("q.yaml", []byte(`
dids: {74951234567: sales, +79991234567: sales, 0101: sales, 0x10: sales, 1_000: sales, 1.10: sales}
default_queue: 0101
queues:
  sales: {keys: {5: {queue: 68800}, "#": {exit: "a,0101,1"}}}
  68800: {name: 0101}
  0101: {on_full: {queue: 68800}}
`))
	require.NoError(t, err)
	for _, number := range []string{"74951234567", "+79991234567", "0101", "0x10", "1_000", "1.10"} {
		queue, ok := f.Policies.DIDs.Route(number)
		assert.True(t, ok, number)
		assert.Equal(t, "sales", queue.Queue)
	}
	assert.Equal(t, "0101", f.Policies.DefaultQueue)
	assert.Equal(t, "0101", f.Policies.Queues["68800"].Name)
	assert.Equal(t, queueflow.Exit{Queue: "68800"}, f.Policies.Queues["0101"].OnFull)
	assert.Equal(t, queueflow.Exit{Queue: "68800"}, f.Policies.Queues["sales"].Keys["5"])
	assert.Equal(t, "0101", f.Policies.Queues["sales"].Keys["#"].Dialplan.Extension)
}

func TestAFractionIsNoWholeNumber(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"5.0", "1.5", "5e0", "0x5", "05", "+5"} {
		_, err := config.Parse("q.yaml", []byte("queues: {sales: {max_callers: "+number+"}}"))
		assert.EqualError(t, err, `q.yaml:1:31: queues.sales.max_callers: "`+number+`": must be a whole number from 0 to 1000000`)
	}
}

func TestYesIsTrueInEveryWayYAMLWritesIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"true": true, "True": true, "TRUE": true, "false": false, "FALSE": false} {
		f, err := config.Parse("q.yaml", []byte("queues: {sales: {announce: {position: "+text+", thank_you: "+text+"}}}"))
		require.NoError(t, err)
		assert.Equal(t, want, f.Policies.Queues["sales"].Announce.ThankYou, text)
		assert.Equal(t, want, f.Policies.Queues["sales"].Announce.Position == queueflow.PositionTold, text)
	}
}

func TestAliasesAndMergeKeysGiveQueuesAParent(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("q.yaml", []byte(`
queues:
  base: &base {max_wait: 5m, answer: agent, on_timeout: &voicemail {exit: "voicemail,s,1"}}
  extra: &extra {max_callers: 7, max_wait: 9m}
  child: {<<: [*base, *extra], max_wait: 1m}
  grandchild: &g {<<: {<<: [*extra, *base]}, on_full: *voicemail}
`))
	require.NoError(t, err)
	voicemail := queueflow.Exit{Dialplan: queueflow.Target{Context: "voicemail", Extension: "s", Priority: 1}}
	assert.Equal(t, queueflow.Policy{
		ID: "child", Name: "child", Music: "default", Answer: queueflow.AnswerAgent, KeyTimeout: 3 * time.Second,
		MaxWait: time.Minute, MaxCallers: 7, OnTimeout: voicemail, Serving: usualServing(),
	}, f.Policies.Queues["child"])
	assert.Equal(t, queueflow.Policy{
		ID: "grandchild", Name: "grandchild", Music: "default", Answer: queueflow.AnswerAgent, KeyTimeout: 3 * time.Second,
		MaxWait: 9 * time.Minute, MaxCallers: 7, OnTimeout: voicemail, OnFull: voicemail, Serving: usualServing(),
	}, f.Policies.Queues["grandchild"])
}

func TestABillionLaughsEndWithOneProblem(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10))
	}
	_, err := config.Parse("q.yaml", []byte(b.String()))
	assert.ErrorContains(t, err, "too many values after aliases are expanded")

	for _, text := range []string{"queues: &q {sales: *q}", "queues: &q {<<: *q}", "queues: &q {<<: [*q, *q]}", "queues: &q [*q, *q]"} {
		_, err = config.Parse("q.yaml", []byte(text))
		assert.ErrorContains(t, err, "nested too deeply; does an alias contain itself?", text)
	}
}

func TestAsManyQueuesAsFitAreCheckedInReasonableTime(t *testing.T) {
	t.Parallel()
	const n = 20_000
	var circle, wrong strings.Builder
	circle.WriteString("queues:\n")
	wrong.WriteString("queues:\n")
	for i := range n {
		fmt.Fprintf(&circle, "  queue%d: {on_full: {queue: queue%d}}\n", i, (i+1)%n)
		fmt.Fprintf(&wrong, "  queue%d: {on_full: {queue: quue%d}}\n", i, i)
	}
	_, err := config.Parse("q.yaml", []byte(circle.String()))
	assert.EqualError(t, err, `q.yaml:20001:33: queues.queue19999.on_full.queue: "queue0": a caller could go round for ever: `+
		`queue0 -> queue1 -> queue2 -> queue3 -> queue4 -> … -> queue19996 -> queue19997 -> queue19998 -> queue19999 -> queue0`)

	_, err = config.Parse("q.yaml", []byte(wrong.String()))
	var problems config.Problems
	require.ErrorAs(t, err, &problems)
	assert.Len(t, problems, n)
	assert.Contains(t, problems[0].Rule, `did you mean "queue0"?`)
	assert.Equal(t, "there is no such queue", problems[n-1].Rule)
}

func TestAFileFromWindowsIsReadLikeAnyOther(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/good/contract.yaml")
	require.NoError(t, err)
	want, err := config.Parse("q.yaml", b)
	require.NoError(t, err)
	got, err := config.Parse("q.yaml", []byte("\ufeff"+strings.ReplaceAll(string(b), "\n", "\r\n")))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestAFileOfMoreThanFourMebibytesIsNotRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "q.yaml")
	text := "queues: {sales: {}}\n" + strings.Repeat("# padding\n", 4<<20/10)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	_, err := config.Load(file)
	assert.EqualError(t, err, file+": the file is larger than 4 MiB")

	require.NoError(t, os.WriteFile(file, []byte(text[:4<<20]), 0o600))
	_, err = config.Load(file)
	assert.NoError(t, err)
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	_, err := config.Load("testdata/nowhere.yaml")
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "read configuration: open testdata/nowhere.yaml")
	assert.NotErrorAs(t, err, new(config.Problems))

	_, err = config.Load(t.TempDir())
	assert.ErrorContains(t, err, "read configuration: ")
}

func TestOneProblemCanBeTakenOutOfTheError(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("queues.yaml", []byte("queues:\n  sales:\n    strategy: rrmemry\n"))
	var problem config.Problem
	require.ErrorAs(t, err, &problem)
	assert.Equal(t, "queues.yaml", problem.Path)
	assert.Equal(t, 3, problem.Line)
	assert.Equal(t, 15, problem.Column)
	assert.Equal(t, "queues.sales.strategy", problem.Key)
	assert.Equal(t, "rrmemry", problem.Value)
	assert.Contains(t, problem.Rule, `did you mean "rrmemory"?`)
}

func BenchmarkParseAThousandQueues(b *testing.B) {
	var text strings.Builder
	text.WriteString("queues:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "  q%d:\n    max_wait: 5m\n    on_full: {queue: q%d}\n    members:\n", i, max(i-1, 0))
		for m := range 50 {
			fmt.Fprintf(&text, "      - {endpoint: PJSIP/%d, penalty: %d}\n", i*50+m, m%3)
		}
	}
	file := []byte(strings.Replace(text.String(), "on_full: {queue: q0}", "on_full: hangup", 1))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := config.Parse("q.yaml", file); err != nil {
			b.Fatal(err)
		}
	}
}
