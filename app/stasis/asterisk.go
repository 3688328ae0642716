package stasis

import (
	"context"
	"time"

	"missedcalls/app/ari"
)

// Asterisk is what the driver uses of one Asterisk; *ari.Client is one.
type Asterisk interface {
	// Listen gives signals until ctx ends or the application is replaced.
	Listen(ctx context.Context, deliver func(ari.Signal)) error
	// Sync returns when everything that was published before has been delivered.
	Sync(ctx context.Context) error

	Application(ctx context.Context) (ari.Application, error)
	Channels(ctx context.Context) ([]ari.Channel, error)
	Bridges(ctx context.Context) ([]ari.Bridge, error)

	Answer(ctx context.Context, channelID string) error
	Ring(ctx context.Context, channelID string) error
	StopRing(ctx context.Context, channelID string) error
	StartMusic(ctx context.Context, channelID, class string) error
	StopMusic(ctx context.Context, channelID string) error
	Play(ctx context.Context, channelID, playbackID string, media []string, language string) error
	StopPlayback(ctx context.Context, playbackID string) error
	Hangup(ctx context.Context, channelID string, reason ari.HangupReason) error
	Continue(ctx context.Context, channelID string, target ari.DialplanTarget) error
	Variable(ctx context.Context, channelID, name string) (string, error)
	SetVariable(ctx context.Context, channelID, name, value string) error
	CreateBridge(ctx context.Context, bridgeID string, kind ari.BridgeType, name string) error
	AddChannel(ctx context.Context, bridgeID, channelID string) error
	DestroyBridge(ctx context.Context, bridgeID string) error

	CreateChannel(ctx context.Context, n ari.NewChannel) error
	Dial(ctx context.Context, channelID string, timeout time.Duration) error
	RecordBridge(ctx context.Context, bridgeID, name, format string) error
	StopRecording(ctx context.Context, name string) error

	SubscribeDevices(ctx context.Context, devices []string) error
	UnsubscribeDevices(ctx context.Context, devices []string) error
	DeviceState(ctx context.Context, device string) (ari.DeviceState, error)
}

var _ Asterisk = (*ari.Client)(nil)
