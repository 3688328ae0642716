package slack_test

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
	"missedcalls/notifier/slack"
	"missedcalls/notifier/target"
	"missedcalls/notifier/target/targettest"
)

const (
	token = "xoxb-" + targettest.Secret
	hook  = "/services/T0/B0/" + targettest.Secret
)

func openBot(t testing.TB, url string) *slack.Slack {
	t.Helper()
	return open(t, policy.Slack{Channel: "C0123", TokenFile: targettest.SecretFile(t, token), BaseURL: url + "/api"})
}

func openWebhook(t testing.TB, url string) *slack.Slack {
	t.Helper()
	return open(t, policy.Slack{WebhookFile: targettest.SecretFile(t, url+hook)})
}

func open(t testing.TB, p policy.Slack) *slack.Slack {
	t.Helper()
	to, err := slack.New(policy.Target{Name: "sales", Slack: &p})
	require.NoError(t, err)
	t.Cleanup(to.Close)
	return to
}

var accepted = targettest.Reply{Body: `{"ok":true,"channel":"C0123","ts":"1405894322.002768"}`}

func refused(code string) targettest.Reply {
	return targettest.Reply{Body: `{"ok":false,"error":"` + code + `"}`}
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

// settled changes messages that were said before.
func settled(t testing.TB, refs ...string) target.Delivery {
	t.Helper()
	d := targettest.Delivery(t)
	d.Changes = true
	for _, ref := range refs {
		d.Earlier = append(d.Earlier, target.Said{Ref: json.RawMessage(ref), Message: message.Message{Title: "Пропущен", Status: "Закрыт Анной"}})
	}
	return d
}

func TestEveryReplyOfSlackLeadsToItsVerdict(t *testing.T) {
	t.Run("webhook", func(t *testing.T) {
		targettest.Run(t, targettest.SlackWebhook, func(t *testing.T, url string) target.Target { return openWebhook(t, url) })
	})
	t.Run("bot", func(t *testing.T) {
		targettest.Run(t, targettest.SlackBot, func(t *testing.T, url string) target.Target { return openBot(t, url) })
	})
}

// told is what a webhook is sent, and a bot beside the channel.
const told = `{
	"text": "📵 Пропущенный звонок: Отдел продаж\nЗвонил: +7 916 123-45-67\nИмя: Анна\nЖдал: 42 секунды",
	"parse": "none", "link_names": false, "mrkdwn": false, "unfurl_links": false, "unfurl_media": false,
	"blocks": [
		{"type": "header", "text": {"type": "plain_text", "text": "📵 Пропущенный звонок: Отдел продаж", "emoji": false}},
		{"type": "section", "fields": [
			{"type": "mrkdwn", "text": "Звонил\n<tel:+79161234567|+7 916 123-45-67>", "verbatim": true},
			{"type": "plain_text", "text": "Имя\nАнна", "emoji": false},
			{"type": "plain_text", "text": "Ждал\n42 секунды", "emoji": false}
		]}
	]}`

func TestAMessageIsSentToTheWebhook(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{Body: "ok"})
	v := openWebhook(t, server.URL).Deliver(t.Context(), targettest.Delivery(t))
	require.NoError(t, v.Err)
	assert.Nil(t, v.Ref, "nobody can refer to it")
	requests := server.Requests()
	require.Len(t, requests, 1)
	assert.Equal(t, hook, requests[0].Path)
	assert.Empty(t, requests[0].Header.Get("Authorization"))
	assert.JSONEq(t, told, string(requests[0].Body))
}

func TestAMessageIsSentByTheBot(t *testing.T) {
	server := targettest.Serve(t, accepted)
	v := openBot(t, server.URL).Deliver(t.Context(), targettest.Delivery(t))
	require.NoError(t, v.Err)
	assert.JSONEq(t, `{"channel":"C0123","ts":"1405894322.002768"}`, string(v.Ref))
	requests := server.Requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "/api/chat.postMessage", requests[0].Path)
	assert.Equal(t, "Bearer "+token, requests[0].Header.Get("Authorization"))
	var body map[string]any
	require.NoError(t, json.Unmarshal(requests[0].Body, &body))
	assert.Equal(t, "C0123", body["channel"])
	delete(body, "channel")
	rest, err := json.Marshal(body)
	require.NoError(t, err)
	assert.JSONEq(t, told, string(rest))
}

