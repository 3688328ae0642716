// Package telegram tells a chat of Telegram by a bot, and changes what it told when the matter is settled.
package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
)

// Telegram is a chat. It implements target.Target.
type Telegram struct {
	client *httpsend.Client
	// base is where the methods of the bot are, its token included; it is shown nowhere.
	base   string
	thread int
	silent bool

	mu   sync.Mutex
	chat chatID
}

// chatID is a chat's number, or the @name of a channel.
type chatID string

// MarshalJSON writes a number as one.
func (c chatID) MarshalJSON() ([]byte, error) {
	if n, err := strconv.ParseInt(string(c), 10, 64); err == nil {
		return json.Marshal(n)
	}
	return json.Marshal(string(c))
}

var (
	chatForm  = regexp.MustCompile(`^(-?[0-9]{1,18}|@[A-Za-z][A-Za-z0-9_]{3,31})$`)
	tokenForm = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
)

// defaultBase is where the Bot API is unless the target says another.
const defaultBase = "https://api.telegram.org"

// New reads the bot's token. Nothing is sent.
func New(t policy.Target) (*Telegram, error) {
	s := t.Telegram
	if !chatForm.MatchString(s.ChatID) {
		return nil, fmt.Errorf("target %s: chat_id %q is neither the number of a chat nor the @name of a channel", t.Name, s.ChatID)
	}
	token, err := target.ReadSecret("bot's token", s.TokenFile)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	if !tokenForm.MatchString(token) {
		return nil, fmt.Errorf("target %s: %s holds no token of a bot; @BotFather gives one, such as 123456:ABC-DEF", t.Name, s.TokenFile)
	}
	_, secret, _ := strings.Cut(token, ":")
	base, err := httpsend.ParseURL(cmp.Or(s.BaseURL, defaultBase))
	if err != nil {
		return nil, fmt.Errorf("target %s: base_url: %w", t.Name, err)
	}
	client, err := httpsend.New(httpsend.Settings{Name: "Telegram", Proxy: s.Proxy, Secrets: []string{token, secret}})
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	return &Telegram{
		client: client, base: strings.TrimSuffix(base.String(), "/") + "/bot" + token + "/",
		thread: s.ThreadID, silent: s.Silent, chat: chatID(s.ChatID),
	}, nil
}

// Close implements target.Target.
func (t *Telegram) Close() { t.client.Close() }

// Deliver implements target.Target.
func (t *Telegram) Deliver(ctx context.Context, d target.Delivery) target.Verdict {
	if d.Changes {
		return target.Change(ctx, t, d)
	}
	return t.Say(ctx, d.Message, nil)
}

// ref is where a message is.
type ref struct {
	Chat    int64 `json:"chat"`
	Message int64 `json:"message"`
}

func refOf(said target.Said) (r ref, ok bool) {
	err := json.Unmarshal(said.Ref, &r)
	return r, err == nil && r.Chat != 0 && r.Message != 0
}

// Say implements target.Channel. What Telegram refuses about the form of a message is mended, each thing once: the markup
// goes, the group's new number is taken, the topic that is no more is left out. A message is worth more than its form.
func (t *Telegram) Say(ctx context.Context, m message.Message, answers *target.Said) target.Verdict {
	out := t.compose(m)
	out.Chat, out.Thread, out.Silent = t.chatNow(), t.thread, t.silent
	if answers != nil {
		out.Reply = t.replyTo(out.Chat, *answers)
	}
	var notes target.Notes
	notes.Add(out.note)
	for {
		answer, v := t.call(ctx, "sendMessage", out.request)
		if v.Outcome == target.Sent {
			v.Ref, _ = json.Marshal(ref{answer.Result.Chat.ID, answer.Result.MessageID}) // two numbers
		}
		note := t.mend(&out, answer)
		if note == "" {
			v.Note = notes.String()
			return v
		}
		notes.Add(note)
	}
}

// Change implements target.Channel. An answer that names the group's new number is a refusal here: the messages of the
// old group have other numbers in the new one, where this one's would be another message.
func (t *Telegram) Change(ctx context.Context, said target.Said) target.Verdict {
	at, ok := refOf(said)
	if !ok {
		return target.CannotChange()
	}
	out := t.compose(said.Message)
	out.Chat, out.Message = chatID(strconv.FormatInt(at.Chat, 10)), at.Message
	var notes target.Notes
	notes.Add(out.note)
	for {
		answer, v := t.call(ctx, "editMessageText", out.request)
		if answer.says("can't parse entities") && out.ParseMode != "" {
			notes.Add(out.unformat())
			continue
		}
		if answer.says("message is not modified") {
			v = target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
		}
		v.Note = notes.String()
		return v
	}
}

// mend changes what a refusal was about, and says what; empty when it was about something else, or mended already.
func (t *Telegram) mend(out *outgoing, refused answer) (note string) {
	moved := refused.Parameters.MigrateToChatID
	switch {
	case moved != 0 && !out.moved:
		out.moved, out.Reply = true, nil
		out.Chat = chatID(strconv.FormatInt(moved, 10))
		t.moveTo(out.Chat)
		return fmt.Sprintf("the group has become a supergroup: set chat_id to %d", moved)
	case refused.says("can't parse entities") && out.ParseMode != "":
		return out.unformat()
	case out.Thread != 0 && (refused.says("message thread not found") || refused.says("TOPIC_CLOSED") || refused.says("TOPIC_DELETED")):
		note = fmt.Sprintf("there is no open topic %d any more, so it was told in the general one: mend thread_id", out.Thread)
		out.Thread = 0
		return note
	}
	return ""
}

// replyTo refers to an earlier message, in the chat that is told now only: messages have numbers per chat.
func (t *Telegram) replyTo(chat chatID, answers target.Said) *replyParameters {
	at, ok := refOf(answers)
	named := strings.HasPrefix(string(chat), "@")
	if !ok || !named && chat != chatID(strconv.FormatInt(at.Chat, 10)) {
		return nil
	}
	return &replyParameters{Message: at.Message, AllowWithout: true}
}

func (t *Telegram) chatNow() chatID {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.chat
}

func (t *Telegram) moveTo(chat chatID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chat = chat
}
