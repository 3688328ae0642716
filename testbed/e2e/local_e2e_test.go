//go:build e2e

package e2e

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// localRates are those of TestHundredsOfCallsASecondWithoutMedia.
var localRates = flag.String("local-rates", "50,100", "calls a second, one step after the other, of the measure without media")

// TestHundredsOfCallsASecondWithoutMedia is TestHundredsOfCallsASecond with callers and agents that are Local channels, so
// that neither SIP nor media is in the measure, and no SIPp takes the processor from Asterisk.
func TestHundredsOfCallsASecondWithoutMedia(t *testing.T) {
	const agents, seconds = 400, 4
	asterisk := testbed.Start(t, testbed.WithDialplan(`
[local]
exten => caller,1,Wait(3600)
exten => _2XXX,1,Answer()
 same => n,Wait(0.2)
 same => n,Hangup()
`))
	p := install(t, asterisk)
	var crowd []string
	for i := range agents {
		crowd = append(crowd, fmt.Sprintf("{endpoint: Local/%d@local/n}", 2001+i))
	}
	p.configure(fmt.Sprintf("dids: {\"74951234567\": sales}\nqueues:\n  sales: {strategy: leastrecent, music: \"@none\", members: [%s]}\n",
		strings.Join(crowd, ", ")))
	p.serve()
	events := subscribe(t, p)
	served := 0
	for _, text := range strings.Split(*localRates, ",") {
		rate, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		n := int(rate) * seconds
		program, server := p.cpu(), asterisk.CPU()
		require.NoError(t, originate(asterisk, n, rate))
		events.await(callevent.KindCompleted, served+n)
		logStep(t, rate, events.all(), served, p.cpu()-program, asterisk.CPU()-server)
		served += n
	}
	assert.Equal(t, served, events.count(callevent.KindAnswered))
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

// originate makes n calls at a rate, each from a channel that waits in the dialplan.
func originate(asterisk *testbed.Asterisk, n int, rate float64) error {
	query := url.Values{
		"endpoint": {"Local/74951234567@from-trunk/n"}, "context": {"local"}, "extension": {"caller"}, "priority": {"1"},
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	call := func() error {
		request, err := http.NewRequest(http.MethodPost, asterisk.ARIURL()+"/channels?"+query.Encode(), nil)
		if err != nil {
			return err
		}
		request.SetBasicAuth(asterisk.Username, asterisk.Password)
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("originate: %s", response.Status)
		}
		return nil
	}
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	var calls sync.WaitGroup
	failures := make([]error, n)
	for i := range n {
		<-tick.C
		calls.Go(func() { failures[i] = call() })
	}
	calls.Wait()
	return errors.Join(failures...)
}
