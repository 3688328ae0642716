package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
)

// watch begins or ends the telling of devices' states. Who asks is told the present ones.
func (a *asterisk) watch(devices []string, on bool) {
	for _, device := range devices {
		if !on {
			delete(a.watched, device)
			continue
		}
		if a.watched[device] == nil {
			a.watched[device] = new(time.Time)
		}
		a.tellDevice(device)
	}
}

// tellDevice tells how a device stands, in order with the earlier news of it. Some news is lost.
func (a *asterisk) tellDevice(device string) {
	last, l, w := a.watched[device], a.link, a.w
	if last == nil || l == nil || l.dead || w.happens(w.faults.late/10) {
		return
	}
	in := queueflow.DeviceChanged{Node: a.url, Device: device, State: queueflow.DeviceInvalid}
	if i := slices.IndexFunc(w.phones, func(p *phone) bool { return p.device == device }); i >= 0 {
		in.State = w.phones[i].state(a)
	}
	at := w.now.Add(w.latency())
	if at.Before(*last) {
		at = *last
	}
	*last = at
	w.at(at, func() { a.deliver(l, in, nil) })
}
