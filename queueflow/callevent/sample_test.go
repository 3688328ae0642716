package callevent_test

import (
	"maps"
	"time"

	"missedcalls/queueflow/callevent"
)

// at is a time on the sample afternoon, with the fractions of a second a real arrival has.
func at(d time.Duration) time.Time {
	return time.Date(2026, 11, 3, 14, 2, 11, 318_204_517, time.UTC).Add(d)
}

func ptr[T any](v T) *T { return &v }

const (
	sampleCall    = "d4vq1m0s6k3c73f0a1b0"
	sampleEpisode = "d4vpi8gs6k3c73f0a1ag"
	sampleTicket  = "d4vq1v0s6k3c73f0a1bg"
)

var (
	sampleSource = callevent.Source("missedcalls", "127.0.0.1:8088")

	anna     = callevent.Caller{Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal, Name: "Анна"}
	withheld = callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}

	sampleChannel = callevent.Asterisk{
		URL: "http://127.0.0.1:8088/ari", ChannelID: "1793714531.28", Channel: "PJSIP/trunk-0000001c",
		LinkedID: "1793714531.28", Timestamp: "2026-11-03T17:02:11.317+0300",
	}
	byCaller = &callevent.Hangup{Cause: 16, Text: "Normal Clearing", By: callevent.ByCaller}
	byUs     = &callevent.Hangup{Cause: 16, Text: "Normal Clearing", By: callevent.ByApplication}
)

func event(id string, after time.Duration, p callevent.Payload) callevent.Event {
	return callevent.Event{ID: id, Source: sampleSource, Call: sampleCall, Time: at(after), Payload: p}
}

func entered(change func(*callevent.Entered)) callevent.Event {
	p := callevent.Entered{
		CallID: sampleCall, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru", Caller: anna,
		EnteredAt: at(0), Position: 3, Asterisk: sampleChannel,
	}
	change(&p)
	return event(callevent.StepID(sampleCall, 7, 1), 0, p)
}

func announced(change func(*callevent.Announced)) callevent.Event {
	p := callevent.Announced{
		CallID: sampleCall, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru", Caller: anna,
		AnnouncedAt: at(15 * time.Second), WaitedMS: 15_000, Position: 2, Asterisk: sampleChannel,
	}
	change(&p)
	return event(callevent.StepID(sampleCall, 7, 2), 15*time.Second, p)
}

func moved(reason callevent.Reason) callevent.Event {
	return event(callevent.StepID(sampleCall, 7, 2), 5*time.Minute, callevent.Moved{
		CallID: sampleCall, From: "sales", FromName: "Отдел продаж", Queue: "support", QueueName: "Поддержка",
		DID: "74951234567", Language: "ru", Caller: anna, Reason: reason, EnteredAt: at(0), MovedAt: at(5 * time.Minute),
		WaitedMS: 300_000, Position: 1, Keys: "9", Asterisk: sampleChannel,
	})
}

// missed is a caller who left after a wait; change makes it the event of its reason.
func missed(reason callevent.Reason, waited time.Duration, change func(*callevent.Missed)) callevent.Event {
	p := callevent.Missed{
		CallID: sampleCall, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru", Caller: anna,
		Reason: reason, EnteredAt: at(0), LeftAt: at(waited), WaitedMS: waited.Milliseconds(),
		PositionAtEntry: 3, Position: 1, Agents: callevent.AgentCounts{Talking: 2, Paused: 1},
		Attempts: []callevent.Attempt{}, Hangup: byCaller, Asterisk: sampleChannel,
	}
	change(&p)
	return event(callevent.EndID(sampleCall), waited, p)
}

// refused is a caller who was turned away at the door.
func refused(reason callevent.Reason, change func(*callevent.Missed)) callevent.Event {
	return missed(reason, 0, func(p *callevent.Missed) {
		p.PositionAtEntry, p.Position, p.Hangup = 0, 0, nil
		change(p)
	})
}

// golden is one event of every kind and every reason, by the name of its file in testdata.
func golden() map[string]callevent.Event {
	all := goldenCalls()
	maps.Copy(all, goldenAgents())
	maps.Copy(all, goldenCallbacks())
	maps.Copy(all, goldenEpisodes())
	maps.Copy(all, goldenMembers())
	return all
}

