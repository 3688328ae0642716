package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/config"
	"missedcalls/queueflow"
)

// showQueues prints how the queues of the running program are.
func showQueues(cmd *cobra.Command, environ []string, asJSON bool) error {
	settings, file, err := installation(environ)
	if err != nil {
		return err
	}
	found, more, err := app.ListQueues(cmd.Context(), settings, maxListed)
	if err != nil {
		return wrongRequest(err)
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), found)
	}
	decided, err := app.QueueStates(cmd.Context(), settings)
	if decided == nil && err != nil {
		return err
	}
	if printed := printQueues(cmd.OutOrStdout(), found, more, decided, file, time.Now()); printed != nil {
		return printed
	}
	return err // what was decided about some queue cannot be read
}

func printQueues(
	w io.Writer, found []queueflow.QueueView, more bool, decided []queueflow.QueueOverride, file config.File, now time.Time,
) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "QUEUE\tWAITING\tFIRST WAITS\tREADY\tRINGING\tTALKING\tWRAP-UP\tPAUSED\tIN USE\tUNAVAILABLE\tIN TIME\tSTATE")
	for _, q := range found {
		n := q.Agents
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", printable(q.Queue), q.Waiting, longest(q, now),
			n.Ready, n.Ringing, n.Talking, n.WrappingUp, n.Paused, n.InUse, n.Unavailable, inTime(q.Service), state(q.Queue, decided, file, now))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if more {
		_, err := fmt.Fprintln(w, "there are more queues than are shown")
		return err
	}
	return nil
}

// longest is how long the caller who is served next has waited.
func longest(q queueflow.QueueView, now time.Time) string {
	if q.OldestEnteredAt.IsZero() {
		return "-"
	}
	return max(now.Sub(q.OldestEnteredAt), 0).Truncate(time.Second).String()
}

// inTime is the share of answered callers who were so within the service level, as "83% of 12".
func inTime(s queueflow.Service) string {
	if s.Answered == 0 {
		return "-"
	}
	return fmt.Sprintf("%d%% of %d", 100*s.AnsweredInTime/s.Answered, s.Answered)
}

// state says whether a queue is open, and why, as list does.
func state(queue string, decided []queueflow.QueueOverride, file config.File, now time.Time) string {
	o := queueflow.QueueOverride{Queue: queue, State: queueflow.StateAuto}
	if at := slices.IndexFunc(decided, func(o queueflow.QueueOverride) bool { return o.Queue == queue }); at >= 0 {
		o = decided[at]
	}
	return strings.TrimPrefix(describe(o, file, now), queue+": ")
}
