package queueflow

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// prompt is something a caller hears between his music.
type prompt struct {
	kind promptKind
	// media are Asterisk's names of what is played, in order.
	media []string
	// language is Asterisk's name of the sounds' language, empty for the caller's.
	language string
	// told and wait are what an announcement says of the place and of the wait, for its event; 0 is no wait.
	told told
	wait time.Duration
}

type promptKind uint8

const (
	announcement promptKind = iota
	periodicPrompt
	unknownKeyPrompt
	// confirmation tells an agent what came of his feature code.
	confirmation
	// callerAnnouncement is played right before the caller is connected to an agent.
	callerAnnouncement
)

// hearing is what a caller hears beside his music. Asterisk plays one prompt after the other on a channel; the machine
// hands over one at a time, so that nothing stands between a caller who is to leave and his leaving.
type hearing struct {
	// playing is the id of the playback that Asterisk was told to play, empty when there is none; now is what it is, and
	// begun is true once it was heard to begin.
	playing string
	// latest is the id of the newest playback, whether it plays or not.
	latest string
	now    prompt
	begun  bool
	// muted is true once a prompt stood in for ringing, which does not come back by itself.
	muted bool
	// next are the kinds that became due while something played, or before the caller could hear anything; each once.
	next []promptKind
	// count numbers the playbacks of this epoch.
	count int

	announcing
	// rotation counts the periodic prompts played in this queue; periodicAt is when the newest began, or ended if that is
	// what counts.
	rotation   int
	periodicAt time.Time
}

// promptLimit bounds the wait for the end of a prompt: Asterisk says nothing of some that it cannot play.
const promptLimit = 3 * time.Minute

// hearsMusic says whether a caller hears what is played to him.
func (c *call) hearsMusic() bool { return c.answered && c.joined }

// say lets a caller hear something now, or after what he hears now, or as soon as he can hear anything.
func (m *Machine) say(c *call, k promptKind) {
	if !slices.Contains(c.hears.next, k) {
		c.hears.next = append(c.hears.next, k)
	}
	m.sayNext(c)
}

// sayNext plays what a waiting caller is to hear next, if he hears nothing now, or lets him hear ringing again. One who is
// hanging up hears nothing more, unless he is still there after a while; one who has begun a key may finish it first.
func (m *Machine) sayNext(c *call) {
	if c.connecting() {
		if c.hears.playing == "" && !c.talk.asked {
			m.bringTogether(c.talk)
		}
		return
	}
	if c.state != waiting || c.hears.playing != "" {
		return
	}
	if until, yes := m.hangingUp(c); yes {
		m.arm(c, duePrompt, until)
		return
	}
	for c.hears.playing == "" && len(c.hears.next) > 0 && c.dialled == "" && c.hearsMusic() {
		k := c.hears.next[0]
		c.hears.next = c.hears.next[1:]
		m.play(c, m.compose(c, k))
	}
	if c.hears.playing == "" && c.hears.muted {
		c.hears.muted = false
		m.ringAgain(c)
	}
}

// compose makes a prompt of its kind, as it is to be heard at this moment; one without media is not to be heard.
func (m *Machine) compose(c *call, k promptKind) prompt {
	p, _ := m.policy(c.queue)
	switch k {
	case announcement:
		return m.composeAnnouncement(c, p)
	case periodicPrompt:
		return m.composePeriodic(c, p)
	}
	return prompt{kind: k, media: p.UnknownKey}
}

func (m *Machine) play(c *call, p prompt) {
	if len(p.media) == 0 {
		return
	}
	c.hears.count++
	c.hears.playing = c.id + "-prompt-" + strconv.FormatUint(m.settings.Epoch, 10) + "-" + strconv.Itoa(c.hears.count)
	c.hears.latest, c.hears.now, c.hears.begun, c.hears.muted = c.hears.playing, p, false, true
	policy, _ := m.policy(c.queue)
	language := cmp.Or(p.language, c.spokenLanguage(policy))
	m.command(Play{Channel: c.channel, Playback: c.hears.playing, Media: p.media, Language: language})
	m.arm(c, duePrompt, m.now.Add(promptLimit))
}

