package app

import (
	"context"
	"fmt"

	"missedcalls/app/api"
	"missedcalls/app/bus"
	"missedcalls/app/config"
	"missedcalls/app/journal"
	"missedcalls/app/stasis"
	"missedcalls/queueflow"
)

// memberDesk is what the program can be asked about members of queues.
type memberDesk struct {
	driver  *stasis.Driver
	journal *journal.Journal
	store   *memberStore
}

// Members implements api.Members.
func (d memberDesk) Members(ctx context.Context, queue, endpoint string) (found []queueflow.MemberView, err error) {
	all, err := d.driver.Members(ctx, queue)
	for _, v := range all {
		if endpoint == "" || v.Endpoint == endpoint {
			found = append(found, v)
		}
	}
	return found, err
}

// Queues implements api.Members.
func (d memberDesk) Queues(ctx context.Context) ([]queueflow.QueueView, error) {
	return d.driver.Queues(ctx)
}

// Change implements api.Members. Nothing is begun while events are in memory only.
func (d memberDesk) Change(ctx context.Context, in queueflow.ChangeMember) error {
	if err := d.journal.Healthy(); err != nil {
		return err
	}
	records, err := d.driver.ChangeMember(ctx, in)
	if err != nil {
		return err
	}
	if err := d.journal.Flush(ctx); err != nil {
		return fmt.Errorf("it is done, and not durable yet: %w", err)
	}
	for _, r := range records {
		if err := d.store.Store(ctx, r); err != nil {
			return fmt.Errorf("it is done, and not stored for the next start yet: %w", err)
		}
	}
	return nil
}

// ListMembers asks the program of these settings for members of queues, page by page until it has as many as the limit
// says. more says that there are others.
func ListMembers(
	ctx context.Context, s config.Settings, in api.MembersRequest, limit int,
) (found []queueflow.MemberView, more bool, err error) {
	err = asking(s, func(c api.Client) error {
		found, more, err = pages(limit, func(limit int, after string) ([]queueflow.MemberView, string, error) {
			in.Limit, in.After = limit, after
			page, err := c.ListMembers(ctx, in)
			return page.Members, page.Next, err
		})
		return err
	})
	return found, more, err
}

// ListQueues asks the program of these settings how its queues are, as ListMembers does.
func ListQueues(ctx context.Context, s config.Settings, limit int) (found []queueflow.QueueView, more bool, err error) {
	err = asking(s, func(c api.Client) error {
		found, more, err = pages(limit, func(limit int, after string) ([]queueflow.QueueView, string, error) {
			page, err := c.ListQueues(ctx, api.QueuesRequest{Limit: limit, After: after})
			return page.Queues, page.Next, err
		})
		return err
	})
	return found, more, err
}

// ChangeMember lets the program of these settings change a member, and gives all memberships that the agent has then. When
// it returns no error that is durable; an api.Error says why the program did not do it.
func ChangeMember(
	ctx context.Context, s config.Settings, change func(ctx context.Context, c api.Client) (api.ChangeReply, error),
) (now []queueflow.MemberView, err error) {
	err = asking(s, func(c api.Client) error {
		reply, err := change(ctx, c)
		now = reply.Members
		return err
	})
	return now, err
}

// asking asks the program of these settings.
func asking(s config.Settings, ask func(api.Client) error) error {
	nc, err := bus.Reach(busSettings(s))
	if err != nil {
		return err
	}
	defer nc.Close()
	return ask(api.NewClient(nc, bus.Requests(s.ARI.App)))
}

// pages reads a list page by page until it has as many as the limit says.
func pages[T any](limit int, read func(limit int, after string) ([]T, string, error)) (found []T, more bool, err error) {
	for after := ""; ; {
		page, next, err := read(min(limit-len(found), api.MaxLimit), after)
		if err != nil {
			return nil, false, err
		}
		found = append(found, page...)
		if next == "" || len(found) >= limit {
			return found, next != "", nil
		}
		after = next
	}
}
