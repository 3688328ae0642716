package stasis

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// deviceStates are Asterisk's words.
var deviceStates = map[string]queueflow.DeviceState{
	"NOT_INUSE": queueflow.DeviceNotInUse, "INUSE": queueflow.DeviceInUse, "BUSY": queueflow.DeviceBusy,
	"INVALID": queueflow.DeviceInvalid, "UNAVAILABLE": queueflow.DeviceUnavailable, "RINGING": queueflow.DeviceRinging,
	"RINGINUSE": queueflow.DeviceRingInUse, "ONHOLD": queueflow.DeviceOnHold,
}

// deviceChanged reads the state of a device; a word that nobody knows is unknown.
func deviceChanged(node string, s ari.DeviceState) queueflow.DeviceChanged {
	return queueflow.DeviceChanged{Node: node, Device: s.Name, State: deviceStates[s.State]}
}

// deviceRead is the answer to the question how a device stands. Events of devices have no order with it, so it counts only
// when none came since it was asked: what it might have missed, a later event tells.
type deviceRead struct {
	node  *node
	state ari.DeviceState
	asked time.Time
}

// current tells whether nothing newer was heard, and the connection is still the same: after a new one every device is
// asked for anew.
func (r deviceRead) current() bool {
	n := r.node
	return !n.listing && !r.asked.Before(n.connectedAt) && !n.heard[r.state.Name].After(r.asked)
}

// takeDeviceRead tells the machine how a device stands.
func (d *Driver) takeDeviceRead(r deviceRead) {
	if r.current() {
		d.step(time.Now(), deviceChanged(r.node.url, r.state))
	}
}

// errands are what one Asterisk has yet to be told about devices: which to watch, and which no longer. There is one for a
// device at most, the newest, so that an Asterisk that does not answer costs no more than that. What fails is tried again
// until it is done, because a device that nobody watches is an agent who is rung in vain.
type errands struct {
	mu      sync.Mutex
	pending map[string]bool // by device: true to watch
	running bool
	// wake has room for one: something was added.
	wake chan struct{}
}

func newErrands() *errands {
	return &errands{pending: make(map[string]bool), wake: make(chan struct{}, 1)}
}

// add takes on devices, and tells whether somebody has to begin with them.
func (e *errands) add(devices []string, watch bool) (begin bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, device := range devices {
		e.pending[device] = watch
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
	begin = !e.running
	e.running = true
	return begin
}

// take takes out everything there is, in order; when there is nothing, whoever asked is to end.
func (e *errands) take() (watch, unwatch []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, device := range slices.Sorted(maps.Keys(e.pending)) {
		if e.pending[device] {
			watch = append(watch, device)
		} else {
			unwatch = append(unwatch, device)
		}
	}
	clear(e.pending)
	e.running = len(watch)+len(unwatch) > 0
	select {
	case <-e.wake:
	default:
	}
	return watch, unwatch
}

// putBack gives back what failed, unless something newer has been said about it.
func (e *errands) putBack(devices []string, watch bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, device := range devices {
		if _, newer := e.pending[device]; !newer {
			e.pending[device] = watch
		}
	}
}

// The pauses between tries.
const (
	errandRetry     = time.Second
	errandRetryMost = 30 * time.Second
)

// sendErrands takes on the devices of a command.
func (d *Driver) sendErrands(c queueflow.Command) {
	n := d.nodes[c.On().Node]
	if n == nil {
		return
	}
	begin := false
	switch c := c.(type) {
	case queueflow.WatchDevices:
		begin = n.errands.add(c.Devices, true)
	case queueflow.UnwatchDevices:
		begin = n.errands.add(c.Devices, false)
	}
	if begin {
		d.lanes.running.Go(func() { d.runErrands(n) })
	}
}

// runErrands does what there is until nothing is left or the work ends.
func (d *Driver) runErrands(n *node) {
	retry := errandRetry
	for {
		watch, unwatch := n.errands.take()
		if len(watch)+len(unwatch) == 0 {
			return
		}
		err := errors.Join(d.watch(n, watch), d.unwatch(n, unwatch))
		if d.work.Err() != nil {
			return
		}
		if err == nil {
			retry = errandRetry
			continue
		}
		d.Log.Warn().Err(err).Str("asterisk", n.url).Dur("retry", retry).
			Msg("the states of devices cannot be watched: agents may be rung who are not free")
		select {
		case <-n.errands.wake:
		case <-time.After(retry):
		case <-d.work.Done():
			return
		}
		retry = min(2*retry, errandRetryMost)
	}
}

// readers is how many devices are asked for at once: Asterisk has other things to answer.
const readers = 4

// watch subscribes to devices, and then asks how each stands. What failed is put back.
func (d *Driver) watch(n *node, devices []string) error {
	if len(devices) == 0 {
		return nil
	}
	started := time.Now()
	failed := devices
	err := n.asterisk.SubscribeDevices(d.work, devices)
	if err == nil {
		failed, err = d.readDevices(n, devices)
	}
	n.errands.putBack(failed, true)
	d.Observer.commanded(queueflow.WatchDevices{}, ari.KindOf(err).String(), time.Since(started))
	return err
}

// readDevices brings to the loop how devices stand. It gives those it could not ask for, and why the last of them.
func (d *Driver) readDevices(n *node, devices []string) (failed []string, err error) {
	var (
		mu      sync.Mutex
		working sync.WaitGroup
		next    = make(chan string)
	)
	for range min(readers, len(devices)) {
		working.Go(func() {
			for device := range next {
				if problem := d.readDevice(n, device); problem != nil {
					mu.Lock()
					failed, err = append(failed, device), problem
					mu.Unlock()
				}
			}
		})
	}
	for _, device := range devices {
		next <- device
	}
	close(next)
	working.Wait()
	return failed, err
}

func (d *Driver) readDevice(n *node, device string) error {
	asked := time.Now()
	state, err := n.asterisk.DeviceState(d.work, device)
	if err != nil {
		return err
	}
	state.Name = device // as it is subscribed to
	d.put(deviceRead{node: n, state: state, asked: asked})
	return nil
}

// unwatch ends subscriptions. Asterisk ends such a request at the first that is not there, so then each has its own.
func (d *Driver) unwatch(n *node, devices []string) error {
	if len(devices) == 0 {
		return nil
	}
	started := time.Now()
	err := n.asterisk.UnsubscribeDevices(d.work, devices)
	if errors.Is(err, ari.NotSubscribed) {
		err = unsubscribeEach(d.work, n.asterisk, devices)
	}
	if err != nil {
		n.errands.putBack(devices, false)
	}
	d.Observer.commanded(queueflow.UnwatchDevices{}, ari.KindOf(err).String(), time.Since(started))
	return err
}

func unsubscribeEach(ctx context.Context, a Asterisk, devices []string) error {
	for _, device := range devices {
		err := a.UnsubscribeDevices(ctx, []string{device})
		if err != nil && !errors.Is(err, ari.NotSubscribed) {
			return err
		}
	}
	return nil
}
