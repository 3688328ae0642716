package stasis

import (
	"context"
	"errors"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// connect puts a channel into its bridge, made before unless it is there already: whichever side of a talk comes first.
func connect(ctx context.Context, a Asterisk, c queueflow.Connect) error {
	return join(ctx, a, c.Bridge, ari.BridgeMixing, c.Channel.ID)
}

// startRecording records a bridge. A recording of this name is what an earlier request began: each name is used once.
func startRecording(ctx context.Context, a Asterisk, c queueflow.StartRecording) error {
	err := a.RecordBridge(ctx, c.Bridge, c.Name, c.Format)
	if errors.Is(err, ari.Conflict) {
		return nil
	}
	return err
}

// stopRecording ends a recording; one that is over is as good.
func stopRecording(ctx context.Context, a Asterisk, c queueflow.StopRecording) error {
	err := a.StopRecording(ctx, c.Name)
	if errors.Is(err, ari.Gone) {
		return nil
	}
	return err
}
