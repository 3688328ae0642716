package demo

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus/bustest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { bustest.Verify(m) }

// golden compares text with a file of testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./cmd/missedcalls/demo -update writes it")
	assert.Equal(t, string(want), text+"\n", name)
}
