package app

import (
	"github.com/rs/zerolog"

	"missedcalls/app/config"
)

// Options are what a process is made of.
type Options struct {
	Settings config.Settings
	// Roles are what the process does; none stand for everything.
	Roles           config.Roles
	Version, Commit string
	// Reload asks for the configuration file to be read again, once per value. It may be nil.
	Reload <-chan struct{}
	Log    zerolog.Logger
}