// goldenCalls are of calls that reached nobody.
func goldenCalls() map[string]callevent.Event {
	return map[string]callevent.Event{
		"entered": entered(func(*callevent.Entered) {}),
		"entered_everything": entered(func(p *callevent.Entered) {
			p.Caller = withheld
			p.Priority = 10
			p.Asked = callevent.Asked{
				Music: "jazz", Language: "en", Skills: []string{"billing"}, AnySkills: []string{"english", "german"}, MaxWaitMS: ptr(int64(0)),
			}
			p.RefusedBy = []callevent.Refusal{{Queue: "vip", Reason: callevent.ReasonQueueFull}}
			p.ResumedFrom = "d4vq0000000000000000"
		}),
		"announced": announced(func(p *callevent.Announced) {
			p.PositionTold = ptr(2)
			p.Media = []string{"sound:queue-thereare", "sound:digits/2", "sound:queue-callswaiting"}
		}),
		"announced_everything": announced(func(p *callevent.Announced) {
			p.Position, p.PositionTold, p.MoreThan, p.EstimateToldMS = 14, ptr(10), true, ptr(int64(120_000))
			p.Media = []string{"sound:queue-quantity1", "sound:digits/10", "sound:queue-quantity2"}
		}),
		"moved": moved(callevent.ReasonExitKey),
		"missed_abandoned": missed(callevent.ReasonAbandoned, 10_240*time.Millisecond, func(p *callevent.Missed) {
			p.EstimateToldMS = ptr(int64(60_000))
			p.Attempts = []callevent.Attempt{
				{Agent: "Анна", Endpoint: "PJSIP/101", Outcome: "no_answer", RingMS: 15_002, Cause: 19, SIP: 408},
			}
			p.Callback.Offered = 2
			p.Episode, p.EpisodeCalls = sampleEpisode, 3
		}),
		"missed_max_wait": missed(callevent.ReasonMaxWait, 5*time.Minute, func(p *callevent.Missed) {
			p.Hangup, p.SentTo = nil, "voicemail,s,1"
		}),
		"missed_no_agents": refused(callevent.ReasonNoAgents, func(p *callevent.Missed) {
			p.Agents, p.Hangup = callevent.AgentCounts{Paused: 2, Unavailable: 1}, byUs
		}),
		"missed_queue_full": refused(callevent.ReasonQueueFull, func(p *callevent.Missed) {
			p.RefusedBy = []callevent.Refusal{{Queue: "vip", Reason: callevent.ReasonClosed}}
			p.Hangup = byUs
		}),
		"missed_closed": refused(callevent.ReasonClosed, func(p *callevent.Missed) { p.SentTo = "closed,s,1" }),
		"missed_exit_key": missed(callevent.ReasonExitKey, 42*time.Second, func(p *callevent.Missed) {
			p.Keys, p.Hangup, p.SentTo = "5*", nil, "from-internal,500,1"
		}),
		"missed_unknown_did": refused(callevent.ReasonUnknownDID, func(p *callevent.Missed) {
			p.Queue, p.QueueName, p.DID, p.Language = "", "", "74950000000", ""
		}),
		"missed_declined": refused(callevent.ReasonDeclined, func(p *callevent.Missed) { p.Caller = withheld }),
		"missed_taken": missed(callevent.ReasonTaken, 30*time.Second, func(p *callevent.Missed) {
			p.Hangup = nil
		}),
		"missed_callback_abandoned": missed(callevent.ReasonCallbackAbandoned, 90*time.Second, func(p *callevent.Missed) {
			p.Keys, p.Callback = "1", callevent.CallbackOffered{Offered: 1, Requested: true}
		}),
		"missed_lost": missed(callevent.ReasonLost, 10*time.Second, func(p *callevent.Missed) {
			p.Hangup, p.Asterisk.Timestamp = nil, ""
			p.LostWindow = &callevent.Window{From: at(10 * time.Second), To: at(70 * time.Second)}
		}),
		"missed_error": missed(callevent.ReasonError, time.Second, func(p *callevent.Missed) {
			p.ResumedFrom, p.Hangup = "d4vq0000000000000000", byUs
		}),
	}
}
