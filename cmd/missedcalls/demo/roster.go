package demo

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/api"
	"missedcalls/app/bus"
	"missedcalls/app/config"
	"missedcalls/queueflow"
)

// roster asks the program how its agents are, as the command `missedcalls members list` does: no event tells that a phone
// begins to ring.
type roster struct {
	settings config.Settings
	log      zerolog.Logger
	// members is how they were when they were asked for last. What is not taken in time is replaced.
	members chan []queueflow.MemberView
}

// How often it is asked, and how long an answer may take.
const (
	rosterEvery  = frame
	rosterWithin = time.Second
)

func newRoster(p *program) *roster {
	return &roster{settings: p.settings, log: p.log, members: make(chan []queueflow.MemberView, 1)}
}

// work goes on until ctx ends. While the program does not answer, the agents are shown as they were.
func (r *roster) work(ctx context.Context) {
	nc, err := bus.Reach(busSettings(r.settings))
	if err != nil {
		r.log.Warn().Err(err).Msg("the demo cannot ask for the agents")
		return
	}
	defer nc.Close()
	client := api.NewClient(nc, bus.Requests(r.settings.ARI.App))
	for rest(ctx, rosterEvery) {
		members, err := list(ctx, client)
		if err != nil {
			r.log.Debug().Err(err).Msg("the demo got no answer about the agents")
			continue
		}
		select {
		case <-r.members:
		default:
		}
		r.members <- members // there is room: nobody else puts any in
	}
}

// list asks for the members of every queue, as many as there are in one answer.
func list(ctx context.Context, c api.Client) ([]queueflow.MemberView, error) {
	ctx, cancel := context.WithTimeout(ctx, rosterWithin)
	defer cancel()
	reply, err := c.ListMembers(ctx, api.MembersRequest{Limit: api.MaxLimit})
	return reply.Members, err
}
