package demo

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// noon is when the tests' calls begin.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// story is a board that is told what happens, second by second.
type story struct {
	*board
	n int
}

func newStory() *story {
	s := scene{
		destinations: []destination{{queue: "sales"}, {queue: "support"}},
		policies: queueflow.Policies{Queues: map[string]queueflow.Policy{
			"sales":   {ID: "sales", Name: "Отдел продаж", MaxWait: 40 * time.Second},
			"support": {ID: "support", Name: "Support", MaxCallers: 5},
		}},
	}
	b := newBoard(s, time.UTC)
	b.head = []string{"missedcalls demo   --seed 1 --speed 1", "events   nats sub 'calls.*.missed'   (NATS listens at nats://127.0.0.1:4222)"}
	b.foot = "Ctrl-C hands over and sums up"
	return &story{board: b}
}

func (s *story) event(call string, second int, p callevent.Payload) callevent.Event {
	s.n++
	return callevent.Event{ID: fmt.Sprintf("%s.1.%d", call, s.n), Call: call, Time: noon.Add(time.Duration(second) * time.Second), Payload: p}
}

func from(number string) callevent.Caller {
	return callevent.Caller{Raw: number, E164: number, Kind: callevent.CallerExternal}
}

func (s *story) enters(call, queue string, second, priority int) callevent.Event {
	return s.event(call, second, callevent.Entered{
		CallID: call, Queue: queue, Caller: from("+7999000" + call), EnteredAt: noon.Add(time.Duration(second) * time.Second),
		Position: 1, Priority: priority,
	})
}

func (s *story) misses(call, queue string, second, waited int, reason callevent.Reason) callevent.Event {
	e := s.event(call, second, callevent.Missed{
		CallID: call, Queue: queue, Caller: from("+7999000" + call), Reason: reason, WaitedMS: int64(waited) * 1000, Position: 1,
	})
	e.ID = callevent.EndID(call)
	return e
}

// tell lets a number of people into sales, three into support, and one go.
func (s *story) tell(people int) {
	s.apply(s.enters("0001", "sales", 0, 0))
	for i := range people {
		s.apply(s.enters(fmt.Sprintf("1%03d", i), "sales", 1+i, 0))
	}
	s.apply(s.enters("2000", "sales", 20, 10))
	for i := range 3 {
		s.apply(s.enters(fmt.Sprintf("3%03d", i), "support", 10+5*i, 0))
	}
	s.apply(s.misses("0001", "sales", 22, 22, callevent.ReasonAbandoned))
}

func TestTheBoardShowsTheLinesTheCountsAndTheNews(t *testing.T) {
	s := newStory()
	s.tell(3)
	golden(t, "board.txt", s.render(noon.Add(25*time.Second), 80, 30))
}

func TestColoursShowHowLongAWaitIs(t *testing.T) {
	s := newStory()
	s.paint = true
	s.tell(1)
	golden(t, "colours.txt", s.render(noon.Add(36*time.Second), 80, 22))
}

func TestALongLineIsSummedUpWhereThereIsNoRoom(t *testing.T) {
	s := newStory()
	s.tell(18)
	golden(t, "long.txt", s.render(noon.Add(25*time.Second), 80, 24))
}

func TestANarrowTerminalGetsLessAndNoLineIsEverTooLong(t *testing.T) {
	s := newStory()
	s.tell(18)
	golden(t, "narrow.txt", s.render(noon.Add(25*time.Second), 40, 20))
	for width := 0; width < 130; width += 3 {
		for height := 0; height < 45; height += 2 {
			picture := s.render(noon.Add(25*time.Second), width, height)
			if width == 0 || height == 0 {
				require.Empty(t, picture)
				continue
			}
			lines := strings.Split(picture, "\n")
			require.LessOrEqual(t, len(lines), height)
			for _, line := range lines {
				require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
			}
		}
	}
}

