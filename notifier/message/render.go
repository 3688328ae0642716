package message

import (
	"errors"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// Renderer makes the messages of one target. It never changes, and is safe for concurrent use.
type Renderer struct {
	// in is the target's language, nil for that of the event.
	in        *language
	zone      *time.Location
	mask      bool
	templates templates
}

// New reads the templates of a target. The error joins a *TemplateError for each that cannot be read. It does not execute
// them: Check does.
func New(t policy.Target) (*Renderer, error) {
	r, errs := newRenderer(t)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return r, nil
}

// newRenderer has the templates that can be read.
func newRenderer(t policy.Target) (*Renderer, []error) {
	r := &Renderer{zone: t.Zone, mask: t.MaskNumbers}
	if r.zone == nil {
		r.zone = time.UTC
	}
	languages := []*language{&english, &russian}
	if t.Language != "" {
		r.in = languageOf(t.Language)
		languages = []*language{r.in}
	}
	var errs []error
	r.templates, errs = parseAll(t, languages)
	return r, errs
}

// Announce tells of an event. There is always a message. The error, a *TemplateError, says that the operator's template
// failed, and the message is the built-in one.
func (r *Renderer) Announce(e callevent.Event) (Message, error) {
	v := r.view(e)
	m := bounded(Message{Icon: v.Icon, Title: v.Title, Facts: v.Facts, Language: v.Language})
	var err error
	m.Custom, err = r.templates.execute(v)
	return m, err
}

// Changed is an earlier message that says, in Icon and Status, how the matter stands after an event that settled it:
// resolved, callback_completed, callback_failed, callback_expired, callback_cancelled. Any other event changes nothing. The
// words are in the language of the message: the calls of one person may have come to queues of several.
func (r *Renderer) Changed(earlier Message, e callevent.Event) Message {
	in := r.in
	if in == nil && earlier.Language != "" {
		in = languageOf(earlier.Language)
	}
	if v := r.viewIn(in, e); v.Status != "" {
		earlier.Icon, earlier.Status = v.Icon, cut(v.Status, maxStatus)
	}
	return earlier
}

// view is an event in the target's words.
func (r *Renderer) view(e callevent.Event) View { return r.viewIn(r.in, e) }

// viewIn is an event in the words of a language; nil for that of the event.
func (r *Renderer) viewIn(in *language, e callevent.Event) View {
	if r.mask {
		e = Mask(e)
	}
	return tell(e, in, r.zone)
}
