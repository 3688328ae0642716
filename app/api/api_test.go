package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/api"
	"missedcalls/app/bus"
	"missedcalls/app/bus/bustest"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

func TestMain(m *testing.M) { bustest.Verify(m) }

// desk knows some missed calls, and does what a test wants.
type desk struct {
	mu       sync.Mutex
	episodes []queueflow.Episode
	asked    []queueflow.ResolveMissed
	resolve  func(ctx context.Context, in queueflow.ResolveMissed) (*callevent.Resolved, error)
	open     error
}

func (d *desk) Open(_ context.Context, limit int, wanted func(queueflow.Episode) bool) (found []queueflow.Episode, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.episodes {
		if wanted(e) && len(found) < limit {
			found = append(found, e)
		}
	}
	return found, d.open
}

func (d *desk) Resolve(ctx context.Context, in queueflow.ResolveMissed) (*callevent.Resolved, error) {
	d.mu.Lock()
	d.asked = append(d.asked, in)
	d.mu.Unlock()
	return d.resolve(ctx, in)
}

// Number knows numbers with a plus and extensions.
func (d *desk) Number(text string) string {
	if strings.Trim(text, "+0123456789") != "" {
		return ""
	}
	return text
}

func (d *desk) wasAsked() []queueflow.ResolveMissed {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]queueflow.ResolveMissed(nil), d.asked...)
}

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// newDesk has five missed calls, the newest first: two of them at the same time.
func newDesk() *desk {
	d := &desk{}
	for i, minutes := range []int{9, 7, 7, 3, 1} {
		number := fmt.Sprintf("+7916000000%d", i)
		at := noon.Add(time.Duration(minutes) * time.Minute)
		d.episodes = append(d.episodes, queueflow.Episode{
			ID: fmt.Sprintf("c%d", 9-i), Calls: 1, MissedAt: at, LastAt: at, Until: at.Add(24 * time.Hour),
			Queue: []string{"sales", "support"}[i%2], Reason: callevent.ReasonAbandoned,
			Caller: callevent.Caller{Raw: number, E164: number, Kind: callevent.CallerExternal},
		})
	}
	d.resolve = func(_ context.Context, in queueflow.ResolveMissed) (*callevent.Resolved, error) {
		return &callevent.Resolved{CallID: "c9", Episode: "c9", By: in.By, Why: in.Why, How: callevent.ResolvedByHand}, nil
	}
	return d
}

const prefix = "missedcalls.api"

// serve lets a desk be asked.
func serve(t *testing.T, d *desk) (*nats.Conn, *api.Service) {
	t.Helper()
	return serveBoth(t, d, newRoster())
}

// serveRoster lets a roster be asked.
func serveRoster(t *testing.T, r *roster) (*nats.Conn, *api.Service) {
	t.Helper()
	return serveBoth(t, newDesk(), r)
}

func serveBoth(t *testing.T, d *desk, r *roster) (*nats.Conn, *api.Service) {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Settings{Dir: t.TempDir()}, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		assert.NoError(t, b.Close(ctx))
	})
	s, err := api.Serve(b.Conn(), prefix, d, r, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close(context.Background())) })
	return b.Conn(), s
}

func ids(reply api.ListReply) string {
	var all []string
	for _, e := range reply.Missed {
		all = append(all, e.ID)
	}
	return strings.Join(all, " ")
}

