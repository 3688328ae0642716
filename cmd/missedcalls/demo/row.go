package demo

import (
	"strings"
	"unicode/utf8"
)

// style is how a terminal is told to show text (ECMA-48, SGR).
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
)

// span is text of one style, row a line of them.
type (
	span struct {
		text  string
		style style
	}
	row []span
)

func text(s string) row { return row{{s, plain}} }

func (r row) width() (cells int) {
	for _, s := range r {
		for _, c := range s.text {
			cells += cellsOf(c)
		}
	}
	return cells
}

// cellsOf is how wide a terminal draws a character. Of those that are wide, messages have pictures only.
func cellsOf(c rune) int {
	if c >= 0x1F000 || c == '✅' {
		return 2
	}
	return 1
}

// within is as much of a text as fits a width.
func within(s string, width int) string {
	for at, c := range s {
		if width -= cellsOf(c); width < 0 {
			return s[:at]
		}
	}
	return s
}

// cut is the row on at most width cells; what was cut off is marked.
func (r row) cut(width int) (kept row) {
	if r.width() <= width {
		return r
	}
	if width <= 0 {
		return nil
	}
	width-- // for the mark
	for _, s := range r {
		part := within(s.text, width)
		if part != "" {
			kept = append(kept, span{part, s.style})
		}
		if len(part) < len(s.text) {
			break
		}
		width -= row{s}.width()
	}
	return append(kept, span{"…", plain})
}

// to is the row on exactly width cells.
func (r row) to(width int) row {
	r = r.cut(width)
	return append(r, span{strings.Repeat(" ", max(width-r.width(), 0)), plain})
}

// fit is the row as one line of at most width cells.
func (r row) fit(width int, paint bool) string {
	var line strings.Builder
	for _, s := range r.cut(width) {
		if paint && s.style != plain {
			line.WriteString("\x1b[" + string(s.style) + "m" + s.text + "\x1b[0m")
		} else {
			line.WriteString(s.text)
		}
	}
	return strings.TrimRight(line.String(), " ")
}

// padded is text of a width at least.
func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

// wrapIndent is where a line goes on that does not fit.
const wrapIndent = 9

// wrapped is text on as many rows of a width as it takes, parted at spaces where there are any.
func wrapped(line string, width int) (rows []row) {
	runes := []rune(line)
	for len(runes) > width && width > 2*wrapIndent {
		at := width
		for at > wrapIndent && runes[at] != ' ' {
			at--
		}
		if at == wrapIndent {
			at = width
		}
		rows = append(rows, text(string(runes[:at])))
		rest := strings.TrimLeft(string(runes[at:]), " ")
		runes = []rune(strings.Repeat(" ", wrapIndent) + rest)
	}
	return append(rows, text(string(runes)))
}
