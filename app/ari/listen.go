package ari

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Listen keeps one websocket to Asterisk until ctx ends or the application is replaced, and gives what it sees to
// deliver, in order, from one goroutine. It connects again for ever, with pauses from BackOffMin to BackOffMax.
//
// It returns ctx's error, ErrReplaced (it never takes an application back), ErrUnsupported for an Asterisk that is
// too old, or ErrListening when it runs already. Before it returns it has delivered everything that was read, so
// deliver must return in the end whatever happens. While deliver is slow, events wait in memory; at QueueLimit the
// connection is dropped, which is a Disconnected like any other: no event is left out without one.
func (c *Client) Listen(ctx context.Context, deliver func(Signal)) error {
	if !c.listening.CompareAndSwap(false, true) {
		return ErrListening
	}
	defer c.listening.Store(false)
	if c.fenced.Load() {
		return ErrReplaced
	}
	q := newQueue(c.settings.QueueLimit, c.settings.QueueBytes)
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		c.deliverAll(q, deliver)
	}()
	err := c.keep(ctx, q)
	q.close()
	<-delivered
	c.state.set(err)
	return err
}

// keep connects, and connects again. It runs on Listen's own goroutine.
func (c *Client) keep(ctx context.Context, q *queue) error {
	pause := backOff{least: c.settings.BackOffMin, most: c.settings.BackOffMax}
	var lastSeen time.Time
	var told complaint
	for {
		proved, err := c.connection(ctx, q, &lastSeen)
		switch {
		case errors.Is(err, ErrReplaced), errors.Is(err, ErrUnsupported):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		c.state.set(err)
		if proved {
			pause.reset()
		}
		wait := pause.next(rand.Float64())
		if told.worth(err, time.Now()) {
			c.log.Warn().AnErr("err", err).Stringer("retry", wait).Msg("no connection to asterisk's events")
		}
		if !sleep(ctx, wait) {
			return ctx.Err()
		}
		q.awaitRoom(ctx)
	}
}

// connection makes one connection and stays until it ends. proved tells whether it ever was known to live. lastSeen
// is when a frame last arrived, on this connection or before it.
func (c *Client) connection(ctx context.Context, q *queue, lastSeen *time.Time) (proved bool, err error) {
	info, err := c.Info(ctx)
	if err != nil {
		return false, err
	}
	if err := c.judge(info.Version); err != nil {
		return false, err
	}
	l, err := c.open(ctx, q)
	if err != nil {
		return false, err
	}
	number := c.marks.begin()
	c.observer.connected()
	q.say(Connected{At: l.at, LastSeen: *lastSeen, Info: info}, number)

	err = l.run(ctx)
	c.marks.end()
	if seen := l.lastSeen(); !seen.IsZero() {
		*lastSeen = seen
	}
	if c.fenced.Load() { // whatever else ended it at the same moment
		return true, ErrReplaced
	}
	if ctx.Err() == nil {
		c.observer.gap(gapOf(err))
	}
	q.say(Disconnected{At: time.Now(), LastSeen: *lastSeen, Err: err}, number)
	return l.proved, err
}

// judge says once what there is to say about a version, and refuses one that is too old.
func (c *Client) judge(version string) error {
	verdict, advice := CheckVersion(version)
	if verdict == VersionUnsupported {
		return fmt.Errorf("%w: %s", ErrUnsupported, advice)
	}
	if c.judged != version {
		c.judged = version
		if verdict != VersionGood {
			c.log.Warn().Msg(advice)
		}
	}
	return nil
}

func gapOf(err error) string {
	switch {
	case errors.Is(err, ErrDeaf):
		return GapDeaf
	case errors.Is(err, ErrOverflow):
		return GapOverflow
	default:
		return GapLost
	}
}

// sleep tells whether the pause passed before ctx ended.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// complaint keeps a fault that lasts from filling the log: it is told when it is new, and then once a minute.
type complaint struct {
	text string
	at   time.Time
}

func (t *complaint) worth(err error, now time.Time) bool {
	if err.Error() == t.text && now.Sub(t.at) < time.Minute {
		return false
	}
	t.text, t.at = err.Error(), now
	return true
}
