package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

const (
	// newsShown are the events at the bottom, where there is room for them.
	newsShown = 10
	// postRows are those of the messages of the chat, at most.
	postRows = 4
	// A low terminal gives one row in signShare to saying where to look, two at least; one of fullHeight shows every count.
	signShare  = 6
	leastSigns = 2
	fullHeight = 28
	// longestBar is in characters; unlimited is the wait that fills it in a queue without limit.
	longestBar   = 30
	numberCell   = 19
	placeCell    = 5
	waitCell     = 9
	priorityCell = 4
	// lineCells are those of somebody in line beside his bar, leastLine is what he has at least where agents stand beside.
	lineCells = placeCell + numberCell + 1 + waitCell + priorityCell
	leastLine = lineCells + 10
)

// render draws the board as it is at a time, for a terminal of a width and height: at most height lines, none longer
// than width. The lines take the room, the news keep to the bottom; where there is not enough room the end of each line
// is summed up.
func (b *board) render(now time.Time, width, height int) string {
	if width < 1 || height < 1 {
		return ""
	}
	top, counts, foot := b.header(width, height), b.counters(now, height), b.footer()
	chat := b.chat(height)
	room := height - len(top) - len(counts) - len(chat) - len(foot) - 3
	share := 2
	if len(chat) > 0 {
		share = 4 // what the chat says was an event before
	}
	news := b.lastNews(min(newsShown, max(room/share, 1)))
	rows := append(top, nil)
	rows = append(rows, b.queues(now, width, room-len(news))...)
	rows = append(append(rows, nil), counts...)
	below := append(append(append(chat, nil), news...), foot...)
	for len(rows)+len(below) < height {
		rows = append(rows, nil)
	}
	rows = append(rows, below...)
	lines := make([]string, 0, height)
	for _, r := range rows[:min(len(rows), height)] {
		lines = append(lines, r.fit(width, b.paint))
	}
	return strings.Join(lines, "\n")
}

// header says where to look: whole, on further lines, where the terminal is high enough for that; else the most important
// of it.
func (b *board) header(width, height int) (rows []row) {
	for i, line := range b.head {
		if i == 0 {
			rows = append(rows, row{{line, bold}})
			continue
		}
		rows = append(rows, wrapped(line, width)...)
	}
	if len(rows) <= height/3 {
		return rows
	}
	rows = rows[:1]
	for _, line := range b.head[1:min(max(height/signShare, leastSigns), len(b.head))] {
		rows = append(rows, text(line))
	}
	return rows
}

func (b *board) footer() []row {
	if b.foot == "" {
		return nil
	}
	return []row{{{b.foot, faint}}}
}

// lastNews are the newest events, on a fixed number of lines, so that nothing jumps.
func (b *board) lastNews(lines int) []row {
	rows := make([]row, lines)
	shown := b.news[max(len(b.news)-lines, 0):]
	for i, line := range shown {
		rows[i] = text(line)
	}
	return rows
}

// chat is a title and the newest messages, on a fixed number of lines, with a line before them. A low terminal has none.
func (b *board) chat(height int) []row {
	room := min(postRows, (height-12)/5)
	if !b.chatting || room < 2 {
		return nil
	}
	shown := make([][]row, 0, room)
	for i := len(b.posts) - 1; i >= 0; i-- {
		rows := b.posts[i].rows(b.zone)
		if len(rows) > room {
			break
		}
		room -= len(rows)
		shown = append(shown, rows)
	}
	slices.Reverse(shown)
	rows := append([]row{nil, {{teamChat, bold}, {"  as a group in Telegram would see it", plain}}}, slices.Concat(shown...)...)
	return append(rows, make([]row, room)...)
}

// queues are all lines with their agents, within a number of rows as far as that can be.
func (b *board) queues(now time.Time, width, room int) (rows []row) {
	full := b.fullBar(now)
	lines, seats := width, 0
	if slices.ContainsFunc(b.lanes, func(l *lane) bool { return len(l.seats) > 0 }) {
		lines, seats = columns(width)
	}
	for i, share := range b.shares(room, seats > 0) {
		left := b.lanes[i].draw(now, lines, share, full)
		if seats > 0 {
			left = beside(left, lines+gapCells, b.lanes[i].staff(now, seats, share, b.callers))
		}
		rows = append(rows, left...)
	}
	return rows
}

// beside puts rows to the right of others, from a column on.
func beside(left []row, column int, right []row) []row {
	rows := make([]row, max(len(left), len(right)))
	copy(rows, left)
	for i, r := range right {
		rows[i] = append(rows[i].to(column), r...)
	}
	return rows
}

// shares are how many rows each queue gets: its title at least, and then as fair as what they need lets it be.
func (b *board) shares(room int, seats bool) []int {
	shares, needs := make([]int, len(b.lanes)), make([]int, len(b.lanes))
	for i, l := range b.lanes {
		needs[i] = 1 + len(l.waiting)
		if seats {
			needs[i] = max(needs[i], len(l.seats))
		}
		shares[i] = 1
		room--
	}
	for given := true; given && room > 0; {
		given = false
		for i := range shares {
			if room > 0 && shares[i] < needs[i] {
				shares[i]++
				room--
				given = true
			}
		}
	}
	return shares
}

// fullBar is the wait that fills a bar in a queue without a limit: the longest there was or is.
func (b *board) fullBar(now time.Time) time.Duration {
	longest := b.longest
	if n, first := b.waiting(); n > 0 {
		longest = max(longest, now.Sub(first))
	}
	return max(longest, time.Millisecond)
}

