package stasis

import (
	"slices"
	"sync"

	"missedcalls/queueflow"
)

// lanes carry out commands: those on one channel one after the other, in the order they were submitted; those on
// different channels at once. A lane has a goroutine only while it has something to do.
type lanes struct {
	run func(queueflow.Command)

	mu sync.Mutex
	// waiting holds a key for every lane that runs, and the commands behind the one it carries out.
	waiting map[queueflow.Channel][]queueflow.Command
	running sync.WaitGroup
	// drained is closed and renewed whenever the last lane ends.
	drained chan struct{}
}

func newLanes(run func(queueflow.Command)) *lanes {
	return &lanes{run: run, waiting: make(map[queueflow.Channel][]queueflow.Command), drained: make(chan struct{})}
}

// submit puts a command at the end of its channel's lane. It never blocks.
func (l *lanes) submit(c queueflow.Command) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ch := c.On()
	if behind, runs := l.waiting[ch]; runs {
		l.waiting[ch] = append(withoutOlder(behind, c), c)
		return
	}
	l.waiting[ch] = nil
	l.running.Go(func() { l.drive(ch, c) })
}

// withoutOlder leaves out what a newer record of the same member makes needless, so that a store that is away costs no more
// than one record for each.
func withoutOlder(behind []queueflow.Command, c queueflow.Command) []queueflow.Command {
	newer, is := c.(queueflow.StoreMember)
	if !is {
		return behind
	}
	return slices.DeleteFunc(behind, func(c queueflow.Command) bool {
		older, is := c.(queueflow.StoreMember)
		return is && older.Record.Queue == newer.Record.Queue && older.On() == newer.On()
	})
}

// drive carries out one lane until nothing is left in it.
func (l *lanes) drive(ch queueflow.Channel, c queueflow.Command) {
	for more := true; more; c, more = l.next(ch) {
		l.run(c)
	}
}

// next takes the next command of a lane, or ends the lane.
func (l *lanes) next(ch queueflow.Channel) (c queueflow.Command, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	behind := l.waiting[ch]
	if len(behind) == 0 {
		delete(l.waiting, ch)
		if len(l.waiting) == 0 {
			close(l.drained)
			l.drained = make(chan struct{})
		}
		return nil, false
	}
	l.waiting[ch] = behind[1:]
	return behind[0], true
}

// busy tells whether a command is being carried out.
func (l *lanes) busy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting) > 0
}

// idle is closed as soon as no lane runs, if only for a moment.
func (l *lanes) idle() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return closed
	}
	return l.drained
}

// closed is what an idle that is there already looks like.
var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// wait returns when no lane runs.
func (l *lanes) wait() { l.running.Wait() }
