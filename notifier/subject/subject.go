// Package subject tells programs by NATS: it publishes each event to a subject of the operator's choice, on the
// connection that the bus owns.
package subject

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// Core is what is needed of a connection; *nats.Conn has it.
type Core interface {
	PublishMsg(m *nats.Msg) error
	FlushWithContext(ctx context.Context) error
}

// JetStream is what is needed of the streams on that connection; jetstream.JetStream has it.
type JetStream interface {
	StreamNameBySubject(ctx context.Context, subject string) (string, error)
	PublishMsg(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error)
}

// Subject is a target that publishes.
type Subject struct {
	pattern string
	core    Core
	streams JetStream
}

var _ target.Target = (*Subject)(nil)

// New makes a target of its settings. The error says what is wrong with the subject: it must be one that can be published
// to, and none that this application listens to.
func New(t policy.Target, core Core, streams JetStream) (*Subject, error) {
	if err := check(t.NATS.Subject); err != nil {
		return nil, fmt.Errorf("target %s: subject %q: %w", t.Name, t.NATS.Subject, err)
	}
	return &Subject{pattern: t.NATS.Subject, core: core, streams: streams}, nil
}

// What a subject may hold in place of words.
const (
	queueHole = "{queue}"
	eventHole = "{event}"
)

// The words that stand for what a message does not have.
const (
	noQueue = "_"
	digest  = "digest"
)

func check(pattern string) error {
	sample := strings.NewReplacer(queueHole, noQueue, eventHole, digest).Replace(pattern)
	first, _, _ := strings.Cut(pattern, ".")
	switch {
	case strings.ContainsAny(sample, "{}"):
		return errors.New("may hold " + queueHole + " and " + eventHole + ", and no other braces")
	case strings.ContainsAny(sample, "*>"):
		return errors.New("must name one subject: no * and no >")
	case strings.ContainsFunc(sample, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("may hold no space and no control character")
	case strings.Contains("."+sample+".", ".."):
		return errors.New("must be words parted by single dots, such as crm.{queue}.{event}")
	case first == "calls", first == "jobs", first == "dead", strings.HasPrefix(first, "$"), strings.HasPrefix(first, "_INBOX"):
		return errors.New("must not begin with " + first + ": that is for NATS and this application itself, and would make a loop")
	case strings.Contains(first, "{"):
		return errors.New("must begin with a word of its own, such as crm.{queue}.{event}: a queue may be called calls or jobs")
	}
	return nil
}

// within bounds a delivery whose context does not.
const within = 10 * time.Second

// Deliver implements target.Target. Sent means that the stream that listens to the subject has stored the message, or,
// where none does, that the server has it: who is subscribed then gets it, and nobody knows whether anybody is. A stream
// recognises a message that comes twice by its id, within its window.
func (s *Subject) Deliver(ctx context.Context, d target.Delivery) target.Verdict {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	m := s.message(d)
	if err := s.publish(ctx, m); err != nil {
		v := judge(ctx, err)
		v.Err = fmt.Errorf("publish to %s: %w; %s", m.Subject, err, advice[v.Reason])
		return v
	}
	return target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
}

func (s *Subject) publish(ctx context.Context, m *nats.Msg) error {
	switch _, err := s.streams.StreamNameBySubject(ctx, m.Subject); {
	case err == nil:
		_, err = s.streams.PublishMsg(ctx, m)
		return err
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return err
	}
	if err := s.core.PublishMsg(m); err != nil {
		return err
	}
	return s.core.FlushWithContext(ctx)
}

// message is the event as it was, or what the operator's template made of it; a digest has no event and goes out as the
// message that it is.
func (s *Subject) message(d target.Delivery) *nats.Msg {
	queue, event := noQueue, digest
	if p := d.Event.Payload; p != nil {
		event = string(p.Kind())
		if p.QueueID() != "" {
			queue = p.QueueID()
		}
	}
	m := nats.NewMsg(strings.NewReplacer(queueHole, queue, eventHole, event).Replace(s.pattern))
	m.Header.Set(nats.MsgIdHdr, d.ID)
	m.Data = d.Data
	typ := callevent.ContentType
	switch {
	case d.Message.Custom != nil && d.Message.Custom.Text != "":
		m.Data, typ = []byte(d.Message.Custom.Text), "text/plain; charset=utf-8"
		if json.Valid(m.Data) {
			typ = "application/json"
		}
	case d.Data == nil:
		m.Data, _ = json.Marshal(d.Message) // strings only
		typ = "application/json"
	}
	m.Header.Set("Content-Type", typ)
	return m
}

// Close implements target.Target. The connection is the bus's.
func (*Subject) Close() {}
