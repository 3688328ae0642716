package telegram_test

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/notifier/target/targettest"
	"missedcalls/notifier/telegram"
)

const token = "123456:" + targettest.Secret

func open(t testing.TB, url string, change ...func(*policy.Telegram)) *telegram.Telegram {
	t.Helper()
	p := &policy.Telegram{ChatID: "-100123", TokenFile: targettest.SecretFile(t, token), BaseURL: url}
	for _, c := range change {
		c(p)
	}
	to, err := telegram.New(policy.Target{Name: "duty", Telegram: p})
	require.NoError(t, err)
	t.Cleanup(to.Close)
	return to
}

// accepted is the answer to a message that stands in a chat now.
func accepted(chat, message string) targettest.Reply {
	return targettest.Reply{Body: `{"ok":true,"result":{"message_id":` + message + `,"chat":{"id":` + chat + `}}}`}
}

func refused(description string) targettest.Reply {
	b, _ := json.Marshal(map[string]any{"ok": false, "error_code": http.StatusBadRequest, "description": "Bad Request: " + description})
	return targettest.Reply{Status: http.StatusBadRequest, Body: string(b)}
}

const notModified = "message is not modified: specified new message content and reply markup are exactly the same as a current content"

// migrated says that the group -123 is now the supergroup -100987.
var migrated = targettest.Reply{
	Status: http.StatusBadRequest,
	Body:   `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-100987}}`,
}

// asked are the bodies of the requests that came since.
func asked(t testing.TB, s *targettest.Server) (bodies []map[string]any) {
	t.Helper()
	for _, r := range s.Requests() {
		var body map[string]any
		require.NoError(t, json.Unmarshal(r.Body, &body))
		bodies = append(bodies, body)
	}
	return bodies
}

func said(ref, title string) target.Said {
	return target.Said{Ref: json.RawMessage(ref), Message: message.Message{Title: title, Status: "Закрыт Анной"}}
}

func TestEveryReplyOfTelegramLeadsToItsVerdict(t *testing.T) {
	targettest.Run(t, targettest.Telegram, func(t *testing.T, url string) target.Target {
		return open(t, url, func(p *policy.Telegram) { p.ThreadID = 7 })
	})
}

func TestAMessageIsSentToTheChat(t *testing.T) {
	server := targettest.Serve(t, accepted("-100123", "57"))
	to := open(t, server.URL+"/", func(p *policy.Telegram) { p.ThreadID, p.Silent = 7, true })
	v := to.Deliver(t.Context(), targettest.Delivery(t))
	require.NoError(t, v.Err)
	assert.JSONEq(t, `{"chat":-100123,"message":57}`, string(v.Ref))

	requests := server.Requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "/bot"+token+"/sendMessage", requests[0].Path)
	assert.Equal(t, "application/json", requests[0].Header.Get("Content-Type"))
	assert.JSONEq(t, `{
		"chat_id": -100123, "message_thread_id": 7, "disable_notification": true, "parse_mode": "HTML",
		"link_preview_options": {"is_disabled": true},
		"text": "📵 <b>Пропущенный звонок: Отдел продаж</b>\nЗвонил: +7 916 123-45-67\nИмя: Анна\nЖдал: 42 секунды"
	}`, string(requests[0].Body))
}

func TestAChannelIsToldByItsName(t *testing.T) {
	server := targettest.Serve(t, accepted("-100555", "1"))
	to := open(t, server.URL, func(p *policy.Telegram) { p.ChatID = "@missed_calls" })
	v := to.Deliver(t.Context(), targettest.Delivery(t))
	assert.JSONEq(t, `{"chat":-100555,"message":1}`, string(v.Ref))
	assert.Equal(t, "@missed_calls", asked(t, server)[0]["chat_id"])
}

func TestAGroupThatBecameASupergroupIsToldThereFromThenOn(t *testing.T) {
	server := targettest.Serve(t, migrated, targettest.Reply{Status: http.StatusBadGateway}, accepted("-100987", "1"))
	to := open(t, server.URL, func(p *policy.Telegram) { p.ChatID = "-123" })
	v := to.Deliver(t.Context(), targettest.Delivery(t))
	assert.Equal(t, "retry unavailable all", targettest.Say(v))
	assert.Equal(t, "the group has become a supergroup: set chat_id to -100987", v.Note)

	v = to.Deliver(t.Context(), targettest.Delivery(t))
	assert.Equal(t, "sent ok", targettest.Say(v))
	assert.Empty(t, v.Note, "it is said once")
	assert.JSONEq(t, `{"chat":-100987,"message":1}`, string(v.Ref))
	var chats []any
	for _, body := range asked(t, server) {
		chats = append(chats, body["chat_id"])
	}
	assert.Equal(t, []any{-123.0, -100987.0, -100987.0}, chats)
}

