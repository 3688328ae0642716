package stasis

import (
	"context"
	"strings"
	"time"

	"missedcalls/app/caller"
	"missedcalls/queueflow"
)

// callerRead is what Asterisk answers to the question who calls. The loop makes of it what the machine is told, because a reload may change
// how numbers are read.
type callerRead struct {
	known queueflow.CallerKnown
	// name and number are the caller's, presentation whether they may be shown.
	name, number, presentation string
}

// takeCallerRead tells the machine who calls.
func (d *Driver) takeCallerRead(r callerRead) {
	r.known.Withheld = caller.Withheld(r.presentation)
	if r.number != "" {
		r.known.Caller = d.Caller.Identify(r.number, r.name, r.presentation)
	}
	d.step(time.Now(), r.known)
}

// identity asks for two things that the channel's model lacks in one request: EVAL gives what the dialplan would see. Both are plain ASCII,
// so that no caller can make the question fail.
const identity = "EVAL(${CALLERID(num-pres)} ${CHANNEL(linkedid)})"

func askCaller(ctx context.Context, a Asterisk, c queueflow.AskCaller) (any, error) {
	value, err := a.Variable(ctx, c.Channel.ID, identity)
	if err != nil {
		return nil, err
	}
	r := callerRead{known: queueflow.CallerKnown{Channel: c.Channel}}
	r.presentation, r.known.LinkedID, _ = strings.Cut(value, " ")
	if c.Number {
		r.name, r.number = askNumber(ctx, a, c.Channel.ID)
	}
	return r, nil
}

// askNumber asks who calls, again after each of numberPauses while nobody is there. An answer that Asterisk cannot give, such as a name that
// is no UTF-8, is nobody.
func askNumber(ctx context.Context, a Asterisk, channel string) (name, number string) {
	for _, later := range numberPauses {
		pause(ctx, later)
		id, err := a.Variable(ctx, channel, "CALLERID(all)")
		if err != nil {
			return "", ""
		}
		if name, number = splitCallerID(id); number != "" {
			break
		}
	}
	return name, number
}

// numberPauses are what Asterisk is given to tell the channel of a transfer whom it brings, which took up to 7 ms where that was measured.
// Together they are well below the time that an entry may take.
var numberPauses = []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond, 75 * time.Millisecond}

// splitCallerID parts what CALLERID(all) gives: "name" <number>, of which Asterisk escapes nothing. What is not known is empty in it.
func splitCallerID(id string) (name, number string) {
	at := strings.LastIndex(id, "<")
	if at < 0 || !strings.HasSuffix(id, ">") {
		return "", id
	}
	name = strings.TrimSpace(id[:at])
	name = strings.TrimSuffix(strings.TrimPrefix(name, `"`), `"`)
	return name, id[at+1 : len(id)-1]
}
