package targettest

import (
	"net/http"
	"strconv"
	"strings"
)

// Channel is a column of the table.
type Channel string

// The channels.
const (
	Telegram     Channel = "Telegram"
	SlackWebhook Channel = "Slack webhook"
	SlackBot     Channel = "Slack bot"
	Webhook      Channel = "webhook"
)

// Case is a row of the table: what comes back, and the verdict that it means. A case with several replies is a channel that
// tries once more by itself.
type Case struct {
	Name    string
	Replies []Reply
	// Untrusted servers have a certificate of nobody's, closed ones take no connection.
	Untrusted, Closed bool
	// Want has a verdict, as Say puts it, for the channels that the reply means something to.
	Want map[Channel]string
}

const page = "<html>\n<head><title>Provider</title></head><body>Access denied</body></html>"

// Cases are the rows: first what may come from anywhere, then what each channel says in its own words.
func Cases() []Case {
	return append(append(append(anywhere(), telegram()...), slackWebhook()...), slackBot()...)
}

// anywhere are the replies that a status or the network gives. What is not in Telegram's or Slack's own words did not come
// from them, so that it is no refusal.
func anywhere() []Case {
	const stranger = "retry malformed_reply all"
	same := func(verdict string) map[Channel]string {
		return map[Channel]string{Telegram: verdict, SlackWebhook: verdict, SlackBot: verdict, Webhook: verdict}
	}
	toWebhook := func(verdict string) map[Channel]string {
		m := same(stranger)
		m[Webhook] = verdict
		return m
	}
	status := func(name string, code int, want map[Channel]string) Case {
		return Case{Name: name, Replies: []Reply{{Status: code}}, Want: want}
	}
	one := func(name string, r Reply, want map[Channel]string) Case {
		return Case{Name: name, Replies: []Reply{r}, Want: want}
	}
	return []Case{
		one("200 with a page of HTML", Reply{Body: page}, toWebhook("sent ok")),
		one("200 with an endless body", Reply{Trouble: Huge}, toWebhook("sent ok")),
		one("200, and the body stalls", Reply{Body: `{"ok":`, Trouble: Stall}, map[Channel]string{
			Telegram: "retry timeout", SlackWebhook: "retry timeout", SlackBot: "retry timeout", Webhook: "sent ok",
		}),
		status("201", http.StatusCreated, toWebhook("sent ok")),
		status("204", http.StatusNoContent, toWebhook("sent ok")),
		one("302 to somewhere else", Reply{Status: http.StatusFound, Header: map[string]string{"Location": "/login"}}, toWebhook("permanent redirected")),
		one("400 with a page of HTML", Reply{Status: http.StatusBadRequest, Body: page}, toWebhook("permanent rejected")),
		status("401", http.StatusUnauthorized, toWebhook("retry unauthorized 5m all")),
		one("403 with a page of HTML", Reply{Status: http.StatusForbidden, Body: page}, toWebhook("permanent forbidden")),
		one("404 with a page of HTML", Reply{Status: http.StatusNotFound, Body: page}, toWebhook("permanent not_found")),
		one("404 that repeats the request", Reply{Status: http.StatusNotFound, Trouble: Echo}, toWebhook("permanent not_found")),
		status("407 from a proxy", http.StatusProxyAuthRequired, same("retry unauthorized 5m all")),
		status("408", http.StatusRequestTimeout, same("retry timeout")),
		status("410", http.StatusGone, toWebhook("permanent gone all")),
		status("413", http.StatusRequestEntityTooLarge, toWebhook("permanent too_large")),
		status("422", http.StatusUnprocessableEntity, toWebhook("permanent rejected")),
		status("425", http.StatusTooEarly, same("retry unavailable")),
		status("429", http.StatusTooManyRequests, same("retry rate_limited all")),
		one("429 with Retry-After: 7",
			Reply{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "7"}}, same("retry rate_limited 7s all")),
		one("429 with Retry-After: a date 90 s ahead", Reply{Status: http.StatusTooManyRequests, Header: map[string]string{
			"Date": "Tue, 03 Nov 2026 14:02:11 GMT", "Retry-After": "Tue, 03 Nov 2026 14:03:41 GMT",
		}}, same("retry rate_limited 1m30s all")),
		status("500", http.StatusInternalServerError, same("retry unavailable")),
		one("502 with a page of HTML", Reply{Status: http.StatusBadGateway, Body: page}, same("retry unavailable all")),
		one("503 with Retry-After: 30",
			Reply{Status: http.StatusServiceUnavailable, Header: map[string]string{"Retry-After": "30"}}, same("retry unavailable 30s all")),
		status("504", http.StatusGatewayTimeout, same("retry unavailable all")),
		one("500, and the body stalls", Reply{Status: http.StatusInternalServerError, Body: "{", Trouble: Stall}, same("retry unavailable")),
		one("no answer in time", Reply{Trouble: Hang}, same("retry timeout")),
		one("a reset connection", Reply{Trouble: Reset}, same("retry network")),
		one("something that is not HTTP", Reply{Body: "220 mail.example ESMTP\r\n", Trouble: Garbage}, same("retry network")),
		{Name: "no connection", Closed: true, Want: same("retry network all")},
		{Name: "a certificate that nobody trusts", Untrusted: true, Want: same("retry tls all")},
	}
}

