package demo

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// talks is the event of an answer, in a queue.
func (s *story) talks(call, queue, agent string, second, waited int) callevent.Event {
	return s.event(call, second, callevent.Answered{
		CallID: call, Queue: queue, Caller: from("+7999000" + call), Agent: callevent.Agent{Name: agent}, WaitedMS: int64(waited) * 1000, Position: 1,
	})
}

// members are how agents look at the 25th second.
func members() []queueflow.MemberView {
	since := func(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }
	return []queueflow.MemberView{
		{Queue: "sales", Name: "Анна", State: "talking", Since: since(22), Call: "0005"},
		{Queue: "sales", Name: "Борис", State: "paused", Since: since(3), Reason: "lunch"},
		{Queue: "support", Name: "Clara", State: "ringing", Since: since(24), Call: "3000"},
		{Queue: "support", Name: "Dan", State: "wrapping_up", Since: since(23)},
		{Queue: "support", Name: "Maximiliana", State: "ready"},
		{Queue: "support", Name: "Emma", State: "unavailable", Since: since(-120)},
		{Queue: "another", Name: "Nobody", State: "ready"},
	}
}

// serve lets a number of people wait for agents, one of whom talks.
func (s *story) serve(people int) {
	s.apply(s.enters("0005", "sales", 1, 0))
	s.tell(people)
	s.apply(s.talks("0005", "sales", "Анна", 22, 21))
	s.apply(s.event("3000", 21, callevent.Offered{Queue: "support", Caller: from("+79990003000"), Attempt: callevent.Attempt{Agent: "Dan", Outcome: "no_answer", RingMS: 6000}}))
	s.seat(members())
}

func TestTheAgentsStandBesideTheLineOfTheirQueue(t *testing.T) {
	s := newStory()
	s.serve(3)
	s.chatting = true
	s.post(postAt(1, 10))
	golden(t, "agents.txt", s.render(noon.Add(25*time.Second), 98, 33))
}

func TestOnASmallTerminalEveryAgentIsSeenWithHisState(t *testing.T) {
	s := newStory()
	s.serve(18)
	s.chatting = true
	for i := range 3 {
		s.post(postAt(int64(i), 10+i))
	}
	golden(t, "agents_small.txt", s.render(noon.Add(25*time.Second), 80, 24))
}

func TestAgentsInColours(t *testing.T) {
	s := newStory()
	s.paint = true
	s.serve(1)
	picture := s.render(noon.Add(25*time.Second), 98, 33)
	for _, seen := range []string{"\x1b[1mtalking \x1b[0m", "\x1b[33mringing \x1b[0m", "\x1b[2mpaused  \x1b[0m", "\x1b[32mready", "\x1b[31maway"} {
		assert.Contains(t, picture, seen)
	}
}

func TestAgentsForWhomThereIsNoRoomAreCounted(t *testing.T) {
	s := newStory()
	s.serve(3)
	support := s.lane("support")
	now := noon.Add(25 * time.Second)
	lines := func(share int) (shown []string) {
		for _, r := range support.staff(now, seatCells, share, s.callers) {
			shown = append(shown, r.fit(seatCells, false))
		}
		return shown
	}
	assert.Equal(t, []string{"4 agents, 1 ready"}, lines(1))
	assert.Equal(t, []string{"Clara    ringing 1.0 s", "and 3 more"}, lines(2))
	assert.Equal(t, []string{"Clara    ringing 1.0 s", "Dan      wrap-up 2.0 s", "Maximili ready", "Emma     away    2 m 25 s"}, lines(4))
	support.seats = support.seats[:1]
	assert.Equal(t, []string{"Clara    ringing 1.0 s"}, lines(1))
	assert.NotContains(t, s.render(now, leastLine+gapCells+seatCells-1, 33), "Clara", "nor is there any on a narrow terminal")
	assert.Contains(t, s.render(now, leastLine+gapCells+seatCells, 33), "Clara    ringing 1.0 s\n")
	assert.Contains(t, s.render(now, leastLine+gapCells+seatCells+whoCells, 33), "Clara    ringing 1.0 s    +7 999 000-30-00\n")
}

