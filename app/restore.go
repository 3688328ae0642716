package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/journal"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// checkpointEvery is the time between two saved states. A start replays what came since, at some 100,000 events a
// second.
const checkpointEvery = 5 * time.Second

// restore makes the machine from the newest checkpoint and the events since. seq is the place in CALLS of the last one.
func (a *App) restore(ctx context.Context, s queueflow.Settings, j *journal.Journal) (*queueflow.Machine, uint64, error) {
	begun := time.Now()
	snapshot, seq := loadSnapshot(a.settings.DataDir, a.log)
	machine, last, events, err := a.replay(ctx, s, j, snapshot, seq)
	if err == nil && last < seq {
		a.log.Warn().Uint64("saved", seq).Uint64("stream", last).
			Msg("the saved state is of another stream of events: reading all events of this one instead")
		machine, last, events, err = a.replay(ctx, s, j, queueflow.Snapshot{}, 0)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the events of the last run: %w", err)
	}
	machine.Begin(time.Now())
	waiting := 0
	for _, l := range machine.Lines() {
		waiting += l.Waiting
	}
	a.log.Info().Uint64("epoch", s.Epoch).Int("events", events).Int("waiting", waiting).Dur("took", time.Since(begun)).
		Msg("took up the calls of the last run")
	return machine, last, nil
}

// replay makes the machine from a state and the events after a place in CALLS, and tells the last place and how many
// events there were.
func (a *App) replay(
	ctx context.Context, s queueflow.Settings, j *journal.Journal, from queueflow.Snapshot, seq uint64,
) (m *queueflow.Machine, last uint64, events int, err error) {
	m = queueflow.Restore(s, a.file.Policies, from, time.Now())
	last, err = j.Fold(ctx, seq+1, func(_ uint64, e callevent.Event) error {
		events++
		m.Replay(e)
		return nil
	})
	return m, last, events, err
}

// loadSnapshot reads the newest checkpoint. One that is missing or cannot be read only costs time: everything is in the
// events.
func loadSnapshot(dir string, log zerolog.Logger) (queueflow.Snapshot, uint64) {
	var snapshot queueflow.Snapshot
	checkpoint, ok, err := journal.LoadCheckpoint(dir)
	if err == nil && ok {
		err = json.Unmarshal(checkpoint.State, &snapshot)
	}
	if err != nil {
		log.Warn().Err(err).Msg("the saved state cannot be used: reading all events instead")
		return queueflow.Snapshot{}, 0
	}
	return snapshot, checkpoint.Seq
}

// saveCheckpoint writes a state. A failure costs time at the next start, no call.
func (a *App) saveCheckpoint(seq uint64, state queueflow.Snapshot) {
	b, err := json.Marshal(state)
	if err == nil {
		err = journal.SaveCheckpoint(a.settings.DataDir, journal.Checkpoint{Seq: seq, State: b, SavedAt: time.Now()})
	}
	if err != nil {
		a.log.Error().Err(err).Msg("the state could not be saved; the next start reads more events")
		return
	}
	a.metrics.Checkpointed(time.Now())
}