func TestOpenMissedCallsAreListedByQueueAndNumber(t *testing.T) {
	nc, _ := serve(t, newDesk())
	c := api.NewClient(nc, prefix)
	for name, ask := range map[string]struct {
		in   api.ListRequest
		want string
	}{
		"all":                   {api.ListRequest{}, "c9 c8 c7 c6 c5"},
		"of a queue":            {api.ListRequest{Queue: "support"}, "c8 c6"},
		"of a number":           {api.ListRequest{Number: "+79160000002"}, "c7"},
		"of both":               {api.ListRequest{Queue: "sales", Number: "+79160000002"}, "c7"},
		"of both, but not of a": {api.ListRequest{Queue: "support", Number: "+79160000002"}, ""},
		"of no queue":           {api.ListRequest{Queue: "*"}, ""},
		"all there may be":      {api.ListRequest{Limit: api.MaxLimit}, "c9 c8 c7 c6 c5"},
		"after all":             {api.ListRequest{After: "0.c"}, ""},
	} {
		reply, err := c.ListMissed(t.Context(), ask.in)
		require.NoError(t, err, name)
		assert.Equal(t, ask.want, ids(reply), name)
		assert.Empty(t, reply.Next, name)
	}
	raw, err := nc.Request(prefix+".missed.list", nil, 5*time.Second)
	require.NoError(t, err)
	assert.Contains(t, string(raw.Data), `{"missed":[{"episode":"c9","calls":1,"missed_at":"2026-11-03T12:09:00Z"`, "nothing is asked for, nothing is left out")
	raw, err = nc.Request(prefix+".missed.list", []byte(`{"queue":"none"}`), 5*time.Second)
	require.NoError(t, err)
	assert.JSONEq(t, `{"missed":[]}`, string(raw.Data), "no null")
}

func TestAListIsReadPageByPage(t *testing.T) {
	nc, _ := serve(t, newDesk())
	c := api.NewClient(nc, prefix)
	for limit := 1; limit <= 6; limit++ {
		var pages []string
		in := api.ListRequest{Limit: limit}
		for more := true; more; more = in.After != "" {
			reply, err := c.ListMissed(t.Context(), in)
			require.NoError(t, err)
			require.LessOrEqual(t, len(reply.Missed), limit)
			pages = append(pages, ids(reply))
			in.After = reply.Next
		}
		assert.Equal(t, "c9 c8 c7 c6 c5", strings.Join(pages, " "), limit)
		assert.Len(t, pages, (5+limit-1)/limit, limit)
	}
}

func TestAMissedCallIsResolvedByItsIDOrItsNumber(t *testing.T) {
	d := newDesk()
	nc, _ := serve(t, d)
	c := api.NewClient(nc, prefix)
	reply, err := c.ResolveMissed(t.Context(), api.ResolveRequest{Episode: "c9", By: "anna", Why: "called back"})
	require.NoError(t, err)
	assert.Equal(t, "called back", reply.Resolved.Why)
	assert.Equal(t, callevent.ResolvedByHand, reply.Resolved.How)
	_, err = c.ResolveMissed(t.Context(), api.ResolveRequest{Number: "+79160000000", By: "anna", Why: strings.Repeat("ж", queueflow.TextLimit/2)})
	require.NoError(t, err)
	assert.Equal(t, []queueflow.ResolveMissed{
		{Episode: "c9", By: "anna", Why: "called back"},
		{Number: "+79160000000", By: "anna", Why: strings.Repeat("ж", queueflow.TextLimit/2)},
	}, d.wasAsked())
}

// answer asks as anybody may, and gives the error of the reply.
func answer(t *testing.T, nc *nats.Conn, what, body string) api.Error {
	t.Helper()
	m, err := nc.Request(prefix+"."+what, []byte(body), 10*time.Second)
	require.NoError(t, err)
	var e api.Error
	require.NoError(t, json.Unmarshal(m.Data, &e), string(m.Data))
	assert.Equal(t, fmt.Sprint(int(e.Code)), m.Header.Get(micro.ErrorCodeHeader))
	assert.Equal(t, e.Message, m.Header.Get(micro.ErrorHeader))
	return e
}