func TestBlocksThatSlackDoesNotTakeAreLeftOut(t *testing.T) {
	server := targettest.Serve(t, refused("invalid_blocks"), accepted)
	d := targettest.Delivery(t)
	d.Message.Custom = &message.Custom{Text: "<!subteam^nobody|x>"}
	v := openBot(t, server.URL).Deliver(t.Context(), d)
	assert.Equal(t, "sent ok", targettest.Say(v))
	assert.Contains(t, v.Note, "mend the target's template")
	bodies := asked(t, server)
	assert.Contains(t, bodies[0], "blocks")
	assert.NotContains(t, bodies[1], "blocks")
	assert.Contains(t, bodies[1]["text"], "Имя: Анна", "the built-in text tells all of it")
}

func TestTheBotChangesTheMessagesOfASettledMatter(t *testing.T) {
	server := targettest.Serve(t, accepted, accepted)
	d := settled(t, `{"channel":"C0123","ts":"1.1"}`, `{"channel":"C0999","ts":"2.2"}`)
	v := openBot(t, server.URL).Deliver(t.Context(), d)
	assert.Equal(t, target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}, v)
	requests := server.Requests()
	require.Len(t, requests, 2)
	assert.Equal(t, "/api/chat.update", requests[0].Path)
	assert.JSONEq(t, `{
		"channel": "C0123", "ts": "1.1", "text": "Закрыт Анной\nПропущен", "parse": "none", "link_names": false,
		"blocks": [
			{"type": "header", "text": {"type": "plain_text", "text": "Закрыт Анной", "emoji": false}},
			{"type": "header", "text": {"type": "plain_text", "text": "Пропущен", "emoji": false}}
		]}`, string(requests[0].Body))
	assert.Contains(t, string(requests[1].Body), `"channel":"C0999","ts":"2.2"`, "a message is changed where it is")
}

func TestAChangeWhoseBlocksSlackDoesNotTakeHasNone(t *testing.T) {
	server := targettest.Serve(t, refused("invalid_blocks"), accepted)
	v := openBot(t, server.URL).Deliver(t.Context(), settled(t, `{"channel":"C0123","ts":"1.1"}`))
	assert.Equal(t, "sent ok", targettest.Say(v))
	assert.NotEmpty(t, v.Note)
	assert.Equal(t, []any{}, asked(t, server)[1]["blocks"], "the old ones must go")
}

func TestAMessageThatCannotBeChangedIsAnsweredInItsThread(t *testing.T) {
	for _, why := range []string{"message_not_found", "cant_update_message", "edit_window_closed"} {
		server := targettest.Serve(t, refused(why), accepted)
		v := openBot(t, server.URL).Deliver(t.Context(), settled(t, `{"channel":"C0123","ts":"1.1"}`))
		assert.Equal(t, "sent ok", targettest.Say(v))
		assert.NotNil(t, v.Ref)
		answer := asked(t, server)[1]
		assert.Equal(t, "1.1", answer["thread_ts"])
		assert.Equal(t, true, answer["reply_broadcast"], "the channel sees it too")
		assert.Contains(t, answer["text"], "Пропущенный звонок")
	}
}

func TestAThreadThatIsNoMoreIsLeftOut(t *testing.T) {
	server := targettest.Serve(t, refused("message_not_found"), refused("thread_not_found"), accepted)
	v := openBot(t, server.URL).Deliver(t.Context(), settled(t, `{"channel":"C0123","ts":"1.1"}`))
	assert.Equal(t, "sent ok", targettest.Say(v))
	bodies := asked(t, server)
	assert.NotContains(t, bodies[2], "thread_ts")
	assert.NotContains(t, bodies[2], "reply_broadcast")
}

