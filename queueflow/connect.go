package queueflow

import (
	"cmp"
	"slices"
	"time"

	"missedcalls/queueflow/speech"
)

const (
	// whisperLimit bounds what an agent hears before the caller is connected: Asterisk says nothing of some playbacks.
	whisperLimit         = time.Minute
	defaultConfirmWithin = 10 * time.Second
	// joinWithin bounds the wait until both are in the bridge; it is tried twice.
	joinWithin = 2 * time.Second
	joinTries  = 2
)

// whisper lets an agent who answered hear what his queue says to him. The caller hears what he heard, and the phones of
// others go on ringing: only the bridge is the fact.
func (m *Machine) whisper(at *attempt) {
	at.state, at.confirms = whispering, at.member.Confirm
	media, language := m.whispered(at)
	if len(media) == 0 {
		m.whisperOver(at)
		return
	}
	at.playback = at.id + "-whisper"
	m.command(Play{Channel: at.channel, Playback: at.playback, Media: media, Language: language})
	m.await(at, whisperLimit)
}

// whispered is what an agent hears, in the language of his queue.
func (m *Machine) whispered(at *attempt) (media []string, language string) {
	p, _ := m.policy(at.member.queue)
	l, known := speech.For(p.Language)
	if !m.settings.OwnPrompts {
		l = l.Stock()
	}
	var said []string
	if p.Serving.ReportWait {
		said = l.Waited(m.now.Sub(at.call.enteredAt))
	}
	if at.confirms && len(p.Serving.ConfirmPrompt) == 0 {
		said = append(said, l.Phrase(speech.Confirm)...)
	}
	language = p.Language
	if len(said) > 0 && !known {
		language = l.Name() // the channel's own sounds would be put together by the wrong grammar
	}
	media = slices.Concat(p.Serving.Whisper, said)
	if at.confirms {
		media = append(media, p.Serving.ConfirmPrompt...)
	}
	return media, language
}

// whisperOver goes on once an agent has heard everything: he is connected, or has so long to press 1.
func (m *Machine) whisperOver(at *attempt) {
	at.playback = ""
	if !at.confirms {
		m.connect(at)
		return
	}
	p, _ := m.policy(at.member.queue)
	m.await(at, cmp.Or(p.Serving.ConfirmWithin, defaultConfirmWithin))
}

// whisperLate gives up a playback whose end was never told, or an agent who did not press 1.
func (m *Machine) whisperLate(at *attempt) {
	if at.playback == "" {
		m.letGo(at, OutcomeNotConfirmed, false)
		return
	}
	m.command(StopPlaying{Channel: at.channel, Playback: at.playback})
	m.whisperOver(at)
}

// pressOnLeg takes a digit of an agent.
func (m *Machine) pressOnLeg(at *attempt, digit byte) {
	switch {
	case at.state == talking:
		m.pressInTalk(at, digit)
	case at.state == whispering && at.confirms && digit == '1':
		at.confirms = false
		if at.playback != "" {
			m.command(StopPlaying{Channel: at.channel, Playback: at.playback})
		}
		m.whisperOver(at)
	}
}

func (m *Machine) legPlayed(at *attempt, in PromptFinished) {
	if at.state != whispering || in.Playback != at.playback {
		m.ignore(in, "not what plays to the agent")
		return
	}
	if in.Failed {
		m.notice(NoticePromptFailed, at.call, "Asterisk could not play all of what an agent hears before the caller; its log says what is missing")
	}
	m.whisperOver(at)
}

// connecting says whether a call is being connected to an agent; from then on its caller's keys mean nothing.
func (c *call) connecting() bool { return c.talk != nil && c.talk.state == joining }

// connect begins to bring caller and agent together. What the caller hears is cut off, but for what the queue says to him
// right before. One who is hanging up is left to go.
func (m *Machine) connect(at *attempt) {
	c := at.call
	if _, leaves := m.hangingUp(c); leaves {
		m.letGo(at, OutcomeCancelled, false)
		return
	}
	at.state = joining
	m.await(at, 0)
	m.dropKey(c)
	m.disarm(c, dueReception)
	c.hears.next = nil
	m.cutOff(c)
	if !c.answered {
		m.command(Answer{Channel: c.channel})
	}
	p, _ := m.policy(c.queue)
	m.play(c, prompt{kind: callerAnnouncement, media: p.Serving.CallerAnnounce})
	if c.hears.playing == "" {
		m.bringTogether(at)
	}
}

// bringTogether tells both to come into the bridge, and comes back until they are seen there. One side that does not come ends
// the attempt.
func (m *Machine) bringTogether(at *attempt) {
	c := at.call
	if _, leaves := m.hangingUp(c); leaves {
		m.letGo(at, OutcomeCancelled, false)
		return
	}
	at.asked = true
	m.entertain(c, MusicNone)
	c.joined = false
	if !at.callerJoined {
		m.command(Connect{Channel: c.channel, Bridge: at.bridge})
	}
	if !at.joined {
		m.command(Connect{Channel: at.channel, Bridge: at.bridge})
	}
	at.tries++
	m.await(at, joinWithin)
}

func (m *Machine) joinLate(at *attempt) {
	switch {
	case at.tries < joinTries:
		m.bringTogether(at)
	case at.joined:
		m.letGo(at, OutcomeCancelled, false) // the caller could not be connected
	default:
		m.letGo(at, OutcomeDropped, false)
	}
}

// joinedTalk notes that one side is in the bridge of a talk. Once both are, they hear each other.
func (m *Machine) joinedTalk(at *attempt) {
	if at.state == joining && at.joined && at.callerJoined {
		m.talks(at)
	}
}

// seeJoined is for a caller of whom it is heard that he is in the bridge of his talk, or not any more. Who is taken out of
// it leaves the application right after; who does not is brought back.
func (m *Machine) seeJoined(c *call) {
	at := c.talk
	m.joinedTalk(at)
	switch {
	case c.state != connected:
	case at.callerJoined:
		m.disarm(c, dueReception)
	default:
		m.arm(c, dueReception, m.now.Add(backOff(talkWithin, at.callerTries)))
		at.callerTries++
	}
}

func (m *Machine) legJoinedBridge(at *attempt, bridge string) {
	if bridge != at.bridge {
		return
	}
	at.joined = true
	if at.state == talking && at.talk.successor == nil {
		m.await(at, 0)
	}
	m.joinedTalk(at)
}

// legLeftBridge is for an agent's channel that is in no bridge any more. It leaves the application right after, or has
// been replaced by the other end of a transfer.
func (m *Machine) legLeftBridge(at *attempt, bridge string) {
	if bridge != at.bridge {
		return
	}
	at.joined = false
	switch {
	case at.state == hangingUp && at.talk.successor != nil:
		m.hangUp(at, false)
	case at.state == talking && at.talk.successor == nil:
		m.await(at, talkWithin)
	}
}

// backInLine is for a caller whose agent is not there any more before they heard each other: he waits on where he was.
func (m *Machine) backInLine(c *call) {
	if c.state != waiting {
		return
	}
	m.armMaxWait(c) // it may have run out meanwhile
	m.closingAgain(c)
	if c.hears.now.kind == callerAnnouncement {
		m.cutOff(c)
	}
	m.receive(c)
	m.sayNext(c)
}
