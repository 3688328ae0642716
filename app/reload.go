package app

import (
	"context"
	"errors"
	"time"

	"missedcalls/app/caller"
	"missedcalls/app/config"
	"missedcalls/queueflow"
)

// reloadOnDemand reads the configuration file whenever it is asked to, until ctx ends.
func (a *App) reloadOnDemand(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.reload:
			if a.takesCalls() {
				a.prompts.Reload()
			}
			a.reloadFile()
		}
	}
}

// reloadFile puts the configuration file in force, for those who wait too. A bad one changes nothing, and neither does one
// whose targets cannot be opened.
func (a *App) reloadFile() {
	file, err := config.Load(a.settings.Config)
	if err == nil && a.notifies() {
		err = a.notifier.Reconfigure(file.Notifications)
	}
	if err != nil {
		a.metrics.Reloaded(false, time.Now())
		var problems config.Problems
		if !errors.As(err, &problems) {
			a.log.Error().Err(err).Msg("configuration not reloaded; the old one stays in force")
			return
		}
		for _, p := range problems {
			a.log.Error().Msg(p.Error())
		}
		a.log.Error().Int("problems", len(problems)).Msg("configuration not reloaded; the old one stays in force")
		return
	}
	if a.takesCalls() {
		a.driver.Reload(file.Policies, caller.NewReader(file.Region))
		a.overrides.repeat()
		a.driver.TakeUp(a.members.ofQueues(newQueues(a.file.Policies, file.Policies)))
	}
	a.file = file
	a.configured(file)
}

// newQueues are the queues that are configured now and were not before. What was decided about their members was passed
// over until now.
func newQueues(before, now queueflow.Policies) map[string]bool {
	added := make(map[string]bool)
	for queue := range now.Queues {
		if _, known := before.Queues[queue]; !known {
			added[queue] = true
		}
	}
	return added
}

// configured notes and tells which configuration is in force.
func (a *App) configured(file config.File) {
	reader := caller.NewReader(file.Region)
	a.reader.Store(&reader)
	a.metrics.Reloaded(true, time.Now())
	for _, w := range file.Warnings {
		a.log.Warn().Msg(w.Error())
	}
	a.log.Info().Str("file", file.Path).Int("queues", len(file.Policies.Queues)).
		Int("targets", len(file.Notifications.Targets)).Msg("configuration in force")
}