// draw is the queue's title and those who wait, on so many rows at most, one at least.
func (l *lane) draw(now time.Time, width, share int, full time.Duration) []row {
	rows := []row{l.title()}
	shown := len(l.waiting)
	if shown > share-1 {
		shown = max(share-2, 0) // one row says how many more there are
	}
	if l.maxWait > 0 {
		full = l.maxWait
	}
	for i, w := range l.waiting[:shown] {
		rows = append(rows, w.draw(i+1, now, width, full))
	}
	if more := len(l.waiting) - shown; more > 0 && share > 1 {
		rows = append(rows, row{{fmt.Sprintf("     and %d more", more), faint}})
	}
	return rows
}

func (l *lane) title() row {
	name := l.id
	if l.name != "" && l.name != l.id {
		name = l.name + " (" + l.id + ")"
	}
	says := fmt.Sprintf("  %d waiting", len(l.waiting))
	if l.maxCallers > 0 {
		says = fmt.Sprintf("  %d of %d waiting", len(l.waiting), l.maxCallers)
	}
	if l.maxWait > 0 {
		says += ", " + seconds(l.maxWait) + " at most"
	}
	return row{{name, bold}, {says, plain}}
}

func (w waiter) draw(position int, now time.Time, width int, full time.Duration) row {
	waited := max(now.Sub(w.since), 0)
	r := row{{padded(fmt.Sprintf("%4d", position), placeCell), plain}, {padded(w.number, numberCell), plain}}
	if room := min(width-lineCells, longestBar); room > 0 {
		part := min(float64(waited)/float64(full), 1)
		filled := max(int(part*float64(room)), 1)
		r = append(r, span{strings.Repeat("█", filled), heat(part)}, span{strings.Repeat("·", room-filled), faint})
	}
	r = append(r, span{" " + padded(seconds(waited), waitCell), plain})
	if w.priority != 0 {
		r = append(r, span{fmt.Sprintf("↑%d", w.priority), yellow})
	}
	return r
}

// heat is the colour of a wait, by its part of what fills the bar.
func heat(part float64) style {
	switch {
	case part < 0.5:
		return green
	case part < 0.8:
		return yellow
	}
	return red
}

// named is what something is called in a count.
type named struct{ key, words string }

// reasonWords are the reasons as the counters name them, in this order.
var reasonWords = []named{
	{string(callevent.ReasonAbandoned), "hung up"}, {string(callevent.ReasonMaxWait), "wait too long"},
	{string(callevent.ReasonQueueFull), "line full"}, {string(callevent.ReasonExitKey), "left by key"},
	{string(callevent.ReasonUnknownDID), "unknown number"}, {string(callevent.ReasonNoAgents), "no agents"},
	{string(callevent.ReasonClosed), "closed"}, {string(callevent.ReasonDeclined), "declined"}, {string(callevent.ReasonTaken), "taken"},
	{string(callevent.ReasonCallbackAbandoned), "left in the callback menu"}, {string(callevent.ReasonLost), "lost"},
	{string(callevent.ReasonError), "error"},
}

// counters are what was counted, the most telling first, as a narrow terminal cuts the end off.
func (b *board) counters(now time.Time, height int) []row {
	waiting, first := b.waiting()
	longest := b.longest
	if waiting > 0 {
		longest = max(longest, now.Sub(first))
	}
	counts := fmt.Sprintf("entered %d   answered %d   waiting %d   longest wait %s", b.entered, b.answered, waiting, seconds(longest))
	for _, c := range []struct {
		words string
		n     int
	}{
		{"moved", b.moved}, {"resolved", b.resolved}, {"announcements", b.announced}, {"other events", b.unknown}, {"repeated", b.repeated},
	} {
		if c.n > 0 {
			counts += fmt.Sprintf("   %s %d", c.words, c.n)
		}
	}
	rows := []row{text(counts), text(missedWords(b.missed))}
	if len(b.rang) > 0 && height >= fullHeight {
		rows = append(rows, text(rangWords(b.rang)))
	}
	return rows
}

// outcomeWords are what comes of ringing an agent as the counters name it, in this order.
var outcomeWords = []named{
	{"answered", "answered"}, {"no_answer", "no answer"}, {"rejected", "declined"}, {"busy", "busy"}, {"unavailable", "away"},
	{"forwarded", "forwarded"}, {"dropped", "dropped"}, {"not_confirmed", "not confirmed"}, {"lost_race", "too late"},
	{"cancelled", "no longer needed"},
}

// rangWords are how often agents were rung, and what came of it.
func rangWords(rang map[string]int) string {
	return counted("agents were rung", rang, outcomeWords, "other outcomes")
}

// missedWords are how many were missed, and why.
func missedWords(missed map[callevent.Reason]int) string {
	return counted("missed", missed, reasonWords, "other reasons")
}

// counted is a count in words: how many in all, and how many of each kind; those without a word are summed up.
func counted[K ~string](what string, counts map[K]int, words []named, others string) string {
	total, known, parts := 0, 0, []string{}
	for _, n := range counts {
		total += n
	}
	for _, w := range words {
		if n := counts[K(w.key)]; n > 0 {
			known += n
			parts = append(parts, fmt.Sprintf("%s %d", w.words, n))
		}
	}
	if other := total - known; other > 0 {
		parts = append(parts, fmt.Sprintf("%s %d", others, other))
	}
	line := fmt.Sprintf("%s %d", what, total)
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	return line
}
