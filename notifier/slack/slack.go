// Package slack tells a channel of Slack, by an incoming webhook or by a bot. A bot changes what it told when the matter is
// settled; a webhook says it anew.
package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
)

// Slack is a channel. It implements target.Target.
type Slack struct {
	client *httpsend.Client
	// webhook is the address of the incoming webhook, a secret; empty for a bot.
	webhook string
	// base, token and channel are those of a bot.
	base, token, channel string
}

// defaultBase is where the Web API is unless the target says another.
const defaultBase = "https://slack.com/api"

// New reads the webhook's address, or the bot's token when the target has a channel. Nothing is sent.
func New(t policy.Target) (*Slack, error) {
	s, err := open(*t.Slack)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	return s, nil
}

func open(p policy.Slack) (*Slack, error) {
	if p.Channel == "" {
		return openWebhook(p)
	}
	token, err := target.ReadSecret("bot's token", p.TokenFile)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(token, " \t") || !strings.HasPrefix(token, "xox") {
		return nil, fmt.Errorf("%s holds no token of a bot: the app's page OAuth & Permissions shows one that begins with xoxb-", p.TokenFile)
	}
	base, err := httpsend.ParseURL(cmp.Or(p.BaseURL, defaultBase))
	if err != nil {
		return nil, fmt.Errorf("base_url: %w", err)
	}
	client, err := httpsend.New(httpsend.Settings{Name: "Slack", Proxy: p.Proxy, Secrets: []string{token}})
	if err != nil {
		return nil, err
	}
	return &Slack{client: client, base: strings.TrimSuffix(base.String(), "/"), token: token, channel: p.Channel}, nil
}

func openWebhook(p policy.Slack) (*Slack, error) {
	address, err := target.ReadSecret("webhook's URL", p.WebhookFile)
	if err != nil {
		return nil, err
	}
	u, err := httpsend.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("read the webhook's URL from %s: %w", p.WebhookFile, err)
	}
	client, err := httpsend.New(httpsend.Settings{Name: "Slack", Proxy: p.Proxy, Secrets: httpsend.SecretsOf(u)})
	if err != nil {
		return nil, err
	}
	return &Slack{client: client, webhook: address}, nil
}

// Close implements target.Target.
func (s *Slack) Close() { s.client.Close() }

// Deliver implements target.Target.
func (s *Slack) Deliver(ctx context.Context, d target.Delivery) target.Verdict {
	if d.Changes && s.webhook == "" {
		return target.Change(ctx, s, d)
	}
	return s.Say(ctx, d.Message, nil)
}

// ref is where a message is.
type ref struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

func refOf(said target.Said) (r ref, ok bool) {
	err := json.Unmarshal(said.Ref, &r)
	return r, err == nil && r.Channel != "" && r.TS != ""
}

// Say implements target.Channel. What Slack refuses about the form of a message is mended, each thing once: the blocks go,
// the thread that is no more is left out. A message is worth more than its form.
func (s *Slack) Say(ctx context.Context, m message.Message, answers *target.Said) target.Verdict {
	out := post{Channel: s.channel, content: compose(m)}
	if at, ok := s.thread(answers); ok {
		out.ThreadTS, out.Broadcast = at, true
	}
	note := ""
	for {
		code, v := s.post(ctx, out)
		switch {
		case codes[code].blocks && len(out.Blocks) > 0:
			out.Blocks, note = nil, withoutBlocks
		case codes[code].thread && out.ThreadTS != "":
			out.ThreadTS, out.Broadcast = "", false
		default:
			v.Note = note
			return v
		}
	}
}

const withoutBlocks = "Slack does not take the message's blocks, so the built-in text was told: mend the target's template, if it has one"

// Change implements target.Channel.
func (s *Slack) Change(ctx context.Context, said target.Said) target.Verdict {
	at, ok := refOf(said)
	if !ok {
		return target.CannotChange()
	}
	text := compose(said.Message)
	out := update{Channel: at.Channel, TS: at.TS, content: text, Blocks: text.Blocks}
	code, v := s.update(ctx, out)
	if codes[code].blocks {
		out.Blocks = []block{} // without them, Slack keeps the old ones
		_, v = s.update(ctx, out)
		v.Note = withoutBlocks
	}
	v.Ref = nil // it is where it was
	return v
}

// thread is where an earlier message is answered, in the channel that is told now only.
func (s *Slack) thread(answers *target.Said) (ts string, ok bool) {
	if answers == nil {
		return "", false
	}
	at, ok := refOf(*answers)
	named := strings.HasPrefix(s.channel, "#")
	return at.TS, ok && (named || at.Channel == s.channel)
}
