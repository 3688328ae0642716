package queueflow_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow"
)

// serving reads how a queue serves: member=anna:confirm:penalty=1 (a member each), ring_timeout, retry, rounds, wrap_up,
// weight, expected=HANDLING/PATIENCE, refuse_over=ESTIMATE,
// whisper=MEDIA|MEDIA, report_wait, caller_announce=MEDIA, confirm_within, confirm_prompt=MEDIA, music_while_ringing,
// show_name, show_number, header.X, variable.X, show_missed, record=always|key, record_key, on_agent_hangup=EXIT.
func (c *conversation) serving(s *queueflow.Serving, key, value string) bool {
	switch key {
	case "member":
		s.Members = append(s.Members, c.member(value))
	case "ring_timeout":
		s.RingTimeout = c.duration(value)
	case "retry":
		s.Retry = c.duration(value)
	case "rounds":
		s.Rounds = c.number(value)
	case "wrap_up":
		s.WrapUp = c.duration(value)
	case "weight":
		s.Weight = c.number(value)
	case "expected":
		handling, patience, _ := strings.Cut(value, "/")
		s.Expected = queueflow.Expected{Handling: c.duration(handling), Patience: c.duration(patience)}
	case "refuse_over":
		s.RefuseEstimateOver = c.duration(value)
	case "music_while_ringing":
		s.MusicWhileRinging = value
	case "record":
		s.Recording.Format = "wav"
		s.Recording.Mode = map[string]queueflow.RecordingMode{"always": queueflow.RecordAlways, "key": queueflow.RecordByKey}[value]
	case "record_key":
		s.Recording.Key = value
	case "on_agent_hangup":
		s.OnAgentHangup = c.exit(value)
	default:
		return c.spoken(s, key, value) || c.shown(&s.AgentLeg, key, value)
	}
	return true
}

// spoken reads what agents and callers hear before they are connected.
func (c *conversation) spoken(s *queueflow.Serving, key, value string) bool {
	switch key {
	case "whisper":
		s.Whisper = split(value)
	case "report_wait":
		s.ReportWait = true
	case "caller_announce":
		s.CallerAnnounce = split(value)
	case "confirm_within":
		s.ConfirmWithin = c.duration(value)
	case "confirm_prompt":
		s.ConfirmPrompt = split(value)
	default:
		return false
	}
	return true
}

// shown reads what the phones of agents are told; a tilde stands for a space.
func (c *conversation) shown(l *queueflow.AgentLeg, key, value string) bool {
	value = strings.ReplaceAll(value, "~", " ")
	kind, name, _ := strings.Cut(key, ".")
	switch kind {
	case "show_name":
		l.CallerName = value
	case "show_number":
		l.CallerNumber = value
	case "show_missed":
		l.ShowMissed = true
	case "header":
		l.Headers = append(l.Headers, queueflow.Variable{Name: name, Value: value})
	case "variable":
		l.Variables = append(l.Variables, queueflow.Variable{Name: name, Value: value})
	default:
		return false
	}
	return true
}

// member reads `anna:confirm:paused:penalty=1:wrap_up=5s:device=X:ring_in_use=1:skills=a+b`; anna is PJSIP/anna.
func (c *conversation) member(s string) queueflow.Member {
	words := strings.Split(s, ":")
	m := queueflow.Member{Endpoint: "PJSIP/" + words[0], Name: words[0]}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "confirm":
			m.Confirm = true
		case "paused":
			m.Paused = true
		case "penalty":
			m.Penalty = c.number(value)
		case "wrap_up":
			d := c.duration(value)
			m.WrapUp = &d
		case "device":
			m.StateInterface = value
		case "ring_in_use":
			yes := value != "0"
			m.RingInUse = &yes
		case "skills":
			m.Skills = strings.Split(value, "+")
		default:
			c.t.Fatalf("unknown property %q of a member", w)
		}
	}
	return m
}

