package message

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

func TestThereIsASampleOfEveryKindAndEveryReason(t *testing.T) {
	kinds, reasons, names := map[callevent.Kind]bool{}, map[callevent.Reason]bool{}, map[string]bool{}
	for _, e := range Samples() {
		kinds[e.Payload.Kind()] = true
		if p, is := e.Payload.(callevent.Missed); is {
			reasons[p.Reason] = true
		}
		assert.False(t, names[e.ID], "%s comes twice", e.ID)
		names[e.ID] = true
	}
	for _, kind := range callevent.Kinds() {
		assert.True(t, kinds[kind], kind)
	}
	for _, reason := range callevent.Reasons() {
		assert.True(t, reasons[reason], reason)
	}
}

func TestSamplesAreEventsOfTheContract(t *testing.T) {
	for _, e := range Samples() {
		b, err := callevent.Encode(e)
		require.NoError(t, err, e.Call)
		decoded, err := callevent.Decode(b)
		require.NoError(t, err, e.Call)
		assert.Equal(t, e, decoded)
	}
}

func TestSamplesShareNothing(t *testing.T) {
	p, is := Samples()[0].Payload.(callevent.Missed)
	require.True(t, is)
	p.Attempts[0].Agent = "somebody else"
	p.Hangup.Text = "something else"
	again, is := Samples()[0].Payload.(callevent.Missed)
	require.True(t, is)
	assert.Equal(t, "Анна", again.Attempts[0].Agent)
	assert.Equal(t, "Normal Clearing", again.Hangup.Text)
}

func TestGoodTemplatesPass(t *testing.T) {
	for channel, text := range map[string]string{
		"telegram": `<b>{{.Title}}</b>{{range .Facts}} {{.Label}}: {{.Value}}{{end}}`,
		"slack":    `*{{.Title}}* {{.Caller}}`,
		"email":    `{{.Title}}`,
		"webhook":  `{"name": {{json .Name}}, "all": {{json .}}}`,
		"form":     `name={{urlquery .Name}}`,
		"nats":     `{{.Title}}`,
	} {
		assert.Empty(t, Check(with(channel, text)), channel)
	}
	assert.Empty(t, Check(policy.Target{}), "no templates")
}

func TestEachFaultIsToldOnceWithItsPlace(t *testing.T) {
	target := channels["email"]
	target.Templates = map[callevent.Kind]policy.Template{
		callevent.KindMissed:   {Subject: "{{.Nothing}}", Text: "fine", HTML: "<a href='"},
		callevent.KindResolved: {Text: `{{if eq .Language "ru"}}{{index .Attempts 5}}{{else}}fine{{end}}`},
		policy.AnyEvent:        {Text: `{{if eq .Kind "missed" "resolved"}}{{.Nothing}}{{else if eq .Kind "moved"}}{{index .Attempts 0}}{{end}}x`},
	}
	var told []string
	for _, err := range Check(target) {
		var wrong *TemplateError
		require.ErrorAs(t, err, &wrong)
		require.Error(t, errors.Unwrap(err))
		told = append(told, string(wrong.Kind)+" "+string(wrong.Part)+" "+wrong.Sample+" "+wrong.Language)
	}
	assert.ElementsMatch(t, []string{
		"missed subject sample-missed-abandoned en",
		"missed html sample-missed-abandoned en",
		"resolved text sample-resolved-by_hand ru",
		"* text sample-moved en",
	}, told)
}

func TestCheckFindsNamesThatAreNotQuoted(t *testing.T) {
	errs := Check(with("webhook", `{"name": "{{.Name}}"}`))
	require.Len(t, errs, 1)
	assert.EqualError(t, errs[0], "template *, text: gives no valid JSON; write values as {{json .Name}}, without quotes around it "+
		"(for the sample sample-caller-extension in en)")
}
