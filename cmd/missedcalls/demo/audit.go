package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/bus"
	"missedcalls/app/config"
	"missedcalls/queueflow/callevent"
)

// audit holds the events in the stream against what the callers saw.
type audit struct {
	// url and calls are the truth; toldAt is when the program was told to hand over.
	url    string
	calls  map[string]entry
	toldAt time.Time
	// rings are how often the agents' phones rang, by endpoint.
	rings map[string]rings
	// told is what the events say of each call, by its channel.
	told map[string]*account
	// seen are the ids of events that were counted: one that is repeated is one.
	seen        map[string]bool
	entered     int
	moved       int
	transferred int
	missed      map[callevent.Reason]int
	rang        map[string]int
	// resolved are missed calls, those of one number once; through are those whose caller got through.
	resolved, through int
	// chat and telling are nil when nobody is told. What happened before tellable must be told.
	chat     *chat
	telling  *telling
	tellable time.Time
}

// account is how often a call was said to be answered, to be over after a talk, and to be missed.
type account struct {
	answered, completed, missed int
	// talked is how long that talk is said to have been.
	talked time.Duration
}

// instant is how far what a phone saw and what is told of it may be apart: a caller who hangs up while he is connected has
// talked or has not, as one looks at it.
const instant = 100 * time.Millisecond

// rings are how often a phone rang, and how often while it had another call.
type rings struct{ all, besides int }

func newAudit(url string, calls map[string]entry, toldAt time.Time) *audit {
	return &audit{
		url: url, calls: calls, toldAt: toldAt, told: make(map[string]*account), seen: make(map[string]bool),
		missed: make(map[callevent.Reason]int), rang: make(map[string]int),
	}
}

// readWithin bounds the reading of the stream.
const readWithin = time.Minute

// read takes the events in from the stream itself, after a sequence. The program must have ended: with NATS embedded,
// this is its data directory.
func (a *audit) read(s config.Settings, after uint64, log zerolog.Logger) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	lock, err := bus.LockDir(s.DataDir)
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	b, err := bus.Open(ctx, busSettings(s), log)
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	defer func() { err = errors.Join(err, b.Close(ctx)) }()
	if _, err := b.Fold(ctx, after+1, func(_ uint64, e callevent.Event) error { a.take(e); return nil }); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

// take counts an event of one of the calls; one of somebody else's is passed over, and so is one that was counted.
func (a *audit) take(e callevent.Event) {
	if a.telling != nil {
		a.telling.take(e)
	}
	if a.seen[e.ID] {
		return
	}
	a.seen[e.ID] = true
	switch p := e.Payload.(type) {
	case callevent.Entered:
		if a.of(p.Asterisk) != nil {
			a.entered++
		}
	case callevent.Moved:
		if a.of(p.Asterisk) != nil {
			a.moved++
		}
	case callevent.Offered:
		if a.of(p.Asterisk) != nil {
			a.rang[p.Attempt.Outcome]++
		}
	case callevent.Resolved:
		a.resolved++
		if p.How == callevent.ResolvedAnswered {
			a.through++
		}
	default:
		a.takeTurn(e.Payload)
	}
}

// takeTurn counts an event that says what became of a call.
func (a *audit) takeTurn(p callevent.Payload) {
	switch p := p.(type) {
	case callevent.Answered:
		if t := a.of(p.Asterisk); t != nil {
			t.answered++
		}
	case callevent.Completed:
		if t := a.of(p.Asterisk); t != nil {
			t.completed++
			t.talked = milliseconds(p.TalkedMS)
			a.transferred += len(p.Transfers)
		}
	case callevent.Missed:
		if t := a.of(p.Asterisk); t != nil {
			t.missed++
			a.missed[p.Reason]++
		}
	}
}

// of is what was told of a call, nil for one of somebody else's.
func (a *audit) of(where callevent.Asterisk) *account {
	if _, made := a.calls[where.ChannelID]; !made || where.URL != a.url {
		return nil
	}
	if a.told[where.ChannelID] == nil {
		a.told[where.ChannelID] = &account{}
	}
	return a.told[where.ChannelID]
}

// verdict is what came out.
type verdict struct {
	// called is everybody; fallback are those whom the dialplan had to serve.
	called, fallback int
	// inside are those who entered the application: they were answered, some of whom talk on, they were missed, they wait, or
	// they left while the program handed over, which the next start tells.
	inside, answered, talking, missed, waiting, unseen int
	// rings are of all agents.
	rings int
	// wrong says what must not be.
	wrong []string
	// chat is how the chat stands, nil without one.
	chat *report
}

