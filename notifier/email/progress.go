package email

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"missedcalls/notifier/target"
)

// progress is what became of a delivery's recipients, over all tries.
type progress struct {
	// Sent have it, Refused will never have it.
	Sent    []string  `json:"sent,omitempty"`
	Refused []refused `json:"refused,omitempty"`

	// left are those of this try, and retry is what the first of them met who must be tried again; one that concerns all
	// goes before.
	left  []address
	retry *failure
}

// refused is a recipient whom the server refused for good.
type refused struct {
	To     string `json:"to"`
	Reason string `json:"reason"`
	Why    string `json:"why"`
}

// resume reads what the last try came to. What cannot be read counts as nothing: somebody gets it twice rather than never.
func resume(last json.RawMessage, to []address) *progress {
	p := new(progress)
	if json.Unmarshal(last, p) != nil {
		p = new(progress)
	}
	for _, a := range to {
		if !p.done(a.String()) {
			p.left = append(p.left, a)
		}
	}
	return p
}

func (p *progress) done(to string) bool {
	return slices.Contains(p.Sent, to) || slices.ContainsFunc(p.Refused, func(r refused) bool { return r.To == to })
}

// note takes down what became of one recipient.
func (p *progress) note(to address, f *failure) {
	switch {
	case f == nil:
		p.Sent = append(p.Sent, to.String())
	case f.Outcome == target.Permanent:
		p.Refused = append(p.Refused, refused{To: to.String(), Reason: f.Reason, Why: f.Err.Error()})
	case p.retry == nil || f.All:
		p.retry = f
	}
}

// verdict sums up. ref is for those who have it.
func (p *progress) verdict(ref json.RawMessage) target.Verdict {
	if p.retry != nil {
		v := p.retry.Verdict
		v.Progress = p.encoded()
		return v
	}
	v := target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
	if len(p.Sent) > 0 {
		v.Ref = ref
	}
	if len(p.Refused) == 0 {
		return v
	}
	v.Outcome, v.Reason = target.Permanent, p.Refused[0].Reason
	why := make([]string, len(p.Refused))
	for i, r := range p.Refused {
		why[i] = r.Why
	}
	v.Err = errors.New(strings.Join(why, "; "))
	p.Refused = nil // who gives it another chance gives it to them
	v.Progress = p.encoded()
	return v
}

// encoded is what the next try resumes from, nil for nothing.
func (p *progress) encoded() json.RawMessage {
	if len(p.Sent) == 0 && len(p.Refused) == 0 {
		return nil
	}
	b, _ := json.Marshal(p) // strings only
	return b
}
