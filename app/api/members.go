package api

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"missedcalls/queueflow"
)

// MembersRequest asks for members of queues, in the order of queue and endpoint.
type MembersRequest struct {
	// Queue is the id of a queue, Endpoint that of an agent; empty for any.
	Queue    string `json:"queue,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
	// Limit is how many are told at most, 0 for DefaultLimit.
	Limit int `json:"limit,omitempty"`
	// After is Next of the list before; empty for the first.
	After string `json:"after,omitempty"`
}

// MembersReply is a page of members.
type MembersReply struct {
	Members []queueflow.MemberView `json:"members"`
	// Next asks for those that follow; absent when there are no more.
	Next string `json:"next,omitempty"`
}

// AddMemberRequest makes an agent a member of a queue, paused from the beginning if wanted.
type AddMemberRequest struct {
	Queue string `json:"queue"`
	// Endpoint is what is rung, such as PJSIP/101. By it an agent is the same one in all queues.
	Endpoint string `json:"endpoint"`
	// Name is what people call the agent; empty for the endpoint.
	Name    string `json:"name,omitempty"`
	Penalty int    `json:"penalty,omitempty"`
	// WrapUpMS is the agent's own rest after a talk, in milliseconds; null is the queue's.
	WrapUpMS *int64 `json:"wrap_up_ms,omitempty"`
	// StateInterface is the device whose state tells whether the agent is free; empty for the endpoint.
	StateInterface string `json:"state_interface,omitempty"`
	Paused         bool   `json:"paused,omitempty"`
	// Confirm wants the agent to press 1 before the caller is connected.
	Confirm bool `json:"confirm,omitempty"`
	// RingInUse says whether the agent is rung while his phone is in use; null is the queue's.
	RingInUse *bool    `json:"ring_in_use,omitempty"`
	Skills    []string `json:"skills,omitempty"`
	Why
}

// MemberRequest removes, pauses or unpauses a member.
type MemberRequest struct {
	// Queue is the id of a queue; empty for every queue of the agent.
	Queue    string `json:"queue,omitempty"`
	Endpoint string `json:"endpoint"`
	Why
}

// PenaltyRequest gives a member another penalty.
type PenaltyRequest struct {
	Queue    string `json:"queue"`
	Endpoint string `json:"endpoint"`
	Penalty  int    `json:"penalty"`
	Why
}

// Why says who changes a member, which is needed, and for what reason. Each has at most queueflow.TextLimit bytes.
type Why struct {
	Reason string `json:"reason,omitempty"`
	By     string `json:"by"`
}

// ChangeReply says that a change is made, for good: its event is durable, and what is decided about the member is stored.
type ChangeReply struct {
	// Members are all the memberships that the agent has now.
	Members []queueflow.MemberView `json:"members"`
}

// Members is who knows the members of queues, and the queues. It may give an Error, or what queueflow says is wrong with a
// change; any other error is Unavailable.
type Members interface {
	// Members gives those of a queue and of an agent, in any order; empty is any.
	Members(ctx context.Context, queue, endpoint string) ([]queueflow.MemberView, error)
	// Change makes a change. Its events are durable and its records stored when it returns nil.
	Change(ctx context.Context, in queueflow.ChangeMember) error
	// Queues gives every queue as it is, in any order.
	Queues(ctx context.Context) ([]queueflow.QueueView, error)
}

func listMembers(ctx context.Context, m Members, in MembersRequest) (any, error) {
	limit, err := limitOf(in.Limit)
	if err != nil {
		return nil, err
	}
	all, err := m.Members(ctx, in.Queue, in.Endpoint)
	if err != nil {
		return nil, err
	}
	var reply MembersReply
	reply.Members, reply.Next = page(all, memberKey, in.After, limit)
	return reply, nil
}

// memberKey is a place in a list of members. Neither a queue nor an endpoint has a space.
func memberKey(v queueflow.MemberView) string { return v.Queue + " " + v.Endpoint }

func addMember(ctx context.Context, m Members, in AddMemberRequest) (any, error) {
	member, err := in.member()
	if err != nil {
		return nil, err
	}
	return change(ctx, m, queueflow.AddMember, in.Queue, member, in.Why)
}

// member reads what is asked of a new member.
func (in AddMemberRequest) member() (queueflow.Member, error) {
	member := queueflow.Member{
		Endpoint: in.Endpoint, Name: in.Name, Penalty: in.Penalty, StateInterface: in.StateInterface, Paused: in.Paused,
		Confirm: in.Confirm, RingInUse: in.RingInUse, Skills: in.Skills,
	}
	if in.WrapUpMS != nil {
		if *in.WrapUpMS < 0 || *in.WrapUpMS > maxWrapUp.Milliseconds() {
			return member, badRequest("wrap_up_ms %d: it is 0 to %d", *in.WrapUpMS, maxWrapUp.Milliseconds())
		}
		rest := time.Duration(*in.WrapUpMS) * time.Millisecond
		member.WrapUp = &rest
	}
	if in.StateInterface != "" && !isEndpoint(in.StateInterface) {
		return member, badRequest("state_interface %q: it is a device, such as PJSIP/101", clip(in.StateInterface))
	}
	if err := text("name", in.Name); err != nil {
		return member, err
	}
	return member, checkSkills(in.Skills)
}

func removeMember(ctx context.Context, m Members, in MemberRequest) (any, error) {
	return in.change(ctx, m, queueflow.RemoveMember)
}

func pauseMember(ctx context.Context, m Members, in MemberRequest) (any, error) {
	return in.change(ctx, m, queueflow.PauseMember)
}

func unpauseMember(ctx context.Context, m Members, in MemberRequest) (any, error) {
	return in.change(ctx, m, queueflow.UnpauseMember)
}

func (in MemberRequest) change(ctx context.Context, m Members, what queueflow.MemberChange) (any, error) {
	return change(ctx, m, what, in.Queue, queueflow.Member{Endpoint: in.Endpoint}, in.Why)
}

func setPenalty(ctx context.Context, m Members, in PenaltyRequest) (any, error) {
	return change(ctx, m, queueflow.SetPenalty, in.Queue, queueflow.Member{Endpoint: in.Endpoint, Penalty: in.Penalty}, in.Why)
}

// change makes a change of which the parts that all have in common are still to be checked.
func change(
	ctx context.Context, m Members, what queueflow.MemberChange, queue string, member queueflow.Member, why Why,
) (any, error) {
	if queue == "" && (what == queueflow.AddMember || what == queueflow.SetPenalty) {
		return nil, badRequest("queue: it is needed")
	}
	if !isEndpoint(member.Endpoint) {
		return nil, badRequest("endpoint %q: it is a technology and a resource, such as PJSIP/101", clip(member.Endpoint))
	}
	if member.Penalty < 0 || member.Penalty > maxPenalty {
		return nil, badRequest("penalty %d: it is 0 to %d", member.Penalty, maxPenalty)
	}
	if why.By == "" {
		return nil, badRequest("by: it is needed: who does it")
	}
	for name, said := range map[string]string{"by": why.By, "reason": why.Reason} {
		if err := text(name, said); err != nil {
			return nil, err
		}
	}
	err := m.Change(ctx, queueflow.ChangeMember{Change: what, Queue: queue, Member: member, Reason: why.Reason, By: why.By})
	if err != nil {
		return nil, err
	}
	now, err := m.Members(ctx, "", member.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("it is done, and cannot be shown: %w", err)
	}
	members, _ := page(now, memberKey, "", len(now))
	return ChangeReply{Members: members}, nil
}

// Bounds of what is said of a member.
const (
	maxEndpoint = 200
	maxPenalty  = 1_000_000
	maxWrapUp   = 24 * time.Hour
	maxSkills   = 2000 // bytes of all together
)

var (
	endpointForm = regexp.MustCompile(`^[A-Za-z0-9_]+/\S+$`)
	skillForm    = regexp.MustCompile(`^[\p{L}\p{N}_-]{1,40}$`)
)

func isEndpoint(text string) bool {
	return len(text) <= maxEndpoint && endpointForm.MatchString(text) && isPlain(text)
}

// text is for people, of some length, and steers no terminal.
func text(name, said string) error {
	if len(said) > queueflow.TextLimit || !isPlain(said) {
		return badRequest("%s: it has at most %d bytes, and no control characters", name, queueflow.TextLimit)
	}
	return nil
}

func isPlain(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }

func checkSkills(skills []string) error {
	if all := strings.Join(skills, ""); len(all) > maxSkills {
		return badRequest("skills: they have %d bytes, and may have %d", len(all), maxSkills)
	}
	for _, skill := range skills {
		if !skillForm.MatchString(skill) {
			return badRequest("skill %q: it is 1 to 40 letters, digits, - and _", clip(skill))
		}
	}
	return nil
}
