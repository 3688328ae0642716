package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// answerWithin is how long a client waits: a little longer than a service takes.
const answerWithin = handleWithin + time.Second

// Client asks a running program. Its errors wrap an Error when the program gave one.
type Client struct {
	nc     *nats.Conn
	prefix string
}

// NewClient asks on the subjects that begin with a prefix. The connection stays the caller's.
func NewClient(nc *nats.Conn, prefix string) Client { return Client{nc: nc, prefix: prefix} }

// ListMissed gives a page of the open missed calls.
func (c Client) ListMissed(ctx context.Context, in ListRequest) (out ListReply, err error) {
	err = c.ask(ctx, "missed.list", in, &out)
	return out, err
}

// ResolveMissed closes an open missed call. When it returns nil that is durable.
func (c Client) ResolveMissed(ctx context.Context, in ResolveRequest) (out ResolveReply, err error) {
	err = c.ask(ctx, "missed.resolve", in, &out)
	return out, err
}

// ListMembers gives a page of members of queues.
func (c Client) ListMembers(ctx context.Context, in MembersRequest) (out MembersReply, err error) {
	err = c.ask(ctx, "members.list", in, &out)
	return out, err
}

// AddMember makes an agent a member of a queue. When this and the others that change members return nil, that is durable.
func (c Client) AddMember(ctx context.Context, in AddMemberRequest) (out ChangeReply, err error) {
	err = c.ask(ctx, "members.add", in, &out)
	return out, err
}

// RemoveMember ends a membership, or with no queue all that the configuration does not have.
func (c Client) RemoveMember(ctx context.Context, in MemberRequest) (out ChangeReply, err error) {
	err = c.ask(ctx, "members.remove", in, &out)
	return out, err
}

// PauseMember keeps calls of a queue, or of every queue, from an agent.
func (c Client) PauseMember(ctx context.Context, in MemberRequest) (out ChangeReply, err error) {
	err = c.ask(ctx, "members.pause", in, &out)
	return out, err
}

// UnpauseMember ends that.
func (c Client) UnpauseMember(ctx context.Context, in MemberRequest) (out ChangeReply, err error) {
	err = c.ask(ctx, "members.unpause", in, &out)
	return out, err
}

// SetPenalty gives a member another penalty.
func (c Client) SetPenalty(ctx context.Context, in PenaltyRequest) (out ChangeReply, err error) {
	err = c.ask(ctx, "members.penalty", in, &out)
	return out, err
}

// ListQueues gives a page of queues.
func (c Client) ListQueues(ctx context.Context, in QueuesRequest) (out QueuesReply, err error) {
	err = c.ask(ctx, "queues.list", in, &out)
	return out, err
}

func (c Client) ask(ctx context.Context, what string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("ask %s: %w", what, err)
	}
	subject := c.prefix + "." + what
	answer, err := c.nc.RequestWithContext(ctx, subject, body)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("ask %s: nobody answers: is `missedcalls serve` running, with this MISSEDCALLS_ARI_APP?", subject)
	case err != nil:
		return fmt.Errorf("ask %s: %w: nobody knows whether it was done; ask again", subject, err)
	}
	return readAnswer(subject, answer, out)
}

func readAnswer(subject string, answer *nats.Msg, out any) error {
	if answer.Header.Get(micro.ErrorCodeHeader) != "" {
		e := &Error{}
		if err := json.Unmarshal(answer.Data, e); err != nil || e.Message == "" {
			e = &Error{Code: Unavailable, Message: "the program answers " + answer.Header.Get(micro.ErrorHeader)}
		}
		return e
	}
	if err := json.Unmarshal(answer.Data, out); err != nil {
		return fmt.Errorf("ask %s: the answer cannot be read: %w", subject, err)
	}
	return nil
}