func telegram() []Case {
	const refused = `{"ok":false,"error_code":%CODE%,"description":"%TEXT%"}`
	accepted := Reply{Body: `{"ok":true,"result":{"message_id":57,"chat":{"id":-100123}}}`}
	refusal := func(code int, description string) Reply {
		return Reply{Status: code, Body: expand(refused, code, description)}
	}
	one := func(name, verdict string, replies ...Reply) Case {
		return Case{Name: name, Replies: replies, Want: map[Channel]string{Telegram: verdict}}
	}
	bad := func(description, verdict string) Case {
		return one("400 "+description, verdict, refusal(http.StatusBadRequest, "Bad Request: "+description))
	}
	return []Case{
		one("Telegram: ok", "sent ok", accepted),
		one("200 without a message", "retry malformed_reply all", Reply{Body: `{"ok":true,"result":{}}`}),
		one("429 with retry_after 7", "retry rate_limited 7s all", Reply{
			Status: http.StatusTooManyRequests,
			Body:   `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}`,
		}),
		one("401 Unauthorized", "retry unauthorized 5m all", refusal(http.StatusUnauthorized, "Unauthorized")),
		one("404 Not Found", "retry unauthorized 5m all", refusal(http.StatusNotFound, "Not Found")),
		one("403 bot was blocked by the user", "permanent forbidden", refusal(http.StatusForbidden, "Forbidden: bot was blocked by the user")),
		one("403 bot was kicked from the group chat", "permanent forbidden", refusal(http.StatusForbidden, "Forbidden: bot was kicked from the group chat")),
		bad("chat not found", "permanent not_found"),
		bad("not enough rights to send text messages to the chat", "permanent forbidden"),
		bad("message text is empty", "permanent rejected"),
		bad("message is too long", "permanent too_large"),
		bad("something new", "permanent rejected"),
		one("400 can't parse entities, then ok", "sent ok",
			refusal(http.StatusBadRequest, `Bad Request: can't parse entities: Unclosed start tag at byte offset 5`), accepted),
		one("400 can't parse entities, then again", "permanent rejected",
			refusal(http.StatusBadRequest, `Bad Request: can't parse entities: Unclosed start tag at byte offset 5`),
			refusal(http.StatusBadRequest, `Bad Request: can't parse entities: Unclosed start tag at byte offset 5`)),
		one("400 with migrate_to_chat_id, then ok", "sent ok", migrated, accepted),
		one("400 with migrate_to_chat_id, then again", "permanent rejected", migrated, migrated),
		one("400 message thread not found, then ok", "sent ok", refusal(http.StatusBadRequest, "Bad Request: message thread not found"), accepted),
		one("500 in JSON", "retry unavailable", refusal(http.StatusInternalServerError, "Internal Server Error")),
	}
}

// migrated is how Telegram says that a group has become a supergroup.
var migrated = Reply{
	Status: http.StatusBadRequest,
	Body: `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat",
		"parameters":{"migrate_to_chat_id":-1009876543210}}`,
}

