package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
)

// request is that of sendMessage, and with Message that of editMessageText.
type request struct {
	Chat      chatID           `json:"chat_id"`
	Message   int64            `json:"message_id,omitempty"`
	Thread    int              `json:"message_thread_id,omitempty"`
	Text      string           `json:"text"`
	ParseMode string           `json:"parse_mode,omitempty"`
	Preview   linkPreview      `json:"link_preview_options"`
	Silent    bool             `json:"disable_notification,omitempty"`
	Reply     *replyParameters `json:"reply_parameters,omitempty"`
}

type linkPreview struct {
	Disabled bool `json:"is_disabled"`
}

type replyParameters struct {
	Message      int64 `json:"message_id"`
	AllowWithout bool  `json:"allow_sending_without_reply"`
}

// answer is what the Bot API says to a request.
type answer struct {
	OK          bool   `json:"ok"`
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Result      struct {
		MessageID int64 `json:"message_id"`
		Chat      struct {
			ID int64 `json:"id"`
		} `json:"chat"`
	} `json:"result"`
	Parameters struct {
		RetryAfter      int64 `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// says tells whether a refusal has these words, whatever the case of its letters.
func (a answer) says(words string) bool {
	return !a.OK && strings.Contains(strings.ToLower(a.Description), strings.ToLower(words))
}

// call sends one request. The answer is empty when none came that is Telegram's own.
func (t *Telegram) call(ctx context.Context, method string, body request) (answer, target.Verdict) {
	b, err := json.Marshal(body)
	if err != nil {
		return answer{}, t.impossible(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+method, bytes.NewReader(b))
	if err != nil {
		return answer{}, t.impossible(err)
	}
	r.Header.Set("Content-Type", "application/json")
	reply, failed := t.client.Do(r)
	if failed != nil {
		return answer{}, *failed
	}
	var a answer
	if json.Unmarshal(reply.Body, &a) != nil || a.OK && a.Result.MessageID == 0 || !a.OK && (a.Code == 0 || a.Description == "") {
		return answer{}, t.client.Malformed(reply)
	}
	if a.OK {
		return a, target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
	}
	return a, t.refused(reply, a)
}

// refusals are those of status 400 that say more than that, by words of their description, and what to do about them.
var refusals = []struct{ words, reason, advice string }{
	{"chat not found", target.ReasonNotFound, "check chat_id; a group must have the bot as a member, and a person must have written to it first"},
	{"PEER_ID_INVALID", target.ReasonNotFound, "check chat_id"},
	{"not enough rights", target.ReasonForbidden, "let the bot write in the chat"},
	{"have no rights", target.ReasonForbidden, "let the bot write in the chat"},
	{"CHAT_WRITE_FORBIDDEN", target.ReasonForbidden, "let the bot write in the chat"},
	{"CHAT_RESTRICTED", target.ReasonForbidden, "let the bot write in the chat"},
	{"too long", target.ReasonTooLarge, "shorten the target's template"},
}

// refused is the verdict on a refusal in Telegram's own words.
func (t *Telegram) refused(reply httpsend.Reply, a answer) target.Verdict {
	v, advice := t.client.Judge(reply), ""
	switch reply.Status {
	case http.StatusTooManyRequests:
		if a.Parameters.RetryAfter > 0 {
			v.After = httpsend.Seconds(a.Parameters.RetryAfter)
		}
	case http.StatusUnauthorized, http.StatusNotFound: // 404 is the answer to a token of another form
		v = target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnauthorized, All: true, After: target.UntilMended}
		advice = "the bot's token is not accepted: put the one that @BotFather shows into token_file"
	case http.StatusForbidden:
		advice = "let the bot into the chat again; a person must unblock it"
	case http.StatusBadRequest:
		v.Reason, advice = badRequest(a)
	}
	text := a.Description
	if advice != "" {
		text += "; " + advice
	}
	if v.Outcome == target.Sent { // ok:false with a status that says otherwise
		return t.client.Malformed(reply)
	}
	v.Err = t.client.Errorf("%s", text)
	return v
}

func badRequest(a answer) (reason, advice string) {
	for _, r := range refusals {
		if a.says(r.words) {
			return r.reason, r.advice
		}
	}
	return target.ReasonRejected, ""
}

// impossible is the verdict on a request that cannot be made.
func (t *Telegram) impossible(err error) target.Verdict {
	return target.Verdict{Outcome: target.Permanent, Reason: target.ReasonRejected, Err: t.client.Errorf("make the request: %v", err)}
}
