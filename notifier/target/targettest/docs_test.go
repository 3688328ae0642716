package targettest_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/target"
	"missedcalls/notifier/target/targettest"
)

const docsFile = "../../../docs/targets.md"

var update = flag.Bool("update", false, "write the table of replies of docs/targets.md anew")

// TestTheDocumentationHasEveryReplyAndItsVerdict holds the table of docs/targets.md to the one that the channels are
// tested with; -update writes it anew.
func TestTheDocumentationHasEveryReplyAndItsVerdict(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	require.NoError(t, err)
	doc := string(b)
	for name, table := range map[string]string{"anywhere": anywhere(), "own words": ownWords()} {
		from, to := "<!-- replies "+name+" -->\n", "<!-- end -->"
		before, rest, found := strings.Cut(doc, from)
		require.True(t, found, "%s has no line %s", docsFile, from)
		_, after, found := strings.Cut(rest, to)
		require.True(t, found, "%s has no line %s after %s", docsFile, to, from)
		doc = before + from + table + to + after
	}
	if *update {
		require.NoError(t, os.WriteFile(docsFile, []byte(doc), 0o644))
		return
	}
	assert.Equal(t, doc, string(b), "run go test ./notifier/target/targettest -update")
}

func TestTheDocumentationExplainsEveryReason(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	require.NoError(t, err)
	for _, r := range target.Reasons() {
		assert.Contains(t, string(b), fmt.Sprintf("\n| `%s` | ", r))
	}
}

func TestEveryCaseHasANameOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range targettest.Cases() {
		assert.False(t, seen[c.Name], c.Name)
		seen[c.Name] = true
		assert.NotEmpty(t, c.Want, c.Name)
	}
}

// anywhere is the table of what may come from anywhere. Slack's webhook and its bot judge alike.
func anywhere() string {
	var b strings.Builder
	b.WriteString("\n| what comes back | webhook | Telegram, Slack |\n| --- | --- | --- |\n")
	for _, c := range targettest.Cases() {
		if c.Want[targettest.Webhook] != "" {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Name, c.Want[targettest.Webhook], c.Want[targettest.Telegram])
		}
	}
	return b.String() + "\n"
}

// ownWords is the table of what Telegram and Slack say themselves.
func ownWords() string {
	var b strings.Builder
	b.WriteString("\n| channel | what comes back | verdict |\n| --- | --- | --- |\n")
	for _, c := range targettest.Cases() {
		for channel, verdict := range c.Want {
			if len(c.Want) == 1 {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", channel, c.Name, verdict)
			}
		}
	}
	return b.String() + "\n"
}

func TestTelegramAndSlackJudgeAlikeWhatIsNotTheirs(t *testing.T) {
	for _, c := range targettest.Cases() {
		if len(c.Want) > 1 {
			assert.Len(t, c.Want, 4, c.Name)
			assert.Equal(t, c.Want[targettest.Telegram], c.Want[targettest.SlackWebhook], c.Name)
			assert.Equal(t, c.Want[targettest.Telegram], c.Want[targettest.SlackBot], c.Name)
		}
	}
}
