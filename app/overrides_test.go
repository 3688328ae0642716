package app_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/config"
	"missedcalls/app/journal"
	"missedcalls/queueflow"
)

// listening lets commands in.
const listening = "MISSEDCALLS_NATS_LISTEN=127.0.0.1:0"

// commanding are the settings of a command for the process of a directory.
func commanding(t *testing.T, dir string) config.Settings {
	t.Helper()
	s, err := config.LoadSettings([]string{"MISSEDCALLS_DATA_DIR=" + filepath.Join(dir, "data")})
	require.NoError(t, err)
	return s
}

func set(t *testing.T, dir string, o queueflow.QueueOverride) {
	t.Helper()
	require.NoError(t, app.SetQueue(t.Context(), commanding(t, dir), o))
}

// held are the decisions that a process which has ended had in force.
func held(t *testing.T, dir string) []queueflow.QueueOverride {
	t.Helper()
	saved, ok, err := journal.LoadCheckpoint(filepath.Join(dir, "data"))
	require.NoError(t, err)
	require.True(t, ok)
	var state queueflow.Snapshot
	require.NoError(t, json.Unmarshal(saved.State, &state))
	return state.Overrides
}

// forget takes a process that has ended back to when it knew other decisions.
func forget(t *testing.T, dir string, known ...queueflow.QueueOverride) {
	t.Helper()
	save(t, dir, queueflow.Snapshot{Overrides: known})
}

// save makes a state the one with which the next process begins, before all events.
func save(t *testing.T, dir string, s queueflow.Snapshot) {
	t.Helper()
	state, err := json.Marshal(s)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data"), 0o700))
	require.NoError(t, journal.SaveCheckpoint(filepath.Join(dir, "data"), journal.Checkpoint{State: state, SavedAt: time.Now()}))
}

func closed(queue string) queueflow.QueueOverride {
	return queueflow.QueueOverride{Queue: queue, State: queueflow.StateClosed, By: "anna", Why: "inventory"}
}

func TestWhatIsDecidedByHandHoldsAtOnceIsToldAndOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening)
	set(t, dir, closed("sales"))
	p.log.await(t, `"queue":"sales","by":"anna","why":"inventory","message":"queue is closed by hand"`)
	states, err := app.QueueStates(t.Context(), commanding(t, dir))
	require.NoError(t, err)
	assert.Equal(t, []queueflow.QueueOverride{closed("sales")}, states)
	p.stop()
	assert.Equal(t, []queueflow.QueueOverride{closed("sales")}, held(t, dir))

	forget(t, dir) // as when it was killed before it saved
	again := start(t, dir, listening)
	again.log.await(t, "queue is closed by hand")
	again.stop()
	assert.Equal(t, []queueflow.QueueOverride{closed("sales")}, held(t, dir))
}

// onLine does something as soon as a process logs a text.
type onLine struct {
	text string
	do   func()
}

func (o onLine) Write(b []byte) (int, error) {
	if strings.Contains(string(b), o.text) {
		o.do()
	}
	return len(b), nil
}

func TestWhatIsDecidedIsInForceBeforeAsteriskIsHeardOf(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening)
	set(t, dir, closed("sales"))
	p.stop()
	forget(t, dir)

	o := options(t, dir)
	ctx, end := context.WithCancel(t.Context())
	o.Log = zerolog.New(onLine{"queue is closed by hand", end}) // so that it ends before it follows what is decided later
	a, err := app.New(o)
	require.NoError(t, err)
	require.NoError(t, a.Run(ctx))
	assert.Equal(t, []queueflow.QueueOverride{closed("sales")}, held(t, dir))
}

func TestWhatWasTakenBackDoesNotReturnWithAnOlderState(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening)
	set(t, dir, closed("sales"))
	set(t, dir, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateAuto, By: "boris"})
	p.log.await(t, `"by":"boris","message":"queue is given back to its hours"`)
	states, err := app.QueueStates(t.Context(), commanding(t, dir))
	require.NoError(t, err)
	assert.Empty(t, states)
	p.stop()
	assert.Empty(t, held(t, dir))

	forget(t, dir, closed("sales"))
	start(t, dir).stop()
	assert.Empty(t, held(t, dir))
}

func TestADecisionThatIsOverGivesTheQueueBackToItsHours(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening)
	over := queueflow.QueueOverride{Queue: "sales", State: queueflow.StateOpen, Until: time.Now().Add(-time.Second)}
	set(t, dir, over)
	set(t, dir, closed("last")) // is told after it
	p.log.await(t, `"queue":"last"`)
	states, err := app.QueueStates(t.Context(), commanding(t, dir))
	require.NoError(t, err)
	assert.Equal(t, []queueflow.QueueOverride{closed("last")}, states)
	p.stop()

	forget(t, dir, closed("sales"))
	start(t, dir).stop()
	assert.Empty(t, held(t, dir), "what was decided before it holds no longer either")
}

func TestAQueueThatIsConfiguredLaterIsClosedAsItWasDecided(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening)
	set(t, dir, closed("support"))
	p.log.await(t, `"queue":"support"`)
	write(t, dir, "queues: {sales: {}, support: {}}")
	p.reload <- struct{}{}
	p.log.await(t, `"queues":2`)
	p.stop()
	assert.Equal(t, []queueflow.QueueOverride{closed("support")}, held(t, dir))
}

func TestARecordThatCannotBeReadIsPassedOverAndTold(t *testing.T) {
	dir := t.TempDir()
	password := []string{"MISSEDCALLS_NATS_LISTEN=" + nobody(t), "MISSEDCALLS_NATS_TOKEN=secret"}
	p := start(t, dir, password...)
	nc, err := nats.Connect("nats://"+password[0][len("MISSEDCALLS_NATS_LISTEN="):], nats.Token("secret"))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	for queue, value := range map[string]string{"a": "{", "b": `{"queue":"b","state":"ajar"}`, "c": `{}`, "d": string(make([]byte, 5000))} {
		_, err := js.Publish(t.Context(), "$KV.missedcalls.queue.missedcalls."+queue, []byte(value))
		require.NoError(t, err)
	}
	set(t, dir, closed("sales"))
	p.log.await(t, "queue is closed by hand")
	states, err := app.QueueStates(t.Context(), commanding(t, dir))
	assert.Equal(t, []queueflow.QueueOverride{closed("sales")}, states)
	for _, text := range []string{"unexpected end", `state "ajar" is not auto, open or closed`, "it names none", "it has 5000 bytes"} {
		assert.ErrorContains(t, err, text)
		encoded, _ := json.Marshal(text)
		p.log.await(t, string(encoded[1:len(encoded)-1]))
	}
	p.stop()

	again := start(t, dir, password...)
	again.log.await(t, "is passed over")
	again.stop()
	assert.Equal(t, []queueflow.QueueOverride{closed("sales")}, held(t, dir))
}

func TestADecisionCannotBeStoredWhereNoProgramRuns(t *testing.T) {
	dir := t.TempDir()
	err := app.SetQueue(t.Context(), commanding(t, dir), closed("sales"))
	require.ErrorContains(t, err, "start `missedcalls serve`")
	_, err = app.QueueStates(t.Context(), commanding(t, dir))
	require.ErrorContains(t, err, "start `missedcalls serve`")
}
