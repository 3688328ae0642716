package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/queueflow/callevent"
)

func TestEveryEventIsASentence(t *testing.T) {
	caller := from("+79990000012")
	missed := func(r callevent.Reason, change func(*callevent.Missed)) callevent.Missed {
		m := callevent.Missed{Queue: "sales", Caller: caller, Reason: r, WaitedMS: 14_200}
		if change != nil {
			change(&m)
		}
		return m
	}
	rings := func(outcome string) callevent.Offered {
		return callevent.Offered{Queue: "sales", Caller: caller, Attempt: callevent.Attempt{Agent: "Dan", Outcome: outcome, RingMS: 6000}}
	}
	ended := func(by callevent.EndedBy, sentTo string, transfers ...callevent.Transfer) callevent.Completed {
		return callevent.Completed{
			Queue: "sales", Caller: caller, Agent: callevent.Agent{Name: "Анна"}, TalkedMS: 8000, EndedBy: by, SentTo: sentTo, Transfers: transfers,
		}
	}
	member := func(by, reason string) callevent.Member {
		return callevent.Member{Queue: "sales", Agent: callevent.Agent{Name: "Анна"}, By: by, Reason: reason}
	}
	for _, c := range []struct {
		payload callevent.Payload
		before  int
		want    string
	}{
		{callevent.Entered{Queue: "sales", Caller: caller, Position: 3}, 0, "sales: +7 999 000-00-12 came in, 3rd in line"},
		{callevent.Entered{Queue: "sales", Caller: caller, Position: 1, Priority: 5, RefusedBy: []callevent.Refusal{{Queue: "support"}}}, 0,
			"sales: +7 999 000-00-12 came in, 1st in line (priority 5), passed on by support"},
		{callevent.Entered{Queue: "sales", Caller: callevent.Caller{Withheld: true}, Position: 11}, 0, "sales: withheld number came in, 11th in line"},
		{callevent.Moved{From: "a", Queue: "b", Caller: caller, Reason: callevent.ReasonExitKey, Keys: "92", WaitedMS: 900, Position: 2}, 0,
			"b: +7 999 000-00-12 came from a by pressing 92 after 0.9 s, now 2nd in line"},
		{callevent.Moved{From: "a", Queue: "b", Caller: caller, Reason: callevent.ReasonMaxWait, WaitedMS: 60_000, Position: 1}, 0,
			"b: +7 999 000-00-12 came from a when 1 m 00 s were over, now 1st in line"},
		{callevent.Moved{From: "a", Queue: "b", Caller: caller, Reason: callevent.ReasonClosed, WaitedMS: 60_000, Position: 1}, 0,
			"b: +7 999 000-00-12 came from a after 1 m 00 s, now 1st in line"},
		{missed(callevent.ReasonAbandoned, func(m *callevent.Missed) { m.Position = 2 }), 5, "sales: +7 999 000-00-12 hung up after 14 s (was 2nd of 5)"},
		{missed(callevent.ReasonAbandoned, func(m *callevent.Missed) { m.Position = 1 }), 1, "sales: +7 999 000-00-12 hung up after 14 s (was alone)"},
		{missed(callevent.ReasonMaxWait, func(m *callevent.Missed) { m.SentTo = "voicemail,s,1" }), 0,
			"sales: +7 999 000-00-12 waited 14 s, the limit, and went to voicemail"},
		{missed(callevent.ReasonMaxWait, nil), 0, "sales: +7 999 000-00-12 waited 14 s, the limit, and was hung up on"},
		{missed(callevent.ReasonExitKey, func(m *callevent.Missed) { m.Keys, m.SentTo = "0", "operator,s,1" }), 0,
			"sales: +7 999 000-00-12 pressed 0 after 14 s and went to operator"},
		{missed(callevent.ReasonExitKey, nil), 0, "sales: +7 999 000-00-12 pressed ? after 14 s and was hung up on"},
		{missed(callevent.ReasonQueueFull, nil), 0, "sales: +7 999 000-00-12 found the line full and was hung up on"},
		{missed(callevent.ReasonNoAgents, nil), 0, "sales: +7 999 000-00-12 found no agents and was hung up on"},
		{missed(callevent.ReasonClosed, nil), 0, "sales: +7 999 000-00-12 found it closed and was hung up on"},
		{missed(callevent.ReasonClosed, func(m *callevent.Missed) { m.Position = 1 }), 1,
			"sales: +7 999 000-00-12 waited 14 s until closing time and was hung up on (was alone)"},
		{callevent.Announced{Queue: "sales", Caller: caller, PositionTold: new(2), WaitedMS: 15_000}, 0,
			"sales: +7 999 000-00-12 was told to be 2nd in line after 15 s"},
		{callevent.Announced{Queue: "sales", Caller: caller, PositionTold: new(5), MoreThan: true, WaitedMS: 15_000}, 0,
			"sales: +7 999 000-00-12 was told that more than 5 are in line after 15 s"},
		{callevent.Announced{Queue: "sales", Caller: caller, WaitedMS: 15_000}, 0, "sales: +7 999 000-00-12 was told how long it takes after 15 s"},
		{missed(callevent.ReasonUnknownDID, func(m *callevent.Missed) { m.Queue, m.DID = "", "7404" }), 0,
			"no queue: +7 999 000-00-12 dialled 7404, which has no queue, and went back to the dialplan"},
		{missed(callevent.ReasonDeclined, nil), 0, "sales: +7 999 000-00-12 was declined and went back to the dialplan"},
		{missed(callevent.ReasonTaken, nil), 0, "sales: +7 999 000-00-12 was taken by somebody else after 14 s"},
		{missed(callevent.ReasonLost, nil), 0, "sales: +7 999 000-00-12 was gone when Asterisk could be asked again, after 14 s at least"},
		{missed(callevent.ReasonError, nil), 0, "sales: +7 999 000-00-12 was lost to an error after 14 s"},
		{missed(callevent.ReasonCallbackAbandoned, nil), 0, "sales: +7 999 000-00-12 left after 14 s (callback_abandoned)"},
		{missed(callevent.ReasonAbandoned, func(m *callevent.Missed) { m.EpisodeCalls = 1 }), 0, "sales: +7 999 000-00-12 hung up after 14 s"},
		{missed(callevent.ReasonAbandoned, func(m *callevent.Missed) { m.Position, m.EpisodeCalls = 1, 2 }), 1,
			"sales: +7 999 000-00-12 hung up after 14 s (was alone), 2nd missed call of this number"},
		{callevent.Resolved{Queue: "sales", Caller: caller, Calls: 1, AfterMS: 720_000}, 0,
			"sales: the missed call of +7 999 000-00-12 was resolved after 12 m 00 s"},
		{callevent.Resolved{Queue: "sales", Caller: caller, Calls: 3, AfterMS: 9_000, By: "demo", Why: "called back"}, 0,
			"sales: 3 missed calls of +7 999 000-00-12 were resolved by demo after 9.0 s: called back"},
		{callevent.Resolved{Queue: "sales", Caller: caller, Calls: 1, AfterMS: 9_000, How: callevent.ResolvedAnswered, By: "Анна"}, 0,
			"sales: the missed call of +7 999 000-00-12 was resolved: got through to Анна after 9.0 s"},
		{callevent.Resolved{Queue: "sales", Caller: caller, Calls: 2, AfterMS: 9_000, How: callevent.ResolvedAnswered}, 0,
			"sales: 2 missed calls of +7 999 000-00-12 were resolved: got through after 9.0 s"},
		{rings("no_answer"), 0, "sales: Dan did not answer +7 999 000-00-12 for 6.0 s"},
		{rings("rejected"), 0, "sales: Dan declined +7 999 000-00-12 after 6.0 s"},
		{rings("busy"), 0, "sales: Dan was busy when +7 999 000-00-12 was to be put through"},
		{rings("unavailable"), 0, "sales: Dan could not be rung for +7 999 000-00-12"},
		{rings("forwarded"), 0, "sales: Dan wanted +7 999 000-00-12 forwarded, which is never done"},
		{rings("dropped"), 0, "sales: Dan answered +7 999 000-00-12 and hung up before they were connected"},
		{rings("not_confirmed"), 0, "sales: Dan answered +7 999 000-00-12 and did not press 1"},
		{rings("lost_race"), 0, "sales: Dan answered +7 999 000-00-12 too late"},
		{rings("cancelled"), 0, "sales: Dan was rung 6.0 s for +7 999 000-00-12 (cancelled)"},
		{callevent.Answered{Queue: "sales", Caller: caller, Agent: callevent.Agent{Name: "Анна"}, WaitedMS: 14_200, Position: 2}, 5,
			"sales: +7 999 000-00-12 talks with Анна after 14 s (was 2nd of 5)"},
		{ended(callevent.EndedByCaller, ""), 0, "sales: +7 999 000-00-12 talked 8.0 s with Анна and hung up"},
		{ended(callevent.EndedByAgent, ""), 0, "sales: +7 999 000-00-12 talked 8.0 s with Анна, who hung up"},
		{ended(callevent.EndedByAgent, "survey,s,1"), 0, "sales: +7 999 000-00-12 talked 8.0 s with Анна, who hung up, and went to survey"},
		{ended(callevent.EndedByTransfer, "", callevent.Transfer{Target: "299@from-agents"}), 0,
			"sales: +7 999 000-00-12 talked 8.0 s with Анна and was transferred to 299"},
		{ended(callevent.EndedByTransfer, ""), 0, "sales: +7 999 000-00-12 talked 8.0 s with Анна (the end: transfer)"},
		{ended(callevent.EndedByTaken, ""), 0, "sales: +7 999 000-00-12 talked 8.0 s with Анна (the end: taken)"},
		{callevent.MemberPaused{Member: member("demo", "lunch")}, 0, "sales: Анна takes no calls for now (by demo): lunch"},
		{callevent.MemberUnpaused{Member: member("", "")}, 0, "sales: Анна takes calls again"},
		{callevent.MemberAdded{Member: member("demo", "")}, 0, "sales: Анна joined (by demo)"},
		{callevent.MemberRemoved{Member: member("agent", "")}, 0, "sales: Анна left (by agent)"},
		{later{callevent.Entered{Queue: "sales"}}, 0, "sales: applauded"},
	} {
		assert.Equal(t, c.want, sentence(c.payload, c.before))
	}
}

func TestNumbersAreShownAsPeopleWriteThem(t *testing.T) {
	for want, c := range map[string]callevent.Caller{
		"+7 999 000-00-12": from("+79990000012"),
		"+44 20 7946 0123": from("+442079460123"),
		"extension 101":    {Raw: "101", Kind: callevent.CallerInternal},
		"withheld number":  {Kind: callevent.CallerWithheld, Withheld: true},
		"alice":            {Raw: "alice", Kind: callevent.CallerInvalid},
		"unknown":          {Kind: callevent.CallerInvalid},
	} {
		assert.Equal(t, want, number(c))
	}
}

func TestWaitsAreSaidAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 s", 940 * time.Millisecond: "0.9 s", 9949 * time.Millisecond: "9.9 s", 9950 * time.Millisecond: "10 s",
		59499 * time.Millisecond: "59 s", 59500 * time.Millisecond: "1 m 00 s", 125 * time.Second: "2 m 05 s",
		time.Hour - time.Second: "59 m 59 s", time.Hour: "1 h 00 m", 25*time.Hour + 90*time.Second: "25 h 01 m",
	} {
		assert.Equal(t, want, seconds(d))
	}
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 112: "112th"} {
		assert.Equal(t, want, ordinal(n))
	}
}
