package strategy

// Window is which penalties a caller may reach; nil is without limit.
type Window struct {
	Min, Max *int
	// Raise lifts lower penalties to it; with RaiseRespectsMin only those that are not below Min.
	Raise            *int
	RaiseRespectsMin bool
}

// Penalty is what a member's penalty counts as; ok is false when the caller may not reach him.
func (w Window) Penalty(of int) (p int, ok bool) {
	if w.Raise != nil && of < *w.Raise && (!w.RaiseRespectsMin || w.Min == nil || of >= *w.Min) {
		of = *w.Raise
	}
	return of, (w.Min == nil || of >= *w.Min) && (w.Max == nil || of <= *w.Max)
}

// Change gives the window after a step of an escalation: what the step does not name stays. As in app_queue, nothing is
// below 0, and neither Min nor Raise is above Max.
func (w Window) Change(step Window) Window {
	if step.Max != nil {
		w.Max = atLeast(0, step.Max)
	}
	if step.Min != nil {
		w.Min = atLeast(0, step.Min)
	}
	if step.Raise != nil {
		w.Raise, w.RaiseRespectsMin = atLeast(0, step.Raise), step.RaiseRespectsMin
	}
	if w.Max != nil {
		w.Min, w.Raise = atMost(*w.Max, w.Min), atMost(*w.Max, w.Raise)
	}
	return w
}

func atLeast(least int, n *int) *int {
	at := max(least, *n)
	return &at
}

func atMost(most int, n *int) *int {
	if n == nil || *n <= most {
		return n
	}
	return &most
}
