package testbed

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// maxDigits bounds the keys one caller presses.
	maxDigits = 8
	// leastPatience is the scenario's first wait for an answer.
	leastPatience = time.Second
	// never is longer than any run, in the scenario's milliseconds.
	never = 24 * time.Hour
	// defaultRate is of new calls a second.
	defaultRate = 50
	// defaultLimit is for callers who stay until they are hung up on.
	defaultLimit = 5 * time.Minute
	// maxRecorded bounds the callers of a plan who are recorded, and maxTape the seconds of all their recordings together.
	maxRecorded = 100
	maxTape     = 4 * time.Hour
	// limitMargin is what a run may take beyond the longest stay planned.
	limitMargin = time.Minute
)

// Extensions that need no application.
const (
	// DIDHold answers and plays music for ever.
	DIDHold = "hold"
	// DIDRing rings for ever.
	DIDRing = "ring"
	// DIDPlain is app_queue's queue plain: ringall, with agent 101 unless WithQueueMembers says otherwise.
	DIDPlain = "plain"
	// These are app_queue's queues with timeout 15 s, retry 5 s, autofill and ringinuse=no; the announced ones tell callers their place
	// every 15 s.
	DIDRRMemory          = "queuerrmemory"
	DIDLinear            = "queuelinear"
	DIDRRMemoryAnnounced = "queuerrmemoryannounced"
	DIDLinearAnnounced   = "queuelinearannounced"
)

// Caller is one call to be made.
type Caller struct {
	// Number and Name are the caller's. A number of an agent (101 to 110) makes it that agent calling.
	Number, Name string
	// DID is the number called: digits with or without a plus sign go to the application.
	DID string
	// Args, if given, are passed to Stasis() after the application's name, commas and quotes included.
	Args string
	// Withheld sends the call as anonymous. The number, if any, is told to Asterisk alone, as a trunk does (P-Asserted-Identity
	// with Privacy: id).
	Withheld bool
	// After delays the call; it counts from the caller's turn at the plan's rate.
	After time.Duration
	// HangupAfter counts from the answer, GiveUpAfter from the INVITE, answered or not. The one that comes first ends the call;
	// with neither the caller stays until the other side hangs up.
	HangupAfter, GiveUpAfter time.Duration
	// Digits are keys pressed while answered, in order of time, as SIP INFO.
	Digits []Digit
	// Record keeps what the caller hears; see CallerRun.Recording.
	Record bool
}

// Digit is a key press at a time from the answer.
type Digit struct {
	Key   string
	After time.Duration
}

// CallerPlan is a number of calls, made by one SIPp.
type CallerPlan struct {
	Callers []Caller
	// Rate is how many calls begin each second, 50 unless given.
	Rate float64
	// Limit ends the run, calls in progress included, and fails the test. Unless given it is a minute more than the longest stay,
	// or five minutes when somebody stays until hung up.
	Limit time.Duration
	// RecordFor is how long a recording may be, five minutes unless given. Each second of each recorded caller takes 12 kB.
	RecordFor time.Duration
}

// withDefaults fills what was left out.
func (p CallerPlan) withDefaults() CallerPlan {
	if p.Rate == 0 {
		p.Rate = defaultRate
	}
	if p.RecordFor == 0 {
		p.RecordFor = defaultLimit
	}
	if p.Limit == 0 {
		p.Limit = p.longest() + limitMargin + time.Duration(float64(len(p.Callers))/p.Rate*float64(time.Second))
	}
	return p
}

// longest is the longest time a caller may take, from its turn on.
func (p CallerPlan) longest() time.Duration {
	longest := time.Duration(0)
	for _, c := range p.Callers {
		stay := defaultLimit
		switch {
		case c.GiveUpAfter > 0:
			stay = c.GiveUpAfter
		case c.HangupAfter > 0:
			stay = c.HangupAfter
		}
		longest = max(longest, c.After+stay)
	}
	return longest
}

