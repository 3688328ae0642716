package stasis

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// legArgument is the first of the arguments that a channel to an agent carries; its id, as the queue made it, is the second.
const legArgument = "@leg"

// legOf gives the id of a channel to an agent, by its arguments; they are all that a colleague who picks the call up takes
// over.
func legOf(args []string) (leg string, is bool) {
	if len(args) < 2 || args[0] != legArgument {
		return "", false
	}
	return args[1], true
}

// createLeg makes a channel to an agent. One that is there already is what an earlier request made.
func (d *Driver) createLeg(ctx context.Context, a Asterisk, c queueflow.CreateLeg) error {
	err := a.CreateChannel(ctx, ari.NewChannel{
		Endpoint: c.Endpoint, ID: c.Channel.ID, Args: []string{legArgument, c.Channel.ID}, Originator: c.Caller.ID,
		Variables: d.legVariables(c),
	})
	if errors.Is(err, ari.Conflict) {
		return nil
	}
	return err
}

// legVariables are what the phone is told. To a phone whom we call, the caller is who it is connected with; the option i
// keeps Asterisk from telling a phone that is not called yet.
func (d *Driver) legVariables(c queueflow.CreateLeg) []ari.Variable {
	var variables []ari.Variable
	add := func(name, value string) { variables = append(variables, ari.Variable{Name: name, Value: clean(value)}) }
	if c.CallerName != "" {
		add("CONNECTEDLINE(name,i)", c.CallerName)
	}
	if c.CallerNumber != "" {
		add("CONNECTEDLINE(num,i)", c.CallerNumber)
	}
	for _, h := range c.Headers {
		switch {
		case !strings.HasPrefix(c.Endpoint, "PJSIP/"): // others have no headers
		case token(h.Name):
			add("PJSIP_HEADER(add,"+h.Name+")", h.Value)
		default:
			d.Log.Warn().Str("agent", c.Endpoint).Str("header", clean(h.Name)).Msg("not the name of a SIP header: left out")
		}
	}
	for _, v := range c.Variables {
		add(clean(v.Name), v.Value)
	}
	return variables
}

// longestValue bounds what a phone is told in one value, in bytes.
const longestValue = 1000

// clean makes a text fit for a header or a variable, whoever wrote it: nothing in it can begin another header.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) <= longestValue {
		return text
	}
	end := longestValue
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// token tells whether a text can be the name of a header (RFC 3261, 25.1).
func token(text string) bool {
	for _, r := range text {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-.!%*_+`'~", r) {
			return false
		}
	}
	return text != ""
}

// hangupLeg ends a channel to an agent.
func hangupLeg(ctx context.Context, a Asterisk, c queueflow.HangupLeg) error {
	reason := ari.HangupNormal
	if c.Elsewhere {
		reason = ari.HangupAnsweredElsewhere
	}
	return a.Hangup(ctx, c.Channel.ID, reason)
}