func TestAThreadStaysInTheChannelThatIsTold(t *testing.T) {
	for channel, want := range map[string]bool{"C0123": true, "#sales": true, "C0555": false} {
		server := targettest.Serve(t, refused("message_not_found"), accepted)
		to := open(t, policy.Slack{Channel: channel, TokenFile: targettest.SecretFile(t, token), BaseURL: server.URL})
		to.Deliver(t.Context(), settled(t, `{"channel":"C0123","ts":"1.1"}`))
		_, is := asked(t, server)[1]["thread_ts"]
		assert.Equal(t, want, is, channel)
	}
}

func TestAMessageOfAnotherChannelIsFollowedUp(t *testing.T) {
	for _, ref := range []string{``, `{"chat":-100123,"message":57}`, `"x"`} {
		server := targettest.Serve(t, accepted)
		assert.Equal(t, "sent ok", targettest.Say(openBot(t, server.URL).Deliver(t.Context(), settled(t, ref))))
		assert.NotContains(t, asked(t, server)[0], "thread_ts")
	}
}

func TestTheWebhookFollowsUpWhatItCannotChange(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{Body: "ok"})
	v := openWebhook(t, server.URL).Deliver(t.Context(), settled(t, ``, ``))
	assert.Equal(t, "sent ok", targettest.Say(v))
	assert.Contains(t, asked(t, server)[0]["text"], "Пропущенный звонок", "once, whatever the number of earlier messages")
}

func TestManyMessagesGoOutAtOnce(t *testing.T) {
	server := targettest.Serve(t)
	to := openBot(t, server.URL)
	d := targettest.Delivery(t)
	var all sync.WaitGroup
	for range 20 {
		server.Play(accepted)
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
	assert.Equal(t, "retry interrupted", targettest.Say(openWebhook(t, server.URL).Deliver(ctx, targettest.Delivery(t))))
}

func TestARefusalThatIsNotKnownIsJudgedByItsStatus(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusBadRequest: "permanent rejected", http.StatusOK: "permanent rejected", http.StatusInternalServerError: "retry unavailable",
		http.StatusServiceUnavailable: "retry unavailable all", http.StatusTooManyRequests: "retry rate_limited all",
	} {
		reply := refused("something_new")
		reply.Status = status
		server := targettest.Serve(t, reply)
		assert.Equal(t, want, targettest.Say(openBot(t, server.URL).Deliver(t.Context(), targettest.Delivery(t))), status)
	}
}

func TestWhatIsNoSlackIsRefusedWithoutShowingSecrets(t *testing.T) {
	good := targettest.SecretFile(t, token)
	noToken := targettest.SecretFile(t, targettest.Secret)
	noURL := targettest.SecretFile(t, "hooks.slack.com/"+targettest.Secret)
	missing := filepath.Join(t.TempDir(), "missing")
	for want, p := range map[string]policy.Slack{
		"target sales: read the bot's token from " + missing + ": no such file or directory":                                         {Channel: "C0123", TokenFile: missing},
		"target sales: " + noToken + " holds no token of a bot: the app's page OAuth & Permissions shows one that begins with xoxb-": {Channel: "C0123", TokenFile: noToken},
		"target sales: base_url: it is no URL that begins with https:// or http://":                                                  {Channel: "C0123", TokenFile: good, BaseURL: "slack.com"},
		"target sales: the proxy is no URL such as http://host:3128 or socks5://host:1080":                                           {Channel: "C0123", TokenFile: good, Proxy: "host"},
		"target sales: read the webhook's URL from " + missing + ": no such file or directory":                                       {WebhookFile: missing},
		"target sales: read the webhook's URL from " + noURL + ": it is no URL that begins with https:// or http://":                 {WebhookFile: noURL},
	} {
		_, err := slack.New(policy.Target{Name: "sales", Slack: &p})
		assert.EqualError(t, err, want)
	}
	to, err := slack.New(policy.Target{Name: "sales", Slack: &policy.Slack{Channel: "C0123", TokenFile: good}})
	require.NoError(t, err, "base_url has a default")
	to.Close()
}
