package testbed

import "strings"

// consultation stands before the Call-ID of the call that a phone makes to consult somebody; the rest is that of the call it talks in.
const consultation = "consult///"

// foldAgent sorts messages into calls, as the one who is called sees them.
func foldAgent(number string, messages []sipMessage) []CallResult {
	var calls []*agentCall
	byID := map[string]*agentCall{}
	for _, m := range messages {
		id, consulting := strings.CutPrefix(m.CallID, consultation)
		call, known := byID[id]
		if !known {
			call = &agentCall{result: CallResult{DID: number}}
			byID[id] = call
			calls = append(calls, call)
		}
		if consulting {
			call.consults(m)
		} else {
			call.see(m)
		}
	}
	results := make([]CallResult, len(calls))
	for i, call := range calls {
		results[i] = call.result
	}
	return results
}

// agentCall folds the messages of one call into its result, as the phone sees it.
type agentCall struct {
	result  CallResult
	consult *callerCall
	// cseq is the number of the last request of the phone's own.
	cseq int
}

func (c *agentCall) see(m sipMessage) {
	switch {
	case m.Status != 0:
		if m.Sent && m.Method == "INVITE" && m.Status >= 180 {
			c.answers(m)
		}
	case m.Method == "CANCEL" || m.Method == "BYE":
		c.ends(m)
	case m.Sent:
		c.takesStep(m)
	case m.Method == "INVITE" && c.result.InviteAt.IsZero():
		c.rings(m)
	case m.Outcome != 0:
		c.result.TransferStatus = m.Outcome
	}
}

func (c *agentCall) ends(m sipMessage) {
	r := &c.result
	if !r.EndedAt.IsZero() {
		return
	}
	r.ByeAt, r.EndedAt, r.EndedBy, r.Cause, r.Reasons = m.At, m.At, ByRemote, m.Cause, m.Reasons
	if m.Sent {
		r.EndedBy = ByAgent
	}
}

func (c *agentCall) rings(m sipMessage) {
	r := &c.result
	r.InviteAt, r.Number, r.CallerName, r.header = m.At, m.From, m.FromName, m.Header
	if r.DID == "" {
		r.DID = m.To
	}
}

// takesStep takes a request that the phone sent of itself; one that is repeated is the same step.
func (c *agentCall) takesStep(m sipMessage) {
	if m.CSeq <= c.cseq || m.Method == "ACK" {
		return
	}
	c.cseq = m.CSeq
	c.result.StepsAt = append(c.result.StepsAt, m.At)
	if m.Method == "INFO" {
		c.result.DigitsAt = append(c.result.DigitsAt, m.At)
	}
}

// consults takes a message of the call the phone made before an attended transfer.
func (c *agentCall) consults(m sipMessage) {
	if c.consult == nil {
		c.consult = &callerCall{result: CallResult{Number: m.From, DID: m.To}}
		c.result.Consultation = &c.consult.result
	}
	c.consult.see(m)
}

func (c *agentCall) answers(m sipMessage) {
	r := &c.result
	switch {
	case m.Status < 200:
		r.RangAt = m.At
	case r.Status != 0:
	case m.Status < 300:
		r.Status, r.AnsweredAt = m.Status, m.At
	default:
		r.Status = m.Status
		if r.EndedAt.IsZero() {
			r.EndedAt, r.EndedBy = m.At, ByAgent
		}
	}
}
