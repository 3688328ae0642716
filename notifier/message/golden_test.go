package message

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

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

var update = flag.Bool("update", false, "write the golden messages and the table of docs/messages.md anew")

var moscow = time.FixedZone("MSK", 3*60*60)

// TestMessages holds what people are told to pages that a person can read, in each language.
func TestMessages(t *testing.T) {
	for _, language := range []string{"ru", "en"} {
		for name, target := range map[string]policy.Target{
			language:             {Language: language, Zone: moscow},
			language + "-masked": {Language: language, Zone: moscow, MaskNumbers: true},
		} {
			t.Run(name, func(t *testing.T) {
				golden := filepath.Join("testdata", name+".txt")
				told := messagesPage(t, target)
				if *update {
					require.NoError(t, os.WriteFile(golden, []byte(told), 0o644))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				assert.Equal(t, string(want), told, "run go test ./notifier/message -update")
			})
		}
	}
}

func messagesPage(t *testing.T, target policy.Target) string {
	t.Helper()
	r := renderer(t, target)
	var b strings.Builder
	for _, e := range Samples() {
		m, err := r.Announce(e)
		require.NoError(t, err)
		fmt.Fprintf(&b, "# %s\n\n%s", strings.TrimSuffix(e.ID, ".1.1"), written(m))
		if changed := r.Changed(Message{}, e); changed.Status != "" {
			fmt.Fprintf(&b, "  an earlier message says then: %s %s\n", changed.Icon, changed.Status)
		}
		b.WriteByte('\n')
	}
	m, err := r.Digest(storm())
	require.NoError(t, err)
	fmt.Fprintf(&b, "# digest\n\n%s", written(m))
	return b.String()
}

// written is a message as a person may read it.
func written(m Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", m.Icon, m.Title)
	for _, f := range m.Facts {
		fmt.Fprintf(&b, "  %s: %s", f.Label, f.Value)
		if f.Tel != "" {
			fmt.Fprintf(&b, "  [tel:%s]", f.Tel)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// storm is a bad half an hour: 25 missed calls, five of them without a number, and one that is settled.
func storm() []callevent.Event {
	var all []callevent.Event
	for i := range 25 {
		p := sampleMissed(callevent.ReasonAbandoned)
		p.LeftAt = p.EnteredAt.Add(time.Duration(i) * 71 * time.Second)
		p.Caller.Raw, p.Caller.E164 = fmt.Sprintf("891600000%02d", i), fmt.Sprintf("+791600000%02d", i)
		switch {
		case i%5 == 4:
			p.Caller = callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}
		case i == 3:
			p.Caller = sampleCaller
		}
		if i > 15 {
			p.Queue, p.QueueName = fmt.Sprint("queue", i), ""
		}
		all = append(all, sample(fmt.Sprint("storm-", i), p.LeftAt, p))
	}
	resolved := sampleResolved()[0]
	resolved.Time = sampleTime(40 * time.Minute)
	return append(all, resolved)
}

func renderer(t testing.TB, target policy.Target) *Renderer {
	t.Helper()
	r, err := New(target)
	require.NoError(t, err)
	return r
}
