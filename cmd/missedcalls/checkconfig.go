package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/config"
)

func checkConfigCommand(environ []string) *cobra.Command {
	var ask bool
	cmd := &cobra.Command{
		Use:   "check-config FILE",
		Short: "Print every problem of a configuration file, with its place, value and rule",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := config.Load(args[0])
			if err != nil {
				return usageError{err}
			}
			warn(cmd.ErrOrStderr(), file.Warnings)
			if ask {
				if err := askAsterisk(cmd.Context(), environ, file, cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: good, queues: %d, targets: %d, warnings: %d\n",
				file.Path, len(file.Policies.Queues), len(file.Notifications.Targets), len(file.Warnings))
			return nil
		},
	}
	cmd.Flags().BoolVar(&ask, "ask-asterisk", false,
		"ask each Asterisk of the environment (MISSEDCALLS_ARI_URL) which of the sounds it lacks, and web servers for theirs")
	return cmd
}

// askAsterisk prints what is missing. The error is a usageError for that, and another one when Asterisk cannot be asked.
func askAsterisk(ctx context.Context, environ []string, file config.File, stderr io.Writer) error {
	settings, err := config.LoadSettings(environ)
	if err != nil {
		return usageError{err}
	}
	if err := settings.CheckServe(config.Roles{config.RoleApp}); err != nil {
		return usageError{err}
	}
	answers, err := app.AskAsterisk(ctx, settings, file)
	warn(stderr, answers.Warnings)
	if err != nil {
		for _, p := range answers.Missing {
			fmt.Fprintln(stderr, p.Error())
		}
		return err
	}
	if len(answers.Missing) > 0 {
		return usageError{answers.Missing}
	}
	return nil
}

func warn(w io.Writer, warnings []config.Problem) {
	for _, p := range warnings {
		fmt.Fprintln(w, "warning:", p.Error())
	}
}