func slackWebhook() []Case {
	one := func(status int, body, verdict string, more ...Reply) Case {
		return Case{
			Name: expand("%CODE% %TEXT%", status, body) + then(more), Replies: append([]Reply{{Status: status, Body: body}}, more...),
			Want: map[Channel]string{SlackWebhook: verdict},
		}
	}
	again := func(word string) Reply { return Reply{Status: http.StatusBadRequest, Body: word} }
	return []Case{
		one(http.StatusOK, "ok", "sent ok"),
		one(http.StatusOK, "no_text", "permanent rejected"),
		one(http.StatusBadRequest, "invalid_payload", "permanent rejected", again("invalid_payload")),
		one(http.StatusBadRequest, "invalid_blocks", "permanent rejected", again("invalid_blocks")),
		one(http.StatusBadRequest, "invalid_blocks_format", "sent ok", Reply{Body: "ok"}),
		one(http.StatusBadRequest, "user_not_found", "permanent not_found"),
		one(http.StatusForbidden, "action_prohibited", "permanent forbidden"),
		one(http.StatusForbidden, "invalid_token", "retry unauthorized 5m all"),
		one(http.StatusNotFound, "channel_not_found", "permanent not_found"),
		one(http.StatusNotFound, "no_service", "retry unauthorized 5m all"),
		one(http.StatusNotFound, "no_team", "retry unauthorized 5m all"),
		one(http.StatusGone, "channel_is_archived", "permanent gone"),
		one(http.StatusTooManyRequests, "rate_limited", "retry rate_limited all"),
		one(http.StatusInternalServerError, "rollup_error", "retry unavailable"),
		one(http.StatusBadRequest, "something_new", "permanent rejected"),
	}
}

func slackBot() []Case {
	one := func(code, verdict string, more ...Reply) Case {
		return Case{
			Name: "ok:false " + code + then(more), Replies: append([]Reply{{Body: expand(`{"ok":false,"error":"%TEXT%"}`, 0, code)}}, more...),
			Want: map[Channel]string{SlackBot: verdict},
		}
	}
	accepted := Reply{Body: `{"ok":true,"channel":"C0123","ts":"1405894322.002768"}`}
	return []Case{
		{Name: "Slack: ok:true", Replies: []Reply{accepted}, Want: map[Channel]string{SlackBot: "sent ok"}},
		{Name: "Slack: ok:true without ts", Replies: []Reply{{Body: `{"ok":true}`}}, Want: map[Channel]string{SlackBot: "retry malformed_reply all"}},
		{Name: "429 with Retry-After: 30 and ratelimited", Replies: []Reply{{
			Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "30"}, Body: `{"ok":false,"error":"ratelimited"}`,
		}}, Want: map[Channel]string{SlackBot: "retry rate_limited 30s all"}},
		one("ratelimited", "retry rate_limited all"),
		one("channel_not_found", "permanent not_found"),
		one("not_in_channel", "permanent forbidden"),
		one("restricted_action", "permanent forbidden"),
		one("is_archived", "permanent gone"),
		one("invalid_auth", "retry unauthorized 5m all"),
		one("not_authed", "retry unauthorized 5m all"),
		one("token_revoked", "retry unauthorized 5m all"),
		one("token_expired", "retry unauthorized 5m all"),
		one("account_inactive", "retry unauthorized 5m all"),
		one("missing_scope", "retry unauthorized 5m all"),
		one("msg_too_long", "permanent too_large"),
		one("no_text", "permanent rejected"),
		one("invalid_blocks", "sent ok", accepted),
		one("msg_blocks_too_long", "sent ok", accepted),
		one("internal_error", "retry unavailable"),
		one("fatal_error", "retry unavailable"),
		one("service_unavailable", "retry unavailable all"),
		one("request_timeout", "retry timeout"),
		one("team_added_to_org", "retry unavailable all"),
		one("something_new", "permanent rejected"),
	}
}

// then says what came when the channel tried once more.
func then(more []Reply) string {
	switch {
	case len(more) == 0:
		return ""
	case max(more[0].Status, http.StatusOK) == http.StatusOK:
		return ", then ok"
	}
	return ", then again"
}

// expand puts a code and a text where a reply has them.
func expand(in string, code int, text string) string {
	return strings.NewReplacer("%CODE%", strconv.Itoa(code), "%TEXT%", text).Replace(in)
}
