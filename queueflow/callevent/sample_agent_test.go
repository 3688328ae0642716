package callevent_test

import (
	"time"

	"missedcalls/queueflow/callevent"
)

var (
	boris = callevent.Agent{Name: "Борис", Endpoint: "PJSIP/102"}

	// attempts are those of a call that the first agent let ring and the second answered.
	attempts = []callevent.Attempt{
		{Agent: "Анна", Endpoint: "PJSIP/101", Outcome: "no_answer", RingMS: 15_002, Cause: 19, SIP: 408},
		{Agent: boris.Name, Endpoint: boris.Endpoint, Outcome: "answered", RingMS: 4_210, Cause: 0, SIP: 200},
	}
)

func offered(attempt callevent.Attempt) callevent.Event {
	return event(callevent.StepID(sampleCall, 7, 2), 10*time.Second, callevent.Offered{
		CallID: sampleCall, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru", Caller: anna,
		OfferedAt: at(10 * time.Second), WaitedMS: 10_000, Position: 1, Attempt: attempt, Asterisk: sampleChannel,
	})
}

func answered(change func(*callevent.Answered)) callevent.Event {
	p := callevent.Answered{
		CallID: sampleCall, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru", Caller: anna,
		EnteredAt: at(0), AnsweredAt: at(32 * time.Second), WaitedMS: 32_000, Position: 1, Agent: boris, Attempts: attempts,
		AgentChannel: "missedcalls-leg-" + sampleCall + "-7-2", Bridge: "missedcalls-talk-" + sampleCall + "-7-1",
		Asterisk: sampleChannel,
	}
	change(&p)
	return event(callevent.StepID(sampleCall, 7, 4), 32*time.Second, p)
}

func completed(change func(*callevent.Completed)) callevent.Event {
	p := callevent.Completed{
		CallID: sampleCall, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru", Caller: anna,
		EnteredAt: at(0), AnsweredAt: at(32 * time.Second), EndedAt: at(3 * time.Minute), WaitedMS: 32_000, TalkedMS: 148_000,
		Agent: boris, EndedBy: callevent.EndedByCaller, HeldMS: 12_400, WrapUpMS: 10_000, Transfers: []callevent.Transfer{}, Hangup: byCaller,
		Asterisk: sampleChannel,
	}
	change(&p)
	return event(callevent.EndID(sampleCall), 3*time.Minute, p)
}

// goldenAgents are of calls that were offered to agents.
func goldenAgents() map[string]callevent.Event {
	return map[string]callevent.Event{
		"offered":          offered(attempts[0]),
		"offered_answered": offered(attempts[1]),
		"answered":         answered(func(*callevent.Answered) {}),
		"answered_estimated": answered(func(p *callevent.Answered) {
			p.Priority, p.EstimateToldMS, p.EstimateErrorMS = 5, ptr(int64(60_000)), ptr(int64(-43_000))
		}),
		"completed": completed(func(*callevent.Completed) {}),
		"completed_transferred": completed(func(p *callevent.Completed) {
			p.EndedBy, p.Hangup, p.Recording = callevent.EndedByTransfer, nil, "missedcalls-"+sampleCall+"-1.wav"
			p.Bridge = "missedcalls-talk-" + sampleCall + "-7-1"
			p.Transfers = []callevent.Transfer{
				{Kind: "attended", By: boris.Name, Target: "PJSIP/103-0000002f"}, {Kind: "blind", By: "Вера", Target: "500"},
			}
		}),
		"completed_survey": completed(func(p *callevent.Completed) {
			p.EndedBy, p.Hangup, p.SentTo = callevent.EndedByAgent, nil, "survey,s,1"
		}),
	}
}

// member is an event of a queue's member, who is no part of any call.
func member(n int, change func(*callevent.Member)) callevent.Member {
	m := callevent.Member{
		Queue: "sales", QueueName: "Отдел продаж", Language: "ru", Agent: boris, Penalty: 1, At: at(time.Duration(n) * time.Hour),
		By: "agent",
	}
	change(&m)
	return m
}

// goldenMembers are of people who begin, pause, go on and end taking calls.
func goldenMembers() map[string]callevent.Event {
	subject := callevent.MemberSubject(boris.Endpoint)
	told := func(n int, p callevent.Payload) callevent.Event {
		return callevent.Event{
			ID: callevent.StepID(subject, 7, n), Source: sampleSource, Call: subject, Time: at(time.Duration(n) * time.Hour), Payload: p,
		}
	}
	return map[string]callevent.Event{
		"member_added": told(1, callevent.MemberAdded{Member: member(1, func(m *callevent.Member) { m.Dynamic, m.By = true, "Вера" })}),
		"member_added_everything": told(5, callevent.MemberAdded{Member: member(5, func(m *callevent.Member) {
			m.Paused, m.Dynamic, m.StateInterface, m.WrapUpMS = true, true, "PJSIP/205", ptr(int64(20_000))
			m.Confirm, m.RingInUse, m.Skills = true, ptr(false), []string{"english", "billing"}
		})}),
		"member_paused": told(2, callevent.MemberPaused{Member: member(2, func(m *callevent.Member) {
			m.Paused, m.Reason, m.By = true, "no_answer", "queue"
		})}),
		"member_unpaused": told(3, callevent.MemberUnpaused{Member: member(3, func(m *callevent.Member) { m.Reason, m.By = "обед окончен", "Вера" })}),
		"member_removed":  told(4, callevent.MemberRemoved{Member: member(4, func(*callevent.Member) {})}),
	}
}
