package main

import (
	"context"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"missedcalls/cmd/missedcalls/demo"
)

func demoCommand(environ []string) *cobra.Command {
	var seed uint64
	var speed float64
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the program at work without an Asterisk: a stand-in, invented callers and agents, the real events",
		Long: "Show the program at work without an Asterisk. A stand-in Asterisk, callers and agents who are made up, and the program as serve\n" +
			"runs it, in one process; the events on NATS are the real ones. It runs until interrupted, hands over as serve does,\n" +
			"and sums up. The settings of serve hold, except those of ARI; without MISSEDCALLS_DATA_DIR the data goes to a\n" +
			"temporary folder, without MISSEDCALLS_CONFIG a configuration of its own is used.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("seed") {
				seed = uint64(rand.Uint32()) // short enough to be typed again
			}
			d, err := demo.New(demo.Options{
				Environ: environ, Seed: seed, Speed: speed, Version: version, Commit: commit, Program: os.Args[0],
				Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(), Log: newLog,
			})
			if err != nil {
				return usageError{err}
			}
			ctx, stop := untilSignal(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			return d.Run(ctx)
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 0, "repeat the callers of a run (default: a new crowd each time)")
	cmd.Flags().Float64Var(&speed, "speed", 1, "how many times faster than life callers come, wait and give up, from 0.1 to 100")
	return cmd
}

// untilSignal ends the context at one of the signals; the next one ends the process at once.
func untilSignal(ctx context.Context, signals ...os.Signal) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, signals...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
