package testbed

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// CLI runs a command of Asterisk's command line and returns what it prints.
func (a *Asterisk) CLI(ctx context.Context, command string) (string, error) {
	p := a.current()
	if p == nil {
		return "", errors.New("asterisk command line: it is stopped")
	}
	cmd := exec.CommandContext(ctx, "nsenter", "--target", strconv.Itoa(p.pid), "--mount",
		"chroot", filepath.Join(a.Folder, "root"), "/usr/sbin/asterisk", "-rx", command)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TERM=dumb"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("asterisk command line: %s: %w: %s", command, err, lastLine(string(out)))
	}
	return string(out), nil
}

var activeChannels = regexp.MustCompile(`(?m)^(\d+) active channels?$`)

// ActiveChannels counts the channels that exist now.
func (a *Asterisk) ActiveChannels(ctx context.Context) (int, error) {
	out, err := a.CLI(ctx, "core show channels count")
	if err != nil {
		return 0, err
	}
	found := activeChannels.FindStringSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("count channels: no number in %q", out)
	}
	return strconv.Atoi(found[1])
}

// Departure is a call that left the application for the dialplan: to the fallback, or to an extension of the context exit.
type Departure struct {
	// Channel is the caller's channel id.
	Channel string
	// Extension is the dialled number in the fallback, or the extension of the context exit.
	Extension string
	// Number is the caller's, empty when withheld.
	Number string
	// StasisStatus is SUCCESS or FAILED.
	StasisStatus string
	// QueueStatus, QueuePosition and QueueWait are the variables the application set on the channel.
	QueueStatus, QueuePosition, QueueWait string
	// MemberInterface and MemberName say which agent hung up on the caller.
	MemberInterface, MemberName string
}

// Fallbacks returns the calls that took the dialplan's fallback, which refuses a call with 503, since Asterisk was started.
func (a *Asterisk) Fallbacks(ctx context.Context) ([]Departure, error) {
	return a.departures(ctx, "fallback")
}

// Exits returns the calls that came to the context exit since Asterisk was started.
func (a *Asterisk) Exits(ctx context.Context) ([]Departure, error) {
	return a.departures(ctx, "exit")
}

func (a *Asterisk) departures(ctx context.Context, context string) ([]Departure, error) {
	out, err := a.CLI(ctx, "dialplan show globals")
	if err != nil {
		return nil, err
	}
	return parseDepartures(out, context), nil
}

// parseDepartures reads the notes extensions.conf makes from the output of "dialplan show globals":
// "   exit_1795250558.3=500|79990000001|SUCCESS|TIMEOUT|1|60||". Other lines are other variables.
func parseDepartures(out, context string) []Departure {
	var found []Departure
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		channel, noted := strings.CutPrefix(name, context+"_")
		fields := strings.Split(value, "|")
		if !noted || len(fields) != 8 {
			continue
		}
		found = append(found, Departure{
			Channel: channel, Extension: fields[0], Number: fields[1], StasisStatus: fields[2],
			QueueStatus: fields[3], QueuePosition: fields[4], QueueWait: fields[5],
			MemberInterface: fields[6], MemberName: fields[7],
		})
	}
	return found
}
