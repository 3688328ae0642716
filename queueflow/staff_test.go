package queueflow

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Check counts them anew after each step.
func TestTheAgentsWhomQueuesShareAreCountedWhateverBecomesOfThem(t *testing.T) {
	const node = "http://127.0.0.1:8088/ari"
	p := Policies{Queues: map[string]Policy{}}
	for q := range 4 {
		id := fmt.Sprintf("q%d", q)
		p.Queues[id] = Policy{ID: id}
	}
	m := New(Settings{Application: "missedcalls", Epoch: 1}, p)
	now := time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)
	m.Step(now, Listed{Node: node, At: now})
	rng := rand.New(rand.NewPCG(1, 2))
	shared := 0
	for range 3000 {
		now = now.Add(time.Second)
		agent := fmt.Sprintf("PJSIP/%d", rng.IntN(6))
		var in Input = ChangeMember{
			Change: []MemberChange{AddMember, AddMember, RemoveMember, PauseMember, UnpauseMember}[rng.IntN(5)],
			Queue:  fmt.Sprintf("q%d", rng.IntN(4)), Member: Member{Endpoint: agent, Paused: rng.IntN(4) == 0},
		}
		if rng.IntN(3) == 0 {
			in = DeviceChanged{Node: node, Device: agent, State: DeviceState(rng.IntN(int(DeviceOnHold) + 1))}
		}
		m.Step(now, in)
		require.NoError(t, m.Check())
		shared += len(m.line("q0").staff.shared)
	}
	require.Greater(t, shared, 3000, "queue q0 shared agents with others most of the time")
}

// A local channel may have options behind a second stroke, and its extension may begin with the letter of one.
func TestTheDeviceOfAnEndpoint(t *testing.T) {
	for endpoint, device := range map[string]string{
		"PJSIP/101": "PJSIP/101", "Local/nina@agents": "Local/nina@agents", "Local/nina@agents/n": "Local/nina@agents",
		"Local/205@agents/nj": "Local/205@agents", "PJSIP/nina/n": "PJSIP/nina/n",
	} {
		require.Equal(t, device, deviceOf(endpoint))
	}
}