// silence ends what a caller hears beside his music because of something else that happens to him. What he was to hear
// after it waits; only the answer to a key that does nothing is out of place then.
func (m *Machine) silence(c *call) {
	c.hears.next = slices.DeleteFunc(c.hears.next, func(k promptKind) bool { return k == unknownKeyPrompt })
	m.cutOff(c)
}

// cutOff stops a prompt, also one of which it is not known whether it plays: while it does, Asterisk does nothing else
// with the channel.
func (m *Machine) cutOff(c *call) {
	if c.hears.playing == "" {
		return
	}
	m.command(StopPlaying{Channel: c.channel, Playback: c.hears.playing})
	m.over(c)
}

// over notes that a caller hears no prompt any more.
func (m *Machine) over(c *call) {
	periodic := c.hears.playing != "" && c.hears.now.kind == periodicPrompt
	c.hears.playing, c.hears.now, c.hears.begun = "", prompt{}, false
	m.disarm(c, duePrompt)
	if periodic && c.state == waiting {
		m.periodicOver(c)
	}
}

// promptLate gives up a prompt whose end was never told, or goes on where a caller did not hang up after all.
func (m *Machine) promptLate(c *call) {
	m.cutOff(c)
	m.afterPrompt(c)
}

// afterPrompt lets a caller hear the next prompt, or an agent go on who has heard what came of his feature code.
func (m *Machine) afterPrompt(c *call) {
	if c.state == leaving {
		m.goAgain(c)
		return
	}
	m.sayNext(c)
}

func (in PromptStarted) apply(m *Machine) {
	if m.leg(in.Channel) != nil {
		return
	}
	c := m.hear(in.Channel, in)
	if c == nil {
		return
	}
	if in.Playback != c.hears.playing {
		m.ignore(in, "not the prompt that plays")
		return
	}
	if c.hears.begun {
		return // the next item of its list
	}
	c.hears.begun = true
	if _, hangingUp := m.hangingUp(c); c.hears.now.kind == announcement && c.state == waiting && !hangingUp {
		if wait := c.hears.now.wait; wait > 0 {
			c.waitTold = waitTold{wait: wait, at: m.now}
		}
		m.emit(c, c.stepID(m.settings.Epoch), c.announcedEvent(m))
	}
}

func (in PromptFinished) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		m.legPlayed(at, in)
		return
	}
	c := m.hear(in.Channel, in)
	if c == nil {
		return
	}
	if in.Playback != c.hears.playing {
		m.ignore(in, "not the prompt that plays")
		return
	}
	if in.Failed && c.hangup == nil {
		m.notice(NoticePromptFailed, c, "Asterisk could not play all of "+strings.Join(c.hears.now.media, " ")+"; its log says what is missing")
	}
	m.over(c)
	m.afterPrompt(c)
}

func (c *call) announcedEvent(m *Machine) callevent.Announced {
	p, _ := m.policy(c.queue)
	now := c.hears.now
	e := callevent.Announced{
		CallID: c.id, Queue: c.queue, QueueName: p.Name, DID: c.did, Language: c.spokenLanguage(p), Caller: c.caller,
		AnnouncedAt: m.now, WaitedMS: m.now.Sub(c.enteredAt).Milliseconds(),
		Position: m.line(c.queue).position(c), MoreThan: now.told.moreThan, Media: now.media, Asterisk: c.asterisk(""),
	}
	if now.told.position > 0 {
		position := now.told.position
		e.PositionTold = &position
	}
	if now.wait > 0 {
		e.EstimateToldMS = waitTold{wait: now.wait}.milliseconds()
	}
	return e
}
