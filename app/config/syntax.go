package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxFile is the largest configuration that is read: a thousand queues of fifty members are about a quarter of it.
const maxFile = 4 << 20

// readSyntax reads the one YAML document of a file. After the first error of syntax there is nothing to go on with, so
// there is one problem at most.
func readSyntax(b []byte) (*yaml.Node, *Problem) {
	if p := readable(b); p != nil {
		return nil, p
	}
	loader, err := yaml.NewLoader(bytes.NewReader(b), yaml.WithV4Defaults())
	if err != nil {
		return nil, &Problem{Rule: err.Error()}
	}
	var document, second yaml.Node
	if err = loader.Load(&document); errors.Is(err, io.EOF) || err == nil && isNothing(&document) {
		return nil, &Problem{Line: 1, Column: 1, Rule: "the file is empty; the least it needs is a queue, such as queues: {sales: {}}"}
	} else if err != nil {
		return nil, syntaxProblem(b, err)
	}
	if err = loader.Load(&second); errors.Is(err, io.EOF) {
		return document.Content[0], nil
	} else if err != nil {
		return nil, syntaxProblem(b, err)
	}
	return nil, &Problem{Line: second.Line, Column: second.Column, Rule: "a second YAML document starts here; the file holds one"}
}

// isNothing says whether a document is empty or null, as a file is that an editor has just begun to write.
func isNothing(document *yaml.Node) bool {
	return len(document.Content) == 0 || document.Content[0].ShortTag() == "!!null"
}

// readable checks what YAML itself does not, or not with a place: size, UTF-8 and control characters.
func readable(b []byte) *Problem {
	if len(b) > maxFile {
		return &Problem{Rule: fmt.Sprintf("the file is larger than %d MiB", maxFile>>20)}
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return problemAt(b, i, "is not UTF-8; save the file in this encoding")
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r >= 0x7f && r < 0xa0 && r != 0x85:
			return problemAt(b, i, fmt.Sprintf("the control character %U is not allowed", r))
		}
		i += size
	}
	return nil
}

func problemAt(b []byte, offset int, rule string) *Problem {
	before := b[:offset]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return &Problem{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: utf8.RuneCount(before[lineStart:]) + 1,
		Rule:   rule,
	}
}

// syntaxProblem tells a YAML error with its place, and with a hint where people in telephony meet it.
func syntaxProblem(b []byte, err error) *Problem {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return &Problem{Line: 1, Column: 1, Rule: "is not YAML: " + err.Error()}
	}
	p := &Problem{Line: max(load.Mark.Line, 1), Column: max(load.Mark.Column, 1)}
	// An error at the end of the file is marked on the line behind the last one.
	if last := bytes.Count(bytes.TrimSuffix(b, []byte("\n")), []byte("\n")) + 1; p.Line > last {
		p.Line, p.Column = last, utf8.RuneCountInString(lineOf(b, last))+1
	}
	p.Rule = "is not YAML: " + load.Message
	if load.ContextMsg != "" {
		p.Rule += " " + load.ContextMsg
	}
	if start := load.ContextMark.Line; start > 0 && start < p.Line {
		p.Rule += fmt.Sprintf(" that starts on line %d", start)
	}
	p.Rule += syntaxHint(b, p.Line, load.Message)
	return p
}

// syntaxHint finds the usual reasons: characters of dialled numbers that mean something else to YAML, and tabs.
func syntaxHint(b []byte, line int, message string) string {
	text := lineOf(b, line)
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	switch {
	case strings.Contains(indent, "\t"):
		return "; indent with spaces, YAML takes no tabs"
	case strings.Contains(message, "anchor"), strings.Contains(message, "alphabetic or numeric"):
		return `; to YAML * starts an alias: quote it, as in "*78"`
	case strings.Contains(message, "comment"):
		return `; to YAML # starts a comment: quote it, as in "#31#"`
	case strings.ContainsAny(text, "@%`"):
		return "; quote a text that starts with @, % or `"
	}
	return ""
}

// lineOf is the text of a line, counted from 1.
func lineOf(b []byte, line int) string {
	for range line - 1 {
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	text, _, _ := bytes.Cut(b, []byte("\n"))
	return string(text)
}
