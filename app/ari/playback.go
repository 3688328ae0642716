package ari

import (
	"context"
	"strings"
)

// Playback is media that Asterisk plays, or is to play, to a channel.
type Playback struct {
	ID     string `json:"id"`
	Media  string `json:"media_uri"`  // the item of the list that it has come to
	Target string `json:"target_uri"` // channel:<id> or bridge:<id>
	State  string `json:"state"`
}

// The states in which a playback ends. One that was stopped, by us or by nothing left to play, is done.
const (
	PlaybackDone   = "done"
	PlaybackFailed = "failed"
)

// channelID is the channel that hears the playback, empty when it is a bridge that does.
func (p Playback) channelID() string {
	id, is := strings.CutPrefix(p.Target, "channel:")
	if !is {
		return ""
	}
	return id
}

// Play lets a channel play media in a language, one item after the other, behind what it plays already; its music goes
// on after it if the channel is in a bridge. Success means that Asterisk has queued it: PlaybackStarted, once for each
// item, and PlaybackFinished tell of it, except that of media that cannot be played at all nothing more is told. An id
// that is in use is not refused. Only sound: and recording: can be stopped.
func (c *Client) Play(ctx context.Context, channelID, playbackID string, media []string, language string) error {
	body := map[string]any{"media": media}
	if language != "" {
		body["lang"] = language
	}
	r := request{op: opPlay, ids: []string{channelID, playbackID}, body: body}
	if len(media) == 0 {
		return r.failed(Invalid, "no media", nil)
	}
	return c.send(ctx, r)
}

// StopPlayback ends a playback at once, or takes back one that has not begun. Gone means that it is over.
func (c *Client) StopPlayback(ctx context.Context, playbackID string) error {
	return c.send(ctx, request{op: opStopPlayback, ids: []string{playbackID}})
}
