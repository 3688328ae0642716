package message

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"
)

// escapeSlack is the name of the function that every value in a Slack template goes through.
const escapeSlack = "_slack"

// functions are what a template may call beside Go's own.
func functions(in *language) template.FuncMap {
	return template.FuncMap{
		"date":      func(t time.Time) string { return unlessZero(t, in.date) },
		"clock":     func(t time.Time) string { return unlessZero(t, clock) },
		"moment":    func(t time.Time) string { return unlessZero(t, in.moment) },
		"plural":    plural,
		"json":      toJSON,
		"upper":     strings.ToUpper,
		"lower":     strings.ToLower,
		"default":   orDefault,
		escapeSlack: slackValue,
	}
}

func unlessZero(t time.Time, format func(time.Time) string) string {
	if t.IsZero() {
		return ""
	}
	return format(t)
}

// plural chooses the form of a noun for a number: of two the English, of three the Russian way.
func plural(n any, forms ...string) (string, error) {
	var count int64
	switch n := n.(type) {
	case int:
		count = int64(n)
	case int64:
		count = n
	default:
		return "", fmt.Errorf("plural: %v is no whole number", n)
	}
	switch len(forms) {
	case 2:
		if englishPlural(count) == categoryOne {
			return forms[0], nil
		}
		return forms[1], nil
	case 3:
		return forms[russianPlural(count)], nil
	}
	return "", fmt.Errorf("plural: %d forms; it takes two (call, calls) or three (звонок, звонка, звонков)", len(forms))
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// orDefault is the value, and the first argument in place of one that is empty.
func orDefault(instead, value any) any {
	if is, _ := template.IsTrue(value); is {
		return value
	}
	return instead
}

// slackEscapes are all that Slack wants escaped. Without < there is no link and no mention, <!everyone> or <@U123>.
var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func slackValue(v any) string {
	if v == nil {
		return ""
	}
	return slackEscapes.Replace(fmt.Sprint(v))
}
