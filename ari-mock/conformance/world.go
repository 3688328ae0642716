package conformance

import (
	"context"
	"net"
	"testing"
	"time"
)

// World is one Asterisk with the people around it, made anew for each case. Its dialplan is that of the testbed: numbers
// lead to Stasis(App) and, should that fail or the call be declined (QUEUESTATUS is DECLINED), to a refusal with Q.850
// cause 34; in context "exit" there are the extensions "s" and numbers, which play something and hang up, and "wait", which
// answers and stays. Of sounds it has silence/1 to silence/10, that many seconds long, and tt-monkeys, 16 s long. Its web
// server takes 1000 connections, closes idle ones after 15 s, and waits a second for a reader of events.
type World interface {
	// URL is the base of ARI, http://host:port/ari.
	URL() string
	// Credentials are those of a user who may do everything.
	Credentials() (username, password string)
	// App is the Stasis application that the dialplan calls: missedcalls.
	App() string
	// Dial opens a connection to Asterisk's web server.
	Dial(ctx context.Context, network, address string) (net.Conn, error)
	// Call lets somebody call from outside, over the trunk PJSIP/trunk.
	Call(t testing.TB, c Call) Caller
	// Phone switches on one of the phones PJSIP/101 to PJSIP/110, or PJSIP/121, until the end of the case. It must not be on yet.
	Phone(t testing.TB, number string, p Phone) Handset
	// Register tells Asterisk for a time of whole seconds where PJSIP/121 is, which cannot be called otherwise; 0 takes it back.
	Register(t testing.TB, number string, lasts time.Duration)
	// RefuseFiles lets Asterisk write no recording any more.
	RefuseFiles(t testing.TB)
	// PickUp lets a phone take the call that another one rings for, as a colleague does who dials a code for it.
	PickUp(t testing.TB, by, ringing string)
}

// Call is one call to be made.
type Call struct {
	// Number and Name are the caller's, Number is digits.
	Number, Name string
	// DID is the number dialled; the default is 74951234567.
	DID string
	// Args, if given, are passed to Stasis() after the application's name, commas and quotes included.
	Args string
	// Withheld keeps the number from being shown, as a trunk does it: P-Asserted-Identity with Privacy: id.
	Withheld bool
	// Digits are keys pressed, at times from the answer.
	Digits []Digit
	// HangupAfter counts from the answer; GiveUpAfter from the beginning, answered or not, 1 s at least. The first that
	// comes ends the call; without either the caller stays until the other side hangs up.
	HangupAfter, GiveUpAfter time.Duration
}

// Digit is a key press at a time from the answer.
type Digit struct {
	Key   string
	After time.Duration
}

// Caller is somebody who calls.
type Caller interface {
	// Result waits for the end of the call and tells how it went, as the caller's phone saw it.
	Result(t testing.TB) Result
}

// Result is how a call went for the caller.
type Result struct {
	// Status is the final SIP answer: 200, or the refusal.
	Status int
	// Cause is the Q.850 cause the other side gave, 0 for none.
	Cause int
	// Rang tells whether there was a 180, Media whether there was a 183: sound before the answer.
	Rang, Media bool
	// EndedBy is "caller" or "remote".
	EndedBy string
}

// Phone is how a phone takes calls.
type Phone struct {
	// RingFor is how long it rings before it answers or refuses; 0 is for ever.
	RingFor time.Duration
	// Status is the final answer, 200 unless given.
	Status int
	// ForwardTo is the number that the refusal 302 names.
	ForwardTo string
	// Steps are what it does while it talks, in order of time.
	Steps []Step
	// TalkFor is how long it talks before it hangs up; 0 is until the other side does. One that has transferred its call hangs up when
	// it is told what became of that, unless there is a time.
	TalkFor time.Duration
}

// Step is one thing a phone does, at a time from its answer.
type Step struct {
	After time.Duration
	// Key is a key pressed, Hold and Unhold put the other side on hold and take it off.
	Key          string
	Hold, Unhold bool
	// Transfer is the number the other side is sent to: at once, or, with ConsultFor, after the phone has talked with whoever answers
	// there for so long.
	Transfer   string
	ConsultFor time.Duration
}

// Handset is a phone that is switched on.
type Handset interface {
	// Shown is what the phone showed of its first call: number and name of the caller, and a header of the INVITE.
	Shown(t testing.TB, header string) (number, name, value string)
}
