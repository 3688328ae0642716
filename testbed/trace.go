package testbed

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sipMessage is what a SIPp message log tells about one message.
type sipMessage struct {
	At   time.Time
	Sent bool
	// Status is the code of an answer, 0 for a request.
	Status int
	// Method is the request's, or the one an answer is for.
	Method string
	CSeq   int
	CallID string
	// From and To are the user parts of these addresses, FromName is the name a phone shows.
	From, FromName, To string
	// Cause is the Q.850 cause of a Reason header, 0 without. Reasons are all of these headers.
	Cause   int
	Reasons []string
	// Header holds the headers of a call that came in, by their names in lower case.
	Header map[string]string
	// Outcome is the status a NOTIFY tells about a transfer, 0 in other messages.
	Outcome int
}

// sectionLine opens every message of the log. Sections without a time repeat a message under another heading.
const sectionLine = "-----------------------------------------------"

var (
	q850     = regexp.MustCompile(`(?i)^Q\.850\s*;\s*cause=(\d+)`)
	userPart = regexp.MustCompile(`<sips?:([^@>]*)@`)
	quoted   = regexp.MustCompile(`^"((?:[^"\\]|\\.)*)"`)
	fragment = regexp.MustCompile(`^SIP/2\.0 (\d{3})`)
)

// parseTrace reads a SIPp message log (-trace_msg) written in UTC. A message still being written at its end is left out.
func parseTrace(log string) []sipMessage {
	var messages []sipMessage
	for section := range strings.SplitSeq(log, sectionLine) {
		if m, ok := parseSection(section); ok {
			messages = append(messages, m)
		}
	}
	return messages
}

// parseSection reads " 2026-11-21 08:42:38.122435\nUDP message sent (442 bytes):\n\n<message>".
func parseSection(section string) (sipMessage, bool) {
	heading, rest, _ := strings.Cut(section, "\n")
	at, err := time.ParseInLocation(time.DateTime+".000000", strings.TrimSpace(heading), time.UTC)
	if err != nil {
		return sipMessage{}, false
	}
	direction, rest, _ := strings.Cut(rest, "\n")
	m := sipMessage{At: at, Sent: strings.Contains(direction, "message sent")}
	head, body, whole := strings.Cut(strings.TrimLeft(rest, "\r\n"), "\r\n\r\n")
	if !whole {
		return sipMessage{}, false
	}
	lines := strings.Split(head, "\r\n")
	if answer, ok := strings.CutPrefix(lines[0], "SIP/2.0 "); ok {
		code, _, _ := strings.Cut(answer, " ")
		m.Status, _ = strconv.Atoi(code)
	}
	if !m.Sent && strings.HasPrefix(lines[0], "INVITE ") {
		m.Header = map[string]string{}
	}
	for _, line := range lines[1:] {
		m.readHeader(line)
	}
	if found := fragment.FindStringSubmatch(body); found != nil && m.Method == "NOTIFY" {
		m.Outcome, _ = strconv.Atoi(found[1])
	}
	return m, m.CallID != "" && m.Method != ""
}

func (m *sipMessage) readHeader(line string) {
	name, value, _ := strings.Cut(line, ":")
	name, value = strings.ToLower(name), strings.TrimSpace(value)
	if m.Header != nil {
		m.Header[name] = value
	}
	switch name {
	case "call-id":
		m.CallID = value
	case "cseq":
		number, method, _ := strings.Cut(value, " ")
		m.CSeq, _ = strconv.Atoi(number)
		m.Method = method
	case "from":
		if found := userPart.FindStringSubmatch(value); found != nil {
			m.From = found[1]
		}
		if found := quoted.FindStringSubmatch(value); found != nil {
			m.FromName = found[1]
		}
	case "to":
		if found := userPart.FindStringSubmatch(value); found != nil {
			m.To = found[1]
		}
	case "reason":
		m.Reasons = append(m.Reasons, value)
		if found := q850.FindStringSubmatch(value); found != nil {
			m.Cause, _ = strconv.Atoi(found[1])
		}
	}
}

// Who ended a call.
const (
	// ByCaller is a caller's BYE or CANCEL.
	ByCaller = "caller"
	// ByAgent is a phone's BYE or refusal.
	ByAgent = "agent"
	// ByRemote is a BYE, a CANCEL or a refusal from Asterisk.
	ByRemote = "remote"
)

