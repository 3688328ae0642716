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
	quoted := string(text[1 : len(text)-1])
	for _, layout := range [...]string{timestampLayout, time.RFC3339Nano} {
		if at, err := time.Parse(layout, quoted); err == nil {
			t.Time = at.UTC().Truncate(time.Millisecond)
			return nil
		}
	}
	return nil
}

// MarshalJSON writes the form Asterisk writes, and null for the zero moment or one that the form cannot hold.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if year := t.UTC().Year(); t.IsZero() || year < 0 || year > 9999 {
		return []byte("null"), nil
	}
	return t.UTC().AppendFormat(nil, `"`+timestampLayout+`"`), nil
}
