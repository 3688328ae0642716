//go:build e2e

package testbed

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/testbed/hearing"
)

// busy is how much later than planned a machine with other things to do may play something: Asterisk waits for a processor in the middle
// of a word as well. What the recogniser itself may be wrong by is in assertWords.
const busy = 2 * time.Second

// hearingDialplan plays what the tests know. Wait sends no packets at all.
const hearingDialplan = `
[from-trunk](+)
exten => english,1,Answer()
 same => n,Playback(queue-thankyou)
 same => n,Playback(digits/4&digits/1&digits/4)
 same => n,Wait(1)
 same => n,Playback(silence/1)
 same => n,MusicOnHold(default,5)
 same => n,Playback(queue-thereare&digits/2&digits/20&queue-callswaiting)
 same => n,MusicOnHold(default,3)
 same => n,Hangup()
exten => russian,1,Answer()
 same => n,Set(CHANNEL(language)=ru)
 same => n,Playback(queue-youarenext)
 same => n,SayNumber(42)
 same => n,MusicOnHold(default,3)
 same => n,Playback(queue-thankyou)
 same => n,Hangup()
exten => cut,1,Answer()
 same => n,Background(queue-periodic-announce)
 same => n,WaitExten(2)
exten => 7,1,Playback(digits/7)
 same => n,Hangup()
exten => wide,1,Answer()
 same => n,Playback(custom/wide)
 same => n,Hangup()
exten => ringing,1,Answer()
 same => n,Playback(digits/1)
 same => n,Ringing()
 same => n,Wait(3)
 same => n,Hangup()
`

// sounds is a library of a language's prompts for queues and its numbers, and the music.
func sounds(t *testing.T, root Root, language string) (library *hearing.Library, lengths map[string]time.Duration) {
	t.Helper()
	found, err := root.Sounds(language, "queue-*", "digits/*", "beep")
	require.NoError(t, err)
	lengths = map[string]time.Duration{}
	for _, s := range found {
		lengths[s.Name] = time.Duration(len(s.PCM)) * time.Second / hearing.Rate
	}
	music, err := root.Music("default")
	require.NoError(t, err)
	return hearing.NewLibrary(append(found, music...)...), lengths
}

// played is how much of a sound was played while it was heard.
func played(transcript hearing.Transcript, h hearing.Heard) time.Duration {
	return h.Lasted() - transcript.Stalled(h)
}

// assertWords checks that prompts were heard from beginning to end, and as much of each as its file holds.
func assertWords(t *testing.T, transcript hearing.Transcript, lengths map[string]time.Duration) {
	t.Helper()
	for _, h := range transcript.Heard {
		length, isWord := lengths[h.Name]
		if !isWord {
			continue
		}
		assert.True(t, h.Whole, h)
		assert.Zero(t, h.Offset, h)
		assert.Greater(t, h.Match, 0.99, h)
		assert.InDelta(t, length.Seconds(), played(transcript, h).Seconds(), 0.06, h)
	}
}

func TestHearPromptsNumbersSilenceAndMusicInOrder(t *testing.T) {
	a := Start(t, WithDialplan(hearingDialplan))
	library, lengths := sounds(t, a.Root, "en")
	run := a.Callers(t, CallerPlan{Callers: []Caller{
		{Number: "79990000001", DID: "english", Record: true}, {Number: "79990000002", DID: "english"},
	}})
	result := run.Results()[0]
	recording := run.Recording(0)
	heard := library.Listen(recording)
	t.Log("\n" + heard.String())
	assert.Zero(t, recording.Ignored)
	require.Equal(t, []string{
		"queue-thankyou", "digits/4", "digits/1", "digits/4", "music default",
		"queue-thereare", "digits/2", "digits/20", "queue-callswaiting", "music default",
	}, heard.Names())
	assertWords(t, heard, lengths)
	for i := 1; i < len(heard.Heard); i++ {
		if before := heard.Heard[i-1]; i != 4 {
			assert.Less(t, heard.Heard[i].From.Sub(before.To), busy, "%s follows at once", heard.Heard[i].Name)
		}
	}
	music, more := heard.Heard[4], heard.Heard[9]
	assert.InDelta(t, 5, music.Lasted().Seconds(), busy.Seconds())
	assert.Equal(t, music.File, more.File)
	assert.InDelta(t, played(heard, music).Seconds(), more.Offset.Seconds(), 0.3, "music goes on about where it stopped")

	longest := slices.MaxFunc(heard.Silences(500*time.Millisecond), func(a, b hearing.Silence) int { return cmp.Compare(a.Lasted(), b.Lasted()) })
	assertAfter(t, 2*time.Second, longest.Lasted())
	assertAfter(t, time.Second, longest.Missing)
	assert.InDelta(t, 1, (longest.Lasted() - longest.Missing).Seconds(), 0.06, "Wait sends nothing, a silent file silence")
	assert.Less(t, heard.From.Sub(result.AnsweredAt), 600*time.Millisecond+busy, "Answer waits half a second for media")
	assert.WithinDuration(t, result.EndedAt, heard.To, busy)
}

