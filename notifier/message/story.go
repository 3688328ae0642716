package message

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"missedcalls/queueflow/callevent"
)

// Bounds of the texts of an event, in UTF-16 units, and of its lists.
const (
	maxNumber   = 40
	maxName     = 64
	maxQueue    = 80
	maxWhy      = 200
	maxID       = 255
	maxAttempts = 20 // that a template sees
	maxTold     = 5  // of a list, in the built-in message
)

var icons = map[callevent.Kind]string{
	callevent.KindEntered: "📞", callevent.KindOffered: "🔔", callevent.KindAnnounced: "📢", callevent.KindAnswered: "💬",
	callevent.KindMoved: "🔀", callevent.KindCompleted: "☑️", callevent.KindMissed: "📵",
	callevent.KindCallbackRequested: "📲", callevent.KindCallbackScheduled: "⏰", callevent.KindCallbackAttempted: "📲",
	callevent.KindCallbackCompleted: "✅", callevent.KindCallbackFailed: "❌", callevent.KindCallbackExpired: "⌛",
	callevent.KindCallbackCancelled: "🚫", callevent.KindResolved: "✅",
	callevent.KindMemberAdded: "➕", callevent.KindMemberRemoved: "➖", callevent.KindMemberPaused: "⏸️", callevent.KindMemberUnpaused: "▶️",
}

// story is an event being put into words. What a kind of event has to say stands in call.go, callback.go and member.go.
type story struct {
	View
	// in is nil until the event said its language, if the target has none.
	in   *language
	zone *time.Location
}

// tell puts an event into the words of a language; nil for that of the event.
func tell(e callevent.Event, in *language, zone *time.Location) View {
	s := story{in: in, zone: zone}
	s.View = View{At: e.Time.In(zone), CallID: clean(e.Call, maxID), Attempts: []Attempt{}, payload: e.Payload}
	if e.Payload != nil {
		s.Kind = clean(string(e.Payload.Kind()), maxName)
		s.Icon = icons[e.Payload.Kind()]
	}
	switch p := e.Payload.(type) {
	case callevent.Entered:
		s.entered(p)
	case callevent.Offered:
		s.offered(p)
	case callevent.Announced:
		s.announced(p)
	case callevent.Answered:
		s.answered(p)
	case callevent.Moved:
		s.moved(p)
	case callevent.Completed:
		s.completed(p)
	case callevent.Missed:
		s.missed(p)
	case callevent.Resolved:
		s.resolved(p)
	default:
		s.tellMore(p)
	}
	return s.View
}

// tellMore tells of callbacks and members.
func (s *story) tellMore(p callevent.Payload) {
	switch p := p.(type) {
	case callevent.CallbackRequested:
		s.callbackRequested(p)
	case callevent.CallbackScheduled:
		s.callbackScheduled(p)
	case callevent.CallbackAttempted:
		s.callbackAttempted(p)
	case callevent.CallbackCompleted:
		s.callbackCompleted(p)
	case callevent.CallbackFailed:
		s.callbackFailed(p)
	case callevent.CallbackExpired:
		s.callbackExpired(p)
	case callevent.CallbackCancelled:
		s.callbackCancelled(p)
	case callevent.MemberAdded:
		s.member(p.Member)
	case callevent.MemberRemoved:
		s.member(p.Member)
	case callevent.MemberPaused:
		s.member(p.Member)
	case callevent.MemberUnpaused:
		s.member(p.Member)
	default: // none, or a kind of a later contract
		s.about("", "", "", "")
		s.Title = s.in.phrases.something
		s.end()
	}
}

// about says what every event tells. It comes first.
func (s *story) about(language, queue, name, did string) {
	if s.in == nil {
		s.in = languageOf(language)
	}
	s.Language = s.in.name
	s.Queue, s.QueueName = clean(queue, maxQueue), clean(name, maxQueue)
	s.DID = clean(did, maxNumber)
	s.Dialled = readable(s.DID)
	where := s.QueueName
	switch {
	case where != "":
	case s.Queue != "":
		where, s.QueueName = s.Queue, s.Queue
	case s.Dialled != "":
		s.QueueName = s.in.phrases.unknownQueue
		where = fill(s.in.phrases.unknownDialled, "{did}", s.Dialled)
	default:
		where, s.QueueName = s.in.phrases.unknownQueue, s.in.phrases.unknownQueue
	}
	s.Title = s.in.titles[callevent.Kind(s.Kind)] + ": " + where
}

