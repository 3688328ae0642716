package config

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// Bounds of what is read of files with templates: of one, and of all that a configuration names.
const (
	maxTemplate  = 64 << 10
	maxTemplates = 4 << 20
)

// sources are the files with templates that a configuration names. Each is read once, so that what was checked is what is
// used.
type sources struct {
	// dir is the folder of the configuration.
	dir   string
	known map[string]source
	bytes int
}

// source is the text of a file, or the rule that the file breaks.
type source struct{ text, rule string }

func newSources(path string) *sources {
	return &sources{dir: filepath.Dir(path), known: make(map[string]source)}
}

// path is a file that a configuration names as the process must name it: a relative one lies beside the configuration.
func (s *sources) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(s.dir, file)
}

// at is the content of a file that a configuration names.
func (s *sources) at(file string) source {
	file = s.path(file)
	known, is := s.known[file]
	if !is {
		known = s.read(file)
		s.known[file] = known
	}
	return known
}

func (s *sources) read(file string) source {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return source{rule: "cannot be read: " + cause(err)}
	case !info.Mode().IsRegular(): // opening a pipe would wait for a writer
		return source{rule: "is not a file with a template"}
	case s.bytes >= maxTemplates:
		return source{rule: fmt.Sprintf("the files with templates are larger than %d MiB together", maxTemplates>>20)}
	}
	f, err := os.Open(file)
	if err != nil {
		return source{rule: "cannot be read: " + cause(err)}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
	if err != nil {
		return source{rule: "cannot be read: " + cause(err)}
	}
	s.bytes += len(b)
	return templateOf(b)
}

// templateOf judges the content of a file.
func templateOf(b []byte) source {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if len(b) > maxTemplate {
		return source{rule: fmt.Sprintf("is larger than %d KiB", maxTemplate>>10)}
	}
	if p := readable(b); p != nil {
		return source{rule: fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Rule)}
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return source{rule: "the file is empty"}
	}
	return source{text: string(b)}
}

// templates are those of a target by event, nil when it has none. body of a webhook is one for every event.
func (r notifications) templates(channel string, target *node) map[callevent.Kind]policy.Template {
	var all map[callevent.Kind]policy.Template
	add := func(kind callevent.Kind, t policy.Template) {
		if all == nil {
			all = make(map[callevent.Kind]policy.Template)
		}
		all[kind] = t
	}
	if body := target.get("webhook").get("body"); body != nil && channel == "webhook" {
		add(policy.AnyEvent, policy.Template{Text: r.sources.text(body)})
	}
	for _, f := range target.get("templates").mapped() {
		add(callevent.Kind(f.key), r.template(f.value))
	}
	return all
}

func (r notifications) template(n *node) policy.Template {
	t := policy.Template{
		Subject: r.sources.text(n.get("subject")), Text: r.sources.text(n.get("text")), HTML: r.sources.text(n.get("html")),
	}
	if n.kind == scalar || n.get("file") != nil {
		t.Text = r.sources.text(n)
	}
	return t
}

// text is a template as it stands in the configuration or in the file it names, empty for none and for what cannot be
// read.
func (s *sources) text(n *node) string {
	if n == nil || n.kind == scalar {
		return n.or("")
	}
	if file := n.get("file"); file != nil {
		return s.at(file.text).text
	}
	return ""
}

// checkTemplates says what is wrong with the templates of a target: what cannot be parsed, and what fails with a sample of
// an event.
var checkTemplates = func(policy.Target) []error { return nil }

// templateProblem is an error of checkTemplates at its place in the target.
func templateProblem(target *node, err error) Problem {
	return target.problem(err.Error())
}
