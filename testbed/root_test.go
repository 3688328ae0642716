package testbed

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARootIsLookedForInTheCacheFolder(t *testing.T) {
	t.Setenv("MISSEDCALLS_TESTBED", "/cache/of/tests")
	path, err := runBuildScript(t.Context(), io.Discard, "--print")
	require.NoError(t, err)
	assert.Regexp(t, `^/cache/of/tests/root-[0-9a-f]{12}$`, path)

	t.Setenv("MISSEDCALLS_TESTBED", "")
	t.Setenv("XDG_CACHE_HOME", "/xdg")
	path, err = runBuildScript(t.Context(), io.Discard, "--print")
	require.NoError(t, err)
	assert.Contains(t, path, "/xdg/missedcalls/testbed/root-")
}

func TestAMissingRootIsAFailureThatSaysWhatToDo(t *testing.T) {
	t.Setenv("MISSEDCALLS_TESTBED", t.TempDir())
	_, err := Find(t.Context())
	assert.ErrorIs(t, err, ErrNotBuilt)
	assert.ErrorContains(t, err, "make testbed")
}

func TestARootTellsItsVersionAndItsUser(t *testing.T) {
	path := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(path, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(path, ".asterisk-version"), []byte("22.10.1\n"), 0o644))
	_, err := openRoot(path)
	assert.ErrorContains(t, err, "passwd")

	passwd := filepath.Join(path, "etc/passwd")
	require.NoError(t, os.WriteFile(passwd, []byte("root:x:0:0::/root:/bin/sh\nshort:x\n"), 0o644))
	_, err = openRoot(path)
	assert.ErrorContains(t, err, "no user asterisk")

	require.NoError(t, os.WriteFile(passwd, []byte("root:x:0:0::/:/bin/sh\nasterisk:x:101:102:PBX:/var/lib/asterisk:/bin/false\n"), 0o644))
	root, err := openRoot(path)
	require.NoError(t, err)
	assert.Equal(t, Root{Path: path, Version: "22.10.1", UID: 101, GID: 102}, root)

	require.NoError(t, os.WriteFile(passwd, []byte("asterisk:x:one:102:PBX:/:/bin/false\n"), 0o644))
	_, err = openRoot(path)
	assert.Error(t, err)
}
