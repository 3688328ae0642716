package caller

import (
	"strings"

	"missedcalls/queueflow/callevent"
)

// Reader identifies callers whose numbers are written as people of one region write them. It is a value without state
// and may be used by many goroutines at once. The zero Reader knows numbers with a plus only.
type Reader struct {
	region string
}

// NewReader returns the reader of an ISO 3166 region such as RU. Empty is no region: only numbers with a plus, or that
// start with their country's code, are recognised as E.164 then.
func NewReader(region string) Reader {
	return Reader{region: strings.ToUpper(region)}
}

// Identify says who calls. number and name are the caller id of the channel; presentation is what its
// CALLERID(num-pres) gives, empty when it was not asked for. Any input gives an answer.
func (r Reader) Identify(number, name, presentation string) callevent.Caller {
	raw, cut := clean(number, maxNumber)
	asked := address(raw)
	if !shown(presentation) || isAbsent(asked) {
		return callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}
	}
	c := callevent.Caller{Raw: raw, Kind: callevent.CallerInvalid}
	c.Name, _ = clean(name, maxName)
	if !cut { // the front of an overlong text may look like somebody else's number
		c.Kind, c.E164 = r.classify(asked)
	}
	return c
}

// classify finds the kind of a number that is there, and its E.164 form when it is external.
func (r Reader) classify(number string) (callevent.CallerKind, string) {
	if isInternal(number) {
		return callevent.CallerInternal, ""
	}
	digits, ok := dialled(number)
	if !ok {
		return callevent.CallerInvalid, ""
	}
	if n := e164(digits, r.region); n != "" {
		return callevent.CallerExternal, n
	}
	return callevent.CallerInvalid, ""
}