func TestAStateOfALaterVersionIsShownAsItIsCalled(t *testing.T) {
	assert.Equal(t, "Анна     dancing", seat{name: "Анна", state: "dancing"}.draw(noon, seatCells, "").fit(seatCells, false))
}

func TestWhoeverIsSeatedAnewIsSeatedOnce(t *testing.T) {
	s := newStory()
	s.seat(members())
	s.seat(members()[:1])
	assert.Len(t, s.lane("sales").seats, 1)
	assert.Empty(t, s.lane("support").seats)
}

func TestAnAnswerTakesTheCallerOutOfTheLineAndTheEndOfTheTalkForgetsHim(t *testing.T) {
	s := newStory()
	s.apply(s.enters("0001", "sales", 0, 0))
	s.apply(s.enters("0002", "sales", 1, 0))
	assert.Equal(t, "12:00:09 sales: +7 999 000-00-01 talks with Анна after 9.0 s (was 1st of 2)", s.apply(s.talks("0001", "sales", "Анна", 9, 9)))
	waiting, _ := s.waiting()
	assert.Equal(t, 1, waiting)
	assert.Equal(t, "+7 999 000-00-01", s.callers["0001"])
	done := s.event("0001", 19, callevent.Completed{
		CallID: "0001", Queue: "sales", Caller: from("+79990000001"), Agent: callevent.Agent{Name: "Анна"}, TalkedMS: 10_000,
		EndedBy: callevent.EndedByCaller, Asterisk: callevent.Asterisk{ChannelID: "1700000000.1"},
	})
	message, err := callevent.Encode(done)
	require.NoError(t, err)
	news, ends := s.take(message)
	assert.Equal(t, "12:00:19 sales: +7 999 000-00-01 talked 10 s with Анна and hung up", news)
	assert.Equal(t, "1700000000.1", ends)
	assert.NotContains(t, s.callers, "0001")
	s.apply(s.misses("0002", "sales", 20, 19, callevent.ReasonAbandoned))
	assert.Empty(t, s.callers)
	assert.Equal(t, 19*time.Second, s.longest)
}

func TestWhatAnotherEventSaysOfARingIsCountedAndIsNoNews(t *testing.T) {
	s := newStory()
	ring := func(outcome string) string {
		return s.apply(s.event("0001", 1, callevent.Offered{Queue: "sales", Attempt: callevent.Attempt{Agent: "Анна", Outcome: outcome}}))
	}
	assert.Empty(t, ring("answered"))
	assert.Empty(t, ring("cancelled"))
	assert.NotEmpty(t, ring("busy"))
	assert.Equal(t, "agents were rung 3: answered 1, busy 1, no longer needed 1", rangWords(s.rang))
	assert.Contains(t, s.render(noon, 80, fullHeight), "agents were rung 3")
	assert.NotContains(t, s.render(noon, 80, fullHeight-1), "agents were rung", "a low terminal has no room for it")
}

func TestAgentsNeverMakeThePictureTooLarge(t *testing.T) {
	s := newStory()
	s.serve(18)
	for i := range 30 {
		s.lane("sales").seats = append(s.lane("sales").seats, seat{name: fmt.Sprintf("Agent %d", i), state: "talking", since: noon, call: "0005"})
	}
	s.chatting = true
	for width := 1; width < 130; width += 2 {
		for height := 1; height < 45; height += 2 {
			lines := strings.Split(s.render(noon.Add(25*time.Second), width, height), "\n")
			require.LessOrEqual(t, len(lines), height)
			for _, line := range lines {
				require.LessOrEqual(t, text(line).width(), width, line)
			}
		}
	}
}
