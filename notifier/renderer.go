package notifier

import (
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// Renderer puts events into words for one target. It is safe for concurrent use. It is given events as they are, and hides
// the numbers that its target may not see: in a digest it must tell callers apart first. With an error, a message is the
// built-in one, because the operator's template failed.
type Renderer interface {
	Announce(e callevent.Event) (message.Message, error)
	// Changed is an earlier message as it stands after an event that settles its matter.
	Changed(earlier message.Message, e callevent.Event) message.Message
	// Digest tells of many events, in their order. One that settles a matter stands after what it settles.
	Digest(events []callevent.Event) (message.Message, error)
}

// masking hides numbers in an event that leaves for a target; nil for a target that may see them.
type masking func(callevent.Event) callevent.Event

func maskingFor(t policy.Target, mask func(callevent.Event) callevent.Event) masking {
	if !t.MaskNumbers {
		return nil
	}
	return mask
}

// apply gives the event and its encoding as the target may see them.
func (m masking) apply(j job) (callevent.Event, []byte) {
	if m == nil {
		return j.event, j.Event
	}
	masked := m(j.event)
	data, err := callevent.Encode(masked)
	if err != nil {
		return masked, nil // better nothing than a number
	}
	return masked, data
}
