package notifier

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// from returns an event's payload with something else in it.
func (f facts) having(change func(*facts)) facts {
	change(&f)
	return f
}

// office is open from nine to six.
type office struct{}

func (office) Open(at time.Time) bool { return 9 <= at.Hour() && at.Hour() < 18 }

func clock(hour, minute int) time.Time { return time.Date(2026, 11, 3, hour, minute, 0, 0, time.UTC) }

func whole(n int) *int { return &n }

func TestARouteTakesWhatFitsAllItAsksFor(t *testing.T) {
	call := factsOf(missed("c1", func(m *callevent.Missed) { m.Priority = 5 }))
	call.at = clock(9, 0)
	for what, c := range map[string]struct {
		match policy.Match
		takes bool
		of    func(*facts)
	}{
		"nothing is asked":                        {policy.Match{}, true, nil},
		"the queue":                               {policy.Match{Queues: []string{"support", "sales"}}, true, nil},
		"another queue":                           {policy.Match{Queues: []string{"support"}}, false, nil},
		"no queue":                                {policy.Match{Queues: []string{"_"}}, false, nil},
		"no queue, of a call without one":         {policy.Match{Queues: []string{"_"}}, true, func(f *facts) { f.queue = noQueue }},
		"the number that was dialled":             {policy.Match{DIDs: []string{"74951234567"}}, true, nil},
		"a beginning of it":                       {policy.Match{DIDs: []string{"812*", "7495*"}}, true, nil},
		"an end of it":                            {policy.Match{DIDs: []string{"*4567"}}, true, nil},
		"it with a plus":                          {policy.Match{DIDs: []string{"+7495*"}}, true, nil},
		"it without the plus it came with":        {policy.Match{DIDs: []string{"7495*"}}, true, func(f *facts) { f.DID = "+74951234567" }},
		"another beginning":                       {policy.Match{DIDs: []string{"7812*"}}, false, nil},
		"one digit less":                          {policy.Match{DIDs: []string{"7495123456"}}, false, nil},
		"an event":                                {policy.Match{Events: []callevent.Kind{"missed"}}, true, nil},
		"another event":                           {policy.Match{Events: []callevent.Kind{"answered"}}, false, nil},
		"the reason":                              {policy.Match{Reasons: []callevent.Reason{"lost", "abandoned"}}, true, nil},
		"another reason":                          {policy.Match{Reasons: []callevent.Reason{"lost"}}, false, nil},
		"the event and another reason":            {policy.Match{Events: []callevent.Kind{"missed"}, Reasons: []callevent.Reason{"lost"}}, false, nil},
		"a reason, of an event that has none":     {policy.Match{Reasons: []callevent.Reason{"abandoned"}}, false, func(f *facts) { f.kind = "callback_failed" }},
		"a reason, of a pause of an agent":        {policy.Match{Reasons: []callevent.Reason{"abandoned"}}, false, func(f *facts) { f.kind = "member_paused" }},
		"a kind of caller":                        {policy.Match{Callers: []callevent.CallerKind{"external", "withheld"}}, true, nil},
		"another kind of caller":                  {policy.Match{Callers: []callevent.CallerKind{"internal"}}, false, nil},
		"the language":                            {policy.Match{Languages: []string{"ru"}}, true, nil},
		"the language of a variant":               {policy.Match{Languages: []string{"ru"}}, true, func(f *facts) { f.Language = "ru_RU" }},
		"the language of a variant with a dash":   {policy.Match{Languages: []string{"RU"}}, true, func(f *facts) { f.Language = "ru-RU-female" }},
		"a language of which it is a beginning":   {policy.Match{Languages: []string{"ru"}}, false, func(f *facts) { f.Language = "run" }},
		"a variant, of the language":              {policy.Match{Languages: []string{"ru_RU"}}, false, nil},
		"another language":                        {policy.Match{Languages: []string{"en"}}, false, nil},
		"at least its priority":                   {policy.Match{MinPriority: whole(5)}, true, nil},
		"at least a higher one":                   {policy.Match{MinPriority: whole(6)}, false, nil},
		"at most its priority":                    {policy.Match{MaxPriority: whole(5)}, true, nil},
		"at most a lower one":                     {policy.Match{MaxPriority: whole(4)}, false, nil},
		"at least zero, of an event without":      {policy.Match{MinPriority: whole(0)}, false, func(f *facts) { f.Priority = nil }},
		"hours that just began":                   {policy.Match{Hours: office{}}, true, nil},
		"hours that did not begin yet":            {policy.Match{Hours: office{}}, false, func(f *facts) { f.at = clock(8, 59) }},
		"hours that just ended":                   {policy.Match{Hours: office{}}, false, func(f *facts) { f.at = clock(18, 0) }},
		"all but one of what it asks":             {policy.Match{Queues: []string{"sales"}, Languages: []string{"en"}}, false, nil},
		"a call that somebody else took":          {policy.Match{}, false, func(f *facts) { f.Reason = callevent.ReasonTaken }},
		"such a call, asked for by its reason":    {policy.Match{Reasons: []callevent.Reason{"taken"}}, true, func(f *facts) { f.Reason = callevent.ReasonTaken }},
		"such a call, asked for by its kind":      {policy.Match{Events: []callevent.Kind{"missed"}}, true, func(f *facts) { f.Reason = callevent.ReasonTaken }},
		"a callback that failed":                  {policy.Match{}, true, func(f *facts) { f.kind = callevent.KindCallbackFailed }},
		"a callback that expired":                 {policy.Match{}, true, func(f *facts) { f.kind = callevent.KindCallbackExpired }},
		"a callback that succeeded":               {policy.Match{}, false, func(f *facts) { f.kind = callevent.KindCallbackCompleted }},
		"a callback that succeeded, asked for":    {policy.Match{Events: []callevent.Kind{"callback_completed"}}, true, func(f *facts) { f.kind = callevent.KindCallbackCompleted }},
		"an answered call":                        {policy.Match{}, false, func(f *facts) { f.kind = callevent.KindAnswered }},
		"an episode that was closed":              {policy.Match{}, false, func(f *facts) { f.kind = callevent.KindResolved }},
		"a number nobody dialled":                 {policy.Match{DIDs: []string{"*"}}, true, func(f *facts) { f.DID = "" }},
		"a number of at least one digit, of none": {policy.Match{DIDs: []string{"?*"}}, false, func(f *facts) { f.DID = "" }},
	} {
		of := call
		if c.of != nil {
			of = call.having(c.of)
		}
		assert.Equal(t, c.takes, matches(c.match, of), what)
	}
}

