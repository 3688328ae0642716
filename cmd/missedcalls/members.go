package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"missedcalls/app"
	"missedcalls/app/api"
	"missedcalls/app/config"
	"missedcalls/queueflow"
)

func membersCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "members",
		Short: "List the agents of queues, add and remove them, pause them and let them go on",
		Long: "List the agents of queues, add and remove them, pause them and let them go on.\n\n" +
			"Members of the configuration cannot be removed; they can be paused, and given another penalty.\n" +
			"It needs the same MISSEDCALLS_CONFIG, MISSEDCALLS_DATA_DIR, MISSEDCALLS_ARI_APP and, with a cluster,\n" +
			"MISSEDCALLS_NATS_… as the program that serves the queues, and without a cluster the same user.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		listMembersCommand(environ), addMemberCommand(environ), removeMemberCommand(environ), pauseMemberCommand(environ),
		unpauseMemberCommand(environ), penaltyCommand(environ),
	)
	return cmd
}

func listMembersCommand(environ []string) *cobra.Command {
	var in api.MembersRequest
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the agents of queues, and what each does now",
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
			found, more, err := app.ListMembers(cmd.Context(), settings, in, limit)
			if err != nil {
				return wrongRequest(err)
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), found)
			}
			return printMembers(cmd.OutOrStdout(), found, more, file.Timezone)
		},
	}
	cmd.Flags().StringVar(&in.Queue, "queue", "", "only those of this queue")
	cmd.Flags().StringVar(&in.Endpoint, "endpoint", "", "only this agent, such as PJSIP/101")
	cmd.Flags().IntVar(&limit, "limit", 1000, "how many at most")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, as the API has them")
	return cmd
}

func addMemberCommand(environ []string) *cobra.Command {
	var in api.AddMemberRequest
	var wrapUp time.Duration
	var ringInUse bool
	cmd := &cobra.Command{
		Use:   "add QUEUE ENDPOINT",
		Short: "Make an agent a member of a queue; he may be paused from the beginning",
		Args:  cobra.ExactArgs(2),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in.Queue, in.Endpoint = args[0], args[1]
		if cmd.Flags().Changed("wrap-up") {
			ms := wrapUp.Milliseconds()
			in.WrapUpMS = &ms
		}
		if cmd.Flags().Changed("ring-in-use") {
			in.RingInUse = &ringInUse
		}
		return changeMember(cmd, environ, in.Queue, in.Endpoint, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
			in.Why = oneLineOf(in.Why)
			return c.AddMember(ctx, in)
		})
	}
	flags := cmd.Flags()
	flags.StringVar(&in.Name, "name", "", "what people call the agent; the endpoint unless given")
	flags.IntVar(&in.Penalty, "penalty", 0, "agents of a lower penalty are rung first")
	flags.DurationVar(&wrapUp, "wrap-up", 0, "the agent's own rest after a talk, such as 20s; the queue's unless given")
	flags.StringVar(&in.StateInterface, "state-interface", "",
		"the device whose state tells whether the agent is free; the endpoint unless given")
	flags.BoolVar(&in.Paused, "paused", false, "the agent begins paused")
	flags.BoolVar(&in.Confirm, "confirm", false, "the agent presses 1 to take a call, as on an outside line")
	flags.BoolVar(&ringInUse, "ring-in-use", false, "the agent is rung while his phone is in use; as the queue says unless given")
	flags.StringArrayVar(&in.Skills, "skill", nil, "what the agent can do; may be repeated")
	whyFlags(cmd, &in.Why)
	return cmd
}

func removeMemberCommand(environ []string) *cobra.Command {
	var in api.MemberRequest
	var all bool
	cmd := &cobra.Command{
		Use:   "remove QUEUE ENDPOINT | remove --all ENDPOINT",
		Short: "End a membership that was added, or all of an agent",
		Args: func(cmd *cobra.Command, args []string) error {
			if all {
				return cobra.ExactArgs(1)(cmd, args)
			}
			return cobra.ExactArgs(2)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Endpoint = args[len(args)-1]
			if !all {
				in.Queue = args[0]
			}
			return changeMember(cmd, environ, in.Queue, in.Endpoint, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
				in.Why = oneLineOf(in.Why)
				return c.RemoveMember(ctx, in)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "from every queue to which he was added")
	whyFlags(cmd, &in.Why)
	return cmd
}

func pauseMemberCommand(environ []string) *cobra.Command {
	var in api.MemberRequest
	cmd := &cobra.Command{
		Use:   "pause ENDPOINT --reason TEXT",
		Short: "Give an agent no calls for now, of every queue or of one",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Endpoint, in.Why = args[0], oneLineOf(in.Why)
			if in.Reason == "" {
				return usageError{errors.New("say why: --reason lunch")}
			}
			return changeMember(cmd, environ, in.Queue, in.Endpoint, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
				return c.PauseMember(ctx, in)
			})
		},
	}
	cmd.Flags().StringVar(&in.Queue, "queue", "", "of this queue only")
	whyFlags(cmd, &in.Why)
	return cmd
}

