package target_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/message"
	"missedcalls/notifier/target"
)

func TestALineHoldsNothingThatBreaksOrTurnsIt(t *testing.T) {
	for in, want := range map[string]string{
		"Анна":                         "Анна",
		" a\r\nBcc: b@example.org\x00": "a  Bcc: b@example.org",
		"a\u2028b\tc":                  "a b c",
		"\u202egnp.exe\u2066x\u200f":   "gnp.exex",
		"\xff\xfebad":                  "\uFFFDbad",
		"👩‍👩‍👧 и 🇷🇺":                   "👩‍👩‍👧 и 🇷🇺", // joined by what is not to be taken out
		"\x1b[31mred\x7f\u0085":        "[31mred",
	} {
		assert.Equal(t, want, target.Line(in), "%q", in)
	}
}

func TestATextIsCutWhereItWouldNotFit(t *testing.T) {
	one := func(rune) int { return 1 }
	two := func(rune) int { return 2 }
	assert.Equal(t, "abcd", target.Clip("abcd", 4, one))
	assert.Equal(t, "abc…", target.Clip("abcde", 4, one))
	assert.Equal(t, "ab…", target.Clip("ab  cde", 4, one), "no space before what is left out")
	assert.Equal(t, "a…", target.Clip("abc", 4, two))
	assert.Equal(t, "ab", target.Clip("ab", 4, two))
	assert.Empty(t, target.Clip("", 4, one))
}

func FuzzATextThatIsCutFits(f *testing.F) {
	f.Add("Анна & <b>", 5)
	f.Fuzz(func(t *testing.T, s string, most int) {
		if most < 3 || !utf8.ValidString(s) {
			return
		}
		cut := target.Clip(s, most, utf8.RuneLen)
		assert.LessOrEqual(t, len(cut), most)
		assert.True(t, utf8.ValidString(cut))
		assert.True(t, cut == s || strings.HasSuffix(cut, "…"))
		assert.Equal(t, len(s) <= most, cut == s)
	})
}

func TestASecretIsTheOneLineOfItsFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	for _, text := range []string{"s3cret", "s3cret\n", " s3cret\r\n\n"} {
		secret, err := target.ReadSecret("token", write("good", text))
		require.NoError(t, err)
		assert.Equal(t, "s3cret", secret)
	}
	missing := filepath.Join(dir, "missing")
	for file, want := range map[string]string{
		missing:                         "read the token from " + missing + ": no such file or directory",
		dir:                             "read the token from " + dir + ": is a directory",
		write("empty", " \n"):           "read the token from " + filepath.Join(dir, "empty") + ": it is empty; a secret is one line",
		write("two", "s3cret\ns3cret2"): "read the token from " + filepath.Join(dir, "two") + ": it has several lines or control characters; a secret is one line",
		write("huge", strings.Repeat("s3cret", 1<<14)): "read the token from " + filepath.Join(dir, "huge") +
			": it has more than 16384 bytes; a secret is one line",
	} {
		_, err := target.ReadSecret("token", file)
		require.EqualError(t, err, want)
	}
}

// chat is a channel that does what it is told with the messages of the names a, b, c.
type chat struct {
	verdicts map[string]target.Verdict
	done     []string
}

var (
	sent      = target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
	busy      = target.Verdict{Outcome: target.Retry, Reason: target.ReasonRateLimited, Err: errors.New("busy")}
	deleted   = target.Verdict{Outcome: target.Permanent, Reason: target.ReasonRejected, Err: errors.New("deleted")}
	shut      = target.Verdict{Outcome: target.Permanent, Reason: target.ReasonGone, All: true, Err: errors.New("shut")}
	withNote  = target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK, Note: "mend it"}
	answering = target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK, Ref: json.RawMessage(`"new"`)}
)

func (c *chat) verdict(of string) target.Verdict {
	c.done = append(c.done, of)
	if v, is := c.verdicts[of]; is {
		return v
	}
	return sent
}

