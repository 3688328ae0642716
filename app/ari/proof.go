package ari

import (
	"context"
	"fmt"
	"time"
)

// prove is the goroutine that sets the filter and proves, over and over, that events of the application come over
// this websocket. A ping would prove only that a thread of Asterisk reads: after a reconnect that falls into the
// wrong moment Asterisk can leave a websocket open to which it sends nothing, and it answers a user event for an
// application without listeners as if all were well. It returns nil when ctx ends.
func (l *link) prove(ctx context.Context) error {
	if err := l.c.Filter(ctx); err != nil && ctx.Err() == nil {
		l.c.log.Warn().AnErr("err", err).Msg("asterisk's event filter is not set: more events come than are needed")
	}
	if err := l.first(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	l.proved = true
	l.c.state.set(nil)
	l.c.log.Info().Msg("connected to asterisk's events")
	alarmed := false
	for sleep(ctx, l.c.settings.EchoEvery) {
		if err := l.again(ctx); err != nil {
			return err
		}
		alarmed = l.watch(alarmed)
	}
	return nil
}

// first demands our own event back: it proves besides that requests and events go to the same Asterisk.
func (l *link) first(ctx context.Context) error {
	heard, err := l.call(ctx)
	if heard || ctx.Err() != nil {
		return nil
	}
	return deaf(err)
}

// again is content with any event that came after it asked, so that neither a busy Asterisk nor a failing request
// ends a connection over which events arrive.
func (l *link) again(ctx context.Context) error {
	asked := int64(time.Since(l.at))
	heard, err := l.call(ctx)
	if heard || ctx.Err() != nil || l.seen.Load() > asked {
		return nil
	}
	return deaf(err)
}

// call sends an event to ourselves and waits for it, EchoWithin at most. err is why it was not sent.
func (l *link) call(ctx context.Context) (heard bool, err error) {
	within, cancel := context.WithTimeout(ctx, l.c.settings.EchoWithin)
	defer cancel()
	select {
	case <-l.ours: // of an earlier call, or of Sync
	default:
	}
	err = l.c.echo(within, l.c.token)
	if KindOf(err) == Refused {
		return false, err
	}
	select {
	case <-l.ours:
		return true, nil
	case <-within.Done():
		return false, err
	}
}

func deaf(err error) error {
	if err == nil {
		return ErrDeaf
	}
	return fmt.Errorf("%w; it was not sent: %w", ErrDeaf, err)
}

// watch warns when a tenth of the queue is in use, once until it has become less.
func (l *link) watch(alarmed bool) bool {
	frames, alarming := l.queue.waiting()
	if alarming && !alarmed {
		l.c.log.Error().Int("events", frames).Msg("events wait to be handled: the application is too slow; at the limit the connection is dropped")
	}
	return alarming
}
