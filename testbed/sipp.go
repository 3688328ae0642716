package testbed

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// sipp is one run of SIPp: its folder, its ports and its process.
type sipp struct {
	folder string
	port   int
	// runID is part of every Call-ID, so that a late message of an earlier run is not taken for one of this.
	runID string
	// sink takes the media and never reads it: the kernel throws away what does not fit.
	sink net.PacketConn
	cmd  *exec.Cmd
	// done is closed when the process has ended.
	done chan struct{}
}

// newSIPP makes a folder below the instance's for a run, and a place for its media to go.
func newSIPP(parent string) (*sipp, error) {
	folder, err := os.MkdirTemp(filepath.Join(parent, "sipp"), "run-")
	if err != nil {
		return nil, fmt.Errorf("sipp: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("sipp: %w", err)
	}
	sink, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("sipp: media: %w", err)
	}
	return &sipp{folder: folder, port: port, runID: filepath.Base(folder), sink: sink}, nil
}

func (s *sipp) mediaPort() int {
	return s.sink.LocalAddr().(*net.UDPAddr).Port
}

// start runs SIPp towards an address with a scenario; further arguments are SIPp's own.
func (s *sipp) start(target, scenario string, args ...string) error {
	binary, err := exec.LookPath("sipp")
	if err != nil {
		return fmt.Errorf("sipp is not installed; run `make testbed` (or apt-get install sip-tester): %w", err)
	}
	if err := writeFile(s.path("scenario.xml"), scenario); err != nil {
		return err
	}
	output, err := os.Create(s.path("output.log"))
	if err != nil {
		return fmt.Errorf("sipp: %w", err)
	}
	defer output.Close()
	s.cmd = exec.Command(binary, append([]string{
		"-sf", "scenario.xml", "-i", "127.0.0.1", "-p", strconv.Itoa(s.port), "-nostdin", "-cid_str", "%u-" + s.runID,
		"-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log",
	}, append(args, target)...)...)
	s.cmd.Dir = s.folder
	// The log's times have no zone.
	s.cmd.Env = []string{"PATH=/usr/bin:/bin", "TZ=UTC", "TERM=dumb", "LC_ALL=C"}
	s.cmd.Stdout, s.cmd.Stderr = output, output
	done, err := startBound(s.cmd)
	if err != nil {
		return fmt.Errorf("sipp: %w", err)
	}
	s.done = done
	// The times a test compares with are SIPp's, so it should not have to wait for a processor. Without the right to do so it just does.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, s.cmd.Process.Pid, -10)
	return nil
}

// waitListening returns when SIPp has taken its port.
func (s *sipp) waitListening(within time.Duration) error {
	deadline := time.After(within)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !bound(s.port) {
		select {
		case <-s.done:
			return s.failure()
		case <-deadline:
			return fmt.Errorf("sipp: port %d is not taken after %s", s.port, within)
		case <-tick.C:
		}
	}
	return nil
}

// stop ends SIPp at once: its callers and agents vanish without a word. Stopping twice, or before the start, is harmless.
func (s *sipp) stop() {
	if s.done != nil {
		_ = s.cmd.Process.Kill()
		<-s.done
	}
	_ = s.sink.Close()
}

// messages returns what was sent and received so far.
func (s *sipp) messages() []sipMessage {
	log, err := os.ReadFile(s.path("messages.log"))
	if err != nil {
		return nil
	}
	return inOrder(parseTrace(string(log)))
}

// failure tells why a run that has ended was not one: a scenario SIPp does not take, a port that is taken. Calls that went otherwise
// than the scenario (exit code 1) are for the results to show.
func (s *sipp) failure() error {
	state := s.cmd.ProcessState
	if code := state.ExitCode(); code == 0 || code == 1 && len(s.messages()) > 0 {
		return nil
	}
	text := ""
	for _, name := range []string{"output.log", "errors.log"} {
		content, _ := os.ReadFile(s.path(name))
		text += tail(string(content), 5)
	}
	return errors.New("sipp: " + state.String() + ": " + text)
}

func (s *sipp) path(name string) string {
	return filepath.Join(s.folder, name)
}
