package queueflow_test

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// TestConversations plays the golden conversations of testdata: what happens stands above the line, what the machine
// makes of it below. `go test ./queueflow -run Conversations -rewrite` writes the answers anew.
func TestConversations(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		c := &conversation{t: t, playing: map[queueflow.Channel]string{}, policies: queueflow.Policies{Queues: map[string]queueflow.Policy{}}}
		datadriven.RunTest(t, path, c.run)
	})
}

const (
	testNode  = "http://127.0.0.1:8088/ari"
	otherNode = "http://127.0.0.2:8088/ari"
	testDay   = "2026-11-23T"
)

type conversation struct {
	t        *testing.T
	policies queueflow.Policies
	machine  *queueflow.Machine
	epoch    uint64
	saved    queueflow.Snapshot
	since    []callevent.Event
	said     strings.Builder
	// playing are the playbacks that channels were last told to play.
	playing map[queueflow.Channel]string
	// obedient is true once `anew` has begun with an empty machine whose legs enter and go at once; see obey.
	obedient bool
}

func (c *conversation) settings() queueflow.Settings {
	return queueflow.Settings{Application: "missedcalls", Epoch: c.epoch, LostAfter: 5 * time.Minute}
}

func (c *conversation) run(t *testing.T, d *datadriven.TestData) string {
	c.t = t
	c.said.Reset()
	switch d.Cmd {
	case "queues":
		c.setPolicies(d.Input)
	case "calls":
		for line := range strings.Lines(d.Input) {
			c.line(strings.TrimSpace(line))
		}
	case "checkpoint":
		c.saved, c.since = c.machine.Snapshot(), nil
	case "restart":
		c.restart(d.Input)
	case "lines":
		for _, l := range c.machine.Lines() {
			fmt.Fprintf(&c.said, "%s %d%s\n", l.Queue, l.Waiting, oldest(l))
		}
	case "anew":
		c.machine, c.obedient = nil, true
	case "members":
		c.tellMembers(d.Input)
	case "missed":
		for _, e := range c.machine.Episodes(10, func(queueflow.Episode) bool { return true }) {
			fmt.Fprintf(&c.said, "%s\n", describeEpisode(e))
		}
	default:
		t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
	return c.said.String()
}

// setPolicies reads one queue a line: `sales max_wait=5m key.*=voicemail,s,1`. A line `did 7495*=sales` maps a number.
func (c *conversation) setPolicies(input string) {
	c.policies = queueflow.Policies{Queues: map[string]queueflow.Policy{}}
	dids := map[string]queueflow.Route{}
	for line := range strings.Lines(input) {
		words := strings.Fields(line)
		switch words[0] {
		case "did":
			number, queue, _ := strings.Cut(words[1], "=")
			flags, _ := c.flags(words[2:])
			dids[number] = queueflow.Route{Queue: queue, Language: flags["language"], Music: flags["music"]}
		case "default":
			c.policies.DefaultQueue = words[1]
		default:
			c.policies.Queues[words[0]] = c.policy(words[0], words[1:])
		}
	}
	c.policies.DIDs = queueflow.NewDIDMap(dids)
	if c.machine == nil {
		c.epoch = 1
		c.machine = queueflow.New(c.settings(), c.policies)
		return
	}
	c.step(c.lastTime(), queueflow.PolicyChanged{Policies: c.policies})
}

func (c *conversation) lastTime() time.Time { return c.machine.Snapshot().Nodes[0].LastSeen }

func (c *conversation) policy(id string, words []string) queueflow.Policy {
	p := queueflow.Policy{ID: id, Name: "Queue " + id, Music: "default", Keys: queueflow.Keys{}}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch {
		case c.hearing(&p, key, value), c.serving(&p.Serving, key, value), c.choosing(&p.Serving, key, value):
		case key == "max_wait":
			p.MaxWait = c.duration(value)
		case key == "max_callers":
			p.MaxCallers = c.number(value)
		case key == "music":
			p.Music = value
		case key == "answer":
			p.Answer = queueflow.AnswerAgent
		case key == "empty":
			p.Serving.RefuseWhenAll = queueflow.FactorPaused
		case key == "stay":
			p.StayOnMissingExit = true
		case key == "open":
			p.Hours.Weekly = append(p.Hours.Weekly, c.window(value))
		case key == "zone":
			p.Hours.Location = zone(c.t, value)
		case key == "exit":
			p.ExitAtClosing = true
		case key == "on_closed":
			p.OnClosed = c.exit(value)
		case key == "on_timeout":
			p.OnTimeout = c.exit(value)
		case key == "on_full":
			p.OnFull = c.exit(value)
		case key == "on_empty":
			p.OnEmpty = c.exit(value)
		case key == "language":
			p.Language = value
		case key == "key_timeout":
			p.KeyTimeout = c.duration(value)
		case strings.HasPrefix(key, "key."):
			p.Keys[key[4:]] = c.exit(value)
		default:
			c.t.Fatalf("unknown policy %q", w)
		}
	}
	return p
}