func TestAPatternStandsForNumbers(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		fits          bool
	}{
		{"", "", true}, {"", "7", false}, {"*", "", true}, {"**", "7", true}, {"?", "", false}, {"?", "7", true}, {"?", "77", false},
		{"7*5", "75", true}, {"7*5", "745", true}, {"7*5", "7455", true}, {"7*5", "7456", false}, {"*45*", "7456", true},
		{"*4*5*", "7546", false}, {"7?5*", "7455", true}, {"*?5", "5", false}, {"[7]", "7", false}, {"[7]", "[7]", true},
		{"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false}, {"при?ет*", "привет", true}, {`\*`, `\x`, true}, {"7*", "07", false},
	} {
		assert.Equal(t, c.fits, glob(c.pattern, c.text), "%s %s", c.pattern, c.text)
	}
}

func TestRoutesChooseWhoIsTold(t *testing.T) {
	sales := policy.Match{Queues: []string{"sales"}}
	all := policy.Match{}
	hold := func(d time.Duration, m policy.Match, goesOn bool, to ...string) policy.Route {
		return policy.Route{Match: m, To: to, Continue: goesOn, Hold: d}
	}
	now := func(names ...string) (out choices) {
		for _, n := range names {
			out = append(out, Choice{Target: n})
		}
		return out
	}
	answered := func(f *facts) { f.kind = callevent.KindAnswered }
	taken := func(f *facts) { f.Reason = callevent.ReasonTaken }
	for what, c := range map[string]struct {
		policy policy.Policy
		of     func(*facts)
		want   choices
	}{
		"nobody":                       {policy.Policy{}, nil, nil},
		"the first route":              {policy.Policy{Routes: []policy.Route{hold(0, sales, false, "a", "b"), hold(0, all, false, "c")}, Default: []string{"d"}}, nil, now("a", "b")},
		"the one that fits":            {policy.Policy{Routes: []policy.Route{hold(0, policy.Match{Queues: []string{"x"}}, false, "a"), hold(0, all, false, "c")}}, nil, now("c")},
		"those after one that goes on": {policy.Policy{Routes: []policy.Route{hold(0, sales, true, "a"), hold(0, all, false, "b"), hold(0, all, false, "c")}}, nil, now("a", "b")},
		"nobody by default who was told by one that goes on": {policy.Policy{Routes: []policy.Route{hold(0, sales, true, "a")}, Default: []string{"d"}}, nil, now("a")},
		"the default":                  {policy.Policy{Routes: []policy.Route{hold(0, policy.Match{Queues: []string{"x"}}, false, "a")}, Default: []string{"d", "e"}}, nil, now("d", "e")},
		"the default for no queue":     {policy.Policy{Routes: []policy.Route{hold(0, sales, false, "a")}, Default: []string{"d"}}, func(f *facts) { f.queue, f.Reason = noQueue, callevent.ReasonUnknownDID }, now("d")},
		"a copy of what a route takes": {policy.Policy{Routes: []policy.Route{hold(0, sales, false, "a")}, CopyAll: []string{"z"}}, nil, now("a", "z")},
		"a copy of what nobody takes":  {policy.Policy{CopyAll: []string{"z"}}, nil, now("z")},
		"each once":                    {policy.Policy{Routes: []policy.Route{hold(0, sales, true, "a"), hold(0, all, false, "a", "z")}, CopyAll: []string{"z", "a"}}, nil, now("a", "z")},
		"as late as the soonest, with its copy": {
			policy.Policy{Routes: []policy.Route{hold(time.Minute, sales, true, "a", "b"), hold(time.Second, all, false, "a")}, CopyAll: []string{"z"}}, nil,
			choices{{"a", time.Second}, {"b", time.Minute}, {"z", time.Second}},
		},
		"a target that is a copy at once": {policy.Policy{Default: []string{"d"}, CopyAll: []string{"z"}}, nil, now("d", "z")},
		"nobody of an answered call":      {policy.Policy{Routes: []policy.Route{hold(0, all, false, "a")}, Default: []string{"d"}, CopyAll: []string{"z"}}, answered, nil},
		"who asks for answered calls, without a copy": {
			policy.Policy{Routes: []policy.Route{hold(0, policy.Match{Events: []callevent.Kind{"answered"}}, false, "a")}, Default: []string{"d"}, CopyAll: []string{"z"}}, answered, now("a"),
		},
		"nobody of a call that was taken": {policy.Policy{Routes: []policy.Route{hold(0, all, false, "a")}, Default: []string{"d"}, CopyAll: []string{"z"}}, taken, nil},
		"who asks for taken calls":        {policy.Policy{Routes: []policy.Route{hold(0, policy.Match{Reasons: []callevent.Reason{"taken"}}, false, "a")}, CopyAll: []string{"z"}}, taken, now("a")},
	} {
		of := factsOf(missed("c1"))
		if c.of != nil {
			of = of.having(c.of)
		}
		assert.Equal(t, c.want, choose(c.policy, of), what)
	}
}

