package testbed

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPlanBecomesOneLineForEachCaller(t *testing.T) {
	plan := CallerPlan{Callers: []Caller{
		{Number: "+79990000001", Name: `Анна "А\я"`, DID: "+74951234567", HangupAfter: 1500 * time.Millisecond},
		{Number: "79990000002", DID: "7495", Args: `sales,note="a,b"`, Withheld: true, GiveUpAfter: 2 * time.Second, After: time.Second},
		{DID: "9#", Digits: []Digit{{Key: "1", After: 500 * time.Millisecond}}},
	}}
	require.NoError(t, plan.withDefaults().check())
	assert.Equal(t, `SEQUENTIAL
+74951234567;"Анна \"А\\я\"" <sip:+79990000001@127.0.0.1>;X-Caller: 0;X-Caller: 0;X-Caller: 0;0;86400000;1500;30000;;0
args7495;"Anonymous" <sip:anonymous@anonymous.invalid>;X-Stasis-Args: sales,note="a,b";P-Asserted-Identity: <sip:79990000002@127.0.0.1>;Privacy: id;1000;2000;86400000;30001;;0
9%23;"Anonymous" <sip:anonymous@anonymous.invalid>;X-Caller: 2;X-Caller: 2;X-Caller: 2;0;86400000;86400000;30002;1;500
`, plan.injection(func(caller int) int { return 30000 + caller }))
}

func TestAPlanThatCannotBeCarriedOutIsRefused(t *testing.T) {
	one := func(c Caller) CallerPlan { return CallerPlan{Callers: []Caller{c}}.withDefaults() }
	for want, plan := range map[string]CallerPlan{
		"no callers":           CallerPlan{}.withDefaults(),
		"no number to call":    one(Caller{}),
		"semicolon":            one(Caller{DID: "1", Name: "a;b"}),
		"line's end":           one(Caller{DID: "1", Args: "a\r\nX: y"}),
		"at most 8":            one(Caller{DID: "1", Digits: make([]Digit, 9)}),
		"is not a key":         one(Caller{DID: "1", Digits: []Digit{{Key: "x"}}}),
		"comes after hanging":  one(Caller{DID: "1", HangupAfter: time.Second, Digits: []Digit{{Key: "1", After: time.Second}}}),
		"between 0.1 and 1000": {Callers: []Caller{{DID: "1"}}, Rate: 1001},
		"comes before the one it follows": one(Caller{DID: "1", Digits: []Digit{
			{Key: "1", After: time.Second}, {Key: "2", After: time.Millisecond},
		}}),
	} {
		assert.ErrorContains(t, plan.check(), want)
	}
	assert.ErrorContains(t, CallerPlan{Callers: []Caller{{DID: "1"}, {}, {}}}.withDefaults().check(), "caller 2", "all at once")
}

func TestARunLastsAsLongAsItsMostPatientCallerAndAMinute(t *testing.T) {
	plan := CallerPlan{Rate: 10, Callers: []Caller{
		{DID: "1", HangupAfter: time.Second}, {DID: "1", GiveUpAfter: 20 * time.Second, After: 5 * time.Second},
	}}.withDefaults()
	assert.Equal(t, 25*time.Second+time.Minute+200*time.Millisecond, plan.Limit)

	patient := CallerPlan{Callers: []Caller{{DID: "1"}}}.withDefaults()
	assert.Greater(t, patient.Limit, defaultLimit)
	assert.InDelta(t, defaultRate, patient.Rate, 0)

	given := CallerPlan{Callers: []Caller{{DID: "1"}}, Limit: time.Second}.withDefaults()
	assert.Equal(t, time.Second, given.Limit)
}

// assertXML reads a whole document.
func assertXML(t *testing.T, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestTheCallersScenarioHasAStepForEachKey(t *testing.T) {
	plain, err := renderCaller(0)
	require.NoError(t, err)
	assertXML(t, plain)
	assert.NotContains(t, plain, "INFO")
	assert.Contains(t, plain, "CSeq: 2 BYE")

	keys, err := renderCaller(maxDigits)
	require.NoError(t, err)
	assertXML(t, keys)
	assert.Equal(t, maxDigits, strings.Count(keys, "Signal="))
	assert.Contains(t, keys, "Signal=[field23]", "the last key's column")
	assert.Contains(t, keys, "CSeq: 9 INFO")
	assert.Contains(t, keys, "CSeq: 10 BYE")
}

func TestEveryLabelAScenarioJumpsToIsThere(t *testing.T) {
	text, err := renderCaller(2)
	require.NoError(t, err)
	var document struct {
		Labels []struct {
			ID string `xml:"id,attr"`
		} `xml:"label"`
		Receptions []struct {
			Next      string `xml:"next,attr"`
			OnTimeout string `xml:"ontimeout,attr"`
		} `xml:"recv"`
		Steps []struct {
			Next string `xml:"next,attr"`
		} `xml:"nop"`
	}
	require.NoError(t, xml.Unmarshal([]byte(text), &document))
	labels := map[string]bool{"": true}
	for _, l := range document.Labels {
		assert.False(t, labels[l.ID], "label %s is there twice", l.ID)
		labels[l.ID] = true
	}
	for _, r := range document.Receptions {
		assert.True(t, labels[r.Next], r.Next)
		assert.True(t, labels[r.OnTimeout], r.OnTimeout)
	}
	for _, s := range document.Steps {
		assert.True(t, labels[s.Next], s.Next)
	}
}

func TestASummaryCounts(t *testing.T) {
	assert.Equal(t, "3 of 4 began, 1 answered, 1 refused, 2 ended", summary([]CallResult{
		{}, {InviteAt: at(1)}, {InviteAt: at(1), Status: 200, EndedBy: ByCaller}, {InviteAt: at(1), Status: 503, EndedBy: ByRemote},
	}))
}
