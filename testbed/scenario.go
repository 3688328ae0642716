package testbed

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"
)

//go:embed scenarios
var scenarioFiles embed.FS

// firstDigitField is the column of a caller's first digit in the injection file; each digit takes two.
const firstDigitField = 9

// refusals are the final answers a caller takes for an end; 487 is the answer to giving up.
var refusals = []int{400, 401, 403, 404, 408, 410, 415, 420, 480, 481, 484, 486, 487, 488, 500, 501, 502, 503, 504, 600, 603, 604, 606}

// wait is a loop of the scenario: its label, the variable that holds the time it lasts until, and where it goes then.
type wait struct{ Label, Until, Over string }

// digitStep is one key press of the scenario.
type digitStep struct {
	Index, KeyField, AtField, CSeq int
	Wait                           wait
}

// callerScenario is what scenarios/caller.xml is rendered from.
type callerScenario struct {
	Waits, Refusals  []int
	Ringing, Talking wait
	Digits           []digitStep
	ByeCSeq          int
}

// renderCaller makes the scenario for callers who press up to the given number of keys.
func renderCaller(digits int) (string, error) {
	s := callerScenario{
		Waits:    []int{1000, 100, 10},
		Refusals: refusals,
		Ringing:  wait{Label: "ringing", Until: "deadline", Over: "give_up"},
		Talking:  wait{Label: "talk", Until: "deadline", Over: "hang_up"},
		ByeCSeq:  digits + 2,
	}
	for i := range digits {
		s.Digits = append(s.Digits, digitStep{
			Index: i, KeyField: firstDigitField + 2*i, AtField: firstDigitField + 2*i + 1, CSeq: i + 2,
			Wait: wait{Label: fmt.Sprintf("digit%d", i), Until: fmt.Sprintf("at%d", i), Over: fmt.Sprintf("press%d", i)},
		})
	}
	return renderScenario("caller.xml", s)
}

func renderScenario(name string, data any) (string, error) {
	t, err := template.ParseFS(scenarioFiles, "scenarios/"+name)
	if err != nil {
		return "", fmt.Errorf("parse scenario: %w", err)
	}
	var text bytes.Buffer
	if err := t.Execute(&text, data); err != nil {
		return "", fmt.Errorf("render scenario: %w", err)
	}
	return text.String(), nil
}