// check refuses what the injection file or the scenario cannot express.
func (p CallerPlan) check() error {
	if len(p.Callers) == 0 {
		return errors.New("caller plan: no callers")
	}
	if p.Rate < 0.1 || p.Rate > 1000 {
		return fmt.Errorf("caller plan: a rate of %g calls a second is not between 0.1 and 1000", p.Rate)
	}
	var problems []error
	if n := p.recorded(); n > maxRecorded || time.Duration(n)*p.RecordFor > maxTape {
		problems = append(problems, fmt.Errorf("caller plan: %d callers recorded for %s each; at most %d, and %s together",
			n, p.RecordFor, maxRecorded, maxTape))
	}
	for i, c := range p.Callers {
		if err := c.check(); err != nil {
			problems = append(problems, fmt.Errorf("caller plan: caller %d: %w", i, err))
		}
	}
	return errors.Join(problems...)
}

func (c Caller) check() error {
	if c.DID == "" {
		return errors.New("no number to call")
	}
	if text := c.Number + c.Name + c.DID + c.Args; strings.ContainsAny(text, ";\r\n") {
		return fmt.Errorf("%q: a semicolon or a line's end cannot be sent", text)
	}
	if c.GiveUpAfter > 0 && c.GiveUpAfter < leastPatience {
		return fmt.Errorf("giving up after %s; the scenario can do no less than %s", c.GiveUpAfter, leastPatience)
	}
	if len(c.Digits) > maxDigits {
		return fmt.Errorf("%d keys; at most %d", len(c.Digits), maxDigits)
	}
	last := time.Duration(0)
	for _, d := range c.Digits {
		if len(d.Key) != 1 || !strings.Contains("0123456789*#ABCD", d.Key) {
			return fmt.Errorf("%q is not a key", d.Key)
		}
		if d.After < last {
			return fmt.Errorf("key %s comes before the one it follows", d.Key)
		}
		if c.HangupAfter > 0 && d.After >= c.HangupAfter {
			return fmt.Errorf("key %s comes after hanging up", d.Key)
		}
		last = d.After
	}
	return nil
}

// digits is the largest number of keys a caller presses.
func (p CallerPlan) digits() int {
	most := 0
	for _, c := range p.Callers {
		most = max(most, len(c.Digits))
	}
	return most
}

// recorded is the number of callers whose media is kept.
func (p CallerPlan) recorded() int {
	n := 0
	for _, c := range p.Callers {
		if c.Record {
			n++
		}
	}
	return n
}

// injection renders the injection file that scenarios/caller.xml reads, one line for each caller; mediaPort tells where a caller gets
// its media.
func (p CallerPlan) injection(mediaPort func(caller int) int) string {
	var text strings.Builder
	text.WriteString("SEQUENTIAL\n")
	for i, c := range p.Callers {
		text.WriteString(strings.Join(c.fields(i, p.digits(), mediaPort(i)), ";"))
		text.WriteByte('\n')
	}
	return text.String()
}

func (c Caller) fields(index, digits, mediaPort int) []string {
	filler := "X-Caller: " + strconv.Itoa(index)
	user, args, identity, privacy := c.DID, filler, filler, filler
	if c.Args != "" {
		user, args = "args"+user, "X-Stasis-Args: "+c.Args
	}
	if c.Withheld {
		privacy = "Privacy: id"
		if c.Number != "" {
			identity = "P-Asserted-Identity: " + address(c.Name, c.Number)
		}
	}
	fields := []string{
		url.PathEscape(user), c.from(), args, identity, privacy,
		milliseconds(c.After), milliseconds(orNever(c.GiveUpAfter)), milliseconds(orNever(c.HangupAfter)),
		strconv.Itoa(mediaPort),
	}
	for i := range digits {
		key, at := "", "0"
		if i < len(c.Digits) {
			key, at = c.Digits[i].Key, milliseconds(c.Digits[i].After)
		}
		fields = append(fields, key, at)
	}
	return fields
}

// from is the From header's address. RFC 3323 prescribes the anonymous one.
func (c Caller) from() string {
	if c.Withheld || c.Number == "" {
		return `"Anonymous" <sip:anonymous@anonymous.invalid>`
	}
	return address(c.Name, c.Number)
}

// address renders a name and a number as a SIP address. A name's quotes and backslashes are escaped, other characters are UTF-8.
func address(name, number string) string {
	uri := "<sip:" + url.PathEscape(number) + "@127.0.0.1>"
	if name == "" {
		return uri
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `" ` + uri
}

func orNever(d time.Duration) time.Duration {
	if d == 0 {
		return never
	}
	return d
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(d.Milliseconds(), 10)
}
