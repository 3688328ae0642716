package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"missedcalls/app/config"
)

func checkConfigCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check-config FILE",
		Short: "Print every problem of a configuration file, with its place, value and rule",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := config.Load(args[0])
			if err != nil {
				return usageError{err}
			}
			for _, w := range file.Warnings {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning:", w.Error())
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: good, queues: %d, warnings: %d\n", file.Path, len(file.Policies.Queues), len(file.Warnings))
			return nil
		},
	}
}
