package message

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	htmltemplate "html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"text/template"
	"unicode/utf8"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// Part names a text of a template.
type Part string

// The parts. Mail has all three, the other channels Text.
const (
	PartSubject Part = "subject"
	PartText    Part = "text"
	PartHTML    Part = "html"
)

// TemplateError says which template of a target is wrong, and how.
type TemplateError struct {
	// Kind is the key of the template, which may be policy.AnyEvent.
	Kind callevent.Kind
	Part Part
	// Sample and Language say what it was executed for by Check; empty when it could not be read at all.
	Sample   string
	Language string
	Err      error
}

func (e *TemplateError) Error() string {
	text := fmt.Sprintf("template %s, %s: %s", e.Kind, e.Part, place(e.Err))
	if e.Sample != "" {
		text += fmt.Sprintf(" (for the sample %s in %s)", e.Sample, e.Language)
	}
	return text
}

func (e *TemplateError) Unwrap() error { return e.Err }

// place takes away what Go puts in front of line and column.
func place(err error) string {
	text := err.Error()
	for _, prefix := range []string{"template: " + goName + ":", "html/template:" + goName + ":"} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return "line " + rest
		}
	}
	return text
}

// goName is what templates are called in Go's errors.
const goName = "template"

// templates are the texts of a target, by the kind of event that has them.
type templates map[callevent.Kind][]part

// part is one text, ready for each language.
type part struct {
	kind callevent.Kind
	name Part
	in   map[string]executor
	// accept judges what a template gave, and may change it.
	accept func(string) (string, error)
}

type executor interface {
	Execute(w io.Writer, data any) error
}

// parseAll reads the templates of a target for some languages. Those that cannot be read are left out and have an error.
func parseAll(t policy.Target, languages []*language) (all templates, errs []error) {
	all = make(templates)
	for _, kind := range slices.Sorted(maps.Keys(t.Templates)) {
		for _, source := range sources(t, kind) {
			p, err := source.parse(languages)
			if err != nil {
				errs = append(errs, &TemplateError{Kind: kind, Part: source.name, Err: err})
				continue
			}
			all[kind] = append(all[kind], p)
		}
	}
	return all, errs
}

// source is a text that is not parsed yet.
type source struct {
	part
	text string
	html bool
	// escape names a function that escapes every value.
	escape string
	// wrong says why there may not be such a text.
	wrong error
}

// sources are the texts of a template that say something. One that says nothing at all is wrong as well.
func sources(t policy.Target, kind callevent.Kind) []source {
	written := t.Templates[kind]
	subject := source{part: part{name: PartSubject, accept: acceptSubject}, text: written.Subject}
	text := textOf(t, written.Text)
	mail := source{part: part{name: PartHTML, accept: acceptText}, text: written.HTML, html: true}
	all := []source{subject, text, mail}
	for i, s := range all {
		all[i].kind = kind
		all[i].wrong = misplaced(t, kind, s.name)
	}
	if written == (policy.Template{}) {
		all[1].wrong = errSaysNone
		return all[1:2]
	}
	return slices.DeleteFunc(all, func(s source) bool { return s.text == "" })
}

// textOf is the part that every channel has, each in its own markup.
func textOf(t policy.Target, text string) source {
	s := source{part: part{name: PartText, accept: acceptText}, text: text}
	switch {
	case t.Telegram != nil:
		s.html, s.accept = true, acceptTelegram
	case t.Slack != nil:
		s.escape = escapeSlack
	case t.Webhook != nil && isJSON(t.Webhook.ContentType):
		s.accept = acceptJSON
	}
	return s
}

// misplaced says why there may not be such a part of a template of this name.
func misplaced(t policy.Target, kind callevent.Kind, name Part) error {
	switch {
	case !slices.Contains(callevent.Kinds(), kind) && kind != policy.AnyEvent:
		return fmt.Errorf("there is no event %q; events are in docs/events.md, and * is for any", kind)
	case t.Email == nil && name != PartText:
		return fmt.Errorf("a message by %s has no %s; give a text alone", t.Channel(), name)
	}
	return nil
}

func (s source) parse(languages []*language) (part, error) {
	if s.wrong != nil {
		return part{}, s.wrong
	}
	if !utf8.ValidString(s.text) {
		return part{}, errors.New("is not valid UTF-8")
	}
	s.in = make(map[string]executor)
	for _, in := range languages {
		parsed, err := s.parseIn(in)
		if err != nil {
			return part{}, err
		}
		s.in[in.name] = parsed
	}
	return s.part, nil
}

func (s source) parseIn(in *language) (executor, error) {
	if s.html {
		t, err := htmltemplate.New(goName).Funcs(functions(in)).Option("missingkey=error").Parse(s.text)
		if err != nil {
			return nil, err
		}
		for _, each := range t.Templates() {
			guard(each.Tree, "")
		}
		return t, nil
	}
	t, err := template.New(goName).Funcs(functions(in)).Option("missingkey=error").Parse(s.text)
	if err != nil {
		return nil, err
	}
	for _, each := range t.Templates() {
		guard(each.Tree, s.escape)
	}
	return t, nil
}

// execute gives the operator's text for an event, nil when there is no template for its kind. The error is a
// *TemplateError.
func (t templates) execute(v View) (*Custom, error) {
	parts, own := t[callevent.Kind(v.Kind)]
	if !own {
		parts = t[policy.AnyEvent]
	}
	if len(parts) == 0 {
		return nil, nil
	}
	var c Custom
	for _, p := range parts {
		text, err := p.execute(v)
		if err != nil {
			return nil, err
		}
		switch p.name {
		case PartSubject:
			c.Subject = text
		case PartText:
			c.Text = text
		case PartHTML:
			c.HTML = text
		}
	}
	return &c, nil
}

func (p part) execute(v View) (string, error) {
	var out page
	err := p.in[v.Language].Execute(&out, v)
	if err != nil {
		return "", &TemplateError{Kind: p.kind, Part: p.name, Err: err}
	}
	text, err := p.accept(out.String())
	if err != nil {
		return "", &TemplateError{Kind: p.kind, Part: p.name, Err: err}
	}
	return text, nil
}

func acceptText(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", errSaysNone
	}
	return text, nil
}

// maxSubject bounds the subject of a mail, in UTF-16 units.
const maxSubject = 200

// acceptSubject makes a header of it: one line.
func acceptSubject(text string) (string, error) { return acceptText(clean(text, maxSubject)) }

// acceptTelegram counts as Telegram does, after tags and entities are read.
func acceptTelegram(text string) (string, error) {
	if n := units(html.UnescapeString(withoutTags(text))); n > MaxMessage {
		return "", fmt.Errorf("gives %d characters; Telegram takes messages of 4096, and %d leave room for what settles the call", n, MaxMessage)
	}
	return acceptText(text)
}

func withoutTags(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(rest, ">")
	}
}

func acceptJSON(text string) (string, error) {
	if !json.Valid([]byte(text)) {
		return "", errors.New("gives no valid JSON; write values as {{json .Name}}, without quotes around it")
	}
	return text, nil
}

// isJSON holds for JSON's media types, and for none, which stands for JSON.
func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	return media == "" || media == "application/json" || strings.HasSuffix(media, "+json")
}
