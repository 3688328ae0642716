package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLaws shows, with -v, which case shows which law.
func TestLaws(t *testing.T) {
	shown := map[int][]string{}
	for _, c := range Cases() {
		for _, law := range c.Laws {
			assert.Contains(t, observable, law, c.Name)
			shown[law] = append(shown[law], c.Name)
		}
	}
	for law := range lawCount {
		law++
		sentence, is := observable[law]
		reason, isNot := unobservable[law]
		require.NotEqual(t, is, isNot, "law %d is either observable or not", law)
		if isNot {
			t.Logf("%d is not observable: %s", law, reason)
			continue
		}
		assert.NotEmpty(t, shown[law], "no case shows law %d: %s", law, sentence)
		t.Logf("%d, %s:\n\t%s", law, sentence, strings.Join(shown[law], "\n\t"))
	}
}

func TestEveryCaseHasATraceAndEveryTraceACase(t *testing.T) {
	entries, err := recorded.ReadDir("testdata")
	require.NoError(t, err)
	var cases, traces []string
	for _, c := range Cases() {
		require.NotContains(t, cases, c.File(), "two cases have one name")
		assert.NotEmpty(t, c.Laws, c.Name)
		cases = append(cases, c.File())
	}
	for _, e := range entries {
		traces = append(traces, e.Name())
	}
	slices.Sort(cases)
	assert.Equal(t, cases, traces)
}

func TestTheDifferenceOfTracesIsTold(t *testing.T) {
	assert.Equal(t, "line 2 is not the real Asterisk's\nreal: b\nhere: c", difference("a\nb\nd", "a\nc\nd"))
	assert.Equal(t, "line 2 is not the real Asterisk's\nreal: (the end)\nhere: c", difference("a", "a\nc"))
}

func TestWhatDiffersFromRunToRunIsNamed(t *testing.T) {
	n := newNames()
	for text, want := range map[string]string{
		`{"id":"1785598800.3","name":"PJSIP/trunk-0000001c"}`:                   `{"id":"<caller-1>","name":"PJSIP/trunk-#"}`,
		`{"target_uri":"channel:1785598800.3"}`:                                 `{"target_uri":"channel:<caller-1>"}`,
		`{"timestamp":"2026-08-01T12:00:00.123+0000"}`:                          `{"timestamp":"<time>"}`,
		`{"timestamp":"2026-08-01T12:00:00Z"}`:                                  `{"timestamp":"2026-08-01T12:00:00Z"}`,
		`{"duration_ms":160,"cause":16}`:                                        `{"cause":16,"duration_ms":"<ms>"}`,
		`{"channels":["b","a"],"args":["b","a"]}`:                               `{"args":["b","a"],"channels":["a","b"]}`,
		`{"protocol_id":"","asterisk_id":"02:00:00:00:6a:01"}`:                  `{"asterisk_id":"<asterisk>","protocol_id":""}`,
		`[{"id":"b"},{"id":"a"}]`:                                               `[{"id":"a"},{"id":"b"}]`,
		`{"id":"0b0e5a39-12a6-4bd3-b6c0-4f9cf1f1a0e7","message":"<b> & \"c\""}`: `{"id":"<id-1>","message":"<b> & \"c\""}`,
		`no JSON`: fmt.Sprintf("text/html %q", "no JSON"),
		``:        ``,
	} {
		assert.Equal(t, want, n.body("text/html", []byte(text)))
	}
}
