package demo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"missedcalls/app"
	"missedcalls/app/api"
	"missedcalls/queueflow"
)

// colleague calls people back now and then, as somebody in an office would, and says so as the command
// `missedcalls missed resolve` does.
type colleague struct {
	program *program
	// knows tells whether he has heard of a missed call.
	knows func(call string) bool
	// every is how often he does it; nobody is called back who has called just now.
	every, justNow time.Duration
}

// His habits at speed 1, how far back he looks, and how long he waits for an answer.
const (
	callsBackEvery = 15 * time.Second
	callsBackAfter = 15 * time.Second
	looksAt        = 20
	resolvesWithin = 10 * time.Second
)

func newColleague(p *program, c *chat, speed float64) colleague {
	return colleague{
		program: p, knows: func(call string) bool { return c.of(call).told > 0 },
		every: scaled(callsBackEvery, speed), justNow: scaled(callsBackAfter, speed),
	}
}

// work goes on until ctx ends. What fails is in the log: nobody's calls depend on it.
func (c colleague) work(ctx context.Context) {
	ticks := time.NewTicker(c.every)
	defer ticks.Stop()
	for {
		select {
		case now := <-ticks.C:
			err := c.callBack(ctx, now)
			if gone := (*api.Error)(nil); errors.As(err, &gone) && gone.Code == api.NotFound {
				continue // somebody else was faster
			}
			if err != nil && ctx.Err() == nil {
				c.program.log.Warn().Err(err).Msg("a missed call of the demo could not be resolved")
			}
		case <-ctx.Done():
			return
		}
	}
}

// callBack resolves one missed call, if there is one to resolve.
func (c colleague) callBack(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, resolvesWithin)
	defer cancel()
	open, _, err := app.ListMissed(ctx, c.program.settings, api.ListRequest{}, looksAt)
	if err != nil {
		return err
	}
	chosen, found := c.choose(open, now)
	if !found {
		return nil
	}
	_, err = app.ResolveMissed(ctx, c.program.settings, api.ResolveRequest{Episode: chosen.ID, By: "demo", Why: calledBack(chosen.Language)})
	return err
}

// choose prefers who called most often, and of those who called last.
func (c colleague) choose(open []queueflow.Episode, now time.Time) (chosen queueflow.Episode, found bool) {
	open = slices.DeleteFunc(slices.Clone(open), func(e queueflow.Episode) bool {
		return !c.knows(e.ID) || now.Sub(e.LastAt) < c.justNow
	})
	if len(open) == 0 {
		return chosen, false
	}
	return slices.MinFunc(open, func(a, b queueflow.Episode) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), b.LastAt.Compare(a.LastAt))
	}), true
}

// calledBack is what he says about it.
func calledBack(language string) string {
	if language == "ru" {
		return "перезвонили"
	}
	return "called back"
}
