package notifier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Health is how one target is, for people.
type Health struct {
	Target, Channel string
	OK              bool
	// State is "ok", or what is wrong since when.
	State string
}

// Health says how every target is, by name. It costs no request.
func (n *Notifier) Health() []Health {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	var out []Health
	for _, name := range slices.Sorted(maps.Keys(n.senders)) {
		s := n.senders[name]
		ok, state := s.gate.state(now)
		out = append(out, Health{Target: name, Channel: s.policy.Channel(), OK: ok, State: state})
	}
	return out
}

// Targets are the names of the targets.
func (n *Notifier) Targets() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Keys(n.senders))
}

// Backlog is how many jobs of a target are not done. It asks the server.
func (n *Notifier) Backlog(ctx context.Context, target string) (int, error) {
	streams := n.streams.Load()
	if streams == nil {
		return 0, fmt.Errorf("jobs of target %s: the notifier does not run yet", target)
	}
	return streams.Jobs.Backlog(ctx, consumerName(target))
}
