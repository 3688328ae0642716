package arimock

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v4"
)

// Scenario is what happens to a stand-in by itself: what kind of Asterisk it is, its phones, and who calls when. It is
// read from a file of YAML:
//
//	username: missedcalls            # of ari.conf, and password; see Options for what holds unless given
//	password: secret
//	app: missedcalls                 # the Stasis application that every number leads to
//	session_limit: 100
//	write_timeout: 100ms
//	exits: {"voicemail,s": 5s, "operator,s": forever}   # places in the dialplan, and how long callers stay there
//	phones:
//	  PJSIP/101: {ring_for: 3s, status: 200, talk_for: 1m}
//	  PJSIP/102: {ring_for: 1s, status: 302, forward_to: "103"}
//	  PJSIP/103: {ring_for: 1s, steps: [{key: "1", after: 1s}, {hold: true, after: 5s}, {unhold: true, after: 9s},
//	             {transfer: "101", consult_for: 5s, after: 20s}]}
//	unregistered: [PJSIP/104]        # phones that Asterisk does not know the place of
//	callers:
//	  - {number: "+79990000001", name: Anna, did: 74951234567, hangup_after: 20s}
//	  - {did: 74951234567, after: 5s, every: 10s, count: 3, withheld: true, give_up_after: 8s}
//	  - {number: 101, did: 74951234567, args: "sales,priority=5", language: ru, digits: [{key: "1", after: 3s}]}
//	  - {number: "+79990000003", did: 74951234567, patience: 30s, talk_for: 10s}
//
// A caller calls at `after` from the beginning, and again `every` so often: `count` times, or without end when only
// `every` is given.
type Scenario struct {
	Options Options
	Phones  map[string]Phone
	// Unregistered are phones that Asterisk does not know the place of.
	Unregistered []string
	Callers      []ScenarioCaller
}

// ScenarioCaller is somebody who calls at a time from the beginning, and again Every so often, Count times in all; a
// Count of 0 is without end.
type ScenarioCaller struct {
	Caller
	After, Every time.Duration
	Count        int
}

// ScenarioProblem is one thing that is wrong with a scenario, and where. Line and Column count from 1.
type ScenarioProblem struct {
	Path         string
	Line, Column int
	Key, Rule    string
}

// Error is the problem on one line, which editors can jump to.
func (p ScenarioProblem) Error() string {
	if p.Key == "" {
		return fmt.Sprintf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Rule)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", p.Path, p.Line, p.Column, p.Key, p.Rule)
}

// ScenarioProblems is everything that is wrong, in the order of the file. As an error it is never empty.
type ScenarioProblems []ScenarioProblem

// Error is one problem a line.
func (ps ScenarioProblems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// LoadScenario reads the file at path. The error is ScenarioProblems, or says why the file cannot be read.
func LoadScenario(path string) (Scenario, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Scenario{}, fmt.Errorf("read scenario: %w", err)
	}
	return ParseScenario(path, text)
}

