package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/notifier"
	"missedcalls/notifier/email"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/slack"
	"missedcalls/notifier/subject"
	"missedcalls/notifier/target"
	"missedcalls/notifier/telegram"
	"missedcalls/notifier/webhook"
)

// channels makes the channels of targets.
type channels struct {
	core    subject.Core
	streams subject.JetStream
}

func (c channels) open(t policy.Target) (target.Target, error) {
	switch {
	case t.Telegram != nil:
		return opened(telegram.New(t))
	case t.Slack != nil:
		return opened(slack.New(t))
	case t.Email != nil:
		return opened(email.New(t))
	case t.Webhook != nil:
		return opened(webhook.New(t))
	}
	return opened(subject.New(t, c.core, c.streams))
}

// opened keeps a nil of some channel from being taken for a target.
func opened[T target.Target](t T, err error) (target.Target, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

// words makes the renderer of a target.
func words(t policy.Target) (notifier.Renderer, error) {
	r, err := message.New(t)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// mendingPause is how long a target that cannot be opened is left alone. To try costs no more than to read a file.
const mendingPause = 15 * time.Second

// mending is a target that cannot be opened, because a file with a secret is not there yet or holds none. It takes nothing
// until it can, so that its messages wait, and no other target and no caller has to.
type mending struct {
	policy policy.Target
	open   func(policy.Target) (target.Target, error)
	log    zerolog.Logger

	mu     sync.Mutex // guards opened
	opened target.Target
}

// Deliver implements target.Target.
func (m *mending) Deliver(ctx context.Context, d target.Delivery) target.Verdict {
	t, err := m.now()
	if err != nil {
		return target.Verdict{
			Outcome: target.Retry, Reason: target.ReasonUnauthorized, After: mendingPause, All: true,
			Err: fmt.Errorf("the target cannot be opened: %w", err),
		}
	}
	return t.Deliver(ctx, d)
}

// now is the target, once it can be opened.
func (m *mending) now() (target.Target, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.opened != nil {
		return m.opened, nil
	}
	t, err := m.open(m.policy)
	if err != nil {
		return nil, err
	}
	m.log.Info().Msg("the target can be opened now")
	m.opened = t
	return t, nil
}

// Close implements target.Target.
func (m *mending) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.opened != nil {
		m.opened.Close()
	}
}