// hearing reads what a queue plays: position=told|limit:N|more:N, first_after, every, min_gap, only_up, wait=told|once, round,
// thank_you, periodic=MEDIA|MEDIA, periodic_first, periodic_every, relative, unknown_key=MEDIA.
func (c *conversation) hearing(p *queueflow.Policy, key, value string) bool {
	switch key {
	case "position":
		kind, limit, _ := strings.Cut(value, ":")
		p.Announce.Position = map[string]queueflow.PositionPolicy{
			"told": queueflow.PositionTold, "limit": queueflow.PositionLimit, "more": queueflow.PositionMoreThan,
		}[kind]
		p.Announce.Limit = c.number(limit)
	case "first_after":
		p.Announce.FirstAfter = c.duration(value)
	case "every":
		p.Announce.Every = c.duration(value)
	case "min_gap":
		p.Announce.MinGap = c.duration(value)
	case "only_up":
		p.Announce.OnlyUp = true
	case "wait":
		p.Announce.EstimatedWait = map[string]queueflow.EstimatePolicy{"told": queueflow.EstimateTold, "once": queueflow.EstimateOnce}[value]
	case "round":
		p.Announce.Round = c.duration(value)
	case "thank_you":
		p.Announce.ThankYou = true
	case "periodic":
		p.Periodic.Media = strings.Split(value, "|")
	case "periodic_first":
		p.Periodic.FirstAfter = c.duration(value)
	case "periodic_every":
		p.Periodic.Every = c.duration(value)
	case "relative":
		p.Periodic.Relative = true
	case "unknown_key":
		p.UnknownKey = []string{value}
	default:
		return false
	}
	return true
}

// window reads `10:00-10:30`, on every day.
func (c *conversation) window(s string) queueflow.Window {
	opens, closes, _ := strings.Cut(s, "-")
	since := func(s string) time.Duration { return c.duration(strings.Replace(s, ":", "h", 1) + "m") }
	return queueflow.Window{Days: queueflow.Everyday, Opens: since(opens), Closes: since(closes)}
}

func (c *conversation) exit(s string) queueflow.Exit {
	parts := strings.Split(s, ",")
	if len(parts) == 1 {
		return queueflow.Exit{Queue: s}
	}
	return queueflow.Exit{Dialplan: queueflow.Target{Context: parts[0], Extension: parts[1], Priority: c.number(parts[2])}}
}

// line plays `TIME INPUT`, firing the deadlines that come due before it each at its own time, as the driver does.
func (c *conversation) line(line string) {
	words := strings.Fields(line)
	at := c.time(words[0])
	for {
		due, ok := c.machine.NextDeadline()
		if !ok || !due.Before(at) {
			break
		}
		fmt.Fprintf(&c.said, "%s  (deadline)\n", due.Format("15:04:05.000"))
		c.step(due, queueflow.Tick{})
	}
	fmt.Fprintf(&c.said, "%s\n", line)
	in := c.input(at, words[1], words[2:])
	c.step(at, in)
	if enter, ok := in.(queueflow.CallerEntered); ok && strings.HasSuffix(line, " withheld") {
		c.step(at, queueflow.CallerKnown{Channel: enter.Channel, Withheld: true})
	}
}

