package demo

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/caller"
	"missedcalls/app/config"
	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow/callevent"
)

func ownScene(t *testing.T, speed float64) scene {
	t.Helper()
	s, err := readScene("demo.yaml", ownConfiguration(speed, &chat{address: "127.0.0.1:1", tokenFile: "/run/token"}), speed)
	require.NoError(t, err)
	return s
}

func come(c *crowd, n int) (arrivals []arrival) {
	for range n {
		arrivals = append(arrivals, c.next())
	}
	return arrivals
}

func TestOneSeedIsOneCrowd(t *testing.T) {
	s := ownScene(t, 1)
	assert.Equal(t, come(newCrowd(s, 42, 1), 300), come(newCrowd(ownScene(t, 1), 42, 1), 300))
	assert.NotEqual(t, come(newCrowd(s, 42, 1), 5), come(newCrowd(s, 43, 1), 5))
}

func TestASpeedChangesTheTimesAndNothingElse(t *testing.T) {
	slow, fast := come(newCrowd(ownScene(t, 1), 7, 1), 200), come(newCrowd(ownScene(t, 10), 7, 10), 200)
	for i := range slow {
		assert.Equal(t, slow[i].caller.Number, fast[i].caller.Number)
		assert.Equal(t, slow[i].caller.DID, fast[i].caller.DID)
		assert.Equal(t, slow[i].caller.Args, fast[i].caller.Args)
		assert.InDelta(t, slow[i].at.Seconds()/10, fast[i].at.Seconds(), 0.5)
		assert.InDelta(t, slow[i].caller.Patience.Seconds()/10, fast[i].caller.Patience.Seconds(), 0.01)
	}
}

func TestTheCrowdDoesEverythingThatCanBeSeenToday(t *testing.T) {
	s := ownScene(t, 1)
	var strays, keys, withheld, anonymous, internal, foreign, favoured, stubborn int
	count := func(yes bool, n *int) {
		if yes {
			*n++
		}
	}
	seen := map[string]int{}
	for _, a := range come(newCrowd(s, 1, 1), 1000) {
		c := a.caller
		who := caller.NewReader("RU").Identify(c.Number, c.Name, "")
		count(c.DID == s.stray, &strays)
		count(len(c.Digits) > 0, &keys)
		count(c.Withheld, &withheld)
		count(c.Number == "", &anonymous)
		count(who.Kind == callevent.CallerInternal, &internal)
		count(who.Kind == callevent.CallerExternal && who.E164[:2] != "+7", &foreign)
		count(c.Args != "", &favoured)
		count(c.Patience == stubbornness, &stubborn)
		seen[c.DID]++
		assert.Positive(t, c.Patience, "nobody stays for ever")
		assert.GreaterOrEqual(t, c.TalkFor, shortTalk)
		assert.LessOrEqual(t, c.TalkFor, longTalk)
		assert.NotEqual(t, callevent.CallerInvalid, who.Kind, c.Number)
		for _, d := range c.Digits {
			assert.Less(t, d.After, c.Patience)
		}
	}
	for name, n := range map[string]int{
		"stray": strays, "keys": keys, "withheld": withheld, "anonymous": anonymous, "internal": internal, "foreign": foreign,
		"priority": favoured, "stubborn": stubborn,
	} {
		assert.Greater(t, n, 20, name)
	}
	for _, d := range s.destinations {
		assert.Greater(t, seen[d.did], 200, d.queue)
	}
}

func TestSomeWhoHaveHungUpCallAgain(t *testing.T) {
	times := make(map[string]int)
	var again, thrice int
	for _, a := range come(newCrowd(ownScene(t, 1), 1, 1), 300) {
		if a.caller.Number == "" || a.caller.Withheld {
			continue
		}
		switch times[a.caller.Number]++; times[a.caller.Number] {
		case 2:
			again++
		case 3:
			thrice++
		}
	}
	assert.Greater(t, again, 30)
	assert.Greater(t, thrice, 5)
}

func TestNobodyCallsAgainBeforeHeHasHungUp(t *testing.T) {
	c := newCrowd(ownScene(t, 1), 1, 1)
	back := 0
	for range 1000 {
		c.next()
		remembered := slices.Clone(c.faces)
		who, known := c.comesBack()
		if !known {
			continue
		}
		back++
		at := slices.IndexFunc(remembered, func(f face) bool { return f.caller.Number == who.Number })
		require.NotEqual(t, -1, at)
		assert.Less(t, remembered[at].gone, c.clock)
		assert.Len(t, c.faces, len(remembered)-1, "he is not chosen twice")
		assert.Empty(t, who.Digits)
		assert.False(t, who.Withheld)
	}
	assert.Greater(t, back, 100)
	for i := range 2 * faceKept {
		c.remember(arimock.Caller{Number: strconv.Itoa(i)}, 0)
	}
	assert.Len(t, c.faces, faceKept, "not everybody is remembered")
}

