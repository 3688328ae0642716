package testbed

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// send sends datagrams to a recorder's port.
func send(t *testing.T, port int, datagrams ...[]byte) {
	t.Helper()
	conn, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	require.NoError(t, err)
	defer conn.Close()
	for _, d := range datagrams {
		_, err := conn.Write(d)
		require.NoError(t, err)
	}
}

func packet(sequence byte) []byte {
	return append([]byte{0x80, 0, 0, sequence, 0, 0, 0, 0, 0, 0, 0, 1}, make([]byte, 160)...)
}

func TestARecorderKeepsWhatArrivesAndWhenItDid(t *testing.T) {
	r, err := newRecorder(time.Minute)
	require.NoError(t, err)
	defer r.stop()
	// The clock's resolution differs between the two ways of asking for the time.
	before := time.Now().Add(-time.Millisecond)
	send(t, r.port(), packet(1), []byte("no sound"), packet(2))
	require.Eventually(t, func() bool { return len(r.recording().Frames) == 2 }, 10*time.Second, time.Millisecond)
	after := time.Now().Add(time.Millisecond)

	recording := r.recording()
	assert.Equal(t, 1, recording.Ignored)
	for i, f := range recording.Frames {
		assert.Equal(t, uint16(i+1), f.Sequence)
		assert.Len(t, f.Samples, 160)
		assert.True(t, f.At.After(before) && f.At.Before(after), f.At)
	}
	r.stop()
	assert.Len(t, r.recording().Frames, 2, "what was heard is there after the end")
}

func TestTheKernelTellsWhenADatagramCame(t *testing.T) {
	_, ok := arrival(nil)
	assert.False(t, ok)
	_, ok = arrival([]byte{1, 2, 3})
	assert.False(t, ok)
}

func TestEachRecordedCallerHasAPortOfItsOwn(t *testing.T) {
	s := &sipp{}
	var err error
	s.sink, err = net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	run := &CallerRun{
		sipp: s, recorders: map[int]*recorder{},
		plan: CallerPlan{Callers: []Caller{{}, {Record: true}, {Record: true}, {}}}.withDefaults(),
	}
	require.NoError(t, run.listen())
	defer run.hangUp()
	assert.Equal(t, s.mediaPort(), run.mediaPort(0))
	assert.Equal(t, s.mediaPort(), run.mediaPort(3))
	assert.NotEqual(t, s.mediaPort(), run.mediaPort(1))
	assert.NotEqual(t, run.mediaPort(1), run.mediaPort(2))
}

func TestRecordingsAreBounded(t *testing.T) {
	recorded := func(n int, length time.Duration) error {
		plan := CallerPlan{RecordFor: length}
		for range n {
			plan.Callers = append(plan.Callers, Caller{DID: "1", Record: true})
		}
		return plan.withDefaults().check()
	}
	assert.NoError(t, recorded(48, 0), "five minutes each unless given")
	assert.ErrorContains(t, recorded(49, 0), "at most 100, and 4h0m0s together")
	assert.NoError(t, recorded(100, time.Minute))
	assert.ErrorContains(t, recorded(101, time.Minute), "101 callers recorded for 1m0s each")
}
