package arimock

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Caller is somebody who calls, and what he is going to do.
type Caller struct {
	// Number and Name are what his phone shows. The number of a phone (101 for PJSIP/101) makes it that phone calling. Without a number, or
	// with Withheld, the call is anonymous; a number with Withheld is known to Asterisk, and says that it must not be shown.
	Number, Name string
	Withheld     bool
	// DID is the number he dials.
	DID string
	// Args are the arguments the dialplan passes to Stasis() after the application's name, as they stand there.
	Args string
	// Language of the channel, en unless given.
	Language string
	// Digits are keys he presses, at times from the answer.
	Digits []Digit
	// HangupAfter counts from the answer, GiveUpAfter from the call; without either he stays.
	HangupAfter, GiveUpAfter time.Duration
	// Patience is when he hangs up unless somebody talks with him by then, counted from the call. TalkFor is when he hangs up
	// after he began to talk; without it he talks until the other side hangs up.
	Patience, TalkFor time.Duration
}

// Digit is a key press at a time from the answer.
type Digit struct {
	Key   string        `yaml:"key" json:"key"`
	After time.Duration `yaml:"after" json:"after"`
}

// Call is the call of a caller. Its methods may be called from any goroutine.
type Call struct {
	s       *Server
	channel *channel
	caller  Caller
	// answers is closed at the answer, talks when he first talks with somebody, ended at the end.
	answers, talks, ended chan struct{}
	result                Result // guarded by the server's mutex until ended is closed
}

// Result is how a call went, as the caller's phone saw it.
type Result struct {
	// Status is the final SIP answer.
	Status int
	// Cause is the Q.850 cause Asterisk gave for ending the call, 0 when the caller ended it.
	Cause int
	// Rang tells whether the caller was told that it rings, Media whether he heard something before the answer.
	Rang, Media bool
	// ByCaller tells whether he ended it himself.
	ByCaller bool
	// StasisStatus and QueueStatus are the variables that the dialplan found in the end.
	StasisStatus, QueueStatus string
	// Answered and Ended are when; Answered is zero for a call that was not.
	Answered, Ended time.Time
	// Talked is when he came to talk with somebody whom the application brought to him, zero if it brought nobody.
	Talked time.Time
}

// Call lets somebody call. His channel is in the application, or on its way to the fallback, when it returns.
func (s *Server) Call(caller Caller) *Call {
	s.mu.Lock()
	endpoint := "PJSIP/" + caller.Number
	isPhone := s.endpointExists(endpoint)
	if !isPhone {
		endpoint = "PJSIP/trunk"
	}
	c := s.newChannel("", endpoint)
	call := &Call{s: s, channel: c, caller: caller, ended: make(chan struct{}), answers: make(chan struct{}), talks: make(chan struct{})}
	s.calls[c.id] = call
	call.describe(c)
	args := splitArgs(caller.Args)
	if isPhone {
		args = call.fromPhone(c, args)
	}
	c.far = call
	c.appear()
	s.mu.Unlock()
	if s.options.Called != nil {
		s.options.Called(call)
	}
	s.running.Go(func() { c.callerThread(args) })
	s.running.Go(call.live)
	return call
}

// describe makes the channel that of the caller.
func (k *Call) describe(c *channel) {
	p := k.s.options.Dialplan
	c.state, c.language = stateRing, cmp.Or(k.caller.Language, "en")
	c.caller = party{Name: strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(k.caller.Name), Number: k.caller.Number}
	if k.caller.Number == "" {
		c.caller = party{Name: "Anonymous", Number: "anonymous"}
	}
	c.withheld = k.caller.Withheld && k.caller.Number != ""
	c.context, c.exten, c.priority = p.Context, k.caller.DID, 1
	c.appName, c.appData = "Stasis", p.App
	if k.caller.Args != "" {
		c.context, c.appData = p.ArgsContext, p.App+","+k.caller.Args
	}
}

// fromPhone makes the channel that of one of our own phones, and gives the arguments of the feature it dials, if it is one.
func (k *Call) fromPhone(c *channel, args []string) []string {
	c.caller, c.context = k.s.phoneParty(c.endpoint()), phoneContext
	if feature, is := k.s.options.Dialplan.Features[k.caller.DID]; is {
		c.appData += "," + feature
		return splitArgs(feature)
	}
	return args
}

// appear tells of a channel that was made, to whoever is subscribed to its endpoint: before it is anywhere in the dialplan.
func (c *channel) appear() {
	m := c.model()
	m.ProtocolID, m.Dialplan.AppName, m.Dialplan.AppData = "", "", ""
	m.Dialplan.Context = c.s.options.Dialplan.Context
	c.publish(&channelCreated{c.s.head("ChannelCreated"), m})
	c.s.publishEndpoint(c.endpoint())
}

