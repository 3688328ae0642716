package bus

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEpochsRiseAcrossRestartsAndApplicationsCountTheirOwn(t *testing.T) {
	dir := t.TempDir()
	for start := uint64(1); start <= 3; start++ {
		b, err := Open(t.Context(), Settings{Dir: dir}, b0())
		require.NoError(t, err)
		for _, application := range []string{"missedcalls", "Отдел продаж", "a b.c*>", ""} {
			epoch, err := b.NextEpoch(t.Context(), application)
			require.NoError(t, err)
			assert.Equal(t, start, epoch, application)
		}
		closeBus(t, b)
	}
}

func TestNoTwoInstancesGetTheSameEpoch(t *testing.T) {
	server := open(t, Settings{Listen: "127.0.0.1:0", Username: "u", Password: "p"})
	const instances, starts = 4, 15
	var mu sync.Mutex
	seen := map[uint64]bool{}
	var running sync.WaitGroup
	for range instances {
		b := open(t, Settings{URL: "nats://" + server.Addr(), Username: "u", Password: "p"})
		running.Go(func() {
			last := uint64(0)
			for range starts {
				epoch, err := b.NextEpoch(t.Context(), "missedcalls")
				if !assert.NoError(t, err) {
					return
				}
				assert.Greater(t, epoch, last)
				last = epoch
				mu.Lock()
				assert.False(t, seen[epoch], "%d was given twice", epoch)
				seen[epoch] = true
				mu.Unlock()
			}
		})
	}
	running.Wait()
	assert.Len(t, seen, instances*starts)
}

func TestAnEpochThatSomebodyOverwroteIsNotGuessed(t *testing.T) {
	b := open(t, Settings{})
	_, err := b.kv.PutString(t.Context(), "epoch.missedcalls", "seven")
	require.NoError(t, err)
	_, err = b.NextEpoch(t.Context(), "missedcalls")
	assert.ErrorContains(t, err, "is no number")
}
