package queueflow

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// newQueueMap maps numbers to queues alone.
func newQueueMap(queues map[string]string) DIDMap {
	routes := make(map[string]Route)
	for pattern, queue := range queues {
		routes[pattern] = Route{Queue: queue}
	}
	return NewDIDMap(routes)
}

func TestTheMostSpecificPatternNamesTheQueue(t *testing.T) {
	m := newQueueMap(map[string]string{
		"74951234567": "number", "+78120000000": "plus",
		"7495*": "city", "749512*": "district", "7495??34567": "seven", "*": "any", "7*5": "ends", "74*5": "longer",
	})
	for number, queue := range map[string]string{
		"74951234567":  "number",
		"+74951234567": "number",
		"78120000000":  "plus",
		"+78120000000": "plus",
		"74951200000":  "district",
		"+74951200000": "district",
		"74959934567":  "seven",
		"74950000000":  "city",
		"7415":         "longer",
		"7315":         "ends",
		"":             "any",
		"s":            "any",
		"анонимный":    "any",
	} {
		got, ok := m.Route(number)
		require.True(t, ok, number)
		require.Equal(t, queue, got.Queue, number)
	}
}

func TestPatternsThatAreEquallySpecificAreOrderedByTheirText(t *testing.T) {
	for range 20 { // whatever the order of the map
		route, _ := newQueueMap(map[string]string{"1*2": "b", "*12": "a", "12*": "c"}).Route("12")
		require.Equal(t, "a", route.Queue)
		route, _ = newQueueMap(map[string]string{"1*2*": "two stars", "12*": "one star"}).Route("12")
		require.Equal(t, "one star", route.Queue)
	}
}

func TestANumberThatNobodyListedHasNoQueue(t *testing.T) {
	_, ok := newQueueMap(map[string]string{"123": "a", "12?": "b"}).Route("1234")
	require.False(t, ok)
	_, ok = DIDMap{}.Route("123")
	require.False(t, ok)
}

// FuzzDIDMap holds matching against two others: a regular expression, and path.Match for patterns without its brackets.
func FuzzDIDMap(f *testing.F) {
	for _, seed := range [][2]string{
		{"7495*", "74951234567"}, {"*", ""}, {"", ""}, {"?", ""}, {"**?*", "a"}, {"a*b*c", "aXbXbc"}, {"*a*a*a*b", "aaaaaaaaaaaa"}, {"7*", "+7"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		expression := strings.NewReplacer(`\*`, `[\x00-\x{10ffff}]*`, `\?`, `[\x00-\x{10ffff}]`).Replace(regexp.QuoteMeta(pattern))
		if ascii(pattern) && ascii(s) {
			want := regexp.MustCompile("^(?:" + expression + ")$").MatchString(s)
			require.Equal(t, want, matchGlob(pattern, s), "%q %q", pattern, s)
			if !strings.ContainsAny(pattern, `[]\/`) && !strings.Contains(s, "/") {
				other, err := path.Match(pattern, s)
				require.NoError(t, err)
				require.Equal(t, other, matchGlob(pattern, s), "%q %q", pattern, s)
			}
		}
		route, ok := newQueueMap(map[string]string{pattern: "q"}).Route(s)
		require.Equal(t, ok, route.Queue == "q")
		if strings.ContainsAny(pattern, "*?") && matchGlob(pattern, s) {
			require.True(t, ok, "%q %q", pattern, s)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
