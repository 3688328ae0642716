package queueflow

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

func TestWhatTheDialplanAsksForIsRead(t *testing.T) {
	ms := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		args string
		want Args
	}{
		{"", Args{}},
		{"sales", Args{Queue: "sales"}},
		{" sales | priority=5 ", Args{Queue: "sales", Priority: 5}},
		{"|priority=-5", Args{Priority: -5}},
		{"priority=1000000", Args{Priority: 1_000_000}},
		{"sales|music=jazz|language=ru", Args{Queue: "sales", Asked: callevent.Asked{Music: "jazz", Language: "ru"}}},
		{"sales|max_wait=90", Args{Queue: "sales", Asked: callevent.Asked{MaxWaitMS: ms(90_000)}}},
		{"sales|max_wait=1m30s", Args{Queue: "sales", Asked: callevent.Asked{MaxWaitMS: ms(90_000)}}},
		{"sales|max_wait=0", Args{Queue: "sales", Asked: callevent.Asked{MaxWaitMS: ms(0)}}},
		{"sales|max_wait=720h", Args{Queue: "sales", Asked: callevent.Asked{MaxWaitMS: ms(720 * time.Hour.Milliseconds())}}},
		{"sales|skills=ru+vip en", Args{Queue: "sales", Asked: callevent.Asked{Skills: []string{"ru", "vip", "en"}}}},
		{"@agent|login|sales", Args{Command: []string{"@agent", "login", "sales"}}},
		{"sales|@agent", Args{Queue: "sales", Problems: []string{`"@agent" is no key=value`}}},
	} {
		var args []string
		if c.args != "" {
			args = strings.Split(c.args, "|")
		}
		require.Equal(t, c.want, ParseArgs(args), c.args)
	}
}

func TestTheDialplanAsksForAllOfSomeSkillsOrForOneOfThem(t *testing.T) {
	for _, c := range []struct {
		args []string
		want callevent.Asked
	}{
		{[]string{"skills=ru+vip"}, callevent.Asked{Skills: []string{"ru", "vip"}}},
		{[]string{"skills=ru|en"}, callevent.Asked{AnySkills: []string{"ru", "en"}}},
		{[]string{"skills= ru | en |"}, callevent.Asked{AnySkills: []string{"ru", "en"}}},
		{[]string{"skills=vip", "skills=ru|en"}, callevent.Asked{Skills: []string{"vip"}, AnySkills: []string{"ru", "en"}}},
		{[]string{"skills=|"}, callevent.Asked{}},
	} {
		a := ParseArgs(append([]string{"sales"}, c.args...))
		require.Equal(t, c.want, a.Asked, c.args)
		require.Empty(t, a.Problems, c.args)
	}
	for _, bad := range []string{"skills=vip+ru|en", "skills=vip ru|en", "skills=ru|en+vip"} {
		a := ParseArgs([]string{"sales", bad})
		require.Equal(t, callevent.Asked{}, a.Asked, bad)
		require.Len(t, a.Problems, 1, bad)
		require.Contains(t, a.Problems[0], "mixes + and |", bad)
	}
}

func TestWhatCannotBeReadIsToldAndTheRestHolds(t *testing.T) {
	for _, bad := range []string{
		"priority=", "priority=5.5", "priority=1000001", "priority=-1000001", "max_wait=-1", "max_wait=721h", "max_wait=soon",
		"max_wait=9999999999999999999", "colour=red", "sales", "music=" + strings.Repeat("x", maxArgLength+1), "music=a\nb", "language=\x7f",
	} {
		a := ParseArgs([]string{"support", bad, "priority=3"})
		require.Len(t, a.Problems, 1, bad)
		require.Equal(t, "support", a.Queue, bad)
		require.Equal(t, 3, a.Priority, bad)
		require.Equal(t, callevent.Asked{}, a.Asked, bad)
	}
	require.Empty(t, ParseArgs([]string{"support", "music=" + strings.Repeat("x", maxArgLength)}).Problems)
}

func FuzzParseArgs(f *testing.F) {
	for _, seed := range []string{"sales|priority=5", "@agent|x", "|max_wait=2562047h48m", "a|b=c|d", "x|skills=+ +", strings.Repeat("|x", 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		args := strings.Split(joined, "|")
		given := slices.Clone(args)
		a := ParseArgs(args)
		require.Equal(t, given, args, "what was given is not changed")
		require.LessOrEqual(t, len(a.Problems), 8)
		for _, p := range a.Problems {
			require.True(t, utf8.ValidString(p))
			require.LessOrEqual(t, len(p), 2*maxArgLength)
		}
		require.False(t, a.Queue != "" && a.Command != nil)
		require.NotContains(t, a.Queue, "=")
		require.LessOrEqual(t, a.Priority, maxPriority)
		require.GreaterOrEqual(t, a.Priority, -maxPriority)
		require.LessOrEqual(t, len(a.Asked.Music), maxArgLength)
		require.LessOrEqual(t, len(a.Asked.Language), maxArgLength)
		if ms := a.Asked.MaxWaitMS; ms != nil {
			require.GreaterOrEqual(t, *ms, int64(0))
			require.LessOrEqual(t, *ms, maxAskedWait.Milliseconds())
		}
		require.NotContains(t, a.Asked.Skills, "")
		require.NotContains(t, a.Asked.AnySkills, "")
	})
}