func TestOfEveryEventItIsKnownWhatRoutesAsk(t *testing.T) {
	m := factsOf(missed("c1", func(m *callevent.Missed) { m.Priority, m.Episode = -2, "c0" }))
	assert.Equal(t, callevent.KindMissed, m.kind)
	assert.Equal(t, "sales", m.queue)
	assert.Equal(t, "74951234567", m.DID)
	assert.Equal(t, "ru", m.Language)
	assert.Equal(t, callevent.CallerExternal, m.Caller.Kind)
	assert.Equal(t, callevent.ReasonAbandoned, m.Reason)
	assert.Equal(t, -2, *m.Priority)
	assert.Equal(t, "c0", m.matter())

	r := factsOf(resolved("c1"))
	assert.Equal(t, "c1", r.matter())
	assert.Nil(t, r.Priority)
	f := factsOf(callback("c5", callevent.CallbackFailed{Ticket: ticket("")}))
	assert.Equal(t, "c5", f.matter(), "without an episode, the call")
	f = factsOf(callback("c5", callevent.CallbackFailed{Ticket: ticket("c4")}))
	assert.Equal(t, "c4", f.matter())
	nobody := factsOf(missed("c1", func(m *callevent.Missed) { m.Queue = "" }))
	assert.Equal(t, "_", nobody.queue)
	assert.Equal(t, []Choice{{Target: "crm"}}, Choose(one(), missed("c1")))
}
