package config

import (
	"strings"
	"time"

	"missedcalls/queueflow"
)

// serving is how a queue's agents are rung and talk, with the defaults of every key that is not set.
func serving(q *node) queueflow.Serving {
	prompts := q.get("prompts")
	return queueflow.Serving{
		Members: members(q.get("members")), Strategy: strategies[q.get("strategy").or("ringall")],
		RingTimeout: q.get("ring_timeout").durationOr("15s"), Retry: q.get("retry").duration(), Rounds: q.get("rounds").count(),
		WrapUp: q.get("wrap_up").duration(), Weight: q.get("weight").count(),
		ServiceLevel: q.get("service_level").durationOr("20s"), RingInUse: q.get("ring_in_use").flag(),
		Autopause: autopause(q.get("autopause")),
		Penalties: penalties(q), Escalation: escalation(q.get("escalation")),
		PenaltyMembersLimit: q.get("penalty_members_limit").count(), WidenOnTimeout: q.get("widen_on_timeout").flag(),
		Skills:        neededSkills(q.get("skills")),
		RefuseWhenAll: factors(q.get("refuse_when_all")), LeaveWhenAll: factors(q.get("leave_when_all")),
		RefuseEstimateOver: q.get("refuse_when_estimate_over").duration(), MaxCallersPerAgent: q.get("max_callers_per_agent").count(),
		Whisper: prompts.get("agent_whisper").texts(), ReportWait: q.get("report_wait").flag(),
		CallerAnnounce: prompts.get("caller_announce").texts(),
		ConfirmWithin:  q.get("confirm_within").durationOr("10s"), ConfirmPrompt: prompts.get("agent_confirm").texts(),
		MusicWhileRinging: q.get("music_while_ringing").or(""),
		AgentLeg:          agentLeg(q.get("agent_call")), Recording: recording(q.get("recording")),
		OnAgentHangup: exit(q.get("on_agent_hangup")), Expected: expected(q.get("expected")),
	}
}

// strategies are by their name in the file.
var strategies = map[string]queueflow.Strategy{
	"ringall":           queueflow.RingAll,
	"leastrecent":       queueflow.LeastRecent,
	"fewestcalls":       queueflow.FewestCalls,
	"random":            queueflow.Random,
	"rrmemory":          queueflow.RRMemory,
	"rrordered":         queueflow.RROrdered,
	"linear":            queueflow.Linear,
	"wrandom":           queueflow.WRandom,
	"ringprogressively": queueflow.RingProgressively,
}

func members(n *node) (all []queueflow.Member) {
	for _, m := range n.list() {
		all = append(all, queueflow.Member{
			Endpoint: m.get("endpoint").or(""), Name: m.get("name").or(""), Penalty: m.get("penalty").count(),
			WrapUp: m.get("wrap_up").durationSet(), StateInterface: m.get("state_interface").or(""),
			Paused: m.get("paused").flag(), Confirm: m.get("confirm").flag(), RingInUse: m.get("ring_in_use").flagSet(),
			Skills: m.get("skills").texts(),
		})
	}
	return all
}

func autopause(n *node) queueflow.Autopause {
	return queueflow.Autopause{
		NoAnswer: n.get("no_answer").count(), Busy: n.get("busy").count(), Unavailable: n.get("unavailable").count(),
		Grace: n.get("grace").duration(), AllQueues: n.get("all_queues").flag(),
	}
}

// penalties are those of a queue or of a step of escalation.
func penalties(n *node) queueflow.Penalties {
	p := queueflow.Penalties{Min: n.get("min_penalty").number(), Max: n.get("max_penalty").number()}
	p.Raise, p.RaiseRespectsMin = raise(n.get("raise_penalty"))
	return p
}

// raise reads N, or rN, which respects the lowest penalty; nil is what is not set.
func raise(n *node) (to *int, respectsMin bool) {
	text, respectsMin := strings.CutPrefix(n.or(""), "r")
	return number(text), respectsMin
}

func escalation(n *node) (steps []queueflow.EscalationStep) {
	for _, step := range n.list() {
		steps = append(steps, queueflow.EscalationStep{After: step.get("after").duration(), Penalties: penalties(step)})
	}
	return steps
}

// neededSkills are a list of what is required, or a mapping.
func neededSkills(n *node) queueflow.Skills {
	if n != nil && n.kind == list {
		return queueflow.Skills{Required: n.texts()}
	}
	return queueflow.Skills{Required: n.get("required").texts(), Any: n.get("any").texts()}
}

// states are by their name in the file.
var states = map[string]queueflow.Factors{
	"paused":      queueflow.FactorPaused,
	"penalty":     queueflow.FactorPenalty,
	"in_use":      queueflow.FactorInUse,
	"ringing":     queueflow.FactorRinging,
	"unavailable": queueflow.FactorUnavailable,
	"invalid":     queueflow.FactorInvalid,
	"unknown":     queueflow.FactorUnknown,
	"wrap_up":     queueflow.FactorWrapUp,
}

func factors(n *node) (set queueflow.Factors) {
	for _, state := range n.texts() {
		set |= states[state]
	}
	return set
}

func agentLeg(n *node) queueflow.AgentLeg {
	return queueflow.AgentLeg{
		CallerName: n.get("caller_name").or("{name}"), CallerNumber: n.get("caller_number").or("{number}"),
		Headers: pairs(n.get("headers")), Variables: pairs(n.get("variables")), ShowMissed: n.get("show_missed").flag(),
	}
}

// pairs are the keys and texts of a mapping, in the order of the file.
func pairs(n *node) (all []queueflow.Variable) {
	for _, f := range n.mapped() {
		all = append(all, queueflow.Variable{Name: f.key, Value: f.value.text})
	}
	return all
}

var recordingModes = map[string]queueflow.RecordingMode{
	"never": queueflow.RecordNever, "always": queueflow.RecordAlways, "by_key": queueflow.RecordByKey,
}

func recording(n *node) queueflow.Recording {
	return queueflow.Recording{
		Mode: recordingModes[n.get("mode").or("never")], Format: n.get("format").or("wav"), Key: n.get("key").or("*1"),
	}
}

func expected(n *node) queueflow.Expected {
	return queueflow.Expected{Handling: n.get("handling").durationOr("5m"), Patience: n.get("patience").durationOr("5m")}
}

// durationSet is nil for what is not set.
func (n *node) durationSet() *time.Duration {
	if n == nil {
		return nil
	}
	d := n.duration()
	return &d
}

// flagSet is nil for what is not set.
func (n *node) flagSet() *bool {
	if n == nil {
		return nil
	}
	is := n.flag()
	return &is
}
