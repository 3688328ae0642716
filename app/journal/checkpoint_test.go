package journal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestACheckpointIsReadAsItWasSaved(t *testing.T) {
	dir := t.TempDir()
	for seq, state := range map[uint64]string{1: `{"calls":[1,2]}`, 2: `null`, 1 << 60: "\"line\\nbreak\"\n"} {
		want := Checkpoint{Seq: seq, State: json.RawMessage(state), SavedAt: noon}
		require.NoError(t, SaveCheckpoint(dir, want))
		got, ok, err := LoadCheckpoint(dir)
		require.NoError(t, err)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 1, "nothing half-written stays")
}

func TestWithoutACheckpointThereIsNoneAndNoError(t *testing.T) {
	_, ok, err := LoadCheckpoint(t.TempDir())
	assert.NoError(t, err)
	assert.False(t, ok)
}

func TestACheckpointThatIsCutOrDamagedAnywhereIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, SaveCheckpoint(dir, Checkpoint{Seq: 7, State: json.RawMessage(`{"calls":[1,2,3]}`), SavedAt: noon}))
	file := filepath.Join(dir, checkpointFile)
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	for length := range len(whole) {
		require.NoError(t, os.WriteFile(file, whole[:length], 0o600))
		_, ok, err := LoadCheckpoint(dir)
		assert.False(t, ok, "%d of %d bytes", length, len(whole))
		assert.Error(t, err)
	}
	for place := len(whole) - 17; place < len(whole); place++ {
		damaged := append([]byte(nil), whole...)
		damaged[place] ^= 0x20
		require.NoError(t, os.WriteFile(file, damaged, 0o600))
		_, ok, err := LoadCheckpoint(dir)
		assert.False(t, ok, "byte %d", place)
		assert.ErrorContains(t, err, "wrong checksum")
	}
}

func TestACheckpointOfAnotherReleaseIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, checkpointFile), []byte(`{"version":2}`+"\n"), 0o600))
	_, ok, err := LoadCheckpoint(dir)
	assert.False(t, ok)
	assert.ErrorContains(t, err, "version 2")
}

func TestACheckpointThatCannotBeSavedLeavesTheOneBefore(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, SaveCheckpoint(dir, Checkpoint{Seq: 1, State: json.RawMessage(`1`), SavedAt: noon}))
	require.NoError(t, os.Mkdir(filepath.Join(dir, checkpointFile+".new"), 0o700))
	assert.Error(t, SaveCheckpoint(dir, Checkpoint{Seq: 2, State: json.RawMessage(`2`), SavedAt: noon}))
	got, ok, err := LoadCheckpoint(dir)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, uint64(1), got.Seq)
	assert.Error(t, SaveCheckpoint(filepath.Join(dir, "nowhere"), Checkpoint{}))
}