func TestARequestThatCannotBeUnderstoodIsRefusedWithAWord(t *testing.T) {
	d := newDesk()
	nc, _ := serve(t, d)
	const whole = `{"episode":"c9","by":"anna","why":"x"}`
	for name, c := range map[string]struct{ what, body, says string }{
		"no JSON":              {"missed.list", "queue=sales", "the request cannot be read"},
		"half of it":           {"missed.resolve", whole[:20], "the request cannot be read"},
		"a list":               {"missed.list", "[]", "the request cannot be read"},
		"two objects":          {"missed.list", "{}{}", "something follows it"},
		"a field nobody knows": {"missed.list", `{"que\r\nNats-Rollup: all":"sales"}`, "unknown field"},
		"a number of no type":  {"missed.list", `{"limit":"10"}`, "the request cannot be read"},
		"too long":             {"missed.list", `{"queue":"` + strings.Repeat("q", 16<<10) + `"}`, "the request has 16396 bytes, and may have 16384"},
		"a negative limit":     {"missed.list", `{"limit":-1}`, "limit -1: it is 1 to 200"},
		"a limit too high":     {"missed.list", `{"limit":201}`, "limit 201: it is 1 to 200"},
		"no number":            {"missed.list", `{"number":"FLOWERS"}`, `number "FLOWERS": it is no telephone number`},
		"no place in a list":   {"missed.list", `{"after":"c9"}`, `after "c9": it is the next of an earlier list`},
		"no id in a place":     {"missed.list", `{"after":"17."}`, `after "17."`},
		"no time in a place":   {"missed.list", `{"after":"noon.c9"}`, `after "noon.c9"`},
		"nothing to resolve":   {"missed.resolve", `{"by":"anna","why":"x"}`, "one of episode and number"},
		"nothing at all":       {"missed.resolve", "", "one of episode and number"},
		"two to resolve":       {"missed.resolve", `{"episode":"c9","number":"+79160000000","by":"anna","why":"x"}`, "one of episode and number"},
		"resolved by nobody":   {"missed.resolve", `{"episode":"c9","why":"x"}`, "by: it has 0 bytes, and may have 1 to 200"},
		"resolved for nothing": {"missed.resolve", `{"episode":"c9","by":"anna"}`, "why: it has 0 bytes"},
		"too much to say":      {"missed.resolve", `{"episode":"c9","by":"anna","why":"` + strings.Repeat("x", 201) + `"}`, "why: it has 201 bytes"},
		"no number to resolve": {"missed.resolve", `{"number":"a\nb` + strings.Repeat("x", 99) + `","by":"anna","why":"x"}`, `number "a\nbxxx`},
	} {
		e := answer(t, nc, c.what, c.body)
		assert.Equal(t, api.BadRequest, e.Code, name)
		assert.Contains(t, e.Message, c.says, name)
		assert.Less(t, len(e.Message), 300, name)
	}
	assert.Empty(t, d.wasAsked())
}

func TestWhatTheProgramCannotDoIsSaidByACode(t *testing.T) {
	d := newDesk()
	nc, _ := serve(t, d)
	c := api.NewClient(nc, prefix)
	in := api.ResolveRequest{Episode: "c1", By: "anna", Why: "x"}
	for name, want := range map[string]struct {
		resolved *callevent.Resolved
		err      error
		code     api.Code
		says     string
	}{
		"it is not open": {nil, nil, api.NotFound, `no missed call is open under "c1"`},
		"the disk":       {nil, errors.New("disk full\r\nNats-Rollup: all"), api.Unavailable, "not now: disk full"},
		"as it says":     {nil, &api.Error{Code: api.NotFound, Message: "another desk"}, api.NotFound, "another desk"},
	} {
		d.resolve = func(context.Context, queueflow.ResolveMissed) (*callevent.Resolved, error) {
			return want.resolved, want.err
		}
		_, err := c.ResolveMissed(t.Context(), in)
		e := &api.Error{}
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, want.code, e.Code, name)
		assert.Contains(t, e.Message, want.says, name)
	}
	d.open = errors.New("the driver has ended")
	_, err := c.ListMissed(t.Context(), api.ListRequest{})
	require.ErrorContains(t, err, "not now: the driver has ended")
}

func TestWithoutAProgramNobodyAnswers(t *testing.T) {
	nc, s := serve(t, newDesk())
	_, err := api.NewClient(nc, prefix+".desk").ListMissed(t.Context(), api.ListRequest{})
	require.ErrorContains(t, err, "is `missedcalls serve` running")
	require.NoError(t, s.Close(t.Context()))
	_, err = api.NewClient(nc, prefix).ListMissed(t.Context(), api.ListRequest{})
	require.Error(t, err, "it answers no more")
}

