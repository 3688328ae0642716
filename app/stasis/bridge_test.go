package stasis

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/app/ari"
)

// joinAll puts channels into one bridge at once, and gives what came of each.
func joinAll(t *testing.T, d *Driver, f *fakeAsterisk, channels ...string) []error {
	for _, channel := range channels {
		f.channels[channel] = channelOf(channel)
	}
	failed := make([]error, len(channels))
	var joining sync.WaitGroup
	for i, channel := range channels {
		joining.Go(func() { failed[i] = d.join(t.Context(), f, "talk", ari.BridgeMixing, channel) })
	}
	joining.Wait()
	return failed
}

func TestTwoSidesOfATalkMakeTheirBridgeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d := newFake(), &Driver{}
		f.refuse = func(string, string) error {
			time.Sleep(100 * time.Millisecond) // Asterisk is slow
			return nil
		}
		began := time.Now()
		assert.Equal(t, []error{nil, nil}, joinAll(t, d, f, "caller", "agent"))
		assert.Equal(t, 200*time.Millisecond, time.Since(began), "one to make the bridge, one in which both are put into it")
		assert.Len(t, f.bridges["talk"], 2)
		assert.Equal(t, []string{"bridge talk mixing,dtmf_events"}, f.toldOf("talk"))
		assert.Empty(t, d.bridges.joining)
	})
}

func TestABridgeThatCannotBeMadeFailsBothSides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d := newFake(), &Driver{}
		refused := errors.New("no")
		f.refuse = func(string, string) error {
			time.Sleep(100 * time.Millisecond)
			return refused
		}
		for _, err := range joinAll(t, d, f, "caller", "agent") {
			assert.ErrorIs(t, err, refused)
		}
		assert.Equal(t, []string{"bridge talk mixing,dtmf_events"}, f.told, "nobody is put into it")
		assert.Empty(t, d.bridges.joining)
	})
}

func TestABridgeThatIsStillBeingMadeForARequestThatWasGivenUpIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d := newFake(), &Driver{}
		adds := 0
		f.refuse = func(op, _ string) error {
			switch op {
			case "bridge":
				return ari.Conflict
			case "add":
				if adds++; adds < 3 {
					return ari.BridgeGone
				}
			}
			return nil
		}
		assert.Equal(t, []error{nil}, joinAll(t, d, f, "caller"))
		assert.Equal(t, 3, adds)
	})
}