// live does what the caller is going to do, as time passes: the goroutine of the call.
func (k *Call) live() {
	giveUp, patience := alarm(k.caller.GiveUpAfter), alarm(k.caller.Patience)
	answers, talks := k.answers, k.talks
	var hangUp, talked, digit <-chan time.Time
	digits := k.caller.Digits
	var began time.Time
	next := func() {
		if digit = nil; len(digits) > 0 {
			digit = time.After(time.Until(began.Add(digits[0].After)))
		}
	}
	for {
		select {
		case <-answers:
			answers, began, hangUp = nil, time.Now(), alarm(k.caller.HangupAfter)
			next()
			continue
		case <-digit:
			k.Press(digits[0].Key)
			digits = digits[1:]
			next()
			continue
		case <-talks:
			talks, patience, talked = nil, nil, alarm(k.caller.TalkFor)
			continue
		case <-giveUp:
		case <-patience:
		case <-hangUp:
		case <-talked:
		case <-k.ended:
			return
		}
		k.HangUp()
		return
	}
}

// alarm fires after a time, or never when there is none.
func alarm(d time.Duration) <-chan time.Time {
	if d == 0 {
		return nil
	}
	return time.After(d)
}

// ID is the id of the channel.
func (k *Call) ID() string { return k.channel.id }

// Ended is closed when the call is over.
func (k *Call) Ended() <-chan struct{} { return k.ended }

// HangUp ends the call from the caller's side: a BYE, or a CANCEL before the answer.
func (k *Call) HangUp() {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	if k.channel.hungUp {
		return
	}
	k.result.ByCaller = true
	if k.channel.state == stateUp {
		k.channel.hangUp(&channelHangupRequest{}, 0, 0)
		return
	}
	k.channel.hangUp(&channelHangupRequest{Cause: causeInterwork, TechCause: sipCancelled}, causeInterwork, sipCancelled)
}

// sipCancelled is the answer to a caller who gave up (487 Request Terminated).
const sipCancelled = 487

// pressed is how long a key is held.
const pressed = 160

// Press presses one key: 0-9, *, #, A-D.
func (k *Call) Press(key string) {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	if c := k.channel; !c.hungUp {
		c.publish(&channelDtmfReceived{k.s.head("ChannelDtmfReceived"), key, pressed, c.model()})
	}
}

// Take takes the caller out of the application as somebody else does who redirects him: he goes on in the dialplan, with
// neither a hang-up nor our doing.
func (k *Call) Take(context, exten string) {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	if c := k.channel; c.stay != nil && !c.hungUp {
		c.stay.leaving = &departure{context: context, exten: exten}
		c.queue(func() {})
	}
}

// Hears tells what the caller hears: "nothing", "ringing", "music CLASS" or the media that plays.
func (k *Call) Hears() string {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	return k.channel.hears()
}

func (c *channel) hears() string {
	switch {
	case c.playing != nil:
		return c.playing.media[c.playing.at]
	case c.music != "" && (!c.silenced || c.bridge != nil):
		return "music " + c.music
	case c.ringing:
		return "ringing"
	}
	return "nothing"
}

// talking says that the caller talks with somebody. The mutex is held.
func (k *Call) talking() {
	if k.result.Talked.IsZero() {
		k.result.Talked = time.Now()
		close(k.talks)
	}
}

// Talked is when the caller came to talk with somebody, zero if he did not yet.
func (k *Call) Talked() time.Time {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	return k.result.Talked
}

// Result waits for the end of the call and tells how it went, or gives up with ctx.
func (k *Call) Result(ctx context.Context) (Result, error) {
	select {
	case <-k.ended:
	case <-ctx.Done():
		return Result{}, fmt.Errorf("wait for the end of call %s: %w", k.ID(), ctx.Err())
	}
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	return k.result, nil
}

func (k *Call) rang() { k.result.Rang = !k.result.Media }

func (k *Call) heardMedia() { k.result.Media = k.result.Media || k.result.Status == 0 }

func (k *Call) answered() {
	k.result.Status, k.result.Answered = http.StatusOK, time.Now()
	close(k.answers)
}

func (k *Call) released(cause int) {
	k.result.Ended = time.Now()
	k.result.StasisStatus, k.result.QueueStatus = k.channel.variables["STASISSTATUS"], k.channel.variables["QUEUESTATUS"]
	switch {
	case k.result.ByCaller && k.result.Status == 0:
		k.result.Status = sipCancelled
	case !k.result.ByCaller:
		k.result.Cause = cause
		if k.result.Status == 0 {
			k.result.Status = cmp.Or(sipStatuses[cause], http.StatusInternalServerError)
		}
	}
	delete(k.s.calls, k.channel.id)
	close(k.ended)
}