func TestHearRussian(t *testing.T) {
	a := Start(t, WithDialplan(hearingDialplan))
	library, lengths := sounds(t, a.Root, "ru")
	run := a.Callers(t, CallerPlan{Callers: []Caller{{Number: "79990000001", DID: "russian", Record: true}}})
	run.Results()
	heard := library.Listen(run.Recording(0))
	t.Log("\n" + heard.String())
	assert.Equal(t, []string{"queue-youarenext", "digits/40", "digits/2", "music default", "queue-thankyou"}, heard.Names())
	assertWords(t, heard, lengths)
	english, _ := sounds(t, a.Root, "en")
	assert.NotContains(t, english.Listen(run.Recording(0)).Names(), "queue-youarenext", "the other language's words are other words")
}

func TestHearWhereADigitOrAHangupCutAPrompt(t *testing.T) {
	a := Start(t, WithDialplan(hearingDialplan))
	library, lengths := sounds(t, a.Root, "en")
	run := a.Callers(t, CallerPlan{Callers: []Caller{
		{Number: "79990000001", DID: "cut", Record: true, HangupAfter: 2500 * time.Millisecond},
		{Number: "79990000002", DID: "cut", Record: true, Digits: []Digit{{Key: "7", After: 1800 * time.Millisecond}}},
	}})
	results := run.Results()
	for i, pressed := range []time.Time{results[0].ByeAt, results[1].DigitsAt[0]} {
		heard := library.Listen(run.Recording(i))
		t.Log("\n" + heard.String())
		require.NotEmpty(t, heard.Heard)
		prompt := heard.Heard[0]
		assert.Equal(t, "queue-periodic-announce", prompt.Name)
		assert.False(t, prompt.Whole)
		assert.Less(t, prompt.Lasted(), lengths[prompt.Name])
		// A cut in the prompt's own pause is told where the pause began, if Asterisk plays on.
		assert.Less(t, prompt.To.Sub(pressed), busy)
		assert.Greater(t, prompt.To.Sub(pressed), -busy)
	}
	assert.Equal(t, []string{"queue-periodic-announce", "digits/7"}, library.Listen(run.Recording(1)).Names())
}

func TestHearFiveCallersAtOnceWhileTheyListen(t *testing.T) {
	a := Start(t, WithDialplan(hearingDialplan))
	library, lengths := sounds(t, a.Root, "en")
	var plan CallerPlan
	for i := range 5 {
		plan.Callers = append(plan.Callers, Caller{
			Number: fmt.Sprintf("7999000000%d", i), DID: "english", Record: true, After: time.Duration(i) * 200 * time.Millisecond,
		})
	}
	run := a.Callers(t, plan)
	require.Eventually(t, func() bool { return len(run.Recording(4).Frames) > 150 }, 20*time.Second, 50*time.Millisecond)
	assert.Equal(t, "queue-thankyou", library.Listen(run.Recording(4)).Names()[0], "a recording can be heard while it is made")
	run.Results()
	for i := range plan.Callers {
		heard := library.Listen(run.Recording(i))
		assert.Len(t, heard.Heard, 10, heard.String())
		assertWords(t, heard, lengths)
	}
}

// wide writes a prompt of the root as a file of 16 kHz, which Asterisk has to resample for a caller with µ-law.
func wide(t *testing.T, a *Asterisk) hearing.Sound {
	t.Helper()
	prompts, err := a.Root.Sounds("en", "queue-thankyou")
	require.NoError(t, err)
	file := hearing.WAV(prompts[0].PCM, 2*hearing.Rate)
	path := filepath.Join(a.Folder, "sounds", "wide.wav16")
	require.NoError(t, os.WriteFile(path, file, 0o644))
	sound, err := hearing.ReadWAV("custom/wide", file)
	require.NoError(t, err)
	return sound
}

func TestHearAPromptThatAsteriskResamples(t *testing.T) {
	a := Start(t, WithDialplan(hearingDialplan))
	sound := wide(t, a)
	run := a.Callers(t, CallerPlan{Callers: []Caller{{Number: "79990000001", DID: "wide", Record: true}}})
	run.Results()
	heard := hearing.NewLibrary(sound).Listen(run.Recording(0))
	t.Log("\n" + heard.String())
	require.Equal(t, []string{"custom/wide"}, heard.Names())
	assert.True(t, heard.Heard[0].Whole)
	assert.Greater(t, heard.Heard[0].Match, 0.95)
}

func TestHearASoundThatNoFileHolds(t *testing.T) {
	a := Start(t, WithDialplan(hearingDialplan))
	library, _ := sounds(t, a.Root, "en")
	run := a.Callers(t, CallerPlan{Callers: []Caller{{Number: "79990000001", DID: "ringing", Record: true}}})
	run.Results()
	heard := library.Listen(run.Recording(0))
	assert.Equal(t, []string{"digits/1", hearing.Unknown}, heard.Names(), heard.String())
	assert.InDelta(t, 2, heard.Heard[1].Lasted().Seconds(), busy.Seconds(), "a ringing tone, two seconds of six")
}
