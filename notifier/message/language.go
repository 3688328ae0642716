package message

import (
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// language is all that the words depend on. Patterns have places, such as {who}. The places of statuses stand for whole
// pieces, each with what parts it from the rest, because any of them may be missing.
type language struct {
	name   string
	plural func(n int64) category
	// months are as in a date, days, hours and so on as after "after".
	months                    [12]string
	second, minute, hour, day forms
	// ordinals are first to tenth, ordinal what follows.
	ordinals [10]string
	ordinal  func(n int) string

	titles map[callevent.Kind]string
	// taken is the title of a missed call that somebody else took.
	taken string
	// reasons say why a caller left, after a wait; atDoor where it is another thing without one.
	reasons, atDoor map[callevent.Reason]string
	// rung say what became of the ringing of an agent. {for} is " for 15 seconds", or nothing.
	rung map[string]string
	// outcomes are those of a callback's try, and reasons of a pause.
	outcomes map[string]string
	endedBy  map[callevent.EndedBy]string
	// transfers are the kinds of them.
	transfers map[string]string
	// settled are the statuses by kind of event; resolved those of an episode.
	settled  map[callevent.Kind]string
	resolved map[callevent.ResolvedHow]string
	// settledShort says in a digest that a matter is settled, or not any more hoped for.
	settledShort map[callevent.Kind]string

	label   labels
	phrases phrases
}

// labels of facts.
type labels struct {
	who, what, when, lost, dialled, place, agents, rung, agent, waited, talked, told, note, callback, keys, sentTo, refusedBy,
	from, endedBy, transfers, recording, number, attempt, attempts, due, requested, outcome, result, missed, calls, reason, by, callID,
	also, byQueue, more string
}

// phrases are patterns.
type phrases struct {
	unknownQueue, unknownDialled, withheld, noNumber, extension string
	after, atLeast                                              string
	places, place, beyond, estimate                             string
	offered, notChosen, chosen                                  string
	attempts, missedCalls, events, numbers, times               forms
	missedOfNumber                                              string
	free, talking, wrappingUp, paused, unavailable              string
	fromCaller, self, queue                                     string
	transfer, more, others, something                           string
	// What may be missing from a sentence, with what parts it from the rest.
	ringing, byPerson, byAgent, answeredBy, afterAttempts, within, reason, talked, outcome, made string
}

// category is a category of CLDR's plurals, for whole numbers. English has no few.
type category int

const (
	categoryOne category = iota
	categoryFew
	categoryOther // many, in Russian
)

// forms are a noun for each category.
type forms [3]string

// languageOf finds the language of a name of Asterisk's, such as ru_RU; English for all but Russian.
func languageOf(name string) *language {
	primary, _, _ := strings.Cut(strings.ToLower(name), "_")
	primary, _, _ = strings.Cut(primary, "-")
	if primary == russian.name {
		return &russian
	}
	return &english
}

// count is a number with its noun.
func (l *language) count(n int64, noun forms) string {
	return strconv.FormatInt(n, 10) + " " + noun[l.plural(n)]
}

// span is a duration in words, of two units at most, rounded to whole seconds. What is shorter than a second, and more
// than nothing, is a second.
func (l *language) span(ms int64) string {
	s := seconds(ms)
	switch {
	case s < 60:
		return l.count(s, l.second)
	case s < 60*60:
		return l.two(s/60, l.minute, s%60, l.second)
	case s < 24*60*60:
		return l.two(s/(60*60), l.hour, s/60%60, l.minute)
	}
	return l.two(s/(24*60*60), l.day, s/(60*60)%24, l.hour)
}

func (l *language) two(n int64, large forms, rest int64, small forms) string {
	if rest == 0 {
		return l.count(n, large)
	}
	return l.count(n, large) + " " + l.count(rest, small)
}

// ringing is how long a phone rang, to follow what came of it.
func (l *language) ringing(ms int64) string {
	return fill(l.phrases.ringing, "{span}", l.span(ms))
}

// seconds rounds milliseconds. There is no duration below nothing.
func seconds(ms int64) int64 {
	switch {
	case ms <= 0:
		return 0
	case ms < 1000:
		return 1
	}
	return ms/1000 + (ms%1000+500)/1000
}

// nth is an ordinal number, as before a noun.
func (l *language) nth(n int) string {
	if 1 <= n && n <= len(l.ordinals) {
		return l.ordinals[n-1]
	}
	return l.ordinal(n)
}

// date is a day: 3 November 2026.
func (l *language) date(t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + l.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// moment is a time of which nobody can be in doubt: 3 November 2026, 17:02:11 (UTC+3).
func (l *language) moment(t time.Time) string {
	return l.date(t) + ", " + clock(t) + " " + offset(t)
}

// period is from one time to another. What both have in common is said once.
func (l *language) period(from, to time.Time) string {
	switch {
	case from.IsZero(), l.moment(from) == l.moment(to):
		return l.moment(to)
	case l.date(from) == l.date(to) && offset(from) == offset(to):
		return l.date(from) + ", " + clock(from) + " – " + clock(to) + " " + offset(to)
	}
	return l.moment(from) + " – " + l.moment(to)
}

func clock(t time.Time) string { return t.Format("15:04:05") }

// offset tells winter from summer time, which the clock alone does not.
func offset(t time.Time) string {
	_, s := t.Zone()
	sign, minutes := "+", s/60
	switch {
	case minutes == 0:
		return "(UTC)"
	case minutes < 0:
		sign, minutes = "−", -minutes
	}
	text := "(UTC" + sign + strconv.Itoa(minutes/60)
	if minutes%60 != 0 {
		text += time.Time{}.Add(time.Duration(minutes%60) * time.Minute).Format(":04")
	}
	return text + ")"
}
