package queueflow

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAPhoneIsKnownByTheNameOfItsChannel(t *testing.T) {
	for channel, endpoint := range map[string]string{
		"PJSIP/101-0000001c":          "PJSIP/101",
		"PJSIP/desk-of-anna-0000001c": "PJSIP/desk-of-anna",
		"Local/205@agents-00000001;2": "Local/205@agents",
		"DAHDI/1-1":                   "DAHDI/1",
		"PJSIP/101":                   "",
		"Recorder":                    "",
		"-1":                          "",
		"":                            "",
		"PJSIP/a b-00000001":          "",
		"/-00000001":                  "",
	} {
		assert.Equal(t, endpoint, endpointOf(channel), channel)
	}
}

func TestWhatACodeAsksForIsReadInItsOrderOrByItsNames(t *testing.T) {
	rest := 20 * time.Second
	for args, want := range map[string]feature{
		"login|sales":                   {change: AddMember, queue: "sales"},
		" login | sales | PJSIP/102 ":   {change: AddMember, queue: "sales", member: Member{Endpoint: "PJSIP/102"}},
		"logout":                        {change: RemoveMember},
		"logout||PJSIP/102":             {change: RemoveMember, member: Member{Endpoint: "PJSIP/102"}},
		"pause|sales|lunch|PJSIP/102":   {change: PauseMember, queue: "sales", reason: "lunch", member: Member{Endpoint: "PJSIP/102"}},
		"pause|reason=lunch|queue=a":    {change: PauseMember, queue: "a", reason: "lunch"},
		"unpause|sales":                 {change: UnpauseMember, queue: "sales"},
		"toggle|sales|language=ru":      {change: AddMember, toggles: true, queue: "sales", language: "ru"},
		"pause-toggle||lunch":           {change: PauseMember, toggles: true, reason: "lunch"},
		"login|a|name=Anna|penalty=2":   {change: AddMember, queue: "a", member: Member{Name: "Anna", Penalty: 2}},
		"login|a|paused=yes|confirm=no": {change: AddMember, queue: "a", member: Member{Paused: true}},
		"login|a|wrap_up=20s|skills=b+c|state_interface=PJSIP/7": {
			change: AddMember, queue: "a", member: Member{WrapUp: &rest, Skills: []string{"b", "c"}, StateInterface: "PJSIP/7"},
		},
	} {
		f, known := parseFeature(append([]string{"@agent"}, strings.Split(args, "|")...))
		assert.True(t, known, args)
		assert.Equal(t, want, f, args)
	}
}

func TestWhatOfACodeCannotBeReadIsToldAndACommandOfOthersIsNone(t *testing.T) {
	for args, says := range map[string]string{
		"login":                              "login needs a queue, as in @agent,login,sales",
		"toggle||PJSIP/101":                  "toggle needs a queue",
		"login|a|101":                        `endpoint "101" names no phone`,
		"logout|a|PJSIP/1|b":                 `"b" is one argument too many`,
		"logout|a|name=Anna":                 `unknown key "name"; known are queue, endpoint, reason and language`,
		"login|a|colour=red":                 `unknown key "colour"`,
		"login|a|penalty=low":                `penalty "low" cannot be read`,
		"login|a|wrap_up=20":                 `wrap_up "20" cannot be read`,
		"login|a|paused=maybe":               `paused "maybe" cannot be read`,
		"pause|a|" + strings.Repeat("x", 81): `"reason" is empty, longer than 80 bytes`,
		"pause|a|reason=":                    `"reason" is empty`,
		"pause|a|a\nb":                       "holds control characters",
	} {
		f, known := parseFeature(append([]string{"@agent"}, strings.Split(args, "|")...))
		assert.True(t, known, args)
		assert.Contains(t, strings.Join(f.problems, "; "), says, args)
	}
	many := append([]string{"@agent", "logout"}, strings.Split(strings.Repeat("a=b|", 100), "|")...)
	f, _ := parseFeature(many)
	assert.Len(t, f.problems, 8)
	for _, args := range [][]string{{"@agent"}, {"@agent", ""}, {"@agent", "dance"}, {"@agents", "login", "a"}, {"@leg", "x"}} {
		_, known := parseFeature(args)
		assert.False(t, known, args)
	}
}

func TestTheDialplanIsToldAsByTheApplicationsItUsedBefore(t *testing.T) {
	for _, c := range []struct {
		change MemberChange
		status featureStatus
		want   []Variable
	}{
		{AddMember, featureAdded, []Variable{{"AGENTSTATUS", "ADDED"}, {"AQMSTATUS", "ADDED"}}},
		{AddMember, featureMemberAlready, []Variable{{"AGENTSTATUS", "MEMBERALREADY"}, {"AQMSTATUS", "MEMBERALREADY"}}},
		{AddMember, featureNoSuchQueue, []Variable{{"AGENTSTATUS", "NOSUCHQUEUE"}, {"AQMSTATUS", "NOSUCHQUEUE"}}},
		{RemoveMember, featureRemoved, []Variable{{"AGENTSTATUS", "REMOVED"}, {"RQMSTATUS", "REMOVED"}}},
		{RemoveMember, featureNotInQueue, []Variable{{"AGENTSTATUS", "NOTINQUEUE"}, {"RQMSTATUS", "NOTINQUEUE"}}},
		{RemoveMember, featureNotDynamic, []Variable{{"AGENTSTATUS", "NOTDYNAMIC"}, {"RQMSTATUS", "NOTDYNAMIC"}}},
		{PauseMember, featurePaused, []Variable{{"AGENTSTATUS", "PAUSED"}, {"PQMSTATUS", "PAUSED"}}},
		{PauseMember, featureNotInQueue, []Variable{{"AGENTSTATUS", "NOTINQUEUE"}, {"PQMSTATUS", "NOTFOUND"}}},
		{UnpauseMember, featureUnpaused, []Variable{{"AGENTSTATUS", "UNPAUSED"}, {"UPQMSTATUS", "UNPAUSED"}}},
		{UnpauseMember, featureNoSuchQueue, []Variable{{"AGENTSTATUS", "NOSUCHQUEUE"}, {"UPQMSTATUS", "NOTFOUND"}}},
		{AddMember, featureError, []Variable{{"AGENTSTATUS", "ERROR"}, {"AQMSTATUS", "ERROR"}}},
	} {
		assert.Equal(t, c.want, featureVariables(c.change, c.status))
	}
}

func TestALoginByCodeLeavesAnAgentTheNameThatWasGiven(t *testing.T) {
	m := &Machine{agents: map[string]*agent{
		"PJSIP/101": {endpoint: "PJSIP/101", name: "Anna"},
		"PJSIP/102": {endpoint: "PJSIP/102", name: "PJSIP/102"},
	}}
	assert.Equal(t, "Anna", m.givenName("PJSIP/101"))
	assert.Empty(t, m.givenName("PJSIP/102"), "nobody has named him: his caller id may")
	assert.Empty(t, m.givenName("PJSIP/103"))
}
