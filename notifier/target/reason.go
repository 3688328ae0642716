package target

import "time"

// The reasons of verdicts.
const (
	// ReasonOK: accepted.
	ReasonOK = "ok"
	// ReasonRateLimited: too many messages; the channel may have said how long to wait.
	ReasonRateLimited = "rate_limited"
	// ReasonUnavailable: the channel has trouble of its own.
	ReasonUnavailable = "unavailable"
	// ReasonTimeout: no answer in time. The message may have arrived.
	ReasonTimeout = "timeout"
	// ReasonNetwork: the channel could not be reached, or the connection broke. In the latter case the message may have arrived.
	ReasonNetwork = "network"
	// ReasonTLS: no private connection, most likely because the certificate is not to be trusted.
	ReasonTLS = "tls"
	// ReasonUnauthorized: the token, password or secret URL is not accepted.
	ReasonUnauthorized = "unauthorized"
	// ReasonForbidden: known, but not allowed to say this there.
	ReasonForbidden = "forbidden"
	// ReasonNotFound: there is no such chat, channel or address.
	ReasonNotFound = "not_found"
	// ReasonGone: there was one, and it is closed for good.
	ReasonGone = "gone"
	// ReasonRedirected: the address names another one, which is not followed.
	ReasonRedirected = "redirected"
	// ReasonRejected: the channel does not take this message.
	ReasonRejected = "rejected"
	// ReasonTooLarge: the message is too long for the channel.
	ReasonTooLarge = "too_large"
	// ReasonMalformedReply: an answer that is not the channel's, as from a proxy or a page of the provider.
	ReasonMalformedReply = "malformed_reply"
	// ReasonInterrupted: the delivery's context ended.
	ReasonInterrupted = "interrupted"
)

// Reasons lists every reason.
func Reasons() []string {
	return []string{
		ReasonOK, ReasonRateLimited, ReasonUnavailable, ReasonTimeout, ReasonNetwork, ReasonTLS, ReasonUnauthorized,
		ReasonForbidden, ReasonNotFound, ReasonGone, ReasonRedirected, ReasonRejected, ReasonTooLarge,
		ReasonMalformedReply, ReasonInterrupted,
	}
}

// UntilMended is the Verdict.After of what only an operator can mend and no message is to be lost by, such as a mistyped
// token. The messages wait meanwhile, up to the target's max_age; a target that is configured anew tries at once.
const UntilMended = 5 * time.Minute
