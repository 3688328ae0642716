package demo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"missedcalls/app/config"
)

// home is where the demo keeps its files.
type home struct {
	// temp holds everything that goes away at the end: the configuration, and the data unless the user named a place.
	temp string
	// data is the program's data directory; kept tells whether it stays.
	data string
	kept bool
	// left is set when everything is to stay, for somebody to look at.
	left bool
}

func openHome(s config.Settings, kept bool) (*home, error) {
	temp, err := os.MkdirTemp("", "missedcalls-demo-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	h := &home{temp: temp, data: filepath.Join(temp, "data"), kept: kept}
	if kept {
		h.data = s.DataDir
	}
	if err := os.MkdirAll(h.data, 0o750); err != nil {
		return nil, errors.Join(fmt.Errorf("make the data directory: %w", err), h.remove())
	}
	return h, nil
}

// write puts a file among those that go away.
func (h *home) write(name string, text []byte) (path string, err error) {
	path = filepath.Join(h.temp, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("write %s of the demo: %w", name, err)
	}
	return path, nil
}

func (h *home) logPath() string { return filepath.Join(h.data, "demo.log") }

// logFile opens the file of the program's log.
func (h *home) logFile() (*os.File, error) {
	f, err := os.OpenFile(h.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return f, nil
}

// remove takes away what is not to be kept.
func (h *home) remove() error {
	if h.left {
		return nil
	}
	if err := os.RemoveAll(h.temp); err != nil {
		return fmt.Errorf("remove the temporary folder: %w", err)
	}
	return nil
}

// keep leaves everything where it is.
func (h *home) keep() { h.left = true }

// says tells where the data is.
func (h *home) says() string {
	if h.kept {
		return h.data + " (kept)"
	}
	return h.data + " (removed at the end; MISSEDCALLS_DATA_DIR keeps it)"
}
