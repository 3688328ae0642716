package queueflow

import (
	"strconv"
	"strings"
	"time"
)

// recording is what is remembered of the recordings of a talk.
type recording struct {
	// file is that of the first one that was made; running is the name of the one that runs, empty for none.
	file, running string
	// dialled are the newest digits of the agent, the last of them pressed at dialledAt.
	dialled   string
	dialledAt time.Time
}

// beginRecording records a talk of a queue whose talks are all recorded.
func (m *Machine) beginRecording(at *attempt) {
	if p, _ := m.policy(at.call.queue); p.Serving.Recording.Mode == RecordAlways {
		m.record(at, p.Serving.Recording)
	}
}

// record begins a recording. Each has a name of its own, for Asterisk writes over no file.
func (m *Machine) record(at *attempt, r Recording) {
	c := at.call
	c.recordings++
	name := m.recordingName(c, strconv.FormatUint(m.settings.Epoch, 10))
	at.talk.recording.running = name
	if at.talk.recording.file == "" {
		at.talk.recording.file = name + "." + r.Format
	}
	m.command(StartRecording{Channel: c.channel, Bridge: at.bridge, Name: name, Format: r.Format})
}

// recordingName is the name of a call's newest recording. A restart may not know of the last ones before it, so the epoch is in it.
func (m *Machine) recordingName(c *call, epoch string) string {
	return m.settings.Application + "-" + c.id + "-" + epoch + "-" + strconv.Itoa(c.recordings)
}

// talkEpoch is the epoch in which a talk began, by the name of its bridge.
func talkEpoch(bridge string) string {
	parts := strings.Split(bridge, "-")
	return parts[max(0, len(parts)-2)]
}

// endRecording ends the one that runs and keeps its file.
func (m *Machine) endRecording(at *attempt) {
	if at.talk.recording.running != "" {
		m.command(StopRecording{Channel: at.call.channel, Name: at.talk.recording.running})
		at.talk.recording.running = ""
	}
}

// pressInTalk begins or ends a recording when an agent pressed all of its key.
func (m *Machine) pressInTalk(at *attempt, digit byte) {
	p, _ := m.policy(at.call.queue)
	r := p.Serving.Recording
	if r.Mode != RecordByKey || r.Key == "" {
		return
	}
	t := &at.talk.recording
	if m.now.Sub(t.dialledAt) > defaultKeyTimeout {
		t.dialled = ""
	}
	t.dialled, t.dialledAt = t.dialled+string(rune(digit)), m.now
	if !strings.HasSuffix(t.dialled, r.Key) {
		t.dialled = t.dialled[max(0, len(t.dialled)-len(r.Key)):]
		return
	}
	t.dialled = ""
	if t.running != "" {
		m.endRecording(at)
		return
	}
	m.record(at, r)
}

func (in RecordingEnded) apply(m *Machine) {
	id, ours := strings.CutPrefix(in.Name, m.settings.Application+"-")
	parts := strings.Split(id, "-")
	if !ours || len(parts) < 3 {
		m.ignore(in, "not a recording of a talk")
		return
	}
	c := m.calls[strings.Join(parts[:len(parts)-2], "-")]
	if c == nil || c.talk == nil {
		m.ignore(in, "the call is over")
		return
	}
	m.touch(c)
	m.recordingOver(c.talk, in)
}

// recordingOver notes that a recording ended by itself. One that failed has no file, and the agent may begin another.
func (m *Machine) recordingOver(at *attempt, in RecordingEnded) {
	t := &at.talk.recording
	if t.running == in.Name {
		t.running = ""
	}
	if !in.Failed {
		return
	}
	m.notice(NoticeRecordingFailed, at.call, "the talk is not recorded: "+in.Why)
	if strings.HasPrefix(t.file, in.Name+".") {
		t.file = ""
	}
}
