package arimock

import (
	"cmp"
	"maps"
	"strings"
	"time"
)

// Dialplan is where a caller gets to.
type Dialplan struct {
	// App is the Stasis application that every number leads to; missedcalls unless given.
	App string
	// Context is the context of callers, from-trunk unless given; ArgsContext that of callers with arguments for Stasis().
	Context, ArgsContext string
	// Exits are the places that exist besides, by "context,exten".
	Exits map[string]Exit
	// Features are codes that phones dial, and the arguments that each gives to Stasis(). Those to log in (*45), out (*46), to pause (*47)
	// and to end a pause (*48) in the queue sales unless given.
	Features map[string]string
}

// Exit is a place in the dialplan where callers are answered and kept.
type Exit struct {
	// Stay is how long a caller stays until he is hung up on; ForEver is until he hangs up.
	Stay time.Duration
	// App and Data are what the dialplan does with him, MusicOnHold unless given.
	App, Data string
	// Exten and Priority are where he is meanwhile, should that be another step than the first of the exit.
	Exten    string
	Priority int
}

// ForEver is how long a caller stays at an exit that does not hang up.
const ForEver = -time.Second

func (d Dialplan) withDefaults() Dialplan {
	d.App = cmp.Or(d.App, "missedcalls")
	d.Context = cmp.Or(d.Context, "from-trunk")
	d.ArgsContext = cmp.Or(d.ArgsContext, "with-args")
	d.Exits = maps.Clone(d.Exits)
	if d.Features == nil {
		d.Features = map[string]string{
			"*45": "@agent,login,sales", "*46": "@agent,logout,sales", "*47": "@agent,pause,sales", "*48": "@agent,unpause,sales",
		}
	}
	return d
}

// contextExists, extensionExists and exists tell whether there is a context, an extension, a step.
func (d Dialplan) contextExists(context string) bool {
	for place := range d.Exits {
		if strings.HasPrefix(place, context+",") {
			return true
		}
	}
	return context == d.Context || context == d.ArgsContext
}

func (d Dialplan) extensionExists(context, exten string) bool {
	if context == d.Context || context == d.ArgsContext {
		return isNumber(exten)
	}
	_, there := d.Exits[context+","+exten]
	return there
}

func (d Dialplan) exists(context, exten string, priority int) bool {
	return d.extensionExists(context, exten) && priority >= 1 && priority <= lastPriority
}

// lastPriority is the number of steps that the extension of a caller has: Stasis, the check, and two ways to end.
const lastPriority = 4

// isNumber tells whether an extension is one that callers dial.
func isNumber(exten string) bool {
	digits := strings.TrimPrefix(exten, "+")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// statusFailed is the STASISSTATUS of a call whose application is not there; it is SUCCESS otherwise.
const statusFailed = "FAILED"

// callerThread is the dialplan of a caller's channel, from Stasis() to the end: the goroutine of the channel.
func (c *channel) callerThread(args []string) {
	c.s.mu.Lock()
	entered := c.knock(args)
	c.s.mu.Unlock()
	c.afterKnock(entered)
}

// afterKnock is the dialplan from Stasis() on, in which the channel is if it entered.
func (c *channel) afterKnock(entered bool) {
	if entered {
		c.stayAndVisit()
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.hungUp {
		c.end(c.finalStatus(c.cause))
		return
	}
	cause := causeNormal
	if !entered || c.variables["QUEUESTATUS"] == "DECLINED" {
		cause = causeCongestion
	}
	c.hungUp, c.cause = true, cause
	close(c.gone)
	c.end(c.finalStatus(cause))
}

// end is the dialplan's end of a channel: Asterisk asks for its end itself, and then it is gone. The mutex is held.
func (c *channel) end(techCause int) {
	c.techCause = techCause
	c.publish(&channelHangupRequest{event: c.s.head("ChannelHangupRequest"), Cause: causeNormal, Soft: true, Channel: c.model()})
	c.appName, c.appData = "", ""
	c.destroy()
}

// knock is the beginning of Stasis(): it tells whether the application was there, and so the channel is in it. The mutex is held.
func (c *channel) knock(args []string) (entered bool) {
	c.variables["STASISSTATUS"] = ""
	entered = c.enter(c.s.options.Dialplan.App, args, nil)
	if !entered {
		c.variables["STASISSTATUS"] = statusFailed
	}
	return entered
}

// stayAndVisit is the channel's time in the application, and at whatever exits it is sent to after it.
func (c *channel) stayAndVisit() {
	to := c.thread()
	c.s.mu.Lock()
	c.variables["STASISSTATUS"] = "SUCCESS"
	c.s.mu.Unlock()
	if to != nil && *to != (departure{}) {
		c.visit(*to)
	}
}

// visit takes a caller to a place in the dialplan, until he is hung up on or hangs up. One that does not exist ends the
// call without a cause.
func (c *channel) visit(to departure) {
	c.s.mu.Lock()
	exit, there := c.arrive(to)
	c.s.mu.Unlock()
	switch {
	case !there:
	case exit.Stay < 0:
		<-c.gone
	default:
		c.sleep(exit.Stay, nil)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if !c.hungUp {
		c.hungUp = true
		close(c.gone)
		if there {
			c.cause = causeNormal
		}
	}
}

// arrive moves a channel to a place in the dialplan; there is false for one that does not exist. The mutex is held.
func (c *channel) arrive(to departure) (exit Exit, there bool) {
	c.context = cmp.Or(to.context, c.context)
	if to.context != "" {
		to.exten = cmp.Or(to.exten, "s")
	}
	c.exten, c.priority = cmp.Or(to.exten, c.exten), cmp.Or(to.priority, 1)
	p := c.s.options.Dialplan
	if !p.exists(c.context, c.exten, c.priority) {
		return Exit{}, false
	}
	exit = p.Exits[c.context+","+c.exten]
	c.exten, c.priority = cmp.Or(exit.Exten, c.exten), cmp.Or(exit.Priority, c.priority)
	c.appName, c.appData = cmp.Or(exit.App, "MusicOnHold"), exit.Data
	c.pickUp()
	return exit, true
}

// Q.850 causes.
const (
	causeNormal     = 16
	causeBusy       = 17
	causeNoUser     = 18
	causeNoAnswer   = 19
	causeRejected   = 21
	causeOffline    = 20
	causeRedirected = 23
	causeCongestion = 34
	causeElsewhere  = 26
	causeInterwork  = 127
)

// causeTexts are Asterisk's words (channel.c: causes).
var causeTexts = map[int]string{
	1: "Unallocated (unassigned) number", 16: "Normal Clearing", 17: "User busy", 18: "No user responding", 19: "User alerting, no answer",
	20: "Subscriber absent", 21: "Call Rejected", 23: "Redirected to new destination",
	26: "Answered elsewhere", 27: "Destination out of order", 28: "Invalid number format",
	31: "Normal, unspecified", 34: "Circuit/channel congestion", 38: "Network out of order", 58: "Bearer capability not available",
	127: "Interworking, unspecified",
}

func causeText(cause int) string {
	if text, known := causeTexts[cause]; known {
		return text
	}
	return "Unknown"
}

// sipStatuses are what an un-answered SIP caller is told for a cause (chan_pjsip.c: hangup_cause2sip).
var sipStatuses = map[int]int{
	0: 603, 1: 404, 16: 603, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 26: 603, 27: 502, 28: 484, 31: 480, 34: 503, 38: 500, 58: 488, 127: 500,
}
