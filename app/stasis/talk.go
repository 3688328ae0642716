package stasis

import (
	"context"
	"errors"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

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
