package app

import (
	"context"

	"missedcalls/app/bus"
	"missedcalls/app/config"
)

// startNotifier starts the role notifier.
func (a *App) startNotifier(context.Context, *bus.Bus) error { return nil }

// reconfigureNotifier puts the targets and routes of a file in force.
func (a *App) reconfigureNotifier(config.File) {}

// notifierReady says whether events reach the notifier.
func (a *App) notifierReady(context.Context) error { return nil }
