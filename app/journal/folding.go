package journal

import (
	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// folding visits events that may be in CALLS, in the spool, or in both: the writer may be publishing the spool.
type folding struct {
	visit   func(seq uint64, e callevent.Event) error
	waiting map[string]bool // ids in the spool that were not visited yet
}

func (f *folding) expect(m bus.Message) error {
	f.waiting[m.ID] = true
	return nil
}

func (f *folding) inCalls(seq uint64, e callevent.Event) error {
	delete(f.waiting, e.ID)
	return f.visit(seq, e)
}

func (f *folding) inSpool(m bus.Message) error {
	if !f.waiting[m.ID] {
		return nil
	}
	delete(f.waiting, m.ID)
	e, err := callevent.Decode(m.Data)
	if err != nil {
		return nil // of a later version of this program; it will be published as it is
	}
	return f.visit(0, e)
}