func (c *chat) Change(_ context.Context, said target.Said) target.Verdict {
	return c.verdict("change " + said.Message.Title)
}

func (c *chat) Say(_ context.Context, m message.Message, answers *target.Said) target.Verdict {
	if answers == nil {
		return c.verdict("say " + m.Title)
	}
	return c.verdict("say " + m.Title + " to " + answers.Message.Title)
}

func change(c *chat, progress string, earlier ...string) target.Verdict {
	d := target.Delivery{Changes: true, Message: message.Message{Title: "new"}, Progress: json.RawMessage(progress)}
	for _, title := range earlier {
		d.Earlier = append(d.Earlier, target.Said{Message: message.Message{Title: title}})
	}
	c.done = nil
	return target.Change(context.Background(), c, d)
}

func TestWhatIsOutOfDateIsChangedAndNothingNewIsSaid(t *testing.T) {
	c := new(chat)
	assert.Equal(t, sent, change(c, "", "a", "b"))
	assert.Equal(t, []string{"change a", "change b"}, c.done)
}

func TestWhatCannotBeChangedIsFollowedUpOnce(t *testing.T) {
	c := &chat{verdicts: map[string]target.Verdict{"change a": deleted, "change b": deleted, "say new to b": answering}}
	assert.Equal(t, answering, change(c, "", "a", "b", "c"))
	assert.Equal(t, []string{"change a", "change b", "change c", "say new to b"}, c.done)
}

func TestWhatChangesNothingIsSaid(t *testing.T) {
	c := &chat{verdicts: map[string]target.Verdict{"say new": answering}}
	assert.Equal(t, answering, change(c, ""))
	assert.Equal(t, []string{"say new"}, c.done)
}

func TestAChangeThatIsTriedAgainGoesOnWhereItWas(t *testing.T) {
	c := &chat{verdicts: map[string]target.Verdict{"change a": deleted, "change b": busy}}
	v := change(c, "", "a", "b", "c")
	assert.Equal(t, target.Retry, v.Outcome)
	assert.JSONEq(t, `{"changed":1,"stale":1}`, string(v.Progress))

	c.verdicts = map[string]target.Verdict{"say new to a": busy}
	v = change(c, string(v.Progress), "a", "b", "c")
	assert.Equal(t, []string{"change b", "change c", "say new to a"}, c.done)
	assert.JSONEq(t, `{"changed":3,"stale":1}`, string(v.Progress))

	c.verdicts = nil
	assert.Equal(t, sent, change(c, string(v.Progress), "a", "b", "c"))
	assert.Equal(t, []string{"say new to a"}, c.done)
}

func TestProgressOfSomethingElseIsNone(t *testing.T) {
	for _, progress := range []string{`{"changed":3}`, `{"changed":-1}`, `{"changed":1,"stale":2}`, `{"stale":-1}`, `["a@b"]`, `{`} {
		c := new(chat)
		assert.Equal(t, sent, change(c, progress, "a"))
		assert.Equal(t, []string{"change a"}, c.done, progress)
	}
}

func TestAChannelThatIsShutIsAskedNothingMore(t *testing.T) {
	c := &chat{verdicts: map[string]target.Verdict{"change a": shut}}
	assert.Equal(t, shut, change(c, "", "a", "b"))
	assert.Equal(t, []string{"change a"}, c.done)
}

func TestEveryNoteIsHandedOnOnce(t *testing.T) {
	c := &chat{verdicts: map[string]target.Verdict{"change a": withNote, "change b": deleted, "say new to b": withNote}}
	assert.Equal(t, "mend it", change(c, "", "a", "b").Note)
	c.verdicts["say new to b"] = target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK, Note: "and this"}
	assert.Equal(t, "mend it; and this", change(c, "", "a", "b").Note)
	c.verdicts["change b"] = busy
	assert.Equal(t, "mend it", change(c, "", "a", "b").Note, "also by a try that must be repeated")
}
