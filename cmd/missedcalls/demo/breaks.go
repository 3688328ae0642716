package demo

import (
	"context"
	"time"

	"missedcalls/app"
	"missedcalls/app/api"
)

// breaks are the pauses of agents: one goes to lunch now and then, as the command `missedcalls members pause` does, and those
// whom a queue has paused, because they did not take their calls, are called to order.
type breaks struct {
	program  *program
	endpoint string
	// work is how long he works between two breaks, long how long one is; order is how often others are called to it.
	work, long, order time.Duration
}

// The breaks at speed 1, and how long the program may take to answer.
const (
	worksFor     = 12 * time.Second
	eatsFor      = 10 * time.Second
	ordersEvery  = 20 * time.Second
	pausesWithin = 10 * time.Second
)

func newBreaks(p *program, speed float64) breaks {
	return breaks{
		program: p, endpoint: phoneBoris, work: scaled(worksFor, speed), long: scaled(eatsFor, speed), order: scaled(ordersEvery, speed),
	}
}

// take lets him go until ctx ends. What fails is in the log: then he works on, or stays away until his next break is over.
func (b breaks) take(ctx context.Context) {
	for rest(ctx, b.work) {
		b.change(ctx, api.Client.PauseMember, api.MemberRequest{Endpoint: b.endpoint, Why: api.Why{By: "demo", Reason: "lunch"}})
		if !rest(ctx, b.long) {
			return
		}
		b.change(ctx, api.Client.UnpauseMember, api.MemberRequest{Endpoint: b.endpoint, Why: api.Why{By: "demo"}})
	}
}

// call calls the others to order until ctx ends.
func (b breaks) call(ctx context.Context) {
	for rest(ctx, b.order) {
		within, cancel := context.WithTimeout(ctx, pausesWithin)
		members, _, err := app.ListMembers(within, b.program.settings, api.MembersRequest{}, api.MaxLimit)
		cancel()
		if err != nil {
			b.failed(ctx, err)
		}
		for _, m := range members {
			if m.Paused && m.By == byQueue {
				why := api.Why{By: "demo", Reason: "called to order"}
				b.change(ctx, api.Client.UnpauseMember, api.MemberRequest{Queue: m.Queue, Endpoint: m.Endpoint, Why: why})
			}
		}
	}
}

// byQueue is who pauses an agent who does not take his calls.
const byQueue = "queue"

// change asks for a change of a member.
func (b breaks) change(
	ctx context.Context, do func(c api.Client, ctx context.Context, in api.MemberRequest) (api.ChangeReply, error), in api.MemberRequest,
) {
	within, cancel := context.WithTimeout(ctx, pausesWithin)
	defer cancel()
	_, err := app.ChangeMember(within, b.program.settings, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
		return do(c, ctx, in)
	})
	if err != nil {
		b.failed(ctx, err)
	}
}

func (b breaks) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		b.program.log.Warn().Err(err).Msg("an agent of the demo could not be paused, or come back")
	}
}
