package notifier

import (
	"context"
	"errors"
	"slices"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// planner makes the jobs of a batch of events.
type planner struct {
	router  *router
	policy  *policy.Policy
	jobs    []bus.Message
	planned map[string]bool // subjects of jobs
}

// add makes the jobs of an event: for those whom the routes choose, and for those who were told of its matter before, or
// are about to be, if it settles that.
func (p *planner) add(ctx context.Context, e callevent.Event, data []byte) {
	facts := factsOf(e)
	chosen := choose(*p.policy, facts)
	for _, c := range chosen {
		j := job{Target: c.Target, Matter: facts.matter(), Event: data, Routed: true, Since: e.Time, event: e}
		if c.Hold > 0 {
			j.Due = e.Time.Add(c.Hold)
		}
		p.put(j)
	}
	if !settles(facts.kind) {
		return
	}
	for name := range p.policy.Targets {
		if !slices.ContainsFunc(chosen, func(c Choice) bool { return c.Target == name }) && p.knows(ctx, name, facts.matter()) {
			p.put(job{Target: name, Matter: facts.matter(), Event: data, Since: e.Time, event: e})
		}
	}
}

func (p *planner) put(j job) {
	m, err := j.message()
	if err != nil { // an event that was decoded can be encoded
		p.router.log.Error().Err(err).Msg("a job cannot be made")
		return
	}
	p.jobs = append(p.jobs, m)
	p.planned[m.Subject] = true
	p.router.observer.Routed(j.Target)
}

// knows says whether a target was told of a matter, or has a job of it. A job goes only after the record is written, so
// that one of both is there, looked for in this order. When neither can be asked, the target gets a job, which does nothing
// if it was not told.
func (p *planner) knows(ctx context.Context, name, matter string) bool {
	subject := jobSubject(name, matter)
	if p.planned[subject] {
		return true
	}
	if _, err := p.router.streams.Jobs.Next(ctx, subject, 1); !errors.Is(err, bus.ErrNone) {
		return true
	}
	r, err := p.router.records.load(ctx, recordKey(name, matter))
	return err != nil || r.isKnown() || r.MovedTo != ""
}
