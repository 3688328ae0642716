package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/notifier"
)

func deadCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead",
		Short: "List, show and replay the messages that could not be told to a target",
		Long: "List, show and replay the messages that could not be told to a target. They are kept for 90 days.\n\n" +
			"It needs the same MISSEDCALLS_CONFIG, MISSEDCALLS_DATA_DIR and, with a cluster, MISSEDCALLS_NATS_… as the program\n" +
			"with the role notifier, and without a cluster the same user.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(listDeadCommand(environ), showDeadCommand(environ), replayDeadCommand(environ))
	return cmd
}

func listDeadCommand(environ []string) *cobra.Command {
	var target string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List dead letters, the oldest first: id, when, target, what, and why",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 {
				return usageError{fmt.Errorf("--limit %d: must be 1 or more", limit)}
			}
			settings, file, err := installation(environ)
			if err != nil {
				return err
			}
			return app.WithDeadLetters(cmd.Context(), settings, func(dead notifier.DeadLetters) error {
				letters, more, err := dead.List(cmd.Context(), target, limit)
				for _, l := range letters {
					fmt.Fprintln(cmd.OutOrStdout(), describeLetter(l, file.Timezone))
				}
				if len(letters) == 0 && err == nil {
					fmt.Fprintln(cmd.ErrOrStderr(), "there are no dead letters")
				}
				if more {
					fmt.Fprintf(cmd.ErrOrStderr(), "there are more than %d; --limit shows them\n", limit)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&target, "target", "", "of this target only")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many")
	return cmd
}

// describeLetter tells a dead letter on one line, without the caller's number.
func describeLetter(l notifier.Letter, zone *time.Location) string {
	what := "unreadable"
	if e, err := l.Event(); err == nil {
		what = string(e.Payload.Kind()) + " of call " + e.Call
	}
	text := fmt.Sprintf("%d: %s: %s: %s: %s", l.ID, shown(l.At.Truncate(time.Second), zone), l.Target, what, l.Reason)
	if l.Attempts > 0 {
		text += fmt.Sprintf(", tries: %d", l.Attempts)
	}
	if l.Fallback != "" {
		text += ", told to " + l.Fallback + " instead"
	}
	if l.Error != "" {
		text += ": " + l.Error
	}
	return printable(text)
}

func showDeadCommand(environ []string) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a dead letter with its event, as JSON",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := letterIDs(args)
			if err != nil {
				return err
			}
			settings, _, err := installation(environ)
			if err != nil {
				return err
			}
			return app.WithDeadLetters(cmd.Context(), settings, func(dead notifier.DeadLetters) error {
				letter, err := dead.Show(cmd.Context(), ids[0])
				if err != nil {
					return err
				}
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(letter)
			})
		},
	}
}

func replayDeadCommand(environ []string) *cobra.Command {
	var target string
	cmd := &cobra.Command{
		Use:   "replay ID... | --target T",
		Short: "Have dead letters told again, and take them away",
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 0) == (target == "") {
				return usageError{errors.New("replay: give the ids of dead letters, or --target for all of one target")}
			}
			ids, err := letterIDs(args)
			if err != nil {
				return err
			}
			settings, _, err := installation(environ)
			if err != nil {
				return err
			}
			return app.WithDeadLetters(cmd.Context(), settings, func(dead notifier.DeadLetters) error {
				if target != "" {
					n, err := dead.ReplayAll(cmd.Context(), target)
					fmt.Fprintf(cmd.OutOrStdout(), "%s: dead letters that are told again: %d\n", target, n)
					return err
				}
				return replayEach(cmd, dead, ids)
			})
		},
	}
	cmd.Flags().StringVar(&target, "target", "", "all dead letters of this target")
	return cmd
}

// replayEach goes on with the others when one cannot be replayed.
func replayEach(cmd *cobra.Command, dead notifier.DeadLetters, ids []uint64) error {
	var errs []error
	for _, id := range ids {
		if err := dead.Replay(cmd.Context(), id); err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%d: is told again\n", id)
	}
	return errors.Join(errs...)
}

// letterIDs reads the ids of dead letters. Its error is a usageError.
func letterIDs(args []string) ([]uint64, error) {
	var ids []uint64
	for _, arg := range args {
		id, err := strconv.ParseUint(strings.TrimSpace(arg), 10, 64)
		if err != nil || id == 0 {
			return nil, usageError{fmt.Errorf("%q is no id of a dead letter; `missedcalls dead list` shows them", arg)}
		}
		ids = append(ids, id)
	}
	return ids, nil
}
