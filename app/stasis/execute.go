package stasis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
	"missedcalls/queueflow/speech"
)

// carryOut does one command and brings its answer, or its failure, back to the loop. It runs on the channel's lane.
func (d *Driver) carryOut(ctx context.Context, c queueflow.Command) {
	if record, is := c.(queueflow.StoreMember); is {
		d.storeMember(ctx, record)
		return
	}
	n, known := d.nodes[c.On().Node]
	if !known {
		d.put(queueflow.CommandFailed{Command: c, Gone: true, Why: "this Asterisk is no longer configured"})
		return
	}
	started := time.Now()
	answer, err := d.execute(ctx, n.asterisk, c)
	d.Observer.commanded(c, ari.KindOf(err).String(), time.Since(started))
	switch {
	case err != nil && ctx.Err() == nil:
		d.put(failure(c, err))
	case answer != nil:
		d.put(answer)
	}
}

// failure says what an error means for a command. A channel to a phone that cannot be called does not come to be.
func failure(c queueflow.Command, err error) queueflow.CommandFailed {
	gone := errors.Is(err, ari.Gone) || errors.Is(err, ari.NotInStasis)
	if _, is := c.(queueflow.CreateLeg); is {
		gone = errors.Is(err, ari.Unreachable) || errors.Is(err, ari.Invalid)
	}
	return queueflow.CommandFailed{Command: c, Gone: gone, Why: err.Error()}
}

// execute sends the requests of one command. The answer is what a question brings to the loop, nil for the others.
func (d *Driver) execute(ctx context.Context, a Asterisk, c queueflow.Command) (answer any, err error) {
	id := c.On().ID
	switch c := c.(type) {
	case queueflow.AskCaller:
		return askCaller(ctx, a, c)
	case queueflow.AskExit:
		return askExit(ctx, a, c)
	case queueflow.Answer:
		return nil, a.Answer(ctx, id)
	case queueflow.Ring:
		return nil, a.Ring(ctx, id)
	case queueflow.Hold:
		return nil, d.join(ctx, a, c.Bridge, ari.BridgeHolding, id)
	case queueflow.StopRinging:
		return nil, a.StopRing(ctx, id)
	case queueflow.StartMusic:
		return nil, a.StartMusic(ctx, id, c.Class)
	case queueflow.StopMusic:
		return nil, a.StopMusic(ctx, id)
	case queueflow.Play:
		return nil, a.Play(ctx, id, c.Playback, d.resolve(c.Media, c.Language), c.Language)
	case queueflow.StopPlaying:
		return nil, stopPlaying(ctx, a, c)
	case queueflow.Leave:
		return nil, leave(ctx, a, c)
	case queueflow.Hangup:
		return nil, a.Hangup(ctx, id, hangupReason(c))
	case queueflow.DestroyBridge:
		return nil, destroyBridge(ctx, a, c)
	default:
		return nil, d.serve(ctx, a, c)
	}
}

// serve sends the requests of a command about an agent or a talk.
func (d *Driver) serve(ctx context.Context, a Asterisk, c queueflow.Command) error {
	switch c := c.(type) {
	case queueflow.CreateLeg:
		return d.createLeg(ctx, a, c)
	case queueflow.DialLeg:
		return a.Dial(ctx, c.Channel.ID, c.Timeout)
	case queueflow.HangupLeg:
		return hangupLeg(ctx, a, c)
	case queueflow.Connect:
		return d.join(ctx, a, c.Bridge, ari.BridgeMixing, c.Channel.ID)
	case queueflow.StartRecording:
		return startRecording(ctx, a, c)
	case queueflow.StopRecording:
		return stopRecording(ctx, a, c)
	default:
		return fmt.Errorf("carry out %T: the driver does not know this command", c)
	}
}

// resolve puts the addresses of our own prompts in place of their names.
func (d *Driver) resolve(media []string, language string) []string {
	if d.Prompt == nil {
		return media
	}
	resolved := make([]string, len(media))
	for i, name := range media {
		resolved[i] = name
		if prompt, ours := strings.CutPrefix(name, speech.Prefix); ours {
			resolved[i] = cmp.Or(d.Prompt(language, prompt), name)
		}
	}
	return resolved
}

// stopPlaying ends a playback; one that is over is as good.
func stopPlaying(ctx context.Context, a Asterisk, c queueflow.StopPlaying) error {
	err := a.StopPlayback(ctx, c.Playback)
	if errors.Is(err, ari.Gone) {
		return nil
	}
	return err
}

func askExit(ctx context.Context, a Asterisk, c queueflow.AskExit) (any, error) {
	value, err := a.Variable(ctx, c.Channel.ID, "DIALPLAN_EXISTS("+c.Target.String()+")")
	if err != nil {
		return nil, err
	}
	return queueflow.ExitChecked{Channel: c.Channel, Exists: value == "1"}, nil
}

// leave sets the variables and sends the channel on. Without QUEUESTATUS the dialplan would take a declined call for one
// that was served, so a variable that cannot be set fails the command, which is tried again.
func leave(ctx context.Context, a Asterisk, c queueflow.Leave) error {
	for _, v := range c.Variables {
		if err := a.SetVariable(ctx, c.Channel.ID, v.Name, v.Value); err != nil {
			return err
		}
	}
	target := ari.DialplanTarget{Context: c.Target.Context, Extension: c.Target.Extension, Priority: c.Target.Priority}
	return a.Continue(ctx, c.Channel.ID, target)
}

// hangupReason gives an answered call its normal end, and an unanswered SIP caller 480 instead of 603, which phones
// show as a person's refusal.
func hangupReason(c queueflow.Hangup) ari.HangupReason {
	if c.Answered {
		return ari.HangupNormal
	}
	return ari.HangupNoAnswer
}

// destroyBridge removes a bridge; one that is gone already is as good.
func destroyBridge(ctx context.Context, a Asterisk, c queueflow.DestroyBridge) error {
	err := a.DestroyBridge(ctx, c.Bridge)
	if errors.Is(err, ari.BridgeGone) {
		return nil
	}
	return err
}
