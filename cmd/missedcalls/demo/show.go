package demo

import (
	"context"
	"fmt"
	"time"

	"missedcalls/queueflow"
)

// frame is the time between two pictures.
const frame = 250 * time.Millisecond

// show is the loop of the demo. Its goroutine owns the board and the view.
type show struct {
	board    *board
	view     view
	follower *follower
	ledger   *ledger
	program  *program
	warnings *warnings
	// roster is nil where nothing is drawn.
	roster *roster
	// chat and telling are nil when nobody is told.
	chat    *chat
	telling *telling
}

// run shows what the events tell until ctx ends, or the program does by itself.
func (s *show) run(ctx context.Context) error {
	ticks := time.NewTicker(frame)
	defer ticks.Stop()
	for {
		select {
		case m := <-s.follower.messages:
			s.take(m.Data)
		case p := <-s.posts():
			s.view.told(s.board.post(p))
		case m := <-s.members():
			s.board.seat(m)
		case now := <-ticks.C:
			s.foot()
			s.view.draw(s.board, now)
		case <-s.program.over:
			return s.program.ended()
		case <-ctx.Done():
			return nil
		}
	}
}

// posts are what happens in the chat; nil, on which nothing ever comes, without one.
func (s *show) posts() <-chan post {
	if s.chat == nil {
		return nil
	}
	return s.chat.posts
}

// members are how the agents are; nil, on which nothing ever comes, where nothing is drawn.
func (s *show) members() <-chan []queueflow.MemberView {
	if s.roster == nil {
		return nil
	}
	return s.roster.members
}

func (s *show) take(message []byte) {
	if s.telling != nil {
		s.telling.read(message)
	}
	news, ends := s.board.take(message)
	if news != "" {
		s.view.told(news)
	}
	if ends != "" {
		s.ledger.ending(ends)
	}
}

// foot says what the log warned of, and how to end.
func (s *show) foot() {
	s.board.foot = "Ctrl-C hands over and sums up"
	if last, n := s.warnings.latest(); n > 0 {
		s.board.foot = fmt.Sprintf("log: %s (%d in all)   %s", last, n, s.board.foot)
	}
}

// settleWithin is how long the events of calls that have ended may take to come, and each message to follow the one before;
// blind is what they get when nobody can follow them. settleAtMost bounds all of it.
const (
	settleWithin = 5 * time.Second
	blind        = time.Second
	settleAtMost = time.Minute
	settlePoll   = 10 * time.Millisecond
)

// settle waits until the calls that ended before a time have their ending events, and the chat has been told, so that what
// is missing later is missing for good. busy says that the chat was still being told when the time was over.
func (s *show) settle(before time.Time) (busy bool) {
	patience := settleWithin
	if !s.follower.follows() {
		patience = blind
	}
	silence, atMost := time.NewTimer(patience), time.NewTimer(settleAtMost)
	defer silence.Stop()
	defer atMost.Stop()
	polls := time.NewTicker(settlePoll)
	defer polls.Stop()
	for {
		select {
		case m := <-s.follower.messages:
			s.take(m.Data)
		case p := <-s.posts():
			s.view.told(s.board.post(p))
			silence.Reset(patience)
		case <-polls.C:
			if s.follower.follows() && !s.ledger.untold(before) && !s.behind(before) {
				return false
			}
		case <-s.program.over:
			return false
		case <-silence.C:
			return false
		case <-atMost.C:
			return true
		}
	}
}

// behind tells whether the chat is not told yet of something that happened before a time.
func (s *show) behind(before time.Time) bool {
	return s.telling != nil && s.telling.behind(s.chat.of, before)
}
