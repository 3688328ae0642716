package targettest

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/message"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// Secret is to be a part of every secret that a channel is given by a test: no error and no note may hold it.
const Secret = "sEcr3t-AAE9kWq7"

var nolog = log.New(io.Discard, "", 0)

// stallFor is how long a delivery to a server that hangs may take: long enough for what came before to arrive.
const stallFor = 2 * time.Second

// Run holds a channel to its column of the table. open makes the target with the server's URL.
func Run(t *testing.T, channel Channel, open func(t *testing.T, url string) target.Target) {
	t.Helper()
	for _, c := range Cases() {
		want, is := c.Want[channel]
		if !is {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			server, url := c.serve(t)
			to := open(t, url)
			defer to.Close()
			ctx, cancel := context.WithTimeout(t.Context(), c.patience())
			defer cancel()
			v := to.Deliver(ctx, Delivery(t))
			assert.Equal(t, want, Say(v), "%v", v.Err)
			Check(t, v)
			assert.Zero(t, server.Left(), "every reply was asked for")
		})
	}
}

func (c Case) serve(t *testing.T) (server *Server, url string) {
	t.Helper()
	switch {
	case c.Untrusted:
		server = ServeTLS(t, c.Replies...)
		return server, server.URL
	case c.Closed:
		gone := httptest.NewServer(nil)
		gone.Close()
		return Serve(t), gone.URL
	}
	server = Serve(t, c.Replies...)
	return server, server.URL
}

func (c Case) patience() time.Duration {
	for _, r := range c.Replies {
		if r.Trouble == Hang || r.Trouble == Stall {
			return stallFor
		}
	}
	return 30 * time.Second
}

// Say puts a verdict into the words of the table: "retry rate_limited 7s all".
func Say(v target.Verdict) string {
	words := []string{string(v.Outcome), v.Reason}
	if v.After != 0 {
		words = append(words, short(v.After))
	}
	if v.All {
		words = append(words, "all")
	}
	return strings.Join(words, " ")
}

func short(d time.Duration) string {
	return strings.TrimSuffix(d.String(), "m0s") + map[bool]string{true: "m"}[strings.HasSuffix(d.String(), "m0s")]
}

// Check holds for every verdict: an error when it was not sent and only then, a reason of the list, and no secret.
func Check(t testing.TB, v target.Verdict) {
	assert.Contains(t, target.Reasons(), v.Reason)
	assert.Equal(t, v.Outcome == target.Sent, v.Err == nil, "an error says why it was not sent, and nothing else")
	said := fmt.Sprintf("%v %s %s", v.Err, v.Note, v.Reason)
	assert.NotContains(t, said, Secret)
	assert.NotContains(t, said, "http://")
	assert.LessOrEqual(t, len(said), 1024, "errors are short")
	assert.NotContains(t, said, "\n")
}

// SecretFile is a file that holds a text and a line's end.
func SecretFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(text+"\n"), 0o600))
	return file
}

// Delivery tells of a missed call.
func Delivery(t testing.TB) target.Delivery {
	t.Helper()
	at := time.Date(2026, 11, 3, 14, 2, 11, 0, time.UTC)
	const call = "d4vq1m0s6k3c73f0a1b0"
	e := callevent.Event{
		ID: callevent.EndID(call), Source: callevent.Source("missedcalls", "127.0.0.1:8088"), Call: call, Time: at,
		Payload: callevent.Missed{
			CallID: call, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru",
			Caller:    callevent.Caller{Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal, Name: "Анна"},
			Reason:    callevent.ReasonAbandoned,
			EnteredAt: at.Add(-42 * time.Second), LeftAt: at, WaitedMS: 42_000,
		},
	}
	data, err := callevent.Encode(e)
	require.NoError(t, err)
	return target.Delivery{ID: e.ID + ".crm", Event: e, Data: data, Message: Message()}
}

// Message is what a missed call might be told as.
func Message() message.Message {
	return message.Message{
		Icon: "📵", Title: "Пропущенный звонок: Отдел продаж",
		Facts: []message.Fact{
			{Label: "Звонил", Value: "+7 916 123-45-67", Tel: "+79161234567"},
			{Label: "Имя", Value: "Анна"},
			{Label: "Ждал", Value: "42 секунды"},
		},
	}
}
