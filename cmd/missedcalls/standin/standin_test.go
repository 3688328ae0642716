package standin

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	arimock "missedcalls/ari-mock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// transcript is what is printed, for a test that reads while it is.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func TestEveryCallIsToldAsItBeginsAndAsItEnds(t *testing.T) {
	s, err := arimock.ParseScenario("x.yaml", []byte(`
password: hunter2
callers:
  - {number: "+79990000001", did: 7495, args: "sales,priority=5", withheld: true, after: 300ms, give_up_after: 200ms}
  - {did: 7495, after: 300ms, give_up_after: 200ms}
`))
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	out, ended := &transcript{}, make(chan error, 1)
	go func() { ended <- Run(ctx, listener, s, out) }()

	// An application, so that callers get somewhere.
	conn, response, err := websocket.Dial(ctx, "ws://"+address+"/ari/events?app=missedcalls&api_key=missedcalls:hunter2", nil)
	require.NoError(t, err)
	defer conn.CloseNow()
	_ = response
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	made, err := client.Post("http://"+address+"/mock/calls", "application/json", strings.NewReader(`{"number":"101","did":"7496","give_up_after":"400ms"}`))
	require.NoError(t, err)
	made.Body.Close()
	require.Eventually(t, func() bool {
		return strings.Count(out.String(), "ended by the caller, SIP 487, STASISSTATUS SUCCESS") == 3
	},
		20*time.Second, 10*time.Millisecond, "%s", out)
	end()
	require.NoError(t, <-ended)
	<-reading

	text := out.String()
	assert.Contains(t, text, "ARI      http://"+address+"/ari   user missedcalls, password hunter2, application missedcalls\n")
	assert.Contains(t, text, "http://"+address+"/mock/calls\n")
	assert.Regexp(t, `\n\d\d:\d\d:\d\d \d+\.\d+: \+79990000001 \(withheld\) calls 7495 \(sales,priority=5\)\n`, text)
	assert.Regexp(t, `: somebody without a number calls 7495\n`, text)
	assert.Regexp(t, `: 101 calls 7496\n`, text, "made over HTTP")
	assert.Equal(t, 3, strings.Count(text, " calls 749"))
}

func TestAListenerThatFailsIsAnError(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	assert.ErrorContains(t, Run(t.Context(), listener, arimock.Scenario{}, &transcript{}), "serve at")
}

func TestHowACallWentIsSaidAsThePhoneSawIt(t *testing.T) {
	answered := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for want, r := range map[string]arimock.Result{
		"ended by Asterisk, cause 34, SIP 503, STASISSTATUS FAILED": {Status: 503, Cause: 34, StasisStatus: "FAILED"},
		"ended by the caller, SIP 200, 2.5 s after the answer, STASISSTATUS SUCCESS, QUEUESTATUS TIMEOUT": {
			Status: 200, ByCaller: true, Answered: answered, Ended: answered.Add(2500 * time.Millisecond), StasisStatus: "SUCCESS", QueueStatus: "TIMEOUT",
		},
	} {
		assert.Equal(t, want, outcome(r))
	}
}