func (c *conversation) step(at time.Time, in queueflow.Input) {
	out := c.machine.Step(at, in)
	c.since = append(c.since, out.Events...)
	for _, e := range out.Events {
		fmt.Fprintf(&c.said, "    event %s\n", describeEvent(e))
	}
	for _, cmd := range out.Commands {
		fmt.Fprintf(&c.said, "    %s\n", describeCommand(cmd))
		if play, is := cmd.(queueflow.Play); is {
			c.playing[play.Channel] = play.Playback
		}
	}
	for _, i := range out.Ignored {
		fmt.Fprintf(&c.said, "    ignored: %s\n", i.Reason)
	}
	for _, n := range out.Notices {
		fmt.Fprintf(&c.said, "    notice %s: %s\n", n.Kind, n.Detail)
	}
	require.NoError(c.t, c.machine.Check())
	if c.obedient {
		c.obey(at, out.Commands)
	}
}

func (c *conversation) restart(input string) {
	at := c.time(strings.TrimSpace(input))
	c.epoch++
	c.machine = queueflow.Restore(c.settings(), c.policies, c.saved, at)
	for _, e := range c.since {
		c.machine.Replay(e)
	}
	require.NoError(c.t, c.machine.Check())
}

// channel names a channel; one that begins with b: is on another Asterisk. @c1-1-2 is the second channel to an agent that
// was made for the call c1 in epoch 1.
func channel(id string) queueflow.Channel {
	ch := queueflow.Channel{Node: testNode}
	id, other := strings.CutPrefix(id, "b:")
	if other {
		ch.Node = otherNode
	}
	if leg, is := strings.CutPrefix(id, "@"); is {
		ch.ID = "missedcalls-leg-" + leg
	} else {
		ch.ID = "ch-" + id
	}
	return ch
}

// nodeOf is the Asterisk that a line is about: the first, unless it says node=b.
func nodeOf(flags map[string]string) string {
	if flags["node"] == "b" {
		return otherNode
	}
	return testNode
}

// callID is the call that a line means by a name.
func callID(name string) string { return strings.ReplaceAll(name, ":", "-") }

func oldest(l queueflow.LineView) string {
	if l.OldestEnteredAt.IsZero() {
		return ""
	}
	return " oldest " + l.OldestEnteredAt.Format("15:04:05.000")
}

