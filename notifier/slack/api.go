package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
)

// content is what a message says. Slack is told to look for nothing in it.
type content struct {
	Text      string  `json:"text"`
	Blocks    []block `json:"blocks,omitempty"`
	Parse     string  `json:"parse"`
	LinkNames bool    `json:"link_names"`
}

// post is a new message: for the webhook, and for chat.postMessage.
type post struct {
	content
	Channel   string `json:"channel,omitempty"`
	ThreadTS  string `json:"thread_ts,omitempty"`
	Broadcast bool   `json:"reply_broadcast,omitempty"`
	Markdown  bool   `json:"mrkdwn"` // of Text; it is false
	Links     bool   `json:"unfurl_links"`
	Media     bool   `json:"unfurl_media"`
}

// update is a change, for chat.update.
type update struct {
	content
	Blocks  []block `json:"blocks"` // in place of the content's
	Channel string  `json:"channel"`
	TS      string  `json:"ts"`
}

func (s *Slack) post(ctx context.Context, out post) (code string, v target.Verdict) {
	if s.webhook != "" {
		return s.callWebhook(ctx, out)
	}
	return s.call(ctx, "chat.postMessage", out)
}

func (s *Slack) update(ctx context.Context, out update) (code string, v target.Verdict) {
	return s.call(ctx, "chat.update", out)
}

// call sends one request to the Web API. code is Slack's word for a refusal; empty when there is none of its own.
func (s *Slack) call(ctx context.Context, method string, body any) (code string, v target.Verdict) {
	reply, failed := s.send(ctx, s.base+"/"+method, body)
	if failed != nil {
		return "", *failed
	}
	var answer struct {
		OK      bool   `json:"ok"`
		Error   string `json:"error"`
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	}
	switch err := json.Unmarshal(reply.Body, &answer); {
	case err == nil && answer.OK && answer.TS != "" && reply.Status == http.StatusOK:
		v = target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
		v.Ref, _ = json.Marshal(ref{answer.Channel, answer.TS}) // two texts
		return "", v
	case err == nil && !answer.OK && codeForm.MatchString(answer.Error):
		return answer.Error, s.refused(reply, answer.Error)
	}
	return "", s.client.Malformed(reply)
}

// codeForm is that of Slack's words for refusals.
var codeForm = regexp.MustCompile(`^[a-z][a-z_]{1,63}$`)

// callWebhook sends one message to the incoming webhook, whose answer is one word.
func (s *Slack) callWebhook(ctx context.Context, out post) (code string, v target.Verdict) {
	reply, failed := s.send(ctx, s.webhook, out)
	if failed != nil {
		return "", *failed
	}
	said := strings.TrimSpace(string(reply.Body))
	switch {
	case reply.Broken != nil || !codeForm.MatchString(said):
		return "", s.client.Malformed(reply)
	case said == "ok" && reply.Status == http.StatusOK:
		return "", target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
	}
	return said, s.refused(reply, said)
}

func (s *Slack) send(ctx context.Context, url string, body any) (httpsend.Reply, *target.Verdict) {
	b, err := json.Marshal(body)
	if err != nil {
		return httpsend.Reply{}, s.impossible(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return httpsend.Reply{}, s.impossible(err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	return s.client.Do(r)
}

// impossible is the verdict on a request that cannot be made.
func (s *Slack) impossible(err error) *target.Verdict {
	return &target.Verdict{Outcome: target.Permanent, Reason: target.ReasonRejected, Err: s.client.Errorf("make the request: %v", err)}
}