func unpauseMemberCommand(environ []string) *cobra.Command {
	var in api.MemberRequest
	cmd := &cobra.Command{
		Use:   "unpause ENDPOINT",
		Short: "Give an agent calls again, of every queue or of one",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Endpoint, in.Why = args[0], oneLineOf(in.Why)
			return changeMember(cmd, environ, in.Queue, in.Endpoint, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
				return c.UnpauseMember(ctx, in)
			})
		},
	}
	cmd.Flags().StringVar(&in.Queue, "queue", "", "of this queue only")
	whyFlags(cmd, &in.Why)
	return cmd
}

func penaltyCommand(environ []string) *cobra.Command {
	var in api.PenaltyRequest
	cmd := &cobra.Command{
		Use:   "penalty QUEUE ENDPOINT N",
		Short: "Say whom a queue rings first: the lower penalty before the higher",
		Args:  cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Queue, in.Endpoint, in.Why = args[0], args[1], oneLineOf(in.Why)
			var err error
			if in.Penalty, err = strconv.Atoi(args[2]); err != nil {
				return usageError{fmt.Errorf("%q is no penalty: it is a whole number from 0", args[2])}
			}
			return changeMember(cmd, environ, in.Queue, in.Endpoint, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
				return c.SetPenalty(ctx, in)
			})
		},
	}
	whyFlags(cmd, &in.Why)
	return cmd
}

func whyFlags(cmd *cobra.Command, why *api.Why) {
	cmd.Flags().StringVar(&why.Reason, "reason", "", "the reason, for events, logs and lists")
	cmd.Flags().StringVar(&why.By, "by", userName(), "who decides it")
}

// oneLineOf keeps what was typed on one line.
func oneLineOf(why api.Why) api.Why {
	return api.Why{Reason: strings.Join(strings.Fields(why.Reason), " "), By: strings.Join(strings.Fields(why.By), " ")}
}

// changeMember makes a change and prints what the agent is a member of then.
func changeMember(
	cmd *cobra.Command, environ []string, queue, endpoint string, change func(context.Context, api.Client) (api.ChangeReply, error),
) error {
	settings, file, err := installation(environ)
	if err != nil {
		return err
	}
	if err := knownQueue(file, queue); err != nil {
		return err
	}
	now, err := app.ChangeMember(cmd.Context(), settings, change)
	switch {
	case err != nil:
		return wrongRequest(err)
	case len(now) == 0:
		_, err := fmt.Fprintln(cmd.OutOrStdout(), printable(endpoint+" is in no queue"))
		return err
	}
	return printMembers(cmd.OutOrStdout(), now, false, file.Timezone)
}

// knownQueue refuses a queue that is not configured; an empty one is none.
func knownQueue(file config.File, queue string) error {
	if _, known := file.Policies.Queues[queue]; !known && queue != "" {
		return usageError{fmt.Errorf("%s has no queue %q; it has: %s", file.Path, queue, strings.Join(queuesOf(file), ", "))}
	}
	return nil
}

func printMembers(w io.Writer, found []queueflow.MemberView, more bool, zone *time.Location) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, "there are no members")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "QUEUE\tENDPOINT\tNAME\tPENALTY\tSTATE\tSINCE\tTALKS\tFROM\tLAST CHANGE")
	for _, v := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%d\t%s\t%s\n", printable(v.Queue), printable(v.Endpoint), printable(v.Name), v.Penalty,
			printable(v.State), moment(v.Since, zone), v.Talks, addedBy(v), printable(lastChange(v)))
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

// addedBy says where a member comes from.
func addedBy(v queueflow.MemberView) string {
	if v.Dynamic {
		return "added"
	}
	return "configuration"
}

// lastChange is who changed a member, and why, as "anna: lunch".
func lastChange(v queueflow.MemberView) string {
	if v.Reason == "" {
		return orDash(v.By)
	}
	return orDash(v.By) + ": " + v.Reason
}

// moment is a time that may not be known.
func moment(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return "-"
	}
	return shown(at.Truncate(time.Second), zone)
}

// printJSON prints one object a line.
func printJSON[T any](w io.Writer, found []T) error {
	encoder := json.NewEncoder(w)
	for _, one := range found {
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return nil
}
