package notifier

import (
	"encoding/json"
	"fmt"
	"time"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// job is one event to be told to one target, as it stands in stream JOBS.
type job struct {
	Target string `json:"target"`
	// Matter is what the event is about.
	Matter string `json:"matter"`
	// Event is the encoded event.
	Event json.RawMessage `json:"event"`
	// Routed says that the routes chose the target. It was told of the matter before, otherwise, and learns how that goes on.
	Routed bool `json:"routed,omitempty"`
	// Since is when its age begins to count: the time of the event, or of a replay.
	Since time.Time `json:"since"`
	// Due is when it may be told, zero for at once.
	Due time.Time `json:"due,omitzero"`
	// Hops counts the targets it was moved on from.
	Hops int `json:"hops,omitempty"`
	// Progress is who has it already, of a dead letter that is replayed, in the channel's own terms.
	Progress json.RawMessage `json:"progress,omitempty"`

	event callevent.Event
}

func decodeJob(data []byte) (job, error) {
	var j job
	if err := json.Unmarshal(data, &j); err != nil {
		return job{}, fmt.Errorf("read job: %w", err)
	}
	e, err := callevent.Decode(j.Event)
	if err != nil {
		return job{}, fmt.Errorf("read job of target %s: %w", j.Target, err)
	}
	j.event = e
	return j, nil
}

// deliveryID is unique for the event and the target, however often it is tried.
func (j job) deliveryID() string { return j.event.ID + "." + j.Target }

// subject has the jobs of one matter for one target, in their order.
func (j job) subject() string { return jobSubject(j.Target, j.Matter) }

func jobSubject(target, matter string) string {
	return jobsOf(target) + bus.Token(matter)
}

// jobsOf is what the subjects of a target's jobs begin with.
func jobsOf(target string) string { return "jobs." + bus.Token(target) + "." }

// message is the job on its way into the stream. Whoever publishes it again, from whatever process, is recognised for 15
// minutes.
func (j job) message() (bus.Message, error) {
	data, err := json.Marshal(j)
	if err != nil {
		return bus.Message{}, fmt.Errorf("write job %s: %w", j.deliveryID(), err)
	}
	return bus.Message{Subject: j.subject(), ID: j.deliveryID(), Data: data}, nil
}