// from says who called.
func (s *story) from(c callevent.Caller) {
	s.CallerKind = clean(string(c.Kind), maxName)
	s.Withheld = c.Withheld || c.Kind == callevent.CallerWithheld
	if s.Withheld {
		s.CallerKind = string(callevent.CallerWithheld)
		s.Number, s.Caller = s.in.phrases.withheld, s.in.phrases.withheld
		return
	}
	s.Name = clean(c.Name, maxName)
	s.number(c.E164, c.Raw)
	if c.Kind == callevent.CallerInternal && s.Number != "" {
		s.Number = fill(s.in.phrases.extension, "{number}", s.Number)
	}
	if s.Number == "" {
		s.Number = s.in.phrases.noNumber
	}
	s.Caller = s.Number
	if s.Name != "" && !sameNumber(s.Name, s.Number) {
		s.Caller += ", " + s.Name
	}
}

// number is the international form, or else what there is.
func (s *story) number(e164, raw string) {
	number := clean(e164, maxNumber)
	if number == "" {
		number = clean(raw, maxNumber)
	}
	s.Number, s.Tel = readable(number), dialable(number)
}

// sameNumber says whether a name is nothing but the number, as trunks send it that know no name.
func sameNumber(name, number string) bool {
	if strings.ContainsFunc(name, unicode.IsLetter) {
		return false
	}
	digits, of := strings.Map(digit, name), strings.Map(digit, number)
	tail := of[max(0, len(of)-shortest):]
	return digits == of || len(of) >= shortest && strings.HasSuffix(digits, tail)
}

func (s *story) waited(ms int64) {
	s.Waited, s.WaitedSeconds = s.in.span(ms), seconds(ms)
}

func (s *story) talked(ms int64) {
	s.Talked, s.TalkedSeconds = s.in.span(ms), seconds(ms)
}

// attempts says which agents were rung.
func (s *story) attempts(all []callevent.Attempt) {
	var told []string
	for _, a := range all[:min(len(all), maxAttempts)] {
		attempt := s.attempt(a)
		s.Attempts = append(s.Attempts, attempt)
		told = append(told, attempt.Text)
	}
	s.Rung = s.list(told, len(all))
}

func (s *story) attempt(a callevent.Attempt) Attempt {
	who := clean(a.Agent, maxName)
	if who == "" {
		who = clean(a.Endpoint, maxName)
	}
	pattern, known := s.in.rung[a.Outcome]
	if !known || a.Outcome == "" {
		pattern = s.in.rung[""]
	}
	rang := ""
	if a.RingMS > 0 {
		rang = s.in.ringing(a.RingMS)
	}
	return Attempt{
		Agent: who, Outcome: clean(a.Outcome, maxName), Seconds: seconds(a.RingMS),
		Text: fill(pattern, "{who}", who, "{for}", rang, "{outcome}", plainWord(a.Outcome)),
	}
}

// list tells the first of some things, parted by semicolons, and how many more there are.
func (s *story) list(told []string, all int) string {
	first := told[:min(len(told), maxTold)]
	if more := all - len(first); more > 0 {
		first = append(first[:len(first):len(first)], fill(s.in.phrases.more, "{n}", strconv.Itoa(more)))
	}
	return strings.Join(first, "; ")
}

// plainWord is a code of the contract that has no words here.
func plainWord(code string) string {
	return strings.ReplaceAll(clean(code, maxName), "_", " ")
}

// fact adds a line, unless it has nothing to say.
func (s *story) fact(label, value string) {
	if value = strings.TrimSpace(value); value != "" {
		s.Facts = append(s.Facts, Fact{Label: label, Value: value})
	}
}

// who is the first line.
func (s *story) who() {
	s.Facts = append(s.Facts, Fact{Label: s.in.label.who, Value: s.Caller, Tel: s.Tel})
}

// when says from when to when, either of which may be unknown.
func (s *story) when(from, to time.Time) {
	if !to.IsZero() {
		s.fact(s.in.label.when, s.in.period(s.local(from), s.local(to)))
	}
}

// local is a time in the target's zone; the unknown time stays as it is.
func (s *story) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(s.zone)
}

// end is the last line.
func (s *story) end() { s.fact(s.in.label.callID, s.CallID) }