func TestCloseWaitsForWhatIsBeingServedAndEndsItSoon(t *testing.T) {
	d := newDesk()
	began := make(chan struct{})
	d.resolve = func(ctx context.Context, _ queueflow.ResolveMissed) (*callevent.Resolved, error) {
		close(began)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	nc, s := serve(t, d)
	answered := make(chan error, 1)
	go func() {
		_, err := api.NewClient(nc, prefix).ResolveMissed(context.Background(), api.ResolveRequest{Episode: "c9", By: "anna", Why: "x"})
		answered <- err
	}()
	<-began
	require.NoError(t, s.Close(t.Context()))
	err := <-answered
	e := &api.Error{}
	require.ErrorAs(t, err, &e)
	assert.Equal(t, api.Unavailable, e.Code)
	require.NoError(t, s.Close(t.Context()), "twice is once")
}

func TestFewRequestsWaitAndEachHasABoundedTime(t *testing.T) {
	d := newDesk()
	began, release := make(chan time.Time, 1000), make(chan struct{})
	d.resolve = func(ctx context.Context, _ queueflow.ResolveMissed) (*callevent.Resolved, error) {
		until, bounded := ctx.Deadline()
		assert.True(t, bounded)
		began <- until
		<-release
		return nil, nil
	}
	nc, _ := serve(t, d)
	answers, err := nc.SubscribeSync(nats.NewInbox())
	require.NoError(t, err)
	const sent = 200
	ask := func() {
		require.NoError(t, nc.PublishRequest(prefix+".missed.resolve", answers.Subject, []byte(`{"episode":"c1","by":"anna","why":"x"}`)))
	}
	before := time.Now()
	ask()
	assert.WithinDuration(t, before, <-began, 10*time.Second)
	for range sent {
		ask()
	}
	require.NoError(t, nc.Flush())
	close(release)
	served := 0
	for ; ; served++ {
		if _, err := answers.NextMsg(500 * time.Millisecond); err != nil {
			break
		}
	}
	assert.LessOrEqual(t, served, 65, "one is served and 64 wait")
	assert.Greater(t, served, 1)
	_, err = api.NewClient(nc, prefix).ListMissed(t.Context(), api.ListRequest{})
	require.NoError(t, err, "and afterwards all is well")
}

func TestAnAnswerThatCannotBeReadIsAnError(t *testing.T) {
	nc, _ := serve(t, newDesk())
	for name, reply := range map[string]*nats.Msg{
		"no JSON":             {Data: []byte("fine")},
		"an error in no JSON": {Data: []byte("fine"), Header: nats.Header{micro.ErrorCodeHeader: {"500"}, micro.ErrorHeader: {"gone"}}},
	} {
		sub, err := nc.Subscribe("other.missed.list", func(m *nats.Msg) { assert.NoError(t, m.RespondMsg(reply)) })
		require.NoError(t, err)
		_, err = api.NewClient(nc, "other").ListMissed(t.Context(), api.ListRequest{})
		require.Error(t, err, name)
		require.NoError(t, sub.Unsubscribe())
	}
}

func TestTheServiceIsSeenByTheToolsOfNATS(t *testing.T) {
	nc, _ := serve(t, newDesk())
	m, err := nc.Request("$SRV.INFO.missedcalls", nil, 5*time.Second)
	require.NoError(t, err)
	var info micro.Info
	require.NoError(t, json.Unmarshal(m.Data, &info))
	var subjects []string
	for _, e := range info.Endpoints {
		subjects = append(subjects, e.Subject)
	}
	assert.ElementsMatch(t, []string{
		"missedcalls.api.missed.list", "missedcalls.api.missed.resolve", "missedcalls.api.members.list", "missedcalls.api.members.add",
		"missedcalls.api.members.remove", "missedcalls.api.members.pause", "missedcalls.api.members.unpause",
		"missedcalls.api.members.penalty", "missedcalls.api.queues.list",
	}, subjects)
}

func FuzzRequests(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"queue":"sales","limit":3,"after":"17.c9"}`, `{"episode":"c9","by":"anna","why":"x"}`, `{"number":"+7 916"}`, "[", "null",
		`{"queue":"sales","endpoint":"PJSIP/101","by":"anna","penalty":-1,"skills":["a+b"],"wrap_up_ms":1e99}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, serve := range api.Serves(newDesk(), newRoster()) {
			out, err := serve(body)
			if err != nil {
				e := &api.Error{}
				require.ErrorAs(t, err, &e)
				require.NotContains(t, e.Header(), "\n")
				continue
			}
			_, err = json.Marshal(out)
			require.NoError(t, err)
		}
	})
}
