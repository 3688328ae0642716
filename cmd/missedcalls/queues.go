package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/config"
	"missedcalls/queueflow"
)

func queuesCommand(environ []string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "queues",
		Short: "Show how queues are: callers, agents, service level; close and open them by hand",
		Long: "Show how queues are: callers, agents, service level; close and open them by hand.\n\n" +
			"Without a command it shows every queue of the running program. The agents of a queue are told by what they do now;\n" +
			"IN TIME has those of the callers who were answered within the queue's service_level, since the program's start.\n" +
			"It needs the same MISSEDCALLS_CONFIG, MISSEDCALLS_DATA_DIR, MISSEDCALLS_ARI_APP and, with a cluster,\n" +
			"MISSEDCALLS_NATS_… as the program that serves the queues, and without a cluster the same user.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return showQueues(cmd, environ, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, as the API has them")
	cmd.AddCommand(
		listQueuesCommand(environ),
		setQueueCommand(environ, queueflow.StateClosed, "close NAME", "Close a queue, whatever its hours are"),
		setQueueCommand(environ, queueflow.StateOpen, "open NAME", "Open a queue, whatever its hours are"),
		setQueueCommand(environ, queueflow.StateAuto, "auto NAME", "Give a queue back to its hours"),
	)
	return cmd
}

func listQueuesCommand(environ []string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every queue: open or closed now, by its hours or by hand",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, file, err := installation(environ)
			if err != nil {
				return err
			}
			states, err := app.QueueStates(cmd.Context(), settings)
			if states == nil && err != nil {
				return err
			}
			for _, queue := range queuesOf(file) {
				fmt.Fprintln(cmd.OutOrStdout(), queue+": "+state(queue, states, file, time.Now()))
			}
			return err
		},
	}
}

func setQueueCommand(environ []string, state queueflow.QueueState, use, short string) *cobra.Command {
	var until deadline
	var why string
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o := queueflow.QueueOverride{Queue: args[0], State: state, By: userName(), Why: strings.Join(strings.Fields(why), " ")}
			return setQueue(cmd, environ, o, until)
		},
	}
	cmd.Flags().StringVar(&why, "why", "", "the reason, for the log and for list")
	if state != queueflow.StateAuto {
		cmd.Flags().DurationVar(&until.after, "for", 0, "how long, such as 2h; then its hours hold again")
		cmd.Flags().StringVar(&until.at, "until", "", `until when, as "2026-12-24 18:00" by the clock of the configuration's timezone, or as RFC 3339`)
	}
	return cmd
}

func setQueue(cmd *cobra.Command, environ []string, o queueflow.QueueOverride, until deadline) error {
	settings, file, err := installation(environ)
	if err != nil {
		return err
	}
	if _, known := file.Policies.Queues[o.Queue]; !known {
		return usageError{fmt.Errorf("%s has no queue %q; it has: %s", file.Path, o.Queue, strings.Join(queuesOf(file), ", "))}
	}
	if len(o.Why) > queueflow.TextLimit {
		return usageError{fmt.Errorf("--why: it has %d bytes, and may have %d", len(o.Why), queueflow.TextLimit)}
	}
	now := time.Now()
	if o.Until, err = until.resolve(cmd.Flags().Changed, now, file.Timezone); err != nil {
		return usageError{err}
	}
	if err := app.SetQueue(cmd.Context(), settings, o); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), describe(o, file, now))
	return nil
}

// installation reads what the running program was told. Its error is a usageError.
func installation(environ []string) (config.Settings, config.File, error) {
	settings, err := config.LoadSettings(environ)
	if err != nil {
		return config.Settings{}, config.File{}, usageError{err}
	}
	file, err := config.Load(settings.Config)
	if err != nil {
		return config.Settings{}, config.File{}, usageError{err}
	}
	return settings, file, nil
}

func queuesOf(file config.File) []string { return slices.Sorted(maps.Keys(file.Policies.Queues)) }

// deadline is how long a decision holds, as it was typed.
type deadline struct {
	after time.Duration
	at    string
}

// resolve gives the moment, the zero time when none was typed.
func (d deadline) resolve(typed func(flag string) bool, now time.Time, zone *time.Location) (time.Time, error) {
	var at time.Time
	switch {
	case typed("for") && typed("until"):
		return at, errors.New("--for and --until are two ways to say the same: use one of them")
	case typed("for"):
		if d.after <= 0 {
			return at, fmt.Errorf("--for %s: must be above zero, such as 2h or 30m", d.after)
		}
		return now.Add(d.after).In(zone), nil
	case typed("until"):
		at, err := parseTime(d.at, zone)
		if err != nil {
			return at, err
		}
		if !at.After(now) {
			return at, fmt.Errorf("--until %s: is over already; it is %s", d.at, shown(now, zone))
		}
		return at, nil
	}
	return at, nil
}

func parseTime(text string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		return at, fmt.Errorf(`--until %q: must be a time such as "2026-12-24 18:00" by the clock of %s, or 2026-12-24T18:00:00+03:00`, text, zone)
	}
	return at, nil
}

// describe says how a queue is at a time, as "sales: closed by anna until 2026-12-24 18:00 MSK: inventory".
func describe(o queueflow.QueueOverride, file config.File, now time.Time) string {
	var b strings.Builder
	b.WriteString(o.Queue + ": ")
	if o.State == queueflow.StateAuto {
		state := queueflow.StateClosed
		if file.Policies.Queues[o.Queue].Hours.Open(now) {
			state = queueflow.StateOpen
		}
		b.WriteString(string(state) + " by its hours")
		return b.String()
	}
	by := o.By
	if by == "" {
		by = "hand"
	}
	b.WriteString(string(o.State) + " by " + by)
	if !o.Until.IsZero() {
		b.WriteString(" until " + shown(o.Until, file.Timezone))
	}
	if o.Why != "" {
		b.WriteString(": " + o.Why)
	}
	return printable(b.String())
}

// printable keeps what others have typed from steering the reader's terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// shown is a time as people of a zone read it; seconds are told only when there are any.
func shown(at time.Time, zone *time.Location) string {
	at = at.In(zone)
	if at.Truncate(time.Minute).Equal(at) {
		return at.Format("2006-01-02 15:04 MST")
	}
	return at.Format("2006-01-02 15:04:05 MST")
}

// userName is who runs the command; a user without a name, as in some containers, is told by number.
func userName() string {
	u, err := user.Current()
	if err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
