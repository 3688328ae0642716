package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/config"
	"missedcalls/queueflow/callevent"
)

func renderCommand(environ []string) *cobra.Command {
	var name, format string
	cmd := &cobra.Command{
		Use:   "render EVENT.json",
		Short: "Show what targets would be told of an event, without sending it",
		Long: "Show what targets would be told of an event, without sending it. The event is one as on NATS, in a file or, for -, on\n" +
			"the standard input: nats sub 'calls.*.missed' --raw --count 1 | missedcalls render -\n\n" +
			"Without --target it is shown for every target that the routes of MISSEDCALLS_CONFIG choose.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(app.Formats(), app.Format(format)) {
				return usageError{fmt.Errorf("--format %q: must be text, html or json", format)}
			}
			_, file, err := installation(environ)
			if err != nil {
				return err
			}
			e, err := readEvent(cmd.InOrStdin(), args[0])
			if err != nil {
				return usageError{err}
			}
			targets, err := listeners(file, e, name)
			if err != nil {
				return err
			}
			return render(cmd, e, targets, app.Format(format))
		},
	}
	cmd.Flags().StringVar(&name, "target", "", "for this target, whatever the routes say")
	cmd.Flags().StringVar(&format, "format", "text", "text, html (the markup of Telegram and of mail) or json")
	return cmd
}

// readEvent reads an event from a file, or from in for a dash.
func readEvent(in io.Reader, path string) (callevent.Event, error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return callevent.Event{}, fmt.Errorf("read event: %w", err)
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, callevent.MaxSize+1))
	if err != nil {
		return callevent.Event{}, fmt.Errorf("read event: %w", err)
	}
	return callevent.Decode(b)
}

// listeners are the targets that are told of an event: the one that is named, or those that the routes choose.
func listeners(file config.File, e callevent.Event, name string) ([]app.Listener, error) {
	if name != "" {
		t, err := targetOf(file, name)
		return []app.Listener{{Target: t}}, err
	}
	return app.Listeners(file, e), nil
}

// render prints what each target would be told, under its name unless that was asked for.
func render(cmd *cobra.Command, e callevent.Event, targets []app.Listener, format app.Format) error {
	if len(targets) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "nobody is told of it: no route takes the event; --target shows it for a target all the same")
	}
	var errs []error
	for i, t := range targets {
		text, err := app.Render(t.Target, e, format)
		if err != nil {
			errs = append(errs, fmt.Errorf("target %s: %w", t.Name, err))
		}
		if format != app.FormatJSON && !cmd.Flags().Changed("target") {
			fmt.Fprintln(cmd.OutOrStdout(), strings.Repeat("\n", min(i, 1))+heading(t))
		}
		fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(text, "\n"))
	}
	return errors.Join(errs...)
}

// heading is the name of a target, as "crm (webhook), unless it is settled within 30s:".
func heading(t app.Listener) string {
	text := fmt.Sprintf("%s (%s)", t.Name, t.Channel())
	if t.Hold > 0 {
		text += fmt.Sprintf(", unless it is settled within %s", t.Hold)
	}
	return text + ":"
}