// judge compares.
func (a *audit) judge() verdict {
	v := verdict{called: len(a.calls)}
	for _, id := range slices.Sorted(maps.Keys(a.calls)) {
		e, t := a.calls[id], account{}
		if a.told[id] != nil {
			t = *a.told[id]
		}
		if e.failed || e.declined {
			v.fallback++
		}
		if !e.failed {
			v.inside++
		}
		if wrong := v.count(e, t, a.toldAt); wrong != "" {
			v.wrong = append(v.wrong, "call "+id+" "+wrong)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.rings)) {
		r := a.rings[name]
		v.rings += r.all
		if r.besides > 0 {
			v.wrong = append(v.wrong, fmt.Sprintf("agent %s was rung %s while he had another call", name, times(r.besides)))
		}
	}
	if a.telling != nil {
		r := a.telling.judge(a.chat.of, a.tellable)
		v.chat = &r
	}
	return v
}

// count counts a call among its like, and says what must not be of it. What happened after the program was told to hand
// over, or right before, may be told by its next start.
func (v *verdict) count(e entry, t account, handedOver time.Time) (wrong string) {
	if e.failed {
		if t != (account{}) {
			return "never entered the application, and has events"
		}
		return ""
	}
	if wrong := cmp.Or(t.contradiction(), e.unlike(t, handedOver)); wrong != "" {
		return wrong
	}
	left := e.over && e.endedAt.After(handedOver)
	switch {
	case t.missed > 0:
		v.missed++
	case t.completed > 0:
		v.answered++
	case e.over && !left:
		return "ended at " + clock(e.endedAt) + " and has no ending event"
	case t.answered > 0:
		v.answered++
		v.talking++
	case left || !e.talkedAt.IsZero():
		v.unseen++
	default:
		v.waiting++
	}
	return ""
}

// contradiction is where the events of a call are against each other, empty when they are not.
func (t account) contradiction() string {
	switch {
	case t.completed+t.missed > 1:
		return fmt.Sprintf("has %d ending events", t.completed+t.missed)
	case t.answered > 1:
		return "was answered " + times(t.answered)
	case t.completed > t.answered:
		return "is said to have talked, and was not answered"
	case t.missed > 0 && t.answered > 0:
		return "was answered, and is missed"
	}
	return ""
}

// unlike is where the events of a call are against what its phone saw, empty when they are not.
func (e entry) unlike(t account, handedOver time.Time) string {
	before := handedOver.Add(-lastMoment)
	if e.over && e.endedAt.Add(-instant).Before(before) {
		before = e.endedAt.Add(-instant)
	}
	talked := !e.talkedAt.IsZero()
	switch {
	case t.answered > 0 && !talked && (t.completed == 0 || t.talked > instant):
		return "was answered, and its caller never talked with anybody"
	case t.answered == 0 && talked && e.talkedAt.Before(before):
		return "talked at " + clock(e.talkedAt) + ", and was not answered"
	}
	return ""
}

func clock(at time.Time) string { return at.Format("15:04:05.000") }

// faults is all that must not be.
func (v verdict) faults() []string {
	if v.chat == nil {
		return v.wrong
	}
	return slices.Concat(v.wrong, v.chat.wrong)
}

// check is the verdict in one line.
func (v verdict) check() string {
	if len(v.wrong) > 0 {
		return fmt.Sprintf("check: FAILED for %d of %d calls that entered the application: %s", len(v.wrong), v.inside, v.wrong[0])
	}
	line := fmt.Sprintf("check: of %d calls that entered the application %d were answered once", v.inside, v.answered)
	if v.talking > 0 {
		line += fmt.Sprintf(" (%d still talked)", v.talking)
	}
	line += fmt.Sprintf(", %d were missed once and %d still waited", v.missed, v.waiting)
	if v.unseen > 0 {
		line += fmt.Sprintf(", %d left during the hand-over", v.unseen)
	}
	if v.rings > 0 {
		line += fmt.Sprintf("; phones rang %s, none twice at once", times(v.rings))
	}
	return line + ": good"
}

// summary prints what there was.
func (a *audit) summary(w io.Writer, v verdict) {
	fmt.Fprintf(w, "callers called %d, entered a queue %d, moved to another %d\n", v.called, a.entered, a.moved)
	if len(a.rang) > 0 {
		fmt.Fprintln(w, rangWords(a.rang))
		fmt.Fprintf(w, "answered %d, transferred %d of them\n", v.answered, a.transferred)
	}
	fmt.Fprintln(w, missedWords(a.missed))
	if a.resolved > 0 {
		fmt.Fprintf(w, "resolved %d, the missed calls of one number once; of %d the caller got through\n", a.resolved, a.through)
	}
	fmt.Fprintf(w, "served by the dialplan's fallback %d\n", v.fallback)
	if v.chat != nil {
		fmt.Fprintln(w, v.chat.check())
	}
	fmt.Fprintln(w, v.check())
}
