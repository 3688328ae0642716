package subject

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus/bustest"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

func TestMain(m *testing.M) { bustest.Verify(m) }

const patience = 10 * time.Second

// world is a NATS server and a connection to it.
type world struct {
	t      testing.TB
	server *server.Server
	nc     *nats.Conn
	js     jetstream.JetStream
}

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, MaxPayload: 64 << 10})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	require.True(t, s.ReadyForConnections(patience))
	nc, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return &world{t: t, server: s, nc: nc, js: js}
}

func (w *world) stream(subjects ...string) jetstream.Stream {
	w.t.Helper()
	s, err := w.js.CreateStream(w.t.Context(), jetstream.StreamConfig{Name: "CRM", Subjects: subjects, MaxMsgSize: 16 << 10})
	require.NoError(w.t, err)
	return s
}

func (w *world) target(pattern string) *Subject {
	w.t.Helper()
	s, err := New(settings(pattern), w.nc, w.js)
	require.NoError(w.t, err)
	w.t.Cleanup(s.Close)
	return s
}

func settings(pattern string) policy.Target {
	return policy.Target{Name: "crm", NATS: &policy.NATS{Subject: pattern}}
}

func missed(queue string) target.Delivery {
	return target.Delivery{
		ID:    "d4.end.crm",
		Event: callevent.Event{ID: "d4.end", Call: "d4", Payload: callevent.Missed{CallID: "d4", Queue: queue}},
		Data:  []byte(`{"specversion":"1.0"}`), Message: message.Message{Title: "Missed call"},
	}
}

func TestAnEventIsStoredByTheStreamThatListens(t *testing.T) {
	w := newWorld(t)
	stream := w.stream("crm.>")
	crm := w.target("crm.{queue}.{event}")
	for range 2 {
		assert.Equal(t, target.Verdict{Outcome: target.Sent, Reason: "ok"}, crm.Deliver(t.Context(), missed("sales")))
	}
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, info.State.Msgs, "what comes twice is stored once")
	m, err := stream.GetMsg(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, "crm.sales.missed", m.Subject)
	assert.JSONEq(t, `{"specversion":"1.0"}`, string(m.Data))
	assert.Equal(t, "d4.end.crm", m.Header.Get("Nats-Msg-Id"))
	assert.Equal(t, "application/cloudevents+json", m.Header.Get("Content-Type"))
}

func TestAnEventReachesWhoIsSubscribedWhereNoStreamListens(t *testing.T) {
	w := newWorld(t)
	w.stream("other.>")
	sub, err := w.nc.SubscribeSync("crm.>")
	require.NoError(t, err)
	require.NoError(t, w.nc.Flush())
	require.NoError(t, w.target("crm.{queue}.{event}").Deliver(t.Context(), missed("")).Err)
	m, err := sub.NextMsg(patience)
	require.NoError(t, err)
	assert.Equal(t, "crm._.missed", m.Subject)
	assert.Empty(t, m.Reply)
	assert.Equal(t, "d4.end.crm", m.Header.Get("Nats-Msg-Id"))
	require.NoError(t, w.target("nobody.there").Deliver(t.Context(), missed("")).Err)
}

func TestWhatIsPublishedAndAsWhat(t *testing.T) {
	custom := func(text string) target.Delivery {
		d := missed("sales")
		d.Message.Custom = &message.Custom{Text: text}
		return d
	}
	digest := target.Delivery{ID: "x", Message: message.Message{Title: "30 missed calls"}}
	for name, c := range map[string]struct {
		delivery           target.Delivery
		subject, data, typ string
	}{
		"the event":               {missed("sales"), "a.sales.b-missed", `{"specversion":"1.0"}`, "application/cloudevents+json"},
		"a template that is JSON": {custom(`{"a":1}`), "a.sales.b-missed", `{"a":1}`, "application/json"},
		"a template of words":     {custom("Anna called"), "a.sales.b-missed", "Anna called", "text/plain; charset=utf-8"},
		"an empty template":       {custom(""), "a.sales.b-missed", `{"specversion":"1.0"}`, "application/cloudevents+json"},
		"a digest":                {digest, "a._.b-digest", `{"title":"30 missed calls"}`, "application/json"},
	} {
		s, err := New(settings("a.{queue}.b-{event}"), nil, nil)
		require.NoError(t, err)
		m := s.message(c.delivery)
		assert.Equal(t, c.subject, m.Subject, name)
		assert.Equal(t, c.data, string(m.Data), name)
		assert.Equal(t, c.typ, m.Header.Get("Content-Type"), name)
	}
}

func TestASubjectThatCannotWorkOrWouldMakeALoopIsRefused(t *testing.T) {
	for pattern, says := range map[string]string{
		"":                   "single dots",
		"crm..missed":        "single dots",
		".crm":               "single dots",
		"crm.":               "single dots",
		"crm.*":              "no * and no >",
		"crm.>":              "no * and no >",
		"crm.a b":            "no space",
		"crm.a\r\nPUB x":     "no space",
		"crm.{caller}":       "no other braces",
		"crm.{queue":         "no other braces",
		"calls.{queue}.lost": "must not begin with calls",
		"calls":              "must not begin with calls",
		"jobs.crm.x":         "must not begin with jobs",
		"dead.crm":           "must not begin with dead",
		"$JS.API.INFO":       "must not begin with $JS",
		"$KV.bucket.key":     "must not begin with $KV",
		"_INBOX.x":           "must not begin with _INBOX",
		"{queue}.{event}":    "a queue may be called calls",
		"c{event}.x":         "a word of its own",
	} {
		_, err := New(settings(pattern), nil, nil)
		require.ErrorContains(t, err, says, pattern)
		require.ErrorContains(t, err, "target crm: subject")
	}
	for _, pattern := range []string{"crm", "crm.{queue}.{event}", "crm.a-{event}", "callsign.x", "x.calls.{event}", "отдел.{queue}"} {
		_, err := New(settings(pattern), nil, nil)
		assert.NoError(t, err, pattern)
	}
}

