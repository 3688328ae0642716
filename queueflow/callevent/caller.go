package callevent

// Caller is who called, as far as it can be known.
type Caller struct {
	// Raw is the number as Asterisk had it, cut to 64 characters and freed of control characters.
	Raw string `json:"raw"`
	// E164 is the number in international form with a leading plus, empty when Raw is no such number.
	E164 string `json:"e164"`
	// Kind says how to read Raw.
	Kind CallerKind `json:"kind"`
	// Name is the caller id name, cut and cleaned like Raw.
	Name string `json:"name"`
	// Withheld is true when the caller asked that the number not be shown. Raw and E164 are empty then.
	Withheld bool `json:"withheld"`
}

// CallerKind says what sort of number a caller has.
type CallerKind string

// The kinds of callers.
const (
	CallerExternal CallerKind = "external"
	CallerInternal CallerKind = "internal"
	CallerWithheld CallerKind = "withheld"
	CallerInvalid  CallerKind = "invalid"
)

// Asterisk says where a call is in Asterisk's own terms, for people who look things up there.
type Asterisk struct {
	URL       string `json:"url"`
	ChannelID string `json:"channel_id"`
	Channel   string `json:"channel"`
	LinkedID  string `json:"linkedid"`
	// Timestamp is Asterisk's own time of what the event tells, empty where no event of Asterisk stands behind it.
	Timestamp string `json:"timestamp,omitempty"`
}
