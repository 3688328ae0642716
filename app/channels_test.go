package app

import (
	"context"
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// tellingTarget is a target that takes everything.
type tellingTarget struct{ closed bool }

func (*tellingTarget) Deliver(context.Context, target.Delivery) target.Verdict {
	return target.Verdict{Outcome: target.Sent}
}

func (t *tellingTarget) Close() { t.closed = true }

func TestATargetThatCannotBeOpenedTakesNothingUntilItCan(t *testing.T) {
	broken := errors.New("read the token from /run/secrets/tg: no such file or directory")
	real, opened := new(tellingTarget), 0
	m := &mending{policy: policy.Target{Name: "duty"}, log: zerolog.Nop(), open: func(p policy.Target) (target.Target, error) {
		assert.Equal(t, "duty", p.Name)
		if broken != nil {
			return nil, broken
		}
		opened++
		return real, nil
	}}
	verdict := m.Deliver(t.Context(), target.Delivery{})
	assert.Equal(t, target.Retry, verdict.Outcome)
	assert.True(t, verdict.All, "its other messages would fare no better")
	assert.Equal(t, mendingPause, verdict.After)
	require.ErrorIs(t, verdict.Err, broken)
	m.Close() // closes nothing

	broken = nil
	for range 3 {
		assert.Equal(t, target.Sent, m.Deliver(t.Context(), target.Delivery{}).Outcome)
	}
	assert.Equal(t, 1, opened)
	m.Close()
	assert.True(t, real.closed)
}

func TestEveryChannelHasAFactory(t *testing.T) {
	for _, p := range []policy.Target{
		{Name: "a", Telegram: &policy.Telegram{TokenFile: "nowhere"}}, {Name: "a", Slack: &policy.Slack{WebhookFile: "nowhere"}},
		{Name: "a", Email: &policy.Email{PasswordFile: "nowhere", Username: "u"}}, {Name: "a", Webhook: &policy.Webhook{SecretFiles: []string{"nowhere"}}},
		{Name: "a", NATS: &policy.NATS{Subject: "calls.loop"}},
	} {
		opened, err := channels{}.open(p)
		assert.Error(t, err, p.Channel())
		assert.Nil(t, opened, p.Channel())
	}
	opened, err := channels{}.open(policy.Target{Name: "a", NATS: &policy.NATS{Subject: "crm"}})
	require.NoError(t, err)
	opened.Close()
}