func TestALongSignGoesOnBelowWhereTheTerminalIsHighEnough(t *testing.T) {
	s := newStory()
	s.head = []string{"demo", "call in  " + strings.Repeat("word ", 12)}
	assert.Contains(t, s.render(noon, 40, 30), "\n         word word")
	assert.Contains(t, s.render(noon, 40, 8), "…")
}

func TestAnEmptyBoardIsDrawnToo(t *testing.T) {
	b := newBoard(scene{}, time.UTC)
	assert.Contains(t, b.render(noon, 80, 24), "missed 0")
}

func TestWhoHasPriorityStandsInFrontAndOthersByFirstEntry(t *testing.T) {
	s := newStory()
	s.apply(s.enters("0001", "sales", 5, 0))
	s.apply(s.enters("0002", "sales", 6, 3))
	s.apply(s.enters("0003", "support", 1, 0))
	s.apply(s.event("0003", 9, callevent.Moved{
		CallID: "0003", From: "support", Queue: "sales", Reason: callevent.ReasonExitKey, Keys: "1", WaitedMS: 8000, Position: 2, EnteredAt: noon.Add(time.Second),
	}))
	var order []string
	for _, w := range s.lane("sales").waiting {
		order = append(order, w.call)
	}
	assert.Equal(t, []string{"0002", "0003", "0001"}, order)
	assert.Empty(t, s.lane("support").waiting)
	assert.Equal(t, 1, s.moved)
}

func TestARepeatedEventChangesNothing(t *testing.T) {
	s := newStory()
	entered, missed := s.enters("0001", "sales", 0, 0), s.misses("0001", "sales", 9, 9, callevent.ReasonAbandoned)
	assert.NotEmpty(t, s.apply(entered))
	assert.Empty(t, s.apply(entered))
	assert.NotEmpty(t, s.apply(missed))
	assert.Empty(t, s.apply(missed))
	assert.Empty(t, s.apply(entered), "the caller is not back in line")
	waiting, _ := s.waiting()
	assert.Zero(t, waiting)
	assert.Equal(t, 1, s.entered)
	assert.Equal(t, 1, s.missed[callevent.ReasonAbandoned])
	assert.Equal(t, 3, s.repeated)
	assert.Contains(t, s.render(noon, 80, 24), "repeated 3")
}

func TestWhatTheBoardRemembersIsBounded(t *testing.T) {
	s := newStory()
	const told = recentKept + newsKept
	for i := range told {
		s.apply(s.misses(fmt.Sprintf("%05d", i), "sales", 1, 1, callevent.ReasonAbandoned))
	}
	assert.Len(t, s.recent.ids, recentKept)
	assert.Len(t, s.news, newsKept)
	assert.True(t, s.recent.has(callevent.EndID(fmt.Sprintf("%05d", told-1))))
	assert.False(t, s.recent.has(callevent.EndID("00000")))
}

// later is an event that this version does not know.
type later struct{ callevent.Entered }

func (later) Kind() callevent.Kind { return "applauded" }

func TestEventsOfLaterVersionsAreCountedAndNothingElse(t *testing.T) {
	s := newStory()
	s.apply(s.event("0001", 0, later{}))
	for _, message := range []string{
		`{"specversion":"1.0","id":"a","type":"missedcalls.call.applauded.v1","subject":"a","data":{}}`, `{}`, ``, `nonsense`,
	} {
		news, ends := s.take([]byte(message))
		assert.Empty(t, news)
		assert.Empty(t, ends)
	}
	assert.Equal(t, 5, s.unknown)
	assert.Contains(t, s.render(noon, 80, 24), "other events 5")
}

func TestAMissedCallThatSomebodyResolvesIsNews(t *testing.T) {
	s := newStory()
	s.apply(s.misses("0001", "sales", 1, 1, callevent.ReasonAbandoned))
	s.apply(s.event("0001", 1, callevent.Resolved{CallID: "0001", Episode: "0001", Queue: "sales", Calls: 1, AfterMS: 60_000}))
	assert.Contains(t, s.news[len(s.news)-1], "sales: the missed call of unknown was resolved after 1 m 00 s")
	assert.Zero(t, s.unknown)
	assert.Contains(t, s.render(noon, 80, 24), "resolved 1")
}

