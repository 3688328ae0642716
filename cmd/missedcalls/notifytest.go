package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/config"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

func notifyTestCommand(environ []string) *cobra.Command {
	return &cobra.Command{
		Use:   "notify-test TARGET",
		Short: "Send a sample of a missed call to a target, and say what came of it",
		Long: "Send a sample of a missed call to a target of MISSEDCALLS_CONFIG, and say what came of it. It is sent by this command:\n" +
			"no program needs to run, and this one must be able to read the target's secrets. Nothing is tried twice.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, file, err := installation(environ)
			if err != nil {
				return err
			}
			t, err := targetOf(file, args[0])
			if err != nil {
				return err
			}
			verdict, err := app.TryTarget(cmd.Context(), settings, file, t)
			if verdict.Outcome == "" {
				return err
			}
			return errors.Join(tellVerdict(cmd, t, verdict), err) // a template that failed keeps nothing from being sent
		},
	}
}

// tellVerdict prints what became of a message, and gives an error unless it was sent.
func tellVerdict(cmd *cobra.Command, t policy.Target, v target.Verdict) error {
	at := fmt.Sprintf("%s (%s)", t.Name, t.Channel())
	switch v.Outcome {
	case target.Sent:
		fmt.Fprintln(cmd.OutOrStdout(), at+": sent")
		if v.Note != "" {
			fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+printable(v.Note))
		}
		return nil
	case target.Retry:
		return fmt.Errorf("%s: not sent now, it would be tried again: %s: %w", at, v.Reason, v.Err)
	}
	return fmt.Errorf("%s: refused, it would not be tried again: %s: %w", at, v.Reason, v.Err)
}

// targetOf finds a target of the configuration. Its error is a usageError.
func targetOf(file config.File, name string) (policy.Target, error) {
	t, known := file.Notifications.Targets[name]
	if known {
		return t, nil
	}
	names := slices.Sorted(maps.Keys(file.Notifications.Targets))
	if len(names) == 0 {
		return t, usageError{fmt.Errorf("%s has no targets; section notifications lists them", file.Path)}
	}
	return t, usageError{fmt.Errorf("%s has no target %q; it has: %s", file.Path, name, strings.Join(names, ", "))}
}