func TestInEveryCrowdSomebodyIsMissedAndGetsThroughWithTime(t *testing.T) {
	for seed := range uint64(20) {
		all := come(newCrowd(ownScene(t, 1), seed, 1), regularReturns+1)
		first, second := all[regularComes-1].caller, all[regularReturns-1].caller
		assert.Equal(t, first.Number, second.Number)
		assert.Equal(t, "74950000002", first.DID, "where the chat is told of it")
		assert.Equal(t, stubbornness, second.Patience)
		for _, phone := range habits {
			assert.True(t, phone.RingFor == 0 || phone.RingFor > first.Patience, "nobody answers so soon")
		}
		for at, a := range all {
			assert.True(t, at == regularComes-1 || at == regularReturns-1 || a.caller.Number != first.Number, "he is in one call at a time")
		}
	}
}

func TestNobodyIsInTwoCallsAtOnce(t *testing.T) {
	free := make(map[string]time.Duration)
	for _, a := range come(newCrowd(ownScene(t, 1), 7, 1), 1000) {
		who := a.caller
		if who.Number == "" || who.Withheld || !strings.Contains(who.Number, "999000") {
			continue // strangers may have the same extension
		}
		if until, before := free[who.Number]; before && a.at < until {
			assert.Failf(t, "two calls at once", "%s calls at %s and is in a call until %s", who.Number, a.at, until)
		}
		free[who.Number] = a.at + who.Patience
		if who.Patience > haste { // else nobody has answered
			free[who.Number] += who.TalkFor
		}
	}
	assert.Greater(t, len(free), 100)
}

func TestNoCallerHasANumberThatSomebodyHas(t *testing.T) {
	for _, a := range come(newCrowd(ownScene(t, 1), 3, 1), 500) {
		who := caller.NewReader("RU").Identify(a.caller.Number, "", "")
		if who.Kind == callevent.CallerExternal {
			assert.Regexp(t, `^\+(7999000\d{4}|442079460\d{3}|447700900\d{3}|121255501\d{2}|61255500\d{3})$`, who.E164)
		}
	}
}

func TestTheDemosOwnConfigurationIsGoodAtEverySpeed(t *testing.T) {
	for _, speed := range []float64{slowest, 1, 7.3, fastest} {
		file, err := config.Parse("demo.yaml", ownConfiguration(speed, &chat{address: "127.0.0.1:1", tokenFile: "/run/token"}))
		require.NoError(t, err)
		assert.Empty(t, file.Warnings)
		assert.Equal(t, scaled(40*time.Second, speed), file.Policies.Queues["sales"].MaxWait)
		s := ownScene(t, speed)
		assert.Equal(t, scaled(exitStay, speed), s.exits["voicemail,s"].Stay)
		assert.Contains(t, s.exits, "operator,s")
		assert.NotEmpty(t, s.stray)
	}
}

func TestCallersGetToTheQueuesOfAUsersFileByItsNumbersOrByName(t *testing.T) {
	s, err := readScene("x.yaml", []byte(`
dids: {"7800*": support, "74951112233": sales, "7?": support}
default_queue: support
queues: {sales: {keys: {"9": {queue: support}, "*": {exit: "a,b,1"}}}, support: {}, hidden: {on_full: {exit: "c,d,1"}}}
`), 1)
	require.NoError(t, err)
	assert.Equal(t, []destination{
		{queue: "hidden", did: insideNumber, args: "hidden"},
		{queue: "sales", did: "74951112233", keys: []string{"*", "9"}},
		{queue: "support", did: "78000000"},
	}, s.destinations)
	assert.Empty(t, s.stray, "every number leads somewhere")
	assert.Contains(t, s.exits, "a,b")
	assert.Contains(t, s.exits, "c,d")
	assert.Len(t, s.exits, 2)

	_, err = readScene("x.yaml", []byte("queues: {sales: {musik: x}}"), 1)
	assert.ErrorAs(t, err, new(config.Problems))
}

func TestANumberForNobodyIsFoundAroundTheUsersNumbers(t *testing.T) {
	s, err := readScene("x.yaml", []byte(`{dids: {"7495*": sales}, queues: {sales: {}}}`), 1)
	require.NoError(t, err)
	assert.Equal(t, "78000000404", s.stray)
	s, err = readScene("x.yaml", []byte(`{dids: {"*": sales}, queues: {sales: {}}}`), 1)
	require.NoError(t, err)
	assert.Empty(t, s.stray)
	assert.Empty(t, newCrowd(s, 1, 1).scene.stray)
}