// CallResult is what happened to one call, as seen on the wire by the one who called or was called. Times are of this machine's
// clock; a time that did not come is zero.
type CallResult struct {
	// Number and DID are those of the plan, also when the number was withheld. CallerName is the name a phone was shown.
	Number, DID, CallerName string
	// InviteAt is when the call began, RangAt when it was first heard ringing or early media, AnsweredAt when it was answered.
	InviteAt, RangAt, AnsweredAt time.Time
	// ByeAt is when the first BYE or CANCEL was sent or received; EndedAt when the call was over: that, or a refusal.
	ByeAt, EndedAt time.Time
	// DigitsAt are the times of the key presses, StepsAt those at which a phone took its steps, key presses included.
	DigitsAt, StepsAt []time.Time
	// EndedBy is ByCaller, ByAgent or ByRemote, empty for a call that has not ended.
	EndedBy string
	// Status is the final answer to the INVITE: 200, 487 for a caller who gave up, or a refusal; 0 while there is none.
	Status int
	// Cause is the Q.850 cause Asterisk gave for ending the call, 0 when it gave none. Reasons are the Reason headers of a call that
	// came to a phone and was cancelled or hung up by Asterisk, such as SIP;cause=200;text="Call completed elsewhere".
	Cause   int
	Reasons []string
	// TransferStatus is what a phone was told last about its transfer: 100 while it is tried, 200 when it was made, 0 without one.
	TransferStatus int
	// Consultation is the call a phone made before an attended transfer; its DID is the number the phone called.
	Consultation *CallResult

	header map[string]string
}

// Header is the value of a header of the INVITE a phone got, empty when there was none. Of several of one name it is the last.
func (r CallResult) Header(name string) string { return r.header[strings.ToLower(name)] }

// Stayed is the time from the INVITE to the end, 0 for a call that has not ended.
func (r CallResult) Stayed() time.Duration {
	if r.EndedAt.IsZero() {
		return 0
	}
	return r.EndedAt.Sub(r.InviteAt)
}

// callerCall folds the messages of one call into its result, as the caller sees it.
type callerCall struct {
	result   CallResult
	infoCSeq int
}

func (c *callerCall) see(m sipMessage) {
	switch {
	case m.Sent && m.Status == 0:
		c.sent(m)
	case !m.Sent && m.Status == 0 && m.Method == "BYE":
		c.bye(m, ByRemote)
	case !m.Sent && m.Method == "INVITE":
		c.answered(m)
	}
}

func (c *callerCall) sent(m sipMessage) {
	r := &c.result
	switch m.Method {
	case "INVITE":
		if r.InviteAt.IsZero() {
			r.InviteAt = m.At
		}
	case "CANCEL":
		if r.ByeAt.IsZero() {
			r.ByeAt = m.At
		}
	case "BYE":
		c.bye(m, ByCaller)
	case "INFO":
		if m.CSeq > c.infoCSeq {
			c.infoCSeq = m.CSeq
			r.DigitsAt = append(r.DigitsAt, m.At)
		}
	}
}

// answered takes an answer to the INVITE. A late 200 to a caller who has cancelled counts as answered; the BYE that follows ends it.
func (c *callerCall) answered(m sipMessage) {
	r := &c.result
	switch {
	case m.Status < 180 || r.Status != 0:
	case m.Status < 200:
		if r.RangAt.IsZero() {
			r.RangAt = m.At
		}
	case m.Status < 300:
		r.Status, r.AnsweredAt = m.Status, m.At
	default:
		r.Status, r.Cause, r.EndedAt, r.EndedBy = m.Status, m.Cause, m.At, ByRemote
		if m.Status == 487 && !r.ByeAt.IsZero() {
			r.EndedAt, r.EndedBy = r.ByeAt, ByCaller
		}
	}
}

func (c *callerCall) bye(m sipMessage, by string) {
	r := &c.result
	if r.ByeAt.IsZero() {
		r.ByeAt = m.At
	}
	if r.EndedAt.IsZero() {
		r.EndedAt, r.EndedBy, r.Cause = r.ByeAt, by, m.Cause
	}
}

// inOrder sorts messages by time, keeping the log's order among equals.
func inOrder(messages []sipMessage) []sipMessage {
	slices.SortStableFunc(messages, func(a, b sipMessage) int { return a.At.Compare(b.At) })
	return messages
}
