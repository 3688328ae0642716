package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"missedcalls/app/config"
	arimock "missedcalls/ari-mock"
	"missedcalls/notifier/policy"
	"missedcalls/queueflow"
)

// scene is a configuration as callers see it.
type scene struct {
	policies queueflow.Policies
	// destinations are what callers dial, one for each queue.
	destinations []destination
	// stray is a number that no queue stands for; empty when every number leads to one.
	stray string
	// exits are the places in the dialplan that the configuration sends callers to, and how long they stay there.
	exits map[string]arimock.Exit
	// phones are those of the agents, and of whom they transfer calls to.
	phones map[string]arimock.Phone
	// notifications say who is told.
	notifications policy.Policy
}

// destination is how callers get to a queue: a number they dial, and what the dialplan passes to Stasis().
type destination struct {
	queue, did, args string
	// keys are those that do something in the queue.
	keys []string
}

// exitStay is how long a caller stays at an exit, such as a voicemail box, before he is hung up on.
const exitStay = 5 * time.Second

// readScene reads a configuration file. Its error is config.Problems, or says why nobody can call.
func readScene(path string, text []byte, speed float64) (scene, error) {
	file, err := config.Parse(path, text)
	if err != nil {
		return scene{}, err
	}
	var raw struct {
		DIDs map[string]string `yaml:"dids"`
	}
	if err := yaml.Load(text, &raw); err != nil {
		return scene{}, fmt.Errorf("read the dids of %s: %w", path, err)
	}
	s := scene{policies: file.Policies, exits: exits(file.Policies, scaled(exitStay, speed)), notifications: file.Notifications,
		phones: phones(file.Policies, speed)}
	for _, id := range slices.Sorted(maps.Keys(file.Policies.Queues)) {
		s.destinations = append(s.destinations, destinationOf(file.Policies, id, raw.DIDs))
	}
	slices.SortStableFunc(s.destinations, func(a, b destination) int { return cmp.Compare(a.did, b.did) })
	if number := nobodysNumber(file.Policies.DIDs); file.Policies.DefaultQueue == "" {
		s.stray = number
	}
	return s, nil
}

// insideNumber is dialled by those who get to a queue by an argument of Stasis() because no number leads to it.
const insideNumber = "74950000009"

// destinationOf finds a number that leads to a queue. For a glob it is one that fits; a queue without any is named by
// the dialplan.
func destinationOf(p queueflow.Policies, queue string, dids map[string]string) destination {
	d := destination{queue: queue, did: insideNumber, args: queue}
	for key := range p.Queues[queue].Keys {
		d.keys = append(d.keys, key)
	}
	slices.Sort(d.keys)
	for _, pattern := range slices.Sorted(maps.Keys(dids)) {
		number := strings.NewReplacer("*", "0000", "?", "0").Replace(pattern)
		if leads, _ := p.DIDs.Route(number); leads.Queue == queue {
			d.did, d.args = number, ""
			return d
		}
	}
	return d
}

// nobodysNumber is a number that leads nowhere, empty when there is none among a few.
func nobodysNumber(dids queueflow.DIDMap) string {
	for _, number := range []string{"74950000404", "78000000404", "4420794604040"} {
		if _, known := dids.Route(number); !known {
			return number
		}
	}
	return ""
}

// exits are the places in the dialplan that queues send callers to.
func exits(p queueflow.Policies, stay time.Duration) map[string]arimock.Exit {
	places := make(map[string]arimock.Exit)
	for _, queue := range p.Queues {
		leaving := append(slices.Collect(maps.Values(queue.Keys)), queue.OnTimeout, queue.OnFull, queue.OnEmpty, queue.OnClosed)
		for _, exit := range leaving {
			if to := exit.Dialplan; to != (queueflow.Target{}) {
				places[to.Context+","+to.Extension] = arimock.Exit{Stay: stay}
			}
		}
	}
	return places
}
