package queueflow

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// feature is what a phone asks for by Stasis(missedcalls,@agent,...).
type feature struct {
	change MemberChange
	// toggles turns the change round when it has been made before.
	toggles bool
	queue   string
	// member has an Endpoint if the dialplan names one.
	member           Member
	reason, language string
	problems         []string
}

// agentCommand begins the arguments of feature codes.
const agentCommand = "@agent"

// featureForm is a feature code as it is written: what it does, and what its arguments mean in their order.
type featureForm struct {
	change     MemberChange
	toggles    bool
	positions  []string
	needsQueue bool
}

var featureForms = map[string]featureForm{
	"login":        {AddMember, false, []string{"queue", "endpoint"}, true},
	"logout":       {RemoveMember, false, []string{"queue", "endpoint"}, false},
	"pause":        {PauseMember, false, []string{"queue", "reason", "endpoint"}, false},
	"unpause":      {UnpauseMember, false, []string{"queue", "endpoint"}, false},
	"toggle":       {AddMember, true, []string{"queue", "endpoint"}, true},
	"pause-toggle": {PauseMember, true, []string{"queue", "reason", "endpoint"}, false},
}

// parseFeature reads `@agent,WHAT[,QUEUE][,...]` and after these key=value; known is false for a command that is none of
// the agents'. An argument that is left empty is not given.
func parseFeature(args []string) (f feature, known bool) {
	if len(args) < 2 || strings.TrimSpace(args[0]) != agentCommand {
		return f, false
	}
	form, known := featureForms[strings.TrimSpace(args[1])]
	if !known {
		return f, false
	}
	f = feature{change: form.change, toggles: form.toggles}
	for i, arg := range args[2:] {
		arg = strings.TrimSpace(arg)
		key, value, isPair := strings.Cut(arg, "=")
		switch {
		case arg == "":
		case isPair:
			f.set(strings.TrimSpace(key), strings.TrimSpace(value))
		case i < len(form.positions):
			f.set(form.positions[i], arg)
		default:
			f.problem("%s is one argument too many", clip(arg))
		}
	}
	if form.needsQueue && f.queue == "" {
		f.problem("%s needs a queue, as in @agent,%s,sales", args[1], args[1])
	}
	return f, true
}

func (f *feature) set(key, value string) {
	if value == "" || len(value) > maxArgLength || strings.ContainsFunc(value, isControl) {
		f.problem("%s is empty, longer than %d bytes or holds control characters", clip(key), maxArgLength)
		return
	}
	switch key {
	case "queue":
		f.queue = value
	case "endpoint":
		f.member.Endpoint = f.endpoint(key, value)
	case "reason":
		f.reason = value
	case "language":
		f.language = value
	default:
		f.setMember(key, value)
	}
}

// setMember reads what a login may say of the member.
func (f *feature) setMember(key, value string) {
	if f.change != AddMember {
		f.problem("unknown key %s; known are queue, endpoint, reason and language", clip(key))
		return
	}
	var err error
	switch key {
	case "name":
		f.member.Name = value
	case "penalty":
		f.member.Penalty, err = strconv.Atoi(value)
	case "state_interface":
		f.member.StateInterface = f.endpoint(key, value)
	case "wrap_up":
		var rest time.Duration
		rest, err = time.ParseDuration(value)
		f.member.WrapUp = &rest
	case "paused":
		f.member.Paused, err = yesOrNo(value)
	case "confirm":
		f.member.Confirm, err = yesOrNo(value)
	case "skills":
		f.member.Skills = strings.Split(value, "+")
	default:
		f.problem("unknown key %s; known are queue, endpoint, reason, language, name, penalty, state_interface, wrap_up, "+
			"paused, confirm and skills", clip(key))
	}
	if err != nil {
		f.problem("%s %s cannot be read", key, clip(value))
	}
}

func (f *feature) endpoint(key, value string) string {
	if !validEndpoint(value) {
		f.problem("%s %s names no phone, such as PJSIP/101", key, clip(value))
		return ""
	}
	return value
}

func (f *feature) problem(format string, args ...any) {
	const enough = 8
	if len(f.problems) < enough {
		f.problems = append(f.problems, fmt.Sprintf(format, args...))
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// yesOrNo reads a truth as Asterisk's files have it.
func yesOrNo(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return strconv.ParseBool(value)
}
