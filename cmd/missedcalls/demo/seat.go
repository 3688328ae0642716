package demo

import (
	"fmt"
	"slices"
	"time"

	"missedcalls/queueflow"
)

// seat is an agent in a queue, as the program says he is.
type seat struct {
	name, state, reason string
	since               time.Time
	// call is the one that he is rung for, or talks with.
	call string
}

// take seats the members of every queue anew. One of a queue that the board does not have is passed over.
func (b *board) seat(members []queueflow.MemberView) {
	for _, l := range b.lanes {
		l.seats = nil
	}
	for _, m := range members {
		if l := b.lane(m.Queue); l != nil {
			l.seats = append(l.seats, seat{name: m.Name, state: m.State, reason: m.Reason, since: m.Since, call: m.Call})
		}
	}
}

// stateWords are the states of agents as they are shown.
var stateWords = map[string]span{
	"ready": {"ready", green}, "ringing": {"ringing", yellow}, "talking": {"talking", bold}, "wrapping_up": {"wrap-up", plain},
	"paused": {"paused", faint}, "in_use": {"in use", plain}, "unavailable": {"away", red},
}

// The columns of an agent: those that are always there, and those of who he has to do with.
const (
	nameCell  = 9
	stateCell = 8
	timeCell  = 8
	seatCells = nameCell + stateCell + timeCell
	whoCells  = 1 + numberCell - 3
	gapCells  = 2
)

// columns parts a width into that of the lines and that of the agents beside them, which is 0 where there is no room.
func columns(width int) (lines, seats int) {
	switch {
	case width >= leastLine+gapCells+seatCells+whoCells:
		seats = seatCells + whoCells
	case width >= leastLine+gapCells+seatCells:
		seats = seatCells
	default:
		return width, 0
	}
	return min(width-gapCells-seats, lineCells+longestBar), seats
}

// draw is an agent on one row of a width. who is the caller he is rung for or talks with, empty for none.
func (s seat) draw(now time.Time, width int, who string) row {
	words, known := stateWords[s.state]
	if !known {
		words = span{s.state, plain}
	}
	r := row{{padded(within(s.name, nameCell-1), nameCell), plain}, {padded(within(words.text, stateCell-1), stateCell), words.style}}
	if !s.since.IsZero() {
		r = append(r, span{padded(seconds(max(now.Sub(s.since), 0)), timeCell), plain})
	}
	if s.state == "paused" {
		who = s.reason
	}
	if width > seatCells && who != "" {
		r = append(r, span{" " + who, plain})
	}
	return r.cut(width)
}

// staff are the agents of a queue, on so many rows at most, one at least.
func (l *lane) staff(now time.Time, width, share int, callers map[string]string) (rows []row) {
	if share == 1 && len(l.seats) > 1 {
		ready := len(slices.DeleteFunc(slices.Clone(l.seats), func(s seat) bool { return s.state != "ready" }))
		return []row{text(fmt.Sprintf("%d agents, %d ready", len(l.seats), ready)).cut(width)}
	}
	shown := len(l.seats)
	if shown > share {
		shown = share - 1 // one row says how many more there are
	}
	for _, s := range l.seats[:shown] {
		rows = append(rows, s.draw(now, width, callers[s.call]))
	}
	if more := len(l.seats) - shown; more > 0 {
		rows = append(rows, row{{fmt.Sprintf("and %d more", more), faint}})
	}
	return rows
}
