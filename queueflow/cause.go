package queueflow

import "missedcalls/queueflow/callevent"

const (
	causeNormal   = 16
	causeNoAnswer = 19
)

// causeTexts names the Q.850 causes a caller's channel can end with, in Asterisk's words.
var causeTexts = map[int]string{
	1: "Unallocated (unassigned) number", 3: "No route to destination", causeNormal: "Normal Clearing", 17: "User busy",
	18: "No user responding", causeNoAnswer: "User alerting, no answer", 20: "Subscriber absent", 21: "Call Rejected",
	26: "Answered elsewhere", 27: "Destination out of order", 28: "Invalid number format", 31: "Normal, unspecified",
	34: "Circuit/channel congestion", 38: "Network out of order", 41: "Temporary failure", 42: "Switching equipment congestion",
	44: "Requested channel not available", 50: "Facility not subscribed", 58: "Bearer capability not available",
	88: "Incompatible destination", 102: "Recover on timer expiry", 111: "Protocol error, unspecified",
	127: "Interworking, unspecified",
}

// hangupOf tells a cause. Asterisk's 0 means that no cause was given, as with a plain BYE: normal clearing.
func hangupOf(cause int, by callevent.HungUpBy) *callevent.Hangup {
	if cause == 0 {
		cause = causeNormal
	}
	text, ok := causeTexts[cause]
	if !ok {
		text = "Unknown"
	}
	return &callevent.Hangup{Cause: cause, Text: text, By: by}
}

// ourHangup is how this application ends a channel.
func ourHangup(answered bool) *callevent.Hangup {
	if answered {
		return hangupOf(causeNormal, callevent.ByApplication)
	}
	return hangupOf(causeNoAnswer, callevent.ByApplication)
}
