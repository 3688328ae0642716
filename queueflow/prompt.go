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
	// told is what an announcement says, for its event.
	told told
}

type promptKind uint8

const (
	announcement promptKind = iota
	periodicPrompt
	unknownKeyPrompt
)

// hearing is what a caller hears beside his music. Asterisk plays one prompt after the other on a channel; the machine
// hands over one at a time, so that nothing stands between a caller who is to leave and his leaving.
type hearing struct {
	// playing is the id of the playback that Asterisk was told to play, empty when there is none; now is what it is, and
	// begun is true once it was heard to begin.
	playing string
	now     prompt
	begun   bool
	// next are the kinds that became due while something played, or before the caller could hear anything; each once.
	next []promptKind
	// count numbers the playbacks of this epoch.
	count int

	announcing
	// rotation counts the periodic prompts played in this queue.
	rotation int
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

// sayNext plays what a caller is to hear next, if he hears nothing now.
func (m *Machine) sayNext(c *call) {
	for c.hears.playing == "" && len(c.hears.next) > 0 && c.state == waiting && c.hearsMusic() {
		k := c.hears.next[0]
		c.hears.next = c.hears.next[1:]
		m.play(c, m.compose(c, k))
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
	c.hears.now, c.hears.begun = p, false
	policy, _ := m.policy(c.queue)
	language := cmp.Or(p.language, c.spokenLanguage(policy))
	m.command(Play{Channel: c.channel, Playback: c.hears.playing, Media: p.media, Language: language})
	m.arm(c, duePrompt, m.now.Add(promptLimit))
}

// silence ends what a caller hears beside his music, and what he was to hear after it.
func (m *Machine) silence(c *call) {
	c.hears.next = nil
	if c.hears.playing == "" {
		return
	}
	m.command(StopPlaying{Channel: c.channel, Playback: c.hears.playing})
	m.quiet(c)
}

// quiet notes that a caller hears no prompt any more.
func (m *Machine) quiet(c *call) {
	over := c.hears.now.kind
	played := c.hears.playing != ""
	c.hears.playing, c.hears.now, c.hears.begun = "", prompt{}, false
	m.disarm(c, duePrompt)
	if played && c.state == waiting {
		m.ringAgain(c)
		if over == periodicPrompt {
			m.periodicOver(c)
		}
	}
}

func (in PromptStarted) apply(m *Machine) {
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
	if c.hears.now.kind == announcement && c.state == waiting {
		m.emit(c, c.stepID(m.settings.Epoch), c.announcedEvent(m))
	}
}

func (in PromptFinished) apply(m *Machine) {
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
	m.promptOver(c)
}

// promptOver goes on with what is to be heard after a prompt.
func (m *Machine) promptOver(c *call) {
	m.quiet(c)
	m.sayNext(c)
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
	return e
}