// postAt is a message about one of many calls, told at a second.
func postAt(message int64, second int) post {
	return post{
		at: noon.Add(time.Duration(second) * time.Second), message: message, headline: "📵 Missed call: Support",
		who: fmt.Sprintf("+7 999 000-00-%02d, Мария", message), what: "after 8 seconds the caller hung up before anybody answered",
	}
}

func TestTheChatStandsUnderTheLinesAndWhatWasChangedLastIsSeen(t *testing.T) {
	s := newStory()
	s.chatting = true
	s.tell(3)
	for i := range 5 {
		s.post(postAt(int64(i+1), 10+i))
	}
	changed := postAt(2, 25)
	changed.changed, changed.status, changed.headline = true, "✅ Resolved by demo after 14 seconds: called back", "Missed call: Support"
	assert.Equal(t, "12:00:25 team-chat changed: ✅ Resolved by demo after 14 seconds: called back · Missed call: Support · "+
		"+7 999 000-00-02, Мария · after 8 seconds the caller hung up before anybody answered", s.post(changed))
	assert.Len(t, s.posts, 5, "a message that is changed is one message")
	golden(t, "chat.txt", s.render(noon.Add(26*time.Second), 98, 33))
	assert.NotContains(t, s.render(noon.Add(26*time.Second), 98, 12), teamChat, "there is no room for it")
	for i := range 2 * postsKept {
		s.post(postAt(int64(100+i), 30))
	}
	assert.Len(t, s.posts, postsKept)
}

func TestTheChatNeverMakesThePictureTooLarge(t *testing.T) {
	s := newStory()
	s.chatting, s.paint = true, false
	s.tell(18)
	for i := range 5 {
		p := postAt(int64(i), i)
		p.status = "✅ Resolved by demo"
		s.post(p)
	}
	for width := 1; width < 110; width += 3 {
		for height := 1; height < 45; height++ {
			lines := strings.Split(s.render(noon.Add(25*time.Second), width, height), "\n")
			require.LessOrEqual(t, len(lines), height)
			for _, line := range lines {
				require.LessOrEqual(t, text(line).width(), width, line)
			}
		}
	}
}

func TestAPictureInALineIsAsWideAsTwoLetters(t *testing.T) {
	r := row{{"📵 ab", red}, {"cd", plain}}
	assert.Equal(t, 7, r.width())
	assert.Equal(t, "📵 abcd", r.fit(7, false))
	assert.Equal(t, "📵 ab…", r.fit(6, false))
	assert.Equal(t, "\x1b[31m📵\x1b[0m…", r.fit(3, true))
	assert.Equal(t, "…", r.fit(2, false), "half a picture is none")
}

func TestAMessageThatEndsACallTellsWhose(t *testing.T) {
	s := newStory()
	e := s.misses("0001", "sales", 9, 9, callevent.ReasonAbandoned)
	p := e.Payload.(callevent.Missed)
	p.Asterisk.ChannelID = "1700000000.1"
	e.Payload = p
	message, err := callevent.Encode(e)
	require.NoError(t, err)
	news, ends := s.take(message)
	assert.Equal(t, "12:00:09 sales: +7 999 000-00-01 hung up after 9.0 s", news)
	assert.Equal(t, "1700000000.1", ends)
}

func TestACallThatBeganBeforeTheBoardDidMayEnd(t *testing.T) {
	s := newStory()
	s.apply(s.misses("0001", "closed-since", 9, 9, callevent.ReasonLost))
	s.apply(s.enters("0002", "new", 10, 0))
	assert.Equal(t, 1, s.missed[callevent.ReasonLost])
	assert.Len(t, s.lane("new").waiting, 1, "a queue that the configuration did not have")
}