// input reads the verb of a line; flags are key=value words.
func (c *conversation) input(at time.Time, verb string, words []string) queueflow.Input {
	flags, names := c.flags(words)
	var ch queueflow.Channel
	if len(names) > 0 {
		ch = channel(names[0])
	}
	switch verb {
	case "enter":
		return c.entering(at, names[0], flags)
	case "number":
		known := queueflow.CallerKnown{Channel: ch, Withheld: names[1] == "withheld", LinkedID: cmp.Or(flags["linked"], "linked-"+names[0])}
		if number, ok := flags["from"]; ok {
			known.Caller = callerOf(number)
		}
		return known
	case "up":
		return queueflow.CallerAnswered{Channel: ch}
	case "joined":
		return queueflow.BridgeJoined{Channel: ch, Bridge: bridgeOf(names, flags)}
	case "bridgeleft":
		return queueflow.BridgeLeft{Channel: ch, Bridge: bridgeOf(names, flags)}
	case "digit":
		return queueflow.DigitPressed{Channel: ch, Digit: names[1][0]}
	case "playing":
		return queueflow.PromptStarted{Channel: ch, Playback: c.playing[ch]}
	case "played":
		return queueflow.PromptFinished{Channel: ch, Playback: c.playing[ch], Failed: len(names) > 1}
	case "hangup":
		return queueflow.HangupRequested{Channel: ch, Cause: c.number(flags["cause"]), Soft: flags["soft"] != ""}
	case "left":
		return queueflow.CallerLeft{At: at, Channel: ch}
	case "exit":
		return queueflow.ExitChecked{Channel: ch, Exists: names[1] == "exists"}
	case "failed":
		return queueflow.CommandFailed{Command: c.failing(names[1], ch, flags), Gone: flags["gone"] != "", Why: "asterisk said no"}
	case "away":
		return queueflow.NodeAway{Node: nodeOf(flags), LastSeen: at}
	case "listed":
		return c.listed(at, names, flags)
	case "closed":
		return queueflow.IntakeChanged{Closed: true}
	case "open":
		return queueflow.IntakeChanged{}
	case "override":
		return c.overriding(names, flags)
	case "resolve":
		return queueflow.ResolveMissed{Episode: flags["episode"], Number: flags["number"], By: "anna", Why: flags["why"]}
	case "tick":
		return queueflow.Tick{}
	}
	if in := c.inputOfAgent(verb, names, flags); in != nil {
		return in
	}
	if in := c.inputOfLeg(at, verb, names, flags); in != nil {
		return in
	}
	c.t.Fatalf("unknown verb %q", verb)
	return nil
}

// overriding reads `override QUEUE STATE`, with until=TIME.
func (c *conversation) overriding(names []string, flags map[string]string) queueflow.QueueOverride {
	in := queueflow.QueueOverride{Queue: names[0], State: queueflow.QueueState(names[1]), By: "anna"}
	if until, ok := flags["until"]; ok {
		in.Until = c.time(until)
	}
	return in
}

// usual is who calls when a line does not say who does.
var usual = callevent.Caller{Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal}

func (c *conversation) entering(at time.Time, id string, flags map[string]string) queueflow.CallerEntered {
	in := queueflow.CallerEntered{
		At: at, Call: callID(id), Channel: channel(id), Name: "PJSIP/trunk-" + id, Dialled: "74951234567",
		Language: "en", Answered: flags["answered"] != "",
		Caller: usual,
	}
	if number, ok := flags["from"]; ok {
		in.Caller = callerOf(number)
	}
	if number, ok := flags["to"]; ok {
		in.Dialled = number
	}
	if args, ok := flags["args"]; ok {
		in.Args = strings.Split(args, "|")
	}
	if ch, ok := flags["channel"]; ok {
		in.Channel = channel(ch)
	}
	if name, ok := flags["name"]; ok {
		in.Name = name
	}
	if old, ok := flags["replaces"]; ok {
		in.Replaces = channel(old)
	}
	return in
}

// callerOf reads `from=NUMBER`: with a plus it is a public one, of digits an extension, and else none.
func callerOf(number string) callevent.Caller {
	c := callevent.Caller{Raw: number, Kind: callevent.CallerInvalid}
	switch {
	case strings.HasPrefix(number, "+"):
		c.E164, c.Kind = number, callevent.CallerExternal
	case strings.Trim(number, "0123456789") == "":
		c.Kind = callevent.CallerInternal
	}
	return c
}

func (c *conversation) flags(words []string) (flags map[string]string, names []string) {
	flags = map[string]string{}
	for _, w := range words {
		if key, value, ok := strings.Cut(w, "="); ok {
			flags[key] = value
		} else {
			names = append(names, w)
		}
	}
	return flags, names
}

func (c *conversation) time(s string) time.Time {
	if !strings.Contains(s, "T") {
		s = testDay + s
	}
	at, err := time.Parse(time.RFC3339, s+"Z")
	require.NoError(c.t, err)
	return at
}

func (c *conversation) duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	require.NoError(c.t, err)
	return d
}

func (c *conversation) number(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	require.NoError(c.t, err)
	return n
}
