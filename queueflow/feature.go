package queueflow

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"missedcalls/queueflow/speech"
)

// featureStatus is what came of a feature code, as the dialplan finds it in AGENTSTATUS.
type featureStatus string

const (
	featureAdded         featureStatus = "ADDED"
	featureMemberAlready featureStatus = "MEMBERALREADY"
	featureNoSuchQueue   featureStatus = "NOSUCHQUEUE"
	featureRemoved       featureStatus = "REMOVED"
	featureNotInQueue    featureStatus = "NOTINQUEUE"
	featureNotDynamic    featureStatus = "NOTDYNAMIC"
	featurePaused        featureStatus = "PAUSED"
	featureUnpaused      featureStatus = "UNPAUSED"
	featureError         featureStatus = "ERROR"
)

// featureBy is who made a change by a feature code.
const featureBy = "agent"

// confirmationWithin bounds the wait for the end of what an agent hears of his feature code.
const confirmationWithin = 20 * time.Second

// takeCommand is for a channel that came with a command in place of a queue. It is nobody's call, so no event of a call
// tells of it: it is answered, hears what came of the command, and goes on in the dialplan, which finds that in variables.
// Like a call that has ended, it is told to go until it is gone.
//
// What a channel that a listing shows had asked for may have been done before: it goes on as if it had failed, so that
// nothing is done twice.
func (m *Machine) takeCommand(c *call, args []string, found bool) {
	f, known := parseFeature(args)
	if !known {
		m.refuseCommand(c, strings.Join(args[:min(len(args), 2)], ","))
		return
	}
	c.state = leaving
	if found {
		m.goOn(c, f.change, featureError)
		m.goAgain(c)
		return
	}
	if f.member.Endpoint == "" {
		f.member.Endpoint = endpointOf(c.name)
	}
	f.member.Name = cmp.Or(f.member.Name, m.givenName(f.member.Endpoint), c.caller.Name)
	m.decideToggle(&f)
	status := m.serveFeature(c, f)
	m.goOn(c, f.change, status)
	m.confirmFeature(c, f, status)
}

// givenName is what people call an agent who is a member already, empty when nobody has said it: what his phone calls
// itself does not replace it.
func (m *Machine) givenName(endpoint string) string {
	a := m.agents[endpoint]
	if a == nil || a.name == a.endpoint {
		return ""
	}
	return a.name
}

// goOn notes that a command's channel goes on in the dialplan, and with which variables.
func (m *Machine) goOn(c *call, change MemberChange, status featureStatus) {
	c.going = departure{toDialplan: true, variables: featureVariables(change, status)}
}

// decideToggle says what a code that does one thing or the other does now: it ends a pause or a membership where there is
// one. An agent in several queues counts as paused when all of them have him so.
func (m *Machine) decideToggle(f *feature) {
	if !f.toggles {
		return
	}
	a := m.agents[f.member.Endpoint]
	switch {
	case a == nil:
	case f.change == AddMember && a.in(f.queue) != nil:
		f.change = RemoveMember
	case f.change == PauseMember && a.isPaused(f.queue):
		f.change = UnpauseMember
	}
}

// isPaused says whether an agent is paused in a queue, or for an empty one in all of his.
func (a *agent) isPaused(queue string) bool {
	for _, mb := range a.members {
		if (queue == "" || mb.queue == queue) && !mb.paused {
			return false
		}
	}
	return true
}

// serveFeature makes the change that a feature code asks for, and says what came of it. Nothing is changed while nothing
// can be written down.
func (m *Machine) serveFeature(c *call, f feature) featureStatus {
	problems := f.problems
	switch {
	case f.member.Endpoint == "":
		problems = append(problems, "no agent can be told from the channel "+clip(c.name)+": name the endpoint")
	case m.closed:
		problems = append(problems, "nothing can be stored now: the agent has to try again")
	}
	if len(problems) > 0 {
		for _, p := range problems {
			m.notice(NoticeFeatureRefused, c, "@agent: "+p)
		}
		return featureError
	}
	in := ChangeMember{Change: f.change, Queue: f.queue, Member: f.member, Reason: f.reason, By: featureBy}
	if err := m.MemberChange(in); err != nil {
		status := statusOfRefusal(err)
		if status == featureError || status == featureNoSuchQueue {
			m.notice(NoticeFeatureRefused, c, "@agent: "+err.Error())
		}
		return status
	}
	in.apply(m)
	return map[MemberChange]featureStatus{
		AddMember: featureAdded, RemoveMember: featureRemoved, PauseMember: featurePaused, UnpauseMember: featureUnpaused,
	}[f.change]
}

// confirmFeature lets the agent hear what came of his code. He goes on when he has heard it, or if he cannot.
func (m *Machine) confirmFeature(c *call, f feature, status featureStatus) {
	if !c.answered {
		m.command(Answer{Channel: c.channel})
	}
	p, _ := m.policy(f.queue)
	said := cmp.Or(f.language, p.Language, c.language)
	language, known := speech.For(said)
	if !known {
		said = language.Name()
	}
	if !m.settings.OwnPrompts {
		language = language.Stock()
	}
	m.play(c, prompt{kind: confirmation, media: language.Phrase(phraseOf(f.change, status)), language: said})
	m.arm(c, duePrompt, m.now.Add(confirmationWithin))
}

// featureVariables have the names of their own, and those that app_queue gave to what the codes were made of before.
func featureVariables(change MemberChange, status featureStatus) []Variable {
	old := map[MemberChange]string{
		AddMember: "AQMSTATUS", RemoveMember: "RQMSTATUS", PauseMember: "PQMSTATUS", UnpauseMember: "UPQMSTATUS",
	}[change]
	value := status
	absent := status == featureNotInQueue || status == featureNoSuchQueue
	if absent && (change == PauseMember || change == UnpauseMember) {
		value = "NOTFOUND"
	}
	return []Variable{{"AGENTSTATUS", string(status)}, {old, string(value)}}
}

// endpointOf reads from the name of a channel whose it is: that of PJSIP/101-0000001c is PJSIP/101.
func endpointOf(channel string) string {
	name, _, _ := strings.Cut(channel, ";") // of a Local channel's two sides
	end := strings.LastIndexByte(name, '-')
	if end < 0 || !validEndpoint(name[:end]) {
		return ""
	}
	return name[:end]
}

// phraseOf is what an agent hears of a code. Who is in, or out, already hears that he is.
func phraseOf(change MemberChange, status featureStatus) speech.Phrase {
	switch {
	case status == featureAdded, status == featureMemberAlready:
		return speech.LoggedIn
	case status == featureRemoved, status == featureNotInQueue && change == RemoveMember:
		return speech.LoggedOut
	case status == featurePaused:
		return speech.Paused
	case status == featureUnpaused:
		return speech.Unpaused
	}
	return speech.Refused
}

// statusOfRefusal is what the dialplan is told of a change that was not made.
func statusOfRefusal(err error) featureStatus {
	switch {
	case errors.Is(err, ErrAlreadyMember):
		return featureMemberAlready
	case errors.Is(err, ErrUnknownQueue):
		return featureNoSuchQueue
	case errors.Is(err, ErrNoMember):
		return featureNotInQueue
	case errors.Is(err, ErrConfigured):
		return featureNotDynamic
	}
	return featureError
}