// ParseScenario reads a scenario; path is only named in problems. The error, if any, is ScenarioProblems: all that is
// wrong, except that an error of YAML syntax hides what may be wrong besides.
func ParseScenario(path string, text []byte) (Scenario, error) {
	r := scenarioReader{path: path}
	var s Scenario
	if root := r.document(text); root != nil {
		r.scenario(root, &s)
	}
	if len(r.problems) == 0 {
		return s, nil
	}
	slices.SortStableFunc(r.problems, func(a, b ScenarioProblem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return Scenario{}, r.problems
}

// Play switches the phones on and lets the callers call until ctx ends, or nobody is left to.
func (s Scenario) Play(ctx context.Context, server *Server) {
	for name, phone := range s.Phones {
		server.SetPhone(name, phone)
	}
	for _, name := range s.Unregistered {
		server.Unregister(name)
	}
	start := time.Now()
	var callers sync.WaitGroup
	for _, c := range s.Callers {
		callers.Go(func() { c.play(ctx, server, start) })
	}
	callers.Wait()
}

func (c ScenarioCaller) play(ctx context.Context, server *Server, start time.Time) {
	for n := 0; n < c.Count || c.Count == 0; n++ {
		at := start.Add(c.After + time.Duration(n)*c.Every)
		timer := time.NewTimer(time.Until(at))
		select {
		case <-timer.C:
			server.Call(c.Caller)
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// Caller is who calls, and what he was going to do.
func (k *Call) Caller() Caller { return k.caller }

// scenarioReader collects what is wrong with a file.
type scenarioReader struct {
	path     string
	problems ScenarioProblems
}

// fields are the keys a mapping may have, and what reads each.
type fields map[string]func(key string, value *yaml.Node)

func (r *scenarioReader) problem(n *yaml.Node, key, rule string, args ...any) {
	r.problems = append(r.problems, ScenarioProblem{r.path, max(n.Line, 1), max(n.Column, 1), key, fmt.Sprintf(rule, args...)})
}

// document reads the syntax; nil after a problem, and for an empty file, which is a scenario in which nothing happens.
func (r *scenarioReader) document(text []byte) *yaml.Node {
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithV4Defaults())
	if err != nil {
		r.problem(&yaml.Node{}, "", "is not YAML: %v", err)
		return nil
	}
	var document, second yaml.Node
	if err := loader.Load(&document); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		r.syntax(err)
		return nil
	}
	if err := loader.Load(&second); !errors.Is(err, io.EOF) {
		r.problem(&second, "", "a second YAML document starts here; the file holds one")
		return nil
	}
	if len(document.Content) == 0 || document.Content[0].ShortTag() == "!!null" {
		return nil
	}
	return document.Content[0]
}

func (r *scenarioReader) syntax(err error) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		r.problem(&yaml.Node{}, "", "is not YAML: %v", err)
		return
	}
	r.problem(&yaml.Node{Line: load.Mark.Line, Column: load.Mark.Column}, "", "is not YAML: %s", load.Message)
}

func (r *scenarioReader) scenario(root *yaml.Node, s *Scenario) {
	s.Phones = make(map[string]Phone)
	s.Options.Dialplan.Exits = make(map[string]Exit)
	r.mapping(root, "", fields{
		"username":      r.text(&s.Options.Username),
		"password":      r.text(&s.Options.Password),
		"app":           r.text(&s.Options.Dialplan.App),
		"session_limit": r.number(&s.Options.SessionLimit, 1, 1_000_000),
		"write_timeout": r.duration(&s.Options.WriteTimeout),
		"exits":         func(key string, n *yaml.Node) { r.each(n, key, r.exit(s.Options.Dialplan.Exits)) },
		"phones":        func(key string, n *yaml.Node) { r.each(n, key, r.phone(s.Phones)) },
		"unregistered": func(key string, n *yaml.Node) {
			r.list(n, key, func(key string, n *yaml.Node) {
				var name string
				r.text(&name)(key, n)
				s.Unregistered = append(s.Unregistered, name)
			})
		},
		"callers": func(key string, n *yaml.Node) {
			r.list(n, key, func(key string, n *yaml.Node) { s.Callers = append(s.Callers, r.caller(key, n)) })
		},
	})
}

// exit reads how long callers stay at a place in the dialplan.
func (r *scenarioReader) exit(into map[string]Exit) func(place, key string, n *yaml.Node) {
	return func(place, key string, n *yaml.Node) {
		if context, exten, two := strings.Cut(place, ","); !two || context == "" || exten == "" || strings.Contains(exten, ",") {
			r.problem(n, key, "a place is written context,extension")
			return
		}
		var stay time.Duration
		if value, is := scalar(n); is && value == "forever" {
			stay = ForEver
		} else {
			r.duration(&stay)(key, n)
		}
		into[place] = Exit{Stay: stay}
	}
}

func (r *scenarioReader) phone(into map[string]Phone) func(name, key string, n *yaml.Node) {
	return func(name, key string, n *yaml.Node) {
		var p Phone
		r.mapping(n, key, fields{
			"ring_for":   r.duration(&p.RingFor),
			"status":     r.number(&p.Status, 200, 699),
			"forward_to": r.text(&p.ForwardTo),
			"talk_for":   r.duration(&p.TalkFor),
			"steps": func(key string, n *yaml.Node) {
				r.list(n, key, func(key string, n *yaml.Node) { p.Steps = append(p.Steps, r.step(key, n)) })
			},
		})
		into[name] = p
	}
}

func (r *scenarioReader) step(key string, n *yaml.Node) Step {
	var step Step
	r.mapping(n, key, fields{
		"after": r.duration(&step.After), "key": r.text(&step.Key), "hold": r.flag(&step.Hold), "unhold": r.flag(&step.Unhold),
		"transfer": r.text(&step.Transfer), "consult_for": r.duration(&step.ConsultFor),
	})
	if err := step.check(); err != nil {
		r.problem(n, key, "%v", err)
	}
	return step
}

func (r *scenarioReader) caller(key string, n *yaml.Node) ScenarioCaller {
	c := ScenarioCaller{}
	r.mapping(n, key, fields{
		"number": r.text(&c.Number), "name": r.text(&c.Name), "did": r.text(&c.DID), "args": r.text(&c.Args),
		"withheld": r.flag(&c.Withheld), "language": r.text(&c.Language),
		"after": r.duration(&c.After), "every": r.duration(&c.Every), "count": r.number(&c.Count, 1, 1_000_000),
		"hangup_after": r.duration(&c.HangupAfter), "give_up_after": r.duration(&c.GiveUpAfter),
		"patience": r.duration(&c.Patience), "talk_for": r.duration(&c.TalkFor),
		"digits": func(key string, n *yaml.Node) {
			r.list(n, key, func(key string, n *yaml.Node) { c.Digits = append(c.Digits, r.digit(key, n)) })
		},
	})
	if c.DID == "" {
		r.problem(n, key+".did", "is missing: it is the number that is dialled")
	}
	if c.Every == 0 {
		c.Count = max(c.Count, 1)
	}
	return c
}

// keypad are the keys of a telephone.
const keypad = "0123456789*#ABCD"

func (r *scenarioReader) digit(key string, n *yaml.Node) Digit {
	var d Digit
	r.mapping(n, key, fields{"key": r.text(&d.Key), "after": r.duration(&d.After)})
	if len(d.Key) != 1 || !strings.Contains(keypad, d.Key) {
		r.problem(n, key+".key", "%q must be one of 0-9, *, # and A-D", d.Key)
	}
	return d
}

// mapping reads the keys of a mapping; one that is unknown or there twice is a problem.
func (r *scenarioReader) mapping(n *yaml.Node, key string, known fields) {
	r.each(n, key, func(name, path string, value *yaml.Node) {
		if read := known[name]; read != nil {
			read(path, value)
			return
		}
		r.problem(value, path, "there is no such key; there are %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	})
}

// each visits the keys of a mapping.
func (r *scenarioReader) each(n *yaml.Node, key string, visit func(name, path string, value *yaml.Node)) {
	n = aliased(n)
	if n.Kind != yaml.MappingNode {
		r.problem(n, key, "must be a mapping of keys to values")
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		path := strings.TrimPrefix(key+"."+name, ".")
		if seen[name] {
			r.problem(n.Content[i], path, "is there twice")
			continue
		}
		seen[name] = true
		visit(name, path, value)
	}
}

func (r *scenarioReader) list(n *yaml.Node, key string, visit func(path string, value *yaml.Node)) {
	n = aliased(n)
	if n.Kind != yaml.SequenceNode {
		r.problem(n, key, "must be a list")
		return
	}
	for i, item := range n.Content {
		visit(fmt.Sprintf("%s[%d]", key, i), item)
	}
}

// text reads a scalar as it is written, so that +7999 and 0101 keep their characters.
func (r *scenarioReader) text(into *string) func(string, *yaml.Node) {
	return func(key string, n *yaml.Node) {
		value, is := scalar(n)
		if !is {
			r.problem(n, key, "must be text")
			return
		}
		*into = value
	}
}

func (r *scenarioReader) flag(into *bool) func(string, *yaml.Node) {
	return func(key string, n *yaml.Node) {
		value, _ := scalar(n)
		if value != "true" && value != "false" {
			r.problem(n, key, "%q must be true or false", value)
			return
		}
		*into = value == "true"
	}
}

func (r *scenarioReader) number(into *int, least, most int) func(string, *yaml.Node) {
	return func(key string, n *yaml.Node) {
		value, _ := scalar(n)
		number, err := strconv.Atoi(value)
		if err != nil || number < least || number > most {
			r.problem(n, key, "%q must be a number from %d to %d", value, least, most)
			return
		}
		*into = number
	}
}

func (r *scenarioReader) duration(into *time.Duration) func(string, *yaml.Node) {
	return func(key string, n *yaml.Node) {
		value, _ := scalar(n)
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			r.problem(n, key, "%q must be a duration with its unit, such as 500ms, 10s or 5m", value)
			return
		}
		*into = d
	}
}

// scalar is the text of a value, as it is written.
func scalar(n *yaml.Node) (value string, is bool) {
	n = aliased(n)
	return n.Value, n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null"
}

// aliased follows an alias to what it stands for.
func aliased(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