// inputOfLeg reads the verbs about channels to agents and talks, nil for any other.
func (c *conversation) inputOfLeg(at time.Time, verb string, names []string, flags map[string]string) queueflow.Input {
	var ch queueflow.Channel
	if len(names) > 0 {
		ch = channel(names[0])
	}
	switch verb {
	case "leg": // leg @c1-1-1, or leg picker of=c1-1-1 for a phone that picked it up
		id := ch.ID
		if of, ok := flags["of"]; ok {
			id = channel("@" + of).ID
		}
		return queueflow.LegEntered{Channel: ch, Leg: id, Up: flags["up"] != ""}
	case "rings":
		return queueflow.LegRinging{Channel: ch}
	case "forwards":
		return queueflow.LegForwarded{Channel: ch, To: flags["to"]}
	case "gone":
		return queueflow.ChannelGone{At: at, Channel: ch, Cause: c.number(flags["cause"]), SIP: c.number(flags["sip"])}
	case "held":
		return queueflow.Held{Channel: ch, On: true}
	case "unheld":
		return queueflow.Held{Channel: ch}
	case "transferred":
		return queueflow.Transferred{
			Bridge: "missedcalls-talk-" + flags["talk"], Channel: ch, Attended: flags["attended"] != "", Target: flags["target"],
			Failed: flags["failed"] != "",
		}
	case "recorded":
		return queueflow.RecordingEnded{Node: testNode, Name: names[0], Failed: flags["failed"] != "", Why: flags["failed"]}
	}
	return nil
}

// bridgeOf is the bridge a line is about: that of the talk it names, or else the holding bridge of the last call named.
func bridgeOf(names []string, flags map[string]string) string {
	if talk, ok := flags["talk"]; ok {
		return "missedcalls-talk-" + talk
	}
	return "missedcalls-hold-" + callID(names[len(names)-1])
}

// failing names a command that a test lets fail.
func (c *conversation) failing(name string, ch queueflow.Channel, flags map[string]string) queueflow.Command {
	switch name {
	case "ask-caller":
		return queueflow.AskCaller{Channel: ch}
	case "answer":
		return queueflow.Answer{Channel: ch}
	case "ring":
		return queueflow.Ring{Channel: ch}
	case "music":
		return queueflow.StartMusic{Channel: ch, Class: flags["class"]}
	case "play":
		return queueflow.Play{Channel: ch, Playback: c.playing[ch]}
	case "ask-exit":
		return queueflow.AskExit{Channel: ch}
	case "leave":
		return queueflow.Leave{Channel: ch}
	case "create-leg":
		return queueflow.CreateLeg{Channel: ch}
	case "dial":
		return queueflow.DialLeg{Channel: ch}
	case "hangup-leg":
		return queueflow.HangupLeg{Channel: ch}
	case "connect":
		return queueflow.Connect{Channel: ch}
	case "record":
		return queueflow.StartRecording{Channel: ch, Name: flags["name"]}
	}
	c.t.Fatalf("unknown command %q", name)
	return nil
}

// listed names the calls whose channels are there; `bridges=a|b` names bridges. Everybody listed is on hold, or as
// `talks=c1:c1-1-1|x:c1-1-1` says in a bridge of a talk; those that `locals=x` names are local channels, those that `alone=x` names in no bridge. `legs=c1-1-1|c1-1-2:up|c1-1-3:talk` are channels to agents,
// the last in the bridge of its talk.
func (c *conversation) listed(at time.Time, names []string, flags map[string]string) queueflow.Listed {
	in := queueflow.Listed{Node: nodeOf(flags), At: at}
	talks := map[string]string{}
	for _, talk := range split(flags["talks"]) {
		id, bridge, _ := strings.Cut(talk, ":")
		talks[id] = "missedcalls-talk-" + bridge
		names = append(names, id)
	}
	for _, id := range names {
		asked := map[string]string{"channel": id}
		if args, ok := flags["args"]; ok {
			asked["args"] = args
		}
		if slices.Contains(split(flags["locals"]), id) {
			asked["name"] = "Local/500@internal-" + id + ";1"
		}
		caller := c.entering(at, "new-"+strings.TrimPrefix(id, "@"), asked)
		caller.Answered, caller.Bridge = true, cmp.Or(talks[id], "missedcalls-hold-"+callID(id))
		if slices.Contains(split(flags["alone"]), id) {
			caller.Bridge = ""
		}
		in.Callers = append(in.Callers, caller)
	}
	for _, leg := range split(flags["legs"]) {
		id, how, _ := strings.Cut(leg, ":")
		l := queueflow.LegListed{Channel: channel("@" + id), Leg: channel("@" + id).ID, Up: how != ""}
		if how == "talk" {
			l.Bridge = "missedcalls-talk-" + id
		}
		in.Legs = append(in.Legs, l)
	}
	in.Bridges = split(flags["bridges"])
	return in
}

// split parts what stands between strokes, none of nothing.
func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}
