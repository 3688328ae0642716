package stasis

import (
	"context"
	"errors"
	"sync"
	"time"

	"missedcalls/app/ari"
)

// bridges are those into which somebody is being put. The two sides of a talk come at once, each on its lane: whichever is
// first makes the bridge, and the other waits for that instead of making it again, which costs Asterisk as much as the rest.
type bridges struct {
	mu      sync.Mutex
	joining map[string]*joining
}

// joining is one bridge, as long as a side is on its way into it.
type joining struct {
	sides int // guarded by the mutex of bridges
	// made is closed when the first side's request is over, and err is what came of it.
	made chan struct{}
	err  error
}

// come takes a side's way into a bridge on; gone follows. The first one makes it and closes made.
func (b *bridges) come(bridge string) (j *joining, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.joining == nil {
		b.joining = make(map[string]*joining)
	}
	j = b.joining[bridge]
	if first = j == nil; first {
		j = &joining{made: make(chan struct{})}
		b.joining[bridge] = j
	}
	j.sides++
	return j, first
}

func (b *bridges) gone(bridge string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j := b.joining[bridge]; j.sides > 1 {
		j.sides--
	} else {
		delete(b.joining, bridge)
	}
}

// join puts a channel into a bridge, made before unless it is there. One that Asterisk is still making for a request that
// was given up is refused a second time, and for an instant not known either.
func (d *Driver) join(ctx context.Context, a Asterisk, bridge string, kind ari.BridgeType, channel string) error {
	const (
		tries   = 5
		aMoment = 5 * time.Millisecond
	)
	j, first := d.bridges.come(bridge)
	defer d.bridges.gone(bridge)
	if first {
		j.err = a.CreateBridge(ctx, bridge, kind, bridge)
		close(j.made)
	}
	<-j.made // a request has a limit of its own
	made := j.err
	for try := 1; ; try++ {
		if made != nil && !errors.Is(made, ari.Conflict) {
			return made
		}
		err := a.AddChannel(ctx, bridge, channel)
		if made == nil || try == tries || !errors.Is(err, ari.BridgeGone) {
			return err
		}
		pause(ctx, aMoment)
		made = a.CreateBridge(ctx, bridge, kind, bridge)
	}
}
