package config

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// variable is one field of Settings and the name of the variable that sets it.
type variable struct {
	name  string
	field reflect.StructField
	value reflect.Value
}

// variables are the fields of s with the names that envconfig has for them.
func variables(s *Settings) []variable {
	var names bytes.Buffer
	if err := envconfig.Usagef(prefix, s, &names, "{{range .}}{{usage_key .}} {{end}}"); err != nil {
		panic("config: settings: " + err.Error()) // the format above is part of the program
	}
	vs := leaves(reflect.ValueOf(s).Elem())
	for i, name := range strings.Fields(names.String()) {
		vs[i].name = name
	}
	return vs
}

// leaves are the fields that hold a value, in the order of envconfig: into each structure where it stands.
func leaves(s reflect.Value) []variable {
	var vs []variable
	for i := range s.NumField() {
		if s.Field(i).Kind() == reflect.Struct {
			vs = append(vs, leaves(s.Field(i))...)
			continue
		}
		vs = append(vs, variable{field: s.Type().Field(i), value: s.Field(i)})
	}
	return vs
}

func (v variable) isSecret() bool { return v.field.Type == reflect.TypeFor[Secret]() }

// load sets the field from the environment, or to its default.
func (v variable) load(env map[string]string) Problems {
	if v.isSecret() {
		return v.loadSecret(env)
	}
	if text := v.field.Tag.Get("default"); text != "" {
		if p := v.decode(text); p != nil {
			return Problems{*p}
		}
	}
	if text := env[v.name]; strings.TrimSpace(text) != "" {
		if p := v.decode(text); p != nil {
			return Problems{*p}
		}
	}
	return nil
}

// nowhere is the prefix of variables that cannot be: the name of one ends at the first equals sign.
const nowhere = "="

// decode sets the field to what envconfig makes of a text; on a problem the field keeps its value. envconfig by itself
// reads the environment of the process, falls back to names without prefix, and stops at the first error. Given one
// field at a time, under a name that is set nowhere and with the text as its default, it does none of these.
func (v variable) decode(text string) *Problem {
	field := v.field
	field.Tag = reflect.StructTag("default:" + strconv.Quote(text))
	one := reflect.New(reflect.StructOf([]reflect.StructField{field}))
	if err := envconfig.Process(nowhere, one.Interface()); err != nil {
		return &Problem{Key: v.name, Value: text, Rule: typeRule(v.field.Type)}
	}
	v.value.Set(one.Elem().Field(0))
	return nil
}

// typeRule says how the values of a type are written.
func typeRule(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "must be a duration with its unit, such as 10s or 5m"
	case reflect.TypeFor[bool]():
		return "must be true or false"
	case reflect.TypeFor[Size]():
		return "must be a number of bytes, such as 512MiB or 8GiB"
	}
	return "must be a " + t.String()
}

// loadSecret takes the variable itself or the file that its _FILE form names.
func (v variable) loadSecret(env map[string]string) Problems {
	text, path := env[v.name], env[v.name+"_FILE"]
	switch {
	case text != "" && path != "":
		return Problems{{Key: v.name, Rule: "is set, and so is " + v.name + "_FILE; set one of them"}}
	case path != "":
		secret, p := readSecret(v.name+"_FILE", path)
		if p != nil {
			return Problems{*p}
		}
		text = secret.Reveal()
	}
	v.value.SetString(text)
	return nil
}

// variableNames are the names of all variables, the _FILE forms included.
func variableNames() []string {
	var names []string
	for _, v := range variables(new(Settings)) {
		names = append(names, v.name)
		if v.isSecret() {
			names = append(names, v.name+"_FILE")
		}
	}
	return names
}

var (
	// notOurs begin the names that Kubernetes injects for a service called missedcalls, and those of the tests.
	notOurs = regexp.MustCompile(`^` + prefix + `_(SERVICE_|PORT|TESTBED)`)
	// injected are what Kubernetes injects for a service whose name begins with missedcalls-.
	injected = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT_[0-9]+_(TCP|UDP|SCTP)|_PORT=(tcp|udp|sctp)://`)
)

// unknownVariables finds names that begin as ours do and are none. Their values are not shown: a misspelt password is
// a password.
func unknownVariables(env map[string]string) Problems {
	var problems Problems
	known := variableNames()
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !strings.HasPrefix(name, prefix+"_") || slices.Contains(known, name) ||
			notOurs.MatchString(name) || injected.MatchString(name+"="+env[name]) {
			continue
		}
		problems = append(problems, Problem{Key: name, Rule: "there is no such setting" + didYouMean(name, known)})
	}
	return problems
}

// Usage writes a table of all variables, their defaults and meaning.
func Usage(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range variables(new(Settings)) {
		desc := v.field.Tag.Get("desc")
		if v.isSecret() {
			desc += " (or " + v.name + "_FILE: the file that holds it)"
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", v.name, v.field.Tag.Get("default"), desc); err != nil {
			return fmt.Errorf("write usage: %w", err)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write usage: %w", err)
	}
	return nil
}
