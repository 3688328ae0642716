package ari

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// HangupReason is told to the far end. Which SIP answer an unanswered caller gets for it is Asterisk's doing.
type HangupReason string

// The reasons Asterisk knows, and what an unanswered SIP caller gets.
const (
	HangupNormal            HangupReason = "normal"             // 603 Decline; for an answered call simply the end
	HangupBusy              HangupReason = "busy"               // 486
	HangupCongestion        HangupReason = "congestion"         // 503
	HangupNoAnswer          HangupReason = "no_answer"          // 480
	HangupTimeout           HangupReason = "timeout"            // 408
	HangupRejected          HangupReason = "rejected"           // 403
	HangupUnallocated       HangupReason = "unallocated"        // 404
	HangupUnspecified       HangupReason = "normal_unspecified" // 480
	HangupIncomplete        HangupReason = "number_incomplete"  // 484
	HangupCodec             HangupReason = "codec_mismatch"     // 488
	HangupInterworking      HangupReason = "interworking"       // 500
	HangupFailure           HangupReason = "failure"            // 500
	HangupAnsweredElsewhere HangupReason = "answered_elsewhere" // 603; a ringing phone shows no missed call
)

var hangupReasons = []HangupReason{
	HangupNormal, HangupBusy, HangupCongestion, HangupNoAnswer, HangupTimeout, HangupRejected, HangupUnallocated,
	HangupUnspecified, HangupIncomplete, HangupCodec, HangupInterworking, HangupFailure, HangupAnsweredElsewhere,
}

// DialplanTarget is where a channel goes on in the dialplan. The zero target is the priority after Stasis(). A
// context alone means its extension s at priority 1.
//
// Asterisk accepts a target that does not exist and then hangs the channel up; ask for it first with
// Variable(ctx, id, "DIALPLAN_EXISTS(context,extension,priority)").
type DialplanTarget struct {
	Context   string
	Extension string
	Priority  int // zero is not sent
}

// Channels lists every channel of Asterisk, ours or not.
func (c *Client) Channels(ctx context.Context) ([]Channel, error) {
	var list []Channel
	err := c.send(ctx, request{op: opChannels, into: &list})
	return list, err
}

// Channel describes one channel, in Stasis or not.
func (c *Client) Channel(ctx context.Context, channelID string) (Channel, error) {
	var channel Channel
	err := c.send(ctx, request{op: opChannel, ids: []string{channelID}, into: &channel})
	return channel, err
}

// Answer answers the channel, and returns when its own thread in Asterisk has done so. That thread does nothing
// else while it plays or sends digits, so stop those first.
func (c *Client) Answer(ctx context.Context, channelID string) error {
	return c.send(ctx, request{op: opAnswer, ids: []string{channelID}})
}

// Ring asks for ringing (180) on an unanswered channel. As with every command below but SetVariable, success means
// that Asterisk has queued it, not that it happened.
func (c *Client) Ring(ctx context.Context, channelID string) error {
	return c.send(ctx, request{op: opRing, ids: []string{channelID}})
}

// StopRing ends what Ring began.
func (c *Client) StopRing(ctx context.Context, channelID string) error {
	return c.send(ctx, request{op: opStopRing, ids: []string{channelID}})
}

// StartMusic plays music on hold of a class to the channel; an empty class is the channel's own.
func (c *Client) StartMusic(ctx context.Context, channelID, class string) error {
	query := url.Values{}
	if class != "" {
		query.Set("mohClass", class)
	}
	return c.send(ctx, request{op: opStartMusic, ids: []string{channelID}, query: query})
}

// StopMusic ends what StartMusic began.
func (c *Client) StopMusic(ctx context.Context, channelID string) error {
	return c.send(ctx, request{op: opStopMusic, ids: []string{channelID}})
}

// Hangup ends the channel, in Stasis or not. A reason is required, because Asterisk's default rejects a caller who
// has not been answered.
func (c *Client) Hangup(ctx context.Context, channelID string, reason HangupReason) error {
	r := request{op: opHangup, ids: []string{channelID}, query: url.Values{"reason": {string(reason)}}}
	if !slices.Contains(hangupReasons, reason) {
		return r.failed(Invalid, "a hang-up reason Asterisk does not know: "+strconv.Quote(cut(string(reason), 40)), nil)
	}
	return c.send(ctx, r)
}

// Continue sends the channel on in the dialplan; StasisEnd tells that it has gone.
func (c *Client) Continue(ctx context.Context, channelID string, target DialplanTarget) error {
	query := url.Values{}
	for name, value := range map[string]string{"context": target.Context, "extension": target.Extension} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if target.Priority > 0 {
		query.Set("priority", strconv.Itoa(target.Priority))
	}
	return c.send(ctx, request{op: opContinue, ids: []string{channelID}, query: query})
}

// Variable reads a variable, or a function such as CHANNEL(linkedid), of a channel in Stasis or not. A variable that
// is not set is empty, as in the dialplan.
func (c *Client) Variable(ctx context.Context, channelID, name string) (string, error) {
	var answer struct {
		Value string `json:"value"`
	}
	err := c.send(ctx, request{op: opVariable, ids: []string{channelID}, query: url.Values{"variable": {name}}, into: &answer})
	if unset(err) {
		return "", nil
	}
	return answer.Value, err
}

// unset recognises the answer about a channel that exists and has no such variable; it has the status of a channel
// that does not exist (resource_channels.c: ast_ari_channels_get_channel_var).
func unset(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.Kind == Gone && strings.Contains(failure.Message, "variable was not found")
}

// SetVariable sets a variable of a channel in Stasis, and returns when the channel's own thread in Asterisk has done
// so (see Answer). Success is no proof that a function accepted the value.
func (c *Client) SetVariable(ctx context.Context, channelID, name, value string) error {
	body := map[string]string{"variable": name, "value": value}
	return c.send(ctx, request{op: opSetVariable, ids: []string{channelID}, body: body})
}
