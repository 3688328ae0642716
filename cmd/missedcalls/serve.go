package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/config"
)

func serveCommand(environ []string) *cobra.Command {
	var names []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the queues",
		Long:  "Serve the queues of the configuration file. SIGTERM hands over, SIGHUP reloads the file.\n\n" + settingsHelp(),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			roles, err := config.ParseRoles(names)
			if err != nil {
				return usageError{err}
			}
			return serve(cmd.Context(), environ, roles, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringSliceVar(&names, "role", nil,
		"roles of this process, separated by commas: app takes calls, notifier tells people of them; default: "+config.EveryRole().String())
	return cmd
}

func settingsHelp() string {
	var b strings.Builder
	b.WriteString("Settings, from the environment:\n")
	if err := config.Usage(&b); err != nil {
		return "" // a strings.Builder takes everything
	}
	return b.String()
}

// serve runs the application until a signal ends it.
func serve(ctx context.Context, environ []string, roles config.Roles, stderr io.Writer) error {
	settings, err := config.LoadSettings(environ)
	if err != nil {
		return usageError{err}
	}
	log := newLog(settings.Log, stderr)
	reload, stopReload := onHangup()
	defer stopReload()
	a, err := app.New(app.Options{Settings: settings, Roles: roles, Version: version, Commit: commit, Reload: reload, Log: log})
	if err != nil {
		return usageError{err}
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	log.Info().Str("version", version).Str("commit", commit).Stringer("roles", roles).Msg("starting")
	if err := a.Run(ctx); err != nil {
		return err
	}
	if !roles.Has(config.RoleApp) {
		log.Info().Msg("stopped")
		return nil
	}
	log.Info().Msg("stopped; waiting callers are on Asterisk, with their music and their place")
	return nil
}

// onHangup turns SIGHUP into values; several in a row may count as one.
func onHangup() (<-chan struct{}, func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	reload := make(chan struct{}, 1)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				select {
				case reload <- struct{}{}:
				default:
				}
			case <-done:
				return
			}
		}
	}()
	return reload, func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}

// newLog makes the logger that the settings ask for.
func newLog(s config.LogSettings, w io.Writer) zerolog.Logger {
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00"
	zerolog.ErrorFieldName = "err" //nolint:reassign // the key is fixed, and zerolog has no other way to set it
	level, err := zerolog.ParseLevel(s.Level)
	if err != nil {
		level = zerolog.InfoLevel
	}
	if s.Format == "console" || s.Format == "" && isTerminal(w) {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: "15:04:05.000", NoColor: !isTerminal(w)}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
