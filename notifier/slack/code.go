package slack

import (
	"net/http"

	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
)

// code is what one of Slack's words for a refusal means.
type code struct {
	outcome target.Outcome
	reason  string
	all     bool
	advice  string
	// blocks: it is about the message's blocks. thread: it is about the thread that is answered.
	blocks, thread bool
}

func (c code) verdict() target.Verdict {
	v := target.Verdict{Outcome: c.outcome, Reason: c.reason, All: c.all}
	if c.reason == target.ReasonUnauthorized {
		v.After = target.UntilMended
	}
	return v
}

// refused is the verdict on a refusal in Slack's own words. One that this version does not know is for good: it would
// be the same the next time.
func (s *Slack) refused(reply httpsend.Reply, word string) target.Verdict {
	c, known := codes[word]
	v := c.verdict()
	switch {
	case !known && (reply.Status >= http.StatusInternalServerError || reply.Status == http.StatusTooManyRequests):
		return s.client.Judge(reply)
	case !known:
		v = target.Verdict{Outcome: target.Permanent, Reason: target.ReasonRejected}
	case v.Outcome == target.Retry && v.After == 0:
		v.After = reply.After()
	}
	text := word
	if c.advice != "" {
		text += "; " + c.advice
	}
	v.Err = s.client.Errorf("%s", text)
	return v
}

func later(reason string, all bool) code {
	return code{outcome: target.Retry, reason: reason, all: all}
}

func never(reason, advice string) code {
	return code{outcome: target.Permanent, reason: reason, advice: advice}
}

// mend is what the operator must change, while messages wait.
func mend(advice string) code {
	return code{outcome: target.Retry, reason: target.ReasonUnauthorized, all: true, advice: advice}
}

func aboutBlocks(reason string) code {
	return code{outcome: target.Permanent, reason: reason, advice: "mend the target's template", blocks: true}
}

func aboutThread() code {
	return code{outcome: target.Permanent, reason: target.ReasonNotFound, thread: true}
}

const (
	newToken   = "the bot's token is not accepted: put the one of the app's page OAuth & Permissions into token_file"
	newWebhook = "the webhook is not there any more: make a new one and put its URL into webhook_file"
	invite     = "invite the bot into the channel"
	allow      = "the workspace does not let it write there: ask who administers it"
	checkName  = "check channel: the id of a channel, such as C0123456789, and for a private one the bot must be in it"
)

// codes are Slack's words for refusals, of its incoming webhooks and of chat.postMessage and chat.update.
var codes = map[string]code{
	"ratelimited":                              later(target.ReasonRateLimited, true),
	"rate_limited":                             later(target.ReasonRateLimited, true),
	"message_limit_exceeded":                   later(target.ReasonRateLimited, true),
	"internal_error":                           later(target.ReasonUnavailable, false),
	"fatal_error":                              later(target.ReasonUnavailable, false),
	"rollup_error":                             later(target.ReasonUnavailable, false),
	"service_unavailable":                      later(target.ReasonUnavailable, true),
	"team_added_to_org":                        later(target.ReasonUnavailable, true),
	"request_timeout":                          later(target.ReasonTimeout, false),
	"invalid_auth":                             mend(newToken),
	"not_authed":                               mend(newToken),
	"account_inactive":                         mend(newToken),
	"token_revoked":                            mend(newToken),
	"token_expired":                            mend(newToken),
	"not_allowed_token_type":                   mend(newToken),
	"missing_scope":                            mend("give the bot the scope chat:write"),
	"no_permission":                            mend("give the bot the scope chat:write"),
	"org_login_required":                       mend("the workspace is being moved: ask who administers it"),
	"invalid_token":                            mend(newWebhook),
	"no_service":                               mend(newWebhook),
	"no_service_id":                            mend(newWebhook),
	"no_team":                                  mend(newWebhook),
	"no_active_hooks":                          mend(newWebhook),
	"team_disabled":                            mend(newWebhook),
	"channel_not_found":                        never(target.ReasonNotFound, checkName),
	"user_not_found":                           never(target.ReasonNotFound, checkName),
	"not_in_channel":                           never(target.ReasonForbidden, invite),
	"restricted_action":                        never(target.ReasonForbidden, allow),
	"action_prohibited":                        never(target.ReasonForbidden, allow),
	"posting_to_general_channel_denied":        never(target.ReasonForbidden, allow),
	"restricted_action_read_only_channel":      never(target.ReasonForbidden, allow),
	"ekm_access_denied":                        never(target.ReasonForbidden, allow),
	"access_denied":                            never(target.ReasonForbidden, allow),
	"accesslimited":                            never(target.ReasonForbidden, allow),
	"is_archived":                              never(target.ReasonGone, "open the channel again, or name another"),
	"channel_is_archived":                      never(target.ReasonGone, "open the channel again, or name another"),
	"msg_too_long":                             never(target.ReasonTooLarge, "shorten the target's template"),
	"invalid_payload":                          aboutBlocks(target.ReasonRejected),
	"invalid_blocks":                           aboutBlocks(target.ReasonRejected),
	"invalid_blocks_format":                    aboutBlocks(target.ReasonRejected),
	"msg_blocks_too_long":                      aboutBlocks(target.ReasonTooLarge),
	"thread_not_found":                         aboutThread(),
	"invalid_thread_ts":                        aboutThread(),
	"cannot_reply_to_message":                  aboutThread(),
	"restricted_action_thread_locked":          aboutThread(),
	"restricted_action_non_threadable_channel": aboutThread(),
}