func TestMarkupThatTelegramCannotReadIsSentAsPlainText(t *testing.T) {
	server := targettest.Serve(t, refused("can't parse entities: Unclosed start tag at byte offset 5"), accepted("-100123", "57"))
	d := targettest.Delivery(t)
	d.Message.Custom = &message.Custom{Text: `<b>Звонок</b> от &lt;Анны&gt; <i>5 < 6`}
	v := open(t, server.URL).Deliver(t.Context(), d)
	assert.Equal(t, "sent ok", targettest.Say(v))
	assert.Contains(t, v.Note, "mend the target's template")
	bodies := asked(t, server)
	assert.Equal(t, d.Message.Custom.Text, bodies[0]["text"])
	assert.Equal(t, "Звонок от <Анны> 5 < 6", bodies[1]["text"])
	assert.NotContains(t, bodies[1], "parse_mode")
}

func TestATopicThatIsNoMoreIsLeftOut(t *testing.T) {
	server := targettest.Serve(t, refused("message thread not found"), accepted("-100123", "57"))
	v := open(t, server.URL, func(p *policy.Telegram) { p.ThreadID = 7 }).Deliver(t.Context(), targettest.Delivery(t))
	assert.Equal(t, "sent ok", targettest.Say(v))
	assert.Contains(t, v.Note, "mend thread_id")
	assert.NotContains(t, asked(t, server)[1], "message_thread_id")
}

func TestASettledMatterChangesItsMessages(t *testing.T) {
	server := targettest.Serve(t, accepted("-100123", "57"), refused(notModified))
	d := targettest.Delivery(t)
	d.Changes, d.Earlier = true, []target.Said{said(`{"chat":-100123,"message":57}`, "Первый"), said(`{"chat":-100987,"message":3}`, "Второй")}
	v := open(t, server.URL).Deliver(t.Context(), d)
	assert.Equal(t, target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}, v, "what is as it should be is changed")

	requests := server.Requests()
	require.Len(t, requests, 2)
	assert.Equal(t, "/bot"+token+"/editMessageText", requests[0].Path)
	assert.JSONEq(t, `{
		"chat_id": -100123, "message_id": 57, "parse_mode": "HTML", "link_preview_options": {"is_disabled": true},
		"text": "<b>Закрыт Анной</b>\n<b>Первый</b>"
	}`, string(requests[0].Body))
	assert.Contains(t, string(requests[1].Body), `"chat_id":-100987,"message_id":3`, "a message is changed where it is")
}

func TestAMessageThatCannotBeChangedIsAnswered(t *testing.T) {
	for _, why := range []string{"message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"} {
		server := targettest.Serve(t, refused(why), accepted("-100123", "60"))
		d := targettest.Delivery(t)
		d.Changes, d.Earlier = true, []target.Said{said(`{"chat":-100123,"message":57}`, "Первый")}
		v := open(t, server.URL).Deliver(t.Context(), d)
		assert.Equal(t, "sent ok", targettest.Say(v))
		assert.JSONEq(t, `{"chat":-100123,"message":60}`, string(v.Ref))
		answer := asked(t, server)[1]
		assert.Equal(t, map[string]any{"message_id": 57.0, "allow_sending_without_reply": true}, answer["reply_parameters"])
		assert.Contains(t, answer["text"], "Пропущенный звонок", "it says what happened")
	}
}

func TestAMessageOfTheGroupThatBecameASupergroupIsFollowedUpThere(t *testing.T) {
	server := targettest.Serve(t, migrated, migrated, accepted("-100987", "1"))
	to := open(t, server.URL, func(p *policy.Telegram) { p.ChatID = "-123" })
	d := targettest.Delivery(t)
	d.Changes, d.Earlier = true, []target.Said{said(`{"chat":-123,"message":57}`, "Первый")}
	v := to.Deliver(t.Context(), d)
	assert.Equal(t, "sent ok", targettest.Say(v))
	bodies := asked(t, server)
	require.Len(t, bodies, 3)
	assert.InDelta(t, 57, bodies[0]["message_id"], 0)
	assert.InDelta(t, -100987, bodies[2]["chat_id"], 0)
	assert.NotContains(t, bodies[2], "message_id", "number 57 is another message in the supergroup")
	assert.NotContains(t, bodies[2], "reply_parameters")
}

func TestAMessageOfAnotherChannelIsFollowedUp(t *testing.T) {
	for _, ref := range []string{``, `null`, `{"channel":"C0123","ts":"1.2"}`, `"57"`, `{"chat":-100123}`} {
		server := targettest.Serve(t, accepted("-100123", "60"))
		d := targettest.Delivery(t)
		d.Changes, d.Earlier = true, []target.Said{said(ref, "Первый")}
		assert.Equal(t, "sent ok", targettest.Say(open(t, server.URL).Deliver(t.Context(), d)))
		assert.NotContains(t, asked(t, server)[0], "reply_parameters")
	}
}

