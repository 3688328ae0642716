package ari

import (
	"context"
	"net/url"
)

// Bridges lists every bridge of Asterisk, ours or not.
func (c *Client) Bridges(ctx context.Context) ([]Bridge, error) {
	var list []Bridge
	err := c.send(ctx, request{op: opBridges, into: &list})
	return list, err
}

// CreateBridge makes a bridge with an id of our choice. Asterisk sends no event about it.
func (c *Client) CreateBridge(ctx context.Context, bridgeID string, kind BridgeType, name string) error {
	query := url.Values{"type": {string(kind)}}
	if name != "" {
		query.Set("name", name)
	}
	return c.send(ctx, request{op: opCreateBridge, ids: []string{bridgeID}, query: query})
}

// AddChannel puts a channel into a bridge, out of the one it may be in. It waits for the channel's own thread (see
// Answer), and its success is no proof: ChannelEnteredBridge is. Errors name the channel; BridgeGone is about the bridge.
func (c *Client) AddChannel(ctx context.Context, bridgeID, channelID string) error {
	return c.membership(ctx, opAddChannel, bridgeID, channelID)
}

// RemoveChannel takes a channel out of a bridge, with the same provisos as AddChannel.
func (c *Client) RemoveChannel(ctx context.Context, bridgeID, channelID string) error {
	return c.membership(ctx, opRemoveChannel, bridgeID, channelID)
}

// membership refuses an empty channel id, which Asterisk would answer like a channel that is gone. A comma is
// refused too, for Asterisk reads a list there.
func (c *Client) membership(ctx context.Context, op operation, bridgeID, channelID string) error {
	r := request{op: op, ids: []string{bridgeID}, target: channelID, query: url.Values{"channel": {channelID}}}
	if !single(channelID) {
		return r.failed(Invalid, "not the id of one channel", nil)
	}
	return c.send(ctx, r)
}

// DestroyBridge ends a bridge; the channels in it stay in the application.
func (c *Client) DestroyBridge(ctx context.Context, bridgeID string) error {
	return c.send(ctx, request{op: opDestroyBridge, ids: []string{bridgeID}})
}