func TestEveryErrorHasItsVerdict(t *testing.T) {
	full := &jetstream.APIError{Code: 503, ErrorCode: 10023, Description: "insufficient resources"}
	late, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx     context.Context
		err     error
		outcome target.Outcome
		reason  string
	}{
		"larger than the server takes": {context.Background(), nats.ErrMaxPayload, target.Permanent, "too_large"},
		"larger than the stream takes": {context.Background(), jetstream.ErrStreamMessageExceedsMaximum, target.Permanent, "too_large"},
		"no subject":                   {context.Background(), nats.ErrBadSubject, target.Permanent, "rejected"},
		"no permission":                {context.Background(), nats.ErrPermissionViolation, target.Retry, "forbidden"},
		"a full store":                 {context.Background(), full, target.Retry, "unavailable"},
		"no leader":                    {context.Background(), jetstream.ErrNoStreamResponse, target.Retry, "unavailable"},
		"somebody else's answer":       {context.Background(), jetstream.ErrInvalidJSAck, target.Retry, "malformed_reply"},
		"no answer":                    {late, context.Canceled, target.Retry, "timeout"},
		"no answer, says the client":   {context.Background(), nats.ErrTimeout, target.Retry, "timeout"},
		"a closed connection":          {context.Background(), nats.ErrConnectionClosed, target.Retry, "network"},
		"what nobody thought of":       {context.Background(), errors.New("odd"), target.Retry, "network"},
	} {
		v := judge(c.ctx, c.err)
		assert.Equal(t, target.Verdict{Outcome: c.outcome, Reason: c.reason, All: c.outcome == target.Retry}, v, name)
		assert.NotEmpty(t, advice[v.Reason], name)
	}
}

func TestAMessageThatIsTooLargeIsRefusedForGood(t *testing.T) {
	w := newWorld(t)
	w.stream("crm.>")
	for pattern, size := range map[string]int{"crm.x": 17 << 10, "core.x": 65 << 10} {
		d := missed("sales")
		d.Data = bytes.Repeat([]byte("x"), size)
		v := w.target(pattern).Deliver(t.Context(), d)
		assert.Equal(t, target.Permanent, v.Outcome, pattern)
		assert.Equal(t, "too_large", v.Reason, pattern)
		require.ErrorContains(t, v.Err, "publish to "+pattern+": ")
		require.ErrorContains(t, v.Err, "raise the largest message")
	}
}

func TestAStreamThatTakesNoMoreIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	_, err := w.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "CRM", Subjects: []string{"crm.>"}, MaxMsgs: 1, Discard: jetstream.DiscardNew})
	require.NoError(t, err)
	crm := w.target("crm.x")
	require.NoError(t, crm.Deliver(t.Context(), missed("sales")).Err)
	d := missed("sales")
	d.ID = "d5.end.crm"
	v := crm.Deliver(t.Context(), d)
	assert.Equal(t, target.Retry, v.Outcome)
	assert.Equal(t, "unavailable", v.Reason)
	require.ErrorContains(t, v.Err, "maximum messages exceeded")
}

func TestAServerThatIsAwayHoldsADeliveryNoLongerThanItsContext(t *testing.T) {
	w := newWorld(t)
	crm := w.target("crm.x")
	require.NoError(t, crm.Deliver(t.Context(), missed("sales")).Err)
	w.server.Shutdown()
	w.server.WaitForShutdown()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	v := crm.Deliver(ctx, missed("sales"))
	assert.Equal(t, target.Retry, v.Outcome)
	assert.Contains(t, []string{"timeout", "network"}, v.Reason)
	assert.True(t, v.All)
	w.nc.Close()
	v = crm.Deliver(t.Context(), missed("sales"))
	assert.Equal(t, "network", v.Reason)
}

func TestAStreamIsFoundAsSoonAsItIsThere(t *testing.T) {
	w := newWorld(t)
	crm := w.target("crm.{event}")
	require.NoError(t, crm.Deliver(t.Context(), missed("sales")).Err)
	stream := w.stream("crm.*")
	require.NoError(t, crm.Deliver(t.Context(), missed("sales")).Err)
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, info.State.Msgs)
}

// BenchmarkDeliver is the time of an event with a stream that listens, and without one.
func BenchmarkDeliver(b *testing.B) {
	for _, pattern := range []string{"crm.x", "core.x"} {
		b.Run(pattern, func(b *testing.B) {
			w := newWorld(b)
			w.stream("crm.>")
			s := w.target(pattern)
			d := missed("sales")
			n := 0
			for b.Loop() {
				n++
				id, _ := json.Marshal(n)
				d.ID = string(id)
				require.NoError(b, s.Deliver(b.Context(), d).Err)
			}
		})
	}
}
