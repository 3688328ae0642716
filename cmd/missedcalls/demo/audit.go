package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
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
	// endings are the ids of the ending events of each call.
	endings map[string][]string
	entered int
	moved   int
	missed  map[callevent.Reason]int
	// resolved are missed calls, those of one number once.
	resolved int
	// chat and telling are nil when nobody is told. What happened before tellable must be told.
	chat     *chat
	telling  *telling
	tellable time.Time
}

func newAudit(url string, calls map[string]entry, toldAt time.Time) *audit {
	return &audit{url: url, calls: calls, toldAt: toldAt, endings: make(map[string][]string), missed: make(map[callevent.Reason]int)}
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
	b, err := bus.Open(ctx, bus.Settings{
		URL: s.NATS.URL, Username: s.NATS.Username, Password: s.NATS.Password.Reveal(), Token: s.NATS.Token.Reveal(),
		CredsFile: s.NATS.CredsFile, TLSCA: s.NATS.TLS.CA, Dir: filepath.Join(s.DataDir, "nats"),
		MaxAge: s.Events.MaxAge, MaxBytes: int64(s.Events.MaxBytes), Application: s.ARI.App,
	}, log)
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	defer func() { err = errors.Join(err, b.Close(ctx)) }()
	if _, err := b.Fold(ctx, after+1, func(_ uint64, e callevent.Event) error { a.take(e); return nil }); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

// take counts an event of one of the calls; one of somebody else's is passed over.
func (a *audit) take(e callevent.Event) {
	if a.telling != nil {
		a.telling.take(e)
	}
	switch p := e.Payload.(type) {
	case callevent.Entered:
		if a.ours(p.Asterisk) {
			a.entered++
		}
	case callevent.Moved:
		if a.ours(p.Asterisk) {
			a.moved++
		}
	case callevent.Missed:
		if id := p.Asterisk.ChannelID; a.ours(p.Asterisk) && !slices.Contains(a.endings[id], e.ID) {
			a.endings[id] = append(a.endings[id], e.ID)
			a.missed[p.Reason]++
		}
	case callevent.Resolved:
		a.resolved++
	}
}

func (a *audit) ours(where callevent.Asterisk) bool {
	_, made := a.calls[where.ChannelID]
	return made && where.URL == a.url
}

// verdict is what came out.
type verdict struct {
	// called is everybody; fallback are those whom the dialplan had to serve.
	called, fallback int
	// inside are those who entered the application: ended by one event, waiting without any, or gone while the program
	// handed over, which the next start tells.
	inside, ended, waiting, unseen int
	// wrong says what must not be.
	wrong []string
	// chat is how the chat stands, nil without one.
	chat *report
}

// judge compares.
func (a *audit) judge() verdict {
	v := verdict{called: len(a.calls)}
	for _, id := range slices.Sorted(maps.Keys(a.calls)) {
		e, endings := a.calls[id], len(a.endings[id])
		if e.failed || e.declined {
			v.fallback++
		}
		if e.failed {
			if endings > 0 {
				v.wrong = append(v.wrong, fmt.Sprintf("call %s never entered the application, and has an ending event", id))
			}
			continue
		}
		v.inside++
		switch {
		case endings == 1:
			v.ended++
		case endings > 1:
			v.wrong = append(v.wrong, fmt.Sprintf("call %s has %d ending events", id, endings))
		case !e.over:
			v.waiting++
		case e.endedAt.After(a.toldAt):
			v.unseen++
		default:
			v.wrong = append(v.wrong, fmt.Sprintf("call %s ended at %s and has no ending event", id, e.endedAt.Format("15:04:05.000")))
		}
	}
	if a.telling != nil {
		r := a.telling.judge(a.chat.of, a.tellable)
		v.chat = &r
	}
	return v
}

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
	line := fmt.Sprintf("check: of %d calls that entered the application %d had exactly one ending event and %d still waited", v.inside, v.ended, v.waiting)
	if v.unseen > 0 {
		line += fmt.Sprintf(", %d left during the hand-over", v.unseen)
	}
	return line + ": good"
}

// summary prints what there was.
func (a *audit) summary(w io.Writer, v verdict) {
	fmt.Fprintf(w, "callers called %d, entered a queue %d, moved to another %d\n", v.called, a.entered, a.moved)
	fmt.Fprintln(w, missedWords(a.missed))
	if a.resolved > 0 {
		fmt.Fprintf(w, "resolved %d, the missed calls of one number once\n", a.resolved)
	}
	fmt.Fprintf(w, "served by the dialplan's fallback %d\n", v.fallback)
	if v.chat != nil {
		fmt.Fprintln(w, v.chat.check())
	}
	fmt.Fprintln(w, v.check())
}
