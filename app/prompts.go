package app

import (
	"context"
)

// offerPrompts says where Asterisk gets our prompts, if it can get them at all. port is the one of our listener.
func (a *App) offerPrompts(port string) {
	url, err := a.settings.PromptsURL(port)
	if err != nil {
		a.log.Warn().Err(err).Msg("Asterisk cannot play the program's own prompts")
		return
	}
	a.prompts.ServedAt(url)
	a.log.Info().Str("url", url+"/prompts/").Msg("Asterisk gets the prompts here")
}

// watchPrompts keeps the operator's prompts up to date until the process ends.
func (a *App) watchPrompts() {
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.prompts.Watch(ctx)
	}()
	a.lifecycle.started("prompts", func(context.Context) error { end(); <-ended; return nil })
}
