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
	machine := queueflow.Restore(s, a.file.Policies, snapshot, begun)
	events := 0
	last, err := j.Fold(ctx, seq+1, func(_ uint64, e callevent.Event) error {
		events++
		machine.Replay(e)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the events of the last run: %w", err)
	}
	waiting := 0
	for _, l := range machine.Lines() {
		waiting += l.Waiting
	}
	a.log.Info().Uint64("epoch", s.Epoch).Int("events", events).Int("waiting", waiting).Dur("took", time.Since(begun)).
		Msg("took up the calls of the last run")
	return machine, max(seq, last), nil
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
