package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/api"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

func missedCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "missed",
		Short: "List the missed calls that are open, and resolve them by hand",
		Long: "List the missed calls that are open, and resolve them by hand.\n\n" +
			"The missed calls of one number are one, until it is resolved or a day has passed.\n" +
			"It needs the same MISSEDCALLS_CONFIG, MISSEDCALLS_DATA_DIR, MISSEDCALLS_ARI_APP and, with a cluster,\n" +
			"MISSEDCALLS_NATS_… as the program that serves the queues, and without a cluster the same user.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(listMissedCommand(environ), resolveMissedCommand(environ))
	return cmd
}

// maxListed bounds what one command prints.
const maxListed = 10_000

func listMissedCommand(environ []string) *cobra.Command {
	var in api.ListRequest
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the open missed calls, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, file, err := installation(environ)
			if err != nil {
				return err
			}
			if limit < 1 || limit > maxListed {
				return usageError{fmt.Errorf("--limit %d: must be 1 to %d", limit, maxListed)}
			}
			if err := knownQueue(file, in.Queue); err != nil {
				return err
			}
			found, more, err := app.ListMissed(cmd.Context(), settings, in, limit)
			if err != nil {
				return wrongRequest(err)
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), found)
			}
			return printMissed(cmd.OutOrStdout(), found, more, file.Timezone)
		},
	}
	cmd.Flags().StringVar(&in.Queue, "queue", "", "only those whose latest call was in this queue")
	cmd.Flags().StringVar(&in.Number, "number", "", "only those of this number, however it is written")
	cmd.Flags().IntVar(&limit, "limit", api.DefaultLimit, "how many at most")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, as the API has them")
	return cmd
}

func resolveMissedCommand(environ []string) *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use:   "resolve EPISODE|NUMBER --why TEXT",
		Short: "Say that somebody has seen to an open missed call",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, file, err := installation(environ)
			if err != nil {
				return err
			}
			in := resolveRequest(args[0], why)
			switch {
			case in.Why == "":
				return usageError{errors.New(`say what was done: --why "called back"`)}
			case len(in.Why) > queueflow.TextLimit:
				return usageError{fmt.Errorf("--why: it has %d bytes, and may have %d", len(in.Why), queueflow.TextLimit)}
			}
			resolved, err := app.ResolveMissed(cmd.Context(), settings, in)
			if err != nil {
				return wrongRequest(err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), resolution(resolved, file.Timezone))
			return nil
		},
	}
	cmd.Flags().StringVar(&why, "why", "", "what was done about it, for those who were told of the call")
	return cmd
}

// resolveRequest reads what was typed: the id of an episode has a letter, a telephone number has none.
func resolveRequest(what, why string) api.ResolveRequest {
	in := api.ResolveRequest{By: userName(), Why: strings.Join(strings.Fields(why), " ")}
	if strings.ContainsFunc(what, unicode.IsLetter) {
		in.Episode = what
	} else {
		in.Number = what
	}
	return in
}

// wrongRequest is an error of whoever typed the command, if the program says so.
func wrongRequest(err error) error {
	if answer := (*api.Error)(nil); errors.As(err, &answer) && answer.Code == api.BadRequest {
		return usageError{err}
	}
	return err
}

func printMissed(w io.Writer, found []queueflow.Episode, more bool, zone *time.Location) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, "no missed call is open")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "EPISODE\tLAST MISSED\tCALLS\tQUEUE\tCALLER\tREASON")
	for _, e := range found {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\n", printable(e.ID), shown(e.LastAt.Truncate(time.Second), zone), e.Calls,
			printable(orDash(e.Queue)), printable(who(e.Caller)), printable(string(e.Reason)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if more {
		_, err := fmt.Fprintf(w, "there are more: --limit %d\n", min(2*len(found), maxListed))
		return err
	}
	return nil
}

// resolution says how a missed call was closed, as "d4vq… of +79161234567 in sales: resolved by anna, 12m after the first
// of 3 calls: she called back".
func resolution(r callevent.Resolved, zone *time.Location) string {
	calls := "the call"
	if r.Calls > 1 {
		calls = fmt.Sprintf("the first of %d calls", r.Calls)
	}
	after := (time.Duration(r.AfterMS) * time.Millisecond).Round(time.Second)
	return printable(fmt.Sprintf("%s of %s in %s: resolved by %s, %s after %s at %s: %s",
		r.Episode, who(r.Caller), orDash(r.Queue), r.By, after, calls, shown(r.MissedAt.Truncate(time.Second), zone), r.Why))
}

// who is a caller for people.
func who(c callevent.Caller) string {
	number := c.E164
	switch {
	case c.Withheld:
		number = "number withheld"
	case number == "" && c.Raw == "":
		number = "no number"
	case number == "":
		number = c.Raw
	}
	if c.Name != "" {
		number += " (" + c.Name + ")"
	}
	return number
}

// orDash keeps a column from being empty.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
