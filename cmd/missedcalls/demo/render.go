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
	// postRows are those of the messages of the chat.
	postRows = 4
	// longestBar is in characters; unlimited is the wait that fills it in a queue without limit.
	longestBar = 30
	numberCell = 19
	waitCell   = 9
)

// render draws the board as it is at a time, for a terminal of a width and height: at most height lines, none longer
// than width. The lines take the room, the news keep to the bottom; where there is not enough room the end of each line
// is summed up.
func (b *board) render(now time.Time, width, height int) string {
	if width < 1 || height < 1 {
		return ""
	}
	top, counts, foot := b.header(width, height), b.counters(now), b.footer()
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

// header says where to look: whole, on further lines, where the terminal is high enough for that.
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
	rows = rows[:min(1, len(rows))]
	for _, line := range b.head[min(1, len(b.head)):] {
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
	room := min(postRows, height/8)
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

// queues are all lines, within a number of rows as far as that can be.
func (b *board) queues(now time.Time, width, room int) (rows []row) {
	full := b.fullBar(now)
	for i, share := range b.shares(room) {
		rows = append(rows, b.lanes[i].draw(now, width, share, full)...)
	}
	return rows
}

// shares are how many rows each queue gets: its title at least, and then as fair as what they need lets it be.
func (b *board) shares(room int) []int {
	shares := make([]int, len(b.lanes))
	for i := range shares {
		shares[i] = 1
		room--
	}
	for given := true; given && room > 0; {
		given = false
		for i, l := range b.lanes {
			if room > 0 && shares[i] < 1+len(l.waiting) {
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
	r := row{{fmt.Sprintf("%4d ", position), plain}, {padded(w.number, numberCell), plain}}
	room := min(width-r.width()-waitCell-len(" priority 10"), longestBar)
	if room > 0 {
		part := min(float64(waited)/float64(full), 1)
		filled := max(int(part*float64(room)), 1)
		r = append(r, span{strings.Repeat("█", filled), heat(part)}, span{strings.Repeat("·", room-filled), faint})
	}
	r = append(r, span{" " + padded(seconds(waited), waitCell), plain})
	if w.priority != 0 {
		r = append(r, span{fmt.Sprintf("priority %d", w.priority), yellow})
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

// reasonWords are the reasons as the counters name them, in this order.
var reasonWords = []struct {
	reason callevent.Reason
	words  string
}{
	{callevent.ReasonAbandoned, "hung up"}, {callevent.ReasonMaxWait, "wait too long"}, {callevent.ReasonQueueFull, "line full"},
	{callevent.ReasonExitKey, "left by key"}, {callevent.ReasonUnknownDID, "unknown number"}, {callevent.ReasonNoAgents, "no agents"},
	{callevent.ReasonClosed, "closed"}, {callevent.ReasonDeclined, "declined"}, {callevent.ReasonTaken, "taken"},
	{callevent.ReasonCallbackAbandoned, "left in the callback menu"}, {callevent.ReasonLost, "lost"}, {callevent.ReasonError, "error"},
}

// counters are what was counted.
func (b *board) counters(now time.Time) []row {
	waiting, first := b.waiting()
	longest := b.longest
	if waiting > 0 {
		longest = max(longest, now.Sub(first))
	}
	counts := fmt.Sprintf("entered %d   moved %d   waiting %d   longest wait %s", b.entered, b.moved, waiting, seconds(longest))
	if b.announced > 0 {
		counts += fmt.Sprintf("   announcements %d", b.announced)
	}
	if b.resolved > 0 {
		counts += fmt.Sprintf("   resolved %d", b.resolved)
	}
	if b.unknown > 0 {
		counts += fmt.Sprintf("   other events %d", b.unknown)
	}
	if b.repeated > 0 {
		counts += fmt.Sprintf("   repeated %d", b.repeated)
	}
	return []row{text(counts), text(missedWords(b.missed))}
}

// missedWords are how many were missed, and why.
func missedWords(missed map[callevent.Reason]int) string {
	total, parts := 0, []string{}
	known := 0
	for _, n := range missed {
		total += n
	}
	for _, r := range reasonWords {
		if n := missed[r.reason]; n > 0 {
			known += n
			parts = append(parts, fmt.Sprintf("%s %d", r.words, n))
		}
	}
	if other := total - known; other > 0 {
		parts = append(parts, fmt.Sprintf("other reasons %d", other))
	}
	line := fmt.Sprintf("missed %d", total)
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	return line
}
