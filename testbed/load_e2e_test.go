//go:build e2e

package testbed

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFiveHundredCallersHoldWithMusic(t *testing.T) {
	const callers, measured = 500, 10 * time.Second
	a := Start(t)
	plan := CallerPlan{Rate: 100}
	for i := range callers {
		plan.Callers = append(plan.Callers, Caller{
			Number: fmt.Sprintf("7999000%04d", i), DID: DIDHold, GiveUpAfter: 25*time.Second + time.Duration(i*10)*time.Millisecond,
		})
	}
	run := a.Callers(t, plan)
	require.Eventually(t, func() bool {
		channels, err := a.ActiveChannels(t.Context())
		return err == nil && channels == callers
	}, 20*time.Second, 100*time.Millisecond)

	before, began := a.CPU(), time.Now()
	<-time.After(measured)
	t.Logf("%d callers with music: Asterisk used %.2f of a core", callers, float64(a.CPU()-before)/float64(time.Since(began)))

	for i, r := range run.Results() {
		assert.Equal(t, 200, r.Status)
		assert.Equal(t, ByCaller, r.EndedBy)
		assertAfter(t, plan.Callers[i].GiveUpAfter, r.Stayed())
	}
}
