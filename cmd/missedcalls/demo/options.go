package demo

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rs/zerolog"

	"missedcalls/app/config"
)

// The least and the greatest speed: below, nothing is seen to happen; above, the clock of the machine decides.
const (
	slowest = 0.1
	fastest = 100
)

// Options are what a demonstration is made of.
type Options struct {
	// Environ holds the settings of the program, in the form of os.Environ().
	Environ []string
	// Seed decides who calls when, and what he does.
	Seed uint64
	// Speed divides the times of the callers and the durations of the demo's own configuration.
	Speed           float64
	Version, Commit string
	// Program is how the program was called, for the commands that the demo names.
	Program        string
	Stdout, Stderr io.Writer
	// Log makes the program's own logger.
	Log func(s config.LogSettings, w io.Writer) zerolog.Logger
}

// Demo is one demonstration. Run starts and ends it; it is used once.
type Demo struct {
	options  Options
	settings config.Settings
	// configuration is the user's file, nil for the demo's own.
	configuration []byte
}

// New reads the settings and starts nothing. Its error is for whoever typed the command: config.Problems, or what is
// wrong with it.
func New(o Options) (*Demo, error) {
	if !(o.Speed >= slowest && o.Speed <= fastest) { // written so that NaN is refused
		return nil, fmt.Errorf("--speed %g: must be a number from %g to %g", o.Speed, slowest, float64(fastest))
	}
	settings, err := config.LoadSettings(o.Environ)
	if err != nil {
		return nil, err
	}
	d := &Demo{options: o, settings: settings}
	if !d.isSet("CONFIG") {
		return d, nil
	}
	if d.configuration, err = os.ReadFile(settings.Config); err != nil {
		return nil, fmt.Errorf("read configuration: %w; unset MISSEDCALLS_CONFIG to use the demo's own", err)
	}
	if _, err := readScene(settings.Config, d.configuration, o.Speed); err != nil {
		return nil, err
	}
	return d, nil
}

// isSet tells whether the user gave a setting, named without its prefix. Set to nothing, or to spaces, is not set.
func (d *Demo) isSet(name string) bool {
	for _, entry := range d.options.Environ {
		if value, found := strings.CutPrefix(entry, "MISSEDCALLS_"+name+"="); found {
			return strings.TrimSpace(value) != ""
		}
	}
	return false
}
