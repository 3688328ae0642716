package testbed

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed build.sh
var buildScript string

// ErrNotBuilt says that the machine has no whole root yet.
var ErrNotBuilt = errors.New("the real Asterisk is not built; run `make testbed` (or testbed/build.sh) as root on Debian")

// Root is a built folder that holds a whole Debian with Asterisk in it. Instances only read it.
type Root struct {
	// Path is the folder, absolute.
	Path string
	// Version is Asterisk's, such as "22.10.1".
	Version string
	// UID and GID are those of the user asterisk inside.
	UID, GID int
}

// Build makes the root unless it is there, and writes what it does to log. It needs root rights and Debian; the error says what
// is missing. An interrupted build is taken up again where it stopped.
func Build(ctx context.Context, log io.Writer) (Root, error) {
	path, err := runBuildScript(ctx, log)
	if err != nil {
		return Root{}, fmt.Errorf("build testbed: %w", err)
	}
	return openRoot(path)
}

// Find returns the root that an earlier Build made, or ErrNotBuilt.
func Find(ctx context.Context) (Root, error) {
	path, err := runBuildScript(ctx, io.Discard, "--print")
	if err != nil {
		return Root{}, fmt.Errorf("find testbed: %w", err)
	}
	return openRoot(path)
}

// runBuildScript runs the script and returns the path it prints. The script is started from a file, because it starts itself again.
func runBuildScript(ctx context.Context, log io.Writer, args ...string) (string, error) {
	folder, err := os.MkdirTemp("", "testbed-build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	script := filepath.Join(folder, "build.sh")
	if err := os.WriteFile(script, []byte(buildScript), 0o700); err != nil {
		return "", err
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, "bash", append([]string{script}, args...)...)
	cmd.Stdout = &out
	cmd.Stderr = io.MultiWriter(log, &problems)
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build.sh: %w: %s", err, lastLine(problems.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// openRoot reads what an instance has to know about the root at path.
func openRoot(path string) (Root, error) {
	version, err := os.ReadFile(filepath.Join(path, ".asterisk-version"))
	if errors.Is(err, os.ErrNotExist) {
		return Root{}, fmt.Errorf("%s: %w", path, ErrNotBuilt)
	}
	if err != nil {
		return Root{}, fmt.Errorf("open testbed: %w", err)
	}
	passwd, err := os.ReadFile(filepath.Join(path, "etc/passwd"))
	if err != nil {
		return Root{}, fmt.Errorf("open testbed: %w", err)
	}
	uid, gid, err := findUser(string(passwd), "asterisk")
	if err != nil {
		return Root{}, fmt.Errorf("open testbed: %s: %w", path, err)
	}
	return Root{Path: path, Version: strings.TrimSpace(string(version)), UID: uid, GID: gid}, nil
}

// findUser looks a user up in the text of a passwd file: the ids inside the root are not those of the machine.
func findUser(passwd, name string) (uid, gid int, err error) {
	lines := bufio.NewScanner(strings.NewReader(passwd))
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 4 || fields[0] != name {
			continue
		}
		uid, uidErr := strconv.Atoi(fields[2])
		gid, gidErr := strconv.Atoi(fields[3])
		return uid, gid, errors.Join(uidErr, gidErr)
	}
	return 0, 0, fmt.Errorf("no user %s in passwd", name)
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
