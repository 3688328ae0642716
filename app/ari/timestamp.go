package ari

import "time"

// Timestamp is a moment as Asterisk writes it: milliseconds and an offset without a colon, which is not RFC 3339
// (2026-08-01T12:00:00.123+0300). It is held in UTC. It is Asterisk's clock, not ours.
type Timestamp struct{ time.Time }

const timestampLayout = "2006-01-02T15:04:05.000-0700"

// UnmarshalJSON never fails: an event with a moment that cannot be read is still an event, and its moment is zero.
func (t *Timestamp) UnmarshalJSON(text []byte) error {
	*t = Timestamp{}
	if len(text) < 2 || text[0] != '"' {
		return nil
	}
	var rfc [len(timestampLayout) + len(":")]byte // of a fixed size, so that no memory is asked for
	at, text := time.Time{}, text[1:len(text)-1]
	if len(text) == len(timestampLayout) && text[len(text)-5] != ':' {
		minutes := len(text) - len("00")
		copy(rfc[:], text[:minutes])
		rfc[minutes] = ':'
		copy(rfc[minutes+1:], text[minutes:])
		text = rfc[:]
	}
	if at.UnmarshalText(text) != nil {
		return nil
	}
	if at = at.UTC().Truncate(time.Millisecond); writable(at) {
		t.Time = at
	}
	return nil
}

// writable tells whether a moment has a year of four digits.
func writable(at time.Time) bool { return at.Year() > 0 && at.Year() <= 9999 && !at.IsZero() }

// MarshalJSON writes the form Asterisk writes, and null for the zero moment or one that the form cannot hold.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if !writable(t.UTC()) {
		return []byte("null"), nil
	}
	return t.UTC().AppendFormat(nil, `"`+timestampLayout+`"`), nil
}
