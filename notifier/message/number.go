package message

import (
	"slices"
	"strings"
)

// hidden stands in place of a digit of a masked number.
const hidden = '•'

// readable writes a telephone number in groups, as people read it: +7 916 123-45-67, +44 207 946 0000. What is not in
// international form, and is no Russian number without its plus, stays as it is.
func readable(number string) string {
	digits, plus := strings.CutPrefix(number, "+")
	if !areDigits(digits) {
		return number
	}
	d := []rune(digits)
	switch {
	case len(d) == 11 && d[0] == '7':
		return "+7 " + string(d[1:4]) + " " + string(d[4:7]) + "-" + string(d[7:9]) + "-" + string(d[9:])
	case !plus || len(d) < 7 || len(d) > 15:
		return number
	}
	n := countryCode(digits)
	return "+" + string(d[:n]) + " " + grouped(d[n:])
}

// grouped parts digits in threes; the last group has two to four.
func grouped(d []rune) string {
	var groups []string
	for len(d) > 4 {
		groups = append(groups, string(d[:3]))
		d = d[3:]
	}
	return strings.Join(append(groups, string(d)), " ")
}

// twoDigitCodes are the country codes of two digits by E.164. 1 and 7 have one, all others three.
var twoDigitCodes = strings.Fields(`20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58
	60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98`)

func countryCode(digits string) int {
	switch {
	case digits[0] == '1', digits[0] == '7':
		return 1
	case slices.Contains(twoDigitCodes, digits[:2]):
		return 2
	case strings.ContainsRune(digits[:4], hidden):
		return 1
	}
	return 3
}

// areDigits holds for digits, shown and hidden ones.
func areDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789"+string(hidden)) == ""
}

// dialable is a number that a tel: link may have: in international form, with every digit shown; else empty.
func dialable(number string) string {
	digits, plus := strings.CutPrefix(number, "+")
	if !plus || len(digits) < 7 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return number
}
