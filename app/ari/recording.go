package ari

import (
	"context"
	"net/url"
	"strings"
)

// Recording is a recording that runs or has ended.
type Recording struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Target string `json:"target_uri"` // channel:<id> or bridge:<id>
	State  string `json:"state"`
	// Seconds is how long it is, once it has ended.
	Seconds int `json:"duration"`
	// Cause says why it failed.
	Cause string `json:"cause"`
}

// channelID is the channel that is recorded, empty when it is a bridge that is.
func (r Recording) channelID() string {
	id, is := strings.CutPrefix(r.Target, "channel:")
	if !is {
		return ""
	}
	return id
}

// RecordBridge records what is heard in a bridge into a new file of Asterisk's folder of recordings, and goes on until
// StopRecording or until the bridge is gone. RecordingFinished or RecordingFailed tells of the end. Conflict means that
// there is a recording of this name.
func (c *Client) RecordBridge(ctx context.Context, bridgeID, name, format string) error {
	query := url.Values{"name": {name}, "format": {format}, "ifExists": {"fail"}}
	return c.send(ctx, request{op: opRecordBridge, ids: []string{bridgeID}, query: query})
}

// StopRecording ends a recording and keeps its file. Gone means that it is over.
func (c *Client) StopRecording(ctx context.Context, name string) error {
	return c.send(ctx, request{op: opStopRecording, ids: []string{name}})
}
