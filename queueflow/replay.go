package queueflow

import (
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// Replay takes up an event that is newer than the snapshot. The events are the truth about calls. It is idempotent.
func (m *Machine) Replay(e callevent.Event) {
	switch p := e.Payload.(type) {
	case callevent.Entered:
		if c := m.recall(p); c != nil {
			m.restoreWaiting(c)
		}
	case callevent.Announced:
		m.replayAnnounced(p)
	case callevent.Moved:
		m.replayMoved(p)
	case callevent.Missed:
		m.replayMissed(p)
		m.replayEpisode(e.Source, p)
	case callevent.Resolved:
		m.replayResolved(p)
	case callevent.Offered:
		m.replayOffered(e.ID, p)
		m.replayRung(p, e.Time)
	case callevent.Answered:
		m.replayAnswered(p)
	case callevent.Completed:
		m.replayCompleted(p)
		m.replayTalk(p)
	case callevent.CallbackRequested:
		m.replayEnded(e.Call)
	case callevent.MemberAdded:
		m.replayMember(p.Member, false)
	case callevent.MemberRemoved:
		m.replayMember(p.Member, true)
	case callevent.MemberPaused:
		m.replayMember(p.Member, false)
	case callevent.MemberUnpaused:
		m.replayMember(p.Member, false)
	}
	m.replaySeen(e)
}

// replayEnded ends a call that has nothing more to be told.
func (m *Machine) replayEnded(call string) {
	if c := m.calls[call]; c != nil {
		m.discard(c)
	}
}

// replaySeen moves the last moment at which an Asterisk was heard to that of an event that came from it.
func (m *Machine) replaySeen(e callevent.Event) {
	from := asteriskOf(e)
	if n := m.nodes[from.URL]; n != nil && from.Timestamp != "" {
		n.seen(e.Time)
	}
}

// replayAnnounced takes up what a caller was told after the snapshot.
func (m *Machine) replayAnnounced(p callevent.Announced) {
	c := m.calls[p.CallID]
	if c == nil || c.place == nil || c.queue != p.Queue || !p.AnnouncedAt.After(c.hears.lastAt) {
		return
	}
	c.hears.times++
	c.hears.lastAt, c.hears.last = p.AnnouncedAt, told{moreThan: p.MoreThan}
	if p.EstimateToldMS != nil {
		c.waitTold, c.hears.waitTold = toldBefore(p.EstimateToldMS, p.AnnouncedAt), true
	}
	if p.PositionTold != nil {
		c.hears.last.position = *p.PositionTold
	}
	policy, _ := m.policy(c.queue)
	m.armHearing(c, policy)
}

func (m *Machine) replayMoved(p callevent.Moved) {
	c := m.calls[p.CallID]
	if c == nil || c.place == nil || c.queuedAt.After(p.MovedAt) {
		return
	}
	if c.queue == p.Queue && c.queuedAt.Equal(p.MovedAt) {
		return
	}
	m.take(c)
	c.queue, c.queuedAt, c.keys = p.Queue, p.MovedAt, []byte(p.Keys)
	c.trials = trials{}
	c.hears = hearing{playing: c.hears.playing} // nobody knows whether it was stopped
	m.restoreWaiting(c)
}

// replayMissed ends a call. One that we meant to send away may still be here: nobody knows whether he was told to go.
// That holds for one who was refused at the door, too: nothing is known of him but this event.
func (m *Machine) replayMissed(p callevent.Missed) {
	if p.Reason == callevent.ReasonLost {
		m.lost.put(Channel{Node: p.Asterisk.URL, ID: p.Asterisk.ChannelID}, p.CallID)
	}
	byUs := p.Hangup != nil && p.Hangup.By == callevent.ByApplication
	toDialplan := p.Hangup == nil && p.Reason != callevent.ReasonTaken && p.Reason != callevent.ReasonLost
	c := m.calls[p.CallID]
	mayBeHere := (byUs || toDialplan) && m.now.Sub(p.LeftAt) < departureMemory
	if c == nil && mayBeHere {
		c = m.recall(entryOf(p))
	}
	switch {
	case c == nil, c.state == leaving:
		return
	case !mayBeHere:
		m.discard(c)
		return
	case c.place != nil:
		m.take(c)
	}
	d := departure{reason: p.Reason, toDialplan: toDialplan, target: parseTarget(p.SentTo)}
	d.variables = departureVariables(d.reason, p.Position, p.LeftAt.Sub(p.EnteredAt))
	m.restoreGoing(c, d)
}

// departureMemory is how long after its ending a call is taken for one that may still have to be told to go.
const departureMemory = 10 * time.Minute

// entryOf is what an ending tells of the entry.
func entryOf(p callevent.Missed) callevent.Entered {
	return callevent.Entered{
		CallID: p.CallID, Queue: p.Queue, QueueName: p.QueueName, DID: p.DID, Language: p.Language, Caller: p.Caller,
		EnteredAt: p.EnteredAt, Position: p.PositionAtEntry, Priority: p.Priority, RefusedBy: p.RefusedBy,
		ResumedFrom: p.ResumedFrom, Asterisk: p.Asterisk,
	}
}

// asteriskOf is where an event happened; its timestamp is empty when no news of Asterisk stands behind the event.
func asteriskOf(e callevent.Event) callevent.Asterisk {
	switch p := e.Payload.(type) {
	case callevent.Entered:
		return p.Asterisk
	case callevent.Offered:
		return p.Asterisk
	case callevent.Announced:
		return p.Asterisk
	case callevent.Answered:
		return p.Asterisk
	case callevent.Moved:
		return p.Asterisk
	case callevent.Completed:
		return p.Asterisk
	case callevent.Missed:
		return p.Asterisk
	case callevent.CallbackRequested:
		return p.Asterisk
	}
	return callevent.Asterisk{}
}

// parseTarget reads what Target.String wrote.
func parseTarget(s string) Target {
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return Target{}
	}
	priority, err := strconv.Atoi(parts[2])
	if err != nil {
		return Target{}
	}
	return Target{Context: parts[0], Extension: parts[1], Priority: priority}
}
