package message

import (
	"time"

	"missedcalls/queueflow/callevent"
)

// Samples are telling events: one of every kind and of every reason, and some whose callers are hard to tell about. Their
// calls have names such as sample-missed-abandoned. Every sample can be encoded.
func Samples() []callevent.Event {
	var all []callevent.Event
	for _, r := range callevent.Reasons() {
		p := sampleMissed(r)
		all = append(all, sample("missed-"+string(r), p.LeftAt, p))
	}
	all = append(all, sampleCallers()...)
	all = append(all, sampleCalls()...)
	all = append(all, sampleCallbacks()...)
	all = append(all, sampleResolved()...)
	return append(all, sampleMembers()...)
}

// sampleTime is the moment at which the sample caller comes in.
func sampleTime(after time.Duration) time.Time {
	return time.Date(2026, 11, 3, 14, 2, 11, 318_000_000, time.UTC).Add(after)
}

var (
	sampleCaller   = callevent.Caller{Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal, Name: "Мария Иванова"}
	sampleAsterisk = callevent.Asterisk{
		URL: "http://127.0.0.1:8088/ari", ChannelID: "1793714531.28", Channel: "PJSIP/trunk-0000001c", LinkedID: "1793714531.28",
		Timestamp: "2026-11-03T17:02:11.317+0300",
	}
	sampleAgent    = callevent.Agent{Name: "Анна", Endpoint: "PJSIP/101"}
	sampleAttempts = []callevent.Attempt{
		{Agent: "Анна", Endpoint: "PJSIP/101", Outcome: "no_answer", RingMS: 15_002, Cause: 19, SIP: 408},
		{Agent: "Пётр", Endpoint: "PJSIP/102", Outcome: "busy", RingMS: 80, Cause: 17, SIP: 486},
	}
	hungUpByCaller = &callevent.Hangup{Cause: 16, Text: "Normal Clearing", By: callevent.ByCaller}
	hungUpByUs     = &callevent.Hangup{Cause: 16, Text: "Normal Clearing", By: callevent.ByApplication}
)

const (
	sampleQueue = "sales"
	sampleName  = "Отдел продаж"
	sampleDID   = "74951234567"
)

// sample makes an event of a payload, whose call must be the same.
func sample(name string, at time.Time, p callevent.Payload) callevent.Event {
	call := "sample-" + name
	p = rewrite(p, func(t text) string {
		if t.field == "call_id" {
			return call
		}
		return t.value
	})
	e := callevent.Event{
		ID: callevent.StepID(call, 1, 1), Source: callevent.Source("missedcalls", "127.0.0.1:8088"), Call: call,
		Time: at, Payload: p,
	}
	if p.Kind().Ends() {
		e.ID = callevent.EndID(call)
	}
	return e
}

// sampleMissed is a caller who waited two minutes, or was refused.
func sampleMissed(r callevent.Reason) callevent.Missed {
	p := callevent.Missed{
		Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru", Caller: sampleCaller, Reason: r,
		EnteredAt: sampleTime(0), LeftAt: sampleTime(125 * time.Second), WaitedMS: 125_000,
		PositionAtEntry: 3, Position: 1, Agents: callevent.AgentCounts{Talking: 2, Paused: 1},
		Attempts: []callevent.Attempt{}, Hangup: hungUpByUs, Episode: "sample-missed-" + string(r), EpisodeCalls: 1,
		Asterisk: sampleAsterisk,
	}
	switch r {
	case callevent.ReasonAbandoned:
		p.WaitedMS, p.LeftAt, p.Hangup = 10_240, sampleTime(10_240*time.Millisecond), hungUpByCaller
		p.Attempts, p.Callback.Offered, p.EpisodeCalls = sampleAttempts, 2, 3
	case callevent.ReasonMaxWait:
		p.SentTo, p.Hangup = "voicemail,s,1", nil
	case callevent.ReasonExitKey:
		p.Keys, p.SentTo, p.Hangup = "5*", "from-internal,500,1", nil
	case callevent.ReasonNoAgents, callevent.ReasonQueueFull, callevent.ReasonClosed:
		refuse(&p)
	case callevent.ReasonUnknownDID, callevent.ReasonDeclined:
		refuse(&p)
		p.Hangup = nil
	case callevent.ReasonTaken:
		p.Hangup, p.Episode, p.EpisodeCalls = nil, "", 0
	case callevent.ReasonCallbackAbandoned:
		p.Keys, p.Hangup, p.Callback = "1", hungUpByCaller, callevent.CallbackOffered{Offered: 1, Requested: true}
	case callevent.ReasonLost:
		p.Hangup, p.Asterisk.Timestamp = nil, ""
		p.LostWindow = &callevent.Window{From: sampleTime(125 * time.Second), To: sampleTime(185 * time.Second)}
	}
	if r == callevent.ReasonUnknownDID {
		p.Queue, p.QueueName, p.DID, p.Language = "", "", "74950000000", ""
		p.Agents = callevent.AgentCounts{}
	}
	if r == callevent.ReasonQueueFull {
		p.RefusedBy = []callevent.Refusal{{Queue: "vip", Reason: callevent.ReasonClosed}}
	}
	if r == callevent.ReasonNoAgents {
		p.Agents = callevent.AgentCounts{Paused: 2, Unavailable: 1}
	}
	return p
}

// refuse makes a call one that was refused at the door.
func refuse(p *callevent.Missed) {
	p.LeftAt, p.WaitedMS, p.PositionAtEntry, p.Position = p.EnteredAt, 0, 0, 0
}

// sampleCallers are missed calls of callers who are hard to tell about.
func sampleCallers() []callevent.Event {
	var all []callevent.Event
	for _, c := range []struct {
		name   string
		caller callevent.Caller
	}{
		{"withheld", callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}},
		{"extension", callevent.Caller{Raw: "205", Kind: callevent.CallerInternal, Name: `O'Hara & Sons "Lucky" <sales> \ *bold* {{x}}`}},
		{"invalid", callevent.Caller{Raw: "12ab", Kind: callevent.CallerInvalid}},
		{"abroad", callevent.Caller{Raw: "00442079460000", E164: "+442079460000", Kind: callevent.CallerExternal, Name: "+442079460000"}},
	} {
		p := sampleMissed(callevent.ReasonMaxWait)
		p.Caller, p.QueueName, p.Language = c.caller, "", "en"
		if c.caller.Withheld {
			p.Episode, p.EpisodeCalls = "", 0
		}
		all = append(all, sample("caller-"+c.name, p.LeftAt, p))
	}
	return all
}
