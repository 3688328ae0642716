package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow"
)

// newServing draws how the agents of a queue are rung.
func newServing(c chance, phones []*phone) queueflow.Serving {
	s := queueflow.Serving{
		Strategy:    queueflow.Strategy(c.IntN(int(queueflow.RingProgressively) + 1)),
		RingTimeout: 2*time.Second + c.upTo(15*time.Second).Truncate(time.Millisecond),
		Retry:       pick(c, 0, 0, time.Second, 5*time.Second),
		WrapUp:      pick(c, 0, 0, 2*time.Second, 10*time.Second),
		Weight:      pick(c, 0, 0, 0, 1, 2), ServiceLevel: 10 * time.Second,
		RingInUse: c.happens(0.1), WidenOnTimeout: c.happens(0.5),
		ConfirmWithin: 5 * time.Second, ConfirmPrompt: []string{"sound:mc/press-one"},
		PenaltyMembersLimit: pick(c, 0, 0, 3),
	}
	if c.happens(0.2) {
		s.Rounds = 1 + c.IntN(3)
	}
	if c.happens(0.3) {
		s.Autopause = queueflow.Autopause{
			NoAnswer: c.IntN(4), Busy: c.IntN(4), Unavailable: c.IntN(4), Grace: pick(c, 0, 5*time.Second), AllQueues: c.happens(0.3),
		}
	}
	if c.happens(0.3) {
		s.Whisper, s.ReportWait = []string{"sound:custom/whisper"}, c.happens(0.5)
	}
	if c.happens(0.2) {
		s.CallerAnnounce = []string{"sound:custom/connecting"}
	}
	if c.happens(0.2) {
		s.MusicWhileRinging = pick(c, queueflow.MusicRinging, "ringing-music")
	}
	if c.happens(0.3) {
		s.Recording = queueflow.Recording{Mode: pick(c, queueflow.RecordAlways, queueflow.RecordByKey), Format: "wav", Key: "*1"}
	}
	if c.happens(0.3) {
		s.OnAgentHangup = queueflow.Exit{Dialplan: queueflow.Target{Context: "survey", Extension: "s", Priority: 1}}
	}
	s.Penalties, s.Escalation = newPenalties(c)
	if c.happens(0.15) {
		s.Skills = queueflow.Skills{Required: []string{"en"}}
	}
	s.AgentLeg.ShowMissed = c.happens(0.2)
	s.Members = newMembers(c, phones)
	return s
}

// newPenalties draws whom a caller may reach, and how that changes while he waits.
func newPenalties(c chance) (p queueflow.Penalties, steps []queueflow.EscalationStep) {
	if c.happens(0.7) {
		return p, nil
	}
	p.Max = new(c.IntN(3))
	for i := range c.IntN(3) {
		step := queueflow.EscalationStep{After: time.Duration(i+1) * (2*time.Second + c.upTo(5*time.Second))}
		switch {
		case c.happens(0.6):
			step.Max = new(*p.Max + i + 1)
		case c.happens(0.5):
			step.Min = new(c.IntN(2))
		default:
			step.Raise, step.RaiseRespectsMin = new(c.IntN(3)), c.happens(0.5)
		}
		steps = append(steps, step)
	}
	return p, steps
}

// newMembers draws those of the configuration.
func newMembers(c chance, phones []*phone) (members []queueflow.Member) {
	for _, p := range phones {
		if !c.happens(0.5) {
			continue
		}
		m := p.member(c)
		m.Paused = c.happens(0.05)
		members = append(members, m)
	}
	c.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return members
}

// member draws what a phone's owner is in one queue.
func (p *phone) member(c chance) queueflow.Member {
	m := queueflow.Member{Endpoint: p.endpoint, Name: "Agent " + p.endpoint, Penalty: pick(c, 0, 0, 0, 1, 2), Confirm: c.happens(0.15)}
	if p.device != p.endpoint {
		m.StateInterface = p.device
	}
	if c.happens(0.2) {
		m.WrapUp = new(pick(c, 0, 3*time.Second, longestRest))
	}
	if c.happens(0.05) {
		m.RingInUse = new(c.happens(0.5))
	}
	if c.happens(0.5) {
		m.Skills = []string{"en", "ru"}[:1+c.IntN(2)]
	}
	return m
}

// served are the queues that may have agents.
var served = []string{sales, support, small, tiny, chained, ringing, extra, shop, office}

// someChange draws a change that somebody makes by hand, or tries to.
func (w *world) someChange() queueflow.ChangeMember {
	in := queueflow.ChangeMember{
		Change: queueflow.MemberChange(w.IntN(int(queueflow.SetPenalty) + 1)), Queue: pick(w.chance, served...),
		Member: pick(w.chance, w.phones...).member(w.chance), Reason: pick(w.chance, "", "lunch", "shift"), By: "the boss",
	}
	if w.happens(0.4) { // people come back from their breaks
		in.Change = queueflow.UnpauseMember
	}
	if in.Change != queueflow.AddMember && in.Change != queueflow.SetPenalty && w.happens(0.3) {
		in.Queue = ""
	}
	in.Member.Paused = in.Change == queueflow.AddMember && w.happens(0.2)
	return in
}

// store keeps a member's record for the next start.
func (p *program) store(c queueflow.StoreMember) {
	if p.killed && p.w.happens(0.5) {
		return
	}
	p.w.stored[place{c.Record.Queue, c.Record.Member.Endpoint}] = c.Record
	if !p.killed {
		p.done(c, answer{})
	}
}

// storedMembers are the records that a start finds.
func (w *world) storedMembers() queueflow.MembersStored {
	var in queueflow.MembersStored
	for _, r := range w.stored {
		in.Records = append(in.Records, r)
	}
	slices.SortFunc(in.Records, func(a, b queueflow.MemberRecord) int {
		return strings.Compare(fmt.Sprint(a.Queue, a.Member.Endpoint), fmt.Sprint(b.Queue, b.Member.Endpoint))
	})
	return in
}
