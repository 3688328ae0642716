package ari

import "errors"

// Kind says what an error means for whoever made the request. It is itself an error, so that
// errors.Is(err, ari.Gone) works.
type Kind int

// The kinds. Everything but Timeout, Broken and Unexpected says for certain that Asterisk did nothing.
const (
	// OK is the kind of no error.
	OK Kind = iota
	// Gone: the channel (for application requests: the application) does not exist, or is leaving at this moment.
	Gone
	// BridgeGone: the bridge does not exist.
	BridgeGone
	// NotInStasis: the channel exists and is not in a Stasis application: not yet, or not any more.
	NotInStasis
	// NotInBridge: the channel is not in the bridge it should be removed from.
	NotInBridge
	// InvalidState: the channel or bridge exists and cannot do that now: an unanswered outbound leg, a channel that
	// is being recorded, a bridge that is not ours.
	InvalidState
	// Conflict: something with that id exists already.
	Conflict
	// Unreachable: the endpoint cannot be called now: it is unknown or not registered.
	Unreachable
	// NotSubscribed: there is no such subscription to end.
	NotSubscribed
	// Refused: Asterisk does not accept our credentials, our address, or writing. Somebody must change a setting.
	Refused
	// Unavailable: Asterisk cannot be reached or is not ready; nothing was sent or nothing was done.
	Unavailable
	// Timeout: the request was sent and no answer came in the time allowed, or the caller gave up first. Whether
	// Asterisk did it is unknown: read its state again, do not repeat.
	Timeout
	// Broken: the request was sent and the connection ended before the answer. Unknown, as with Timeout.
	Broken
	// TooLarge: larger than Asterisk accepts, so it was not sent; or an answer larger than we accept.
	TooLarge
	// Invalid: an argument that can never be right (an empty id); it was not sent.
	Invalid
	// Fenced: another connection has taken the application over, and this client sends nothing any more.
	Fenced
	// Unexpected: Asterisk answered something this package has no rule for.
	Unexpected
)

var kindNames = [...]string{
	OK: "ok", Gone: "gone", BridgeGone: "bridge gone", NotInStasis: "not in stasis", NotInBridge: "not in bridge",
	InvalidState: "invalid state", Conflict: "conflict", Unreachable: "unreachable", NotSubscribed: "not subscribed",
	Refused: "refused", Unavailable: "unavailable", Timeout: "timeout", Broken: "broken", TooLarge: "too large",
	Invalid: "invalid", Fenced: "fenced", Unexpected: "unexpected",
}

// String gives a short stable name, fit for a metric.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "unknown"
	}
	return kindNames[k]
}

// Error makes a Kind usable with errors.Is.
func (k Kind) Error() string { return k.String() }

// Uncertain tells whether Asterisk may have done what was asked although there is an error.
func (k Kind) Uncertain() bool { return k == Timeout || k == Broken || k == Unexpected }

// KindOf gives the kind of an error of this package: OK for nil, Unexpected for an error of anybody else.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return OK
	case errors.As(err, &e):
		return e.Kind
	default:
		return Unexpected
	}
}
