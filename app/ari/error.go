package ari

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is a request that did not succeed. It never holds credentials, a URL, or the value of a variable.
type Error struct {
	Op      string // the operation: "answer", "add_channel"
	Method  string // of HTTP
	Target  string // the id of what it was about, cut to a bounded length; may be empty
	Status  int    // of HTTP; 0 when there was no answer
	Message string // Asterisk's own words, or what happened instead; bounded
	Kind    Kind
	cause   error
}

// Bounds on what an error repeats, in bytes. Asterisk's channel ids have at most 149.
const (
	longestTarget  = 160
	longestMessage = 200
)

// Error gives operation, object and cause, and tells the reader what to do where a person can do something.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.Op)
	if e.Target != "" {
		text.WriteString(" " + e.Target)
	}
	fmt.Fprintf(&text, ": %s (%s", e.Message, e.Kind)
	if e.Status != 0 {
		fmt.Fprintf(&text, ", status %d", e.Status)
	}
	text.WriteString(")")
	if advice := e.advice(); advice != "" {
		text.WriteString("; " + advice)
	}
	return text.String()
}

// Unwrap gives what made the request fail below HTTP, for instance context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.cause }

// Is lets errors.Is compare with a Kind.
func (e *Error) Is(target error) bool {
	kind, isKind := target.(Kind)
	return isKind && kind == e.Kind
}

// advice is what a person can do about it.
func (e *Error) advice() string {
	switch {
	case e.Status == http.StatusUnauthorized:
		return "the user name and password must be those of a [section] with type=user in Asterisk's ari.conf"
	case e.Status == http.StatusForbidden:
		return "in Asterisk's ari.conf the user must not be read_only and its acl must permit this address"
	case e.Status == http.StatusServiceUnavailable:
		return "Asterisk is still starting"
	case e.Status == http.StatusNotFound && e.Kind == Unavailable:
		return "unless Asterisk is just starting, the URL must end in /ari (after the prefix of http.conf), ari.conf must say enabled=yes and res_ari must be loaded"
	case e.Kind == Unavailable && !errors.Is(e.cause, context.Canceled) && !errors.Is(e.cause, context.DeadlineExceeded):
		return "check that Asterisk runs and that http.conf has enabled=yes and this bindaddr and bindport"
	case e.Kind == Broken:
		return "Asterisk closes connections above sessionlimit of http.conf without a word"
	default:
		return ""
	}
}

// answerError reads Asterisk's answer to a request it did not carry out.
func answerError(op operation, target string, status int, body []byte) *Error {
	message := words(status, body)
	return &Error{
		Op: op.name, Method: op.method, Target: cut(target, longestTarget),
		Status: status, Message: message, Kind: op.kind(status, message),
	}
}

// words finds what Asterisk says in the body of an error: {"message": …} as a rule, {"error": …} when it could not
// create something, HTML when its web server refused the request before ARI saw it, and nothing at times.
func words(status int, body []byte) string {
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(body, &said) == nil {
		if text := cut(said.Message+said.Error, longestMessage); text != "" {
			return text
		}
	}
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "an answer without words"
}

// cut bounds a text and leaves nothing in it that could forge a line of a log.
func cut(text string, most int) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(clean) <= most {
		return clean
	}
	end := most
	for end > 0 && !utf8.RuneStart(clean[end]) {
		end--
	}
	return clean[:end] + "…"
}