func TestAnswersStayInTheChatThatIsTold(t *testing.T) {
	for chat, want := range map[string]bool{"-100123": true, "@missed_calls": true, "-100555": false} {
		server := targettest.Serve(t, refused("message can't be edited"), accepted("-100123", "60"))
		d := targettest.Delivery(t)
		d.Changes, d.Earlier = true, []target.Said{said(`{"chat":-100123,"message":57}`, "Первый")}
		open(t, server.URL, func(p *policy.Telegram) { p.ChatID = chat }).Deliver(t.Context(), d)
		_, is := asked(t, server)[1]["reply_parameters"]
		assert.Equal(t, want, is, chat)
	}
}

func TestAChangeThatMustWaitGoesOnLater(t *testing.T) {
	server := targettest.Serve(t, accepted("-100123", "57"), targettest.Reply{
		Status: http.StatusTooManyRequests,
		Body:   `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 31","parameters":{"retry_after":31}}`,
	}, accepted("-100123", "58"))
	to := open(t, server.URL)
	d := targettest.Delivery(t)
	d.Changes, d.Earlier = true, []target.Said{said(`{"chat":-100123,"message":57}`, "Первый"), said(`{"chat":-100123,"message":58}`, "Второй")}
	v := to.Deliver(t.Context(), d)
	assert.Equal(t, "retry rate_limited 31s all", targettest.Say(v))
	d.Progress = v.Progress
	assert.Equal(t, "sent ok", targettest.Say(to.Deliver(t.Context(), d)))
	bodies := asked(t, server)
	require.Len(t, bodies, 3)
	assert.InDelta(t, 58, bodies[2]["message_id"], 0, "the first is not changed again")
}

func TestChangedMarkupThatTelegramCannotReadIsPlainText(t *testing.T) {
	server := targettest.Serve(t, refused("can't parse entities: x"), accepted("-100123", "57"))
	d := targettest.Delivery(t)
	d.Changes, d.Earlier = true, []target.Said{said(`{"chat":-100123,"message":57}`, "")}
	d.Earlier[0].Message.Custom = &message.Custom{Text: "<b>Звонок"}
	v := open(t, server.URL).Deliver(t.Context(), d)
	assert.Equal(t, "sent ok", targettest.Say(v))
	assert.NotEmpty(t, v.Note)
	assert.Equal(t, "Закрыт Анной\nЗвонок", asked(t, server)[1]["text"])
}

func TestManyMessagesGoOutAtOnceWhileTheGroupMoves(t *testing.T) {
	const n = 20
	server := targettest.Serve(t)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Chat int64 `json:"chat_id"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body.Chat == -123 {
			w.WriteHeader(migrated.Status)
			_, _ = w.Write([]byte(migrated.Body))
			return
		}
		_, _ = w.Write([]byte(accepted("-100987", "1").Body))
	})
	server.Config.Handler = handler
	to := open(t, server.URL, func(p *policy.Telegram) { p.ChatID = "-123" })
	d := targettest.Delivery(t)
	var all sync.WaitGroup
	for range n {
		all.Go(func() { assert.Equal(t, "sent ok", targettest.Say(to.Deliver(t.Context(), d))) })
	}
	all.Wait()
}

func TestADeliveryThatIsInterruptedEnds(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{Trouble: targettest.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-server.Arrived()
		cancel()
	}()
	assert.Equal(t, "retry interrupted", targettest.Say(open(t, server.URL).Deliver(ctx, targettest.Delivery(t))))
}

func TestWhatIsNoTelegramIsRefusedWithoutShowingSecrets(t *testing.T) {
	good := targettest.SecretFile(t, token)
	noToken := targettest.SecretFile(t, targettest.Secret+"/"+targettest.Secret)
	missing := filepath.Join(t.TempDir(), "missing")
	for want, p := range map[string]policy.Telegram{
		`target duty: chat_id "sales" is neither the number of a chat nor the @name of a channel`:            {ChatID: "sales", TokenFile: good},
		`target duty: chat_id "" is neither the number of a chat nor the @name of a channel`:                 {TokenFile: good},
		"target duty: read the bot's token from " + missing + ": no such file or directory":                  {ChatID: "1", TokenFile: missing},
		"target duty: " + noToken + " holds no token of a bot; @BotFather gives one, such as 123456:ABC-DEF": {ChatID: "1", TokenFile: noToken},
		"target duty: base_url: it is no URL that begins with https:// or http://":                           {ChatID: "1", TokenFile: good, BaseURL: "api.telegram.org"},
		"target duty: the proxy is no URL such as http://host:3128 or socks5://host:1080":                    {ChatID: "1", TokenFile: good, Proxy: "me:" + targettest.Secret + "@h"},
	} {
		_, err := telegram.New(policy.Target{Name: "duty", Telegram: &p})
		assert.EqualError(t, err, want)
	}
	to, err := telegram.New(policy.Target{Name: "duty", Telegram: &policy.Telegram{ChatID: "1", TokenFile: good}})
	require.NoError(t, err, "base_url has a default")
	to.Close()
}
