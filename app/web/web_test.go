package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"missedcalls/app/web"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// get asks a server and closes the connection behind it.
func get(t *testing.T, s *web.Server, path string) (status int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + s.Addr().String() + path)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func serve(t *testing.T, ready ...web.Check) (*web.Server, *web.Metrics) {
	t.Helper()
	metrics := web.NewMetrics("1.2.3", "abc")
	s, err := web.Listen("127.0.0.1:0", nil, ready, metrics.Gatherer(), zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close(context.Background())) })
	return s, metrics
}

func TestReadyOnlyWhenEveryPartIsAndOtherwiseSaysWhichIsNot(t *testing.T) {
	broken := errors.New("disk full: free some space")
	probe := broken
	s, _ := serve(t,
		web.Check{Name: "nats", Probe: func(context.Context) error { return nil }},
		web.Check{Name: "journal", Probe: func(context.Context) error { return probe }},
	)
	status, body := get(t, s, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	var answer struct {
		OK     bool
		Checks map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	assert.False(t, answer.OK)
	assert.Equal(t, map[string]string{"nats": "ok", "journal": broken.Error()}, answer.Checks)

	probe = nil
	status, _ = get(t, s, "/readyz")
	assert.Equal(t, http.StatusOK, status)
	status, _ = get(t, s, "/livez")
	assert.Equal(t, http.StatusOK, status, "a process that waits for something lives")
}

func TestAProbeIsBoundedInTime(t *testing.T) {
	s, _ := serve(t, web.Check{Name: "slow", Probe: func(ctx context.Context) error {
		deadline, bounded := ctx.Deadline()
		if !bounded || time.Until(deadline) > time.Minute {
			return errors.New("no bound")
		}
		return nil
	}})
	status, body := get(t, s, "/readyz")
	assert.Equal(t, http.StatusOK, status, body)
}

func TestThePagesOfOthersAreServedAtTheSameAddress(t *testing.T) {
	s, err := web.Listen("127.0.0.1:0", nil, nil, web.NewMetrics("1", "c").Gatherer(), zerolog.Nop(), web.Page{
		Pattern: "/prompts/", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }),
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close(context.Background())) })
	status, body := get(t, s, "/prompts/en/closed.wav")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "/prompts/en/closed.wav", body)
	status, _ = get(t, s, "/livez")
	assert.Equal(t, http.StatusOK, status)
}

func TestATakenAddressIsToldWithTheSettingToChange(t *testing.T) {
	s, metrics := serve(t)
	_, err := web.Listen(s.Addr().String(), nil, nil, metrics.Gatherer(), zerolog.Nop())
	require.ErrorContains(t, err, "MISSEDCALLS_HTTP_LISTEN")
}

// exercise gives every metric a value.
func exercise(m *web.Metrics) {
	missed := callevent.Missed{Queue: "sales", Reason: callevent.ReasonAbandoned, WaitedMS: 12_000, PositionAtEntry: 1}
	m.Durable(callevent.Event{Payload: missed}, time.Millisecond)
	m.Durable(callevent.Event{Payload: callevent.Entered{Queue: "sales"}}, time.Millisecond)
	m.Stepped(time.Microsecond)
	m.Ignored("late")
	m.Noticed(queueflow.NoticeExitMissing)
	m.Commanded("answer", "ok", time.Millisecond)
	m.Requested("answer", "ok", time.Millisecond)
	m.Event("StasisStart")
	m.Skipped("type")
	m.Queued("http://a", 3)
	m.Connected("http://a")
	m.Gap("http://a", "lost")
	m.Reloaded(true, time.Unix(1, 0))
	m.Checkpointed(time.Unix(2, 0))
	m.Func("journal_held_events", "Events held in memory.", func() float64 { return 7 }, nil)
	m.CounterFunc("nats_published_total", "Events that CALLS acknowledged.", func() float64 { return 9 })
	for _, ms := range []int64{5_000, 20_000, 20_001} {
		late := ms - 15_000 // they were told 15 s
		m.Durable(callevent.Event{Payload: callevent.Answered{Queue: "sales", WaitedMS: ms, EstimateErrorMS: &late}}, time.Millisecond)
	}
	for _, outcome := range []string{"answered", "no_answer"} {
		m.Durable(callevent.Event{Payload: callevent.Offered{Queue: "sales", Attempt: callevent.Attempt{Outcome: outcome, RingMS: 4_000}}}, time.Millisecond)
	}
	m.Durable(callevent.Event{Payload: callevent.Completed{Queue: "sales", TalkedMS: 61_000, EndedBy: callevent.EndedByAgent}}, time.Millisecond)
	m.Ringing(time.Millisecond)
	m.Queues(func(context.Context) ([]queueflow.QueueView, error) {
		service := queueflow.Service{Answered: 3, AnsweredInTime: 2, Abandoned: 1, AbandonedInTime: 1}
		return []queueflow.QueueView{
			{Queue: "sales", Agents: queueflow.AgentsView{Ready: 2}, Service: service, ServiceLevelMS: 20_000, LevelOfAnswered: 0.66, LevelOfAll: 0.75},
			{Queue: "support"},
		}, nil
	})
	m.Told("crm", "webhook", "sent")
	m.Accepted("crm", 40*time.Millisecond)
	m.Dead("crm")
	m.Backlog(func(context.Context) (map[string]uint64, error) { return map[string]uint64{"crm": 3}, nil })
	m.TargetsUp(func() map[string]bool { return map[string]bool{"crm": true, "duty": false} })
	m.Lines(func(context.Context) ([]queueflow.LineView, error) {
		return []queueflow.LineView{{Queue: "sales", Waiting: 4, OldestEnteredAt: time.Now().Add(-time.Minute)}, {Queue: "support"}}, nil
	})
}

func TestEveryMetricHasANameThatPrometheusRecommends(t *testing.T) {
	_, m := serve(t)
	exercise(m)
	problems, err := testutil.GatherAndLint(m.Gatherer())
	require.NoError(t, err)
	assert.Empty(t, problems)
}

func TestTheMetricsTellWhatHappened(t *testing.T) {
	s, m := serve(t)
	exercise(m)
	_, page := get(t, s, "/metrics")
	for _, line := range []string{
		`missedcalls_missed_calls_total{queue="sales",reason="abandoned"} 1`,
		`missedcalls_events_total{kind="entered",queue="sales"} 1`,
		`missedcalls_queue_callers_waiting{queue="sales"} 4`,
		`missedcalls_queue_callers_waiting{queue="support"} 0`,
		`missedcalls_queue_first_caller_wait_seconds{queue="support"} 0`,
		`missedcalls_queue_wait_seconds_bucket{outcome="abandoned",queue="sales",le="15"} 1`,
		`missedcalls_queue_wait_seconds_bucket{outcome="abandoned",queue="sales",le="10"} 0`,
		`missedcalls_config_last_reload_successful 1`,
		`missedcalls_journal_held_events 7`,
		`missedcalls_nats_published_total 9`,
		`missedcalls_notifications_total{channel="webhook",outcome="sent",target="crm"} 1`,
		`missedcalls_notification_delivery_seconds_bucket{target="crm",le="0.05"} 1`,
		`missedcalls_notification_delivery_seconds_bucket{target="crm",le="0.025"} 0`,
		`missedcalls_notifications_dead_total{target="crm"} 1`,
		`missedcalls_notification_backlog{target="crm"} 3`,
		`missedcalls_notification_target_up{target="crm"} 1`,
		`missedcalls_notification_target_up{target="duty"} 0`,
		`missedcalls_build_info{commit="abc"`,
		`missedcalls_queue_wait_seconds_bucket{outcome="answered",queue="sales",le="20"} 2`,
		`missedcalls_offers_total{outcome="answered",queue="sales"} 1`,
		`missedcalls_offers_total{outcome="no_answer",queue="sales"} 1`,
		`missedcalls_ring_seconds_count{queue="sales"} 1`,
		`missedcalls_talk_seconds_bucket{queue="sales",le="60"} 0`,
		`missedcalls_talk_seconds_bucket{queue="sales",le="90"} 1`,
		`missedcalls_estimate_error_seconds_bucket{queue="sales",le="-30"} 0`,
		`missedcalls_estimate_error_seconds_bucket{queue="sales",le="0"} 1`,
		`missedcalls_estimate_error_seconds_count{queue="sales"} 3`,
		`missedcalls_completed_calls_total{ended_by="agent",queue="sales"} 1`,
		`missedcalls_offer_latency_seconds_bucket{le="0.001"} 1`,
		`missedcalls_queue_agents{queue="sales",state="ready"} 2`,
		`missedcalls_queue_agents{queue="sales",state="talking"} 0`,
		`missedcalls_service_level_target_seconds{queue="sales"} 20`,
		`missedcalls_service_level_calls_total{in_time="yes",outcome="answered",queue="sales"} 2`,
		`missedcalls_service_level_calls_total{in_time="no",outcome="answered",queue="sales"} 1`,
		`missedcalls_service_level_calls_total{in_time="yes",outcome="abandoned",queue="sales"} 1`,
		`missedcalls_service_level_calls_total{in_time="no",outcome="abandoned",queue="sales"} 0`,
		`missedcalls_service_level_ratio{formula="answered",queue="sales"} 0.66`,
		`missedcalls_service_level_ratio{formula="all",queue="sales"} 0.75`,
	} {
		assert.Contains(t, page, line)
	}
	m.Reloaded(false, time.Now())
	_, page = get(t, s, "/metrics")
	assert.Contains(t, page, "missedcalls_config_last_reload_successful 0")
	assert.Contains(t, page, "missedcalls_config_last_reload_success_timestamp_seconds 1\n", "a failed reload is not a success")
}

func TestABacklogThatNobodyTellsIsNotNone(t *testing.T) {
	s, m := serve(t)
	m.Backlog(func(context.Context) (map[string]uint64, error) { return nil, errors.New("nats is away") })
	_, page := get(t, s, "/metrics")
	assert.NotContains(t, page, "missedcalls_notification_backlog")
}

func TestALostCallSaysNothingOfTheSpeedOfTheDisk(t *testing.T) {
	s, m := serve(t)
	lost := callevent.Missed{Queue: "sales", Reason: callevent.ReasonLost, LostWindow: &callevent.Window{}}
	m.Durable(callevent.Event{Payload: lost}, time.Hour)
	_, page := get(t, s, "/metrics")
	assert.Contains(t, page, "missedcalls_event_durable_seconds_count 0")
}

func TestAgentsOfWhomNobodyTellsAreNotNoneAndCallersWhoDidNotComeWereNotServed(t *testing.T) {
	s, m := serve(t)
	told := errors.New("the driver has ended")
	m.Queues(func(context.Context) ([]queueflow.QueueView, error) {
		return []queueflow.QueueView{{Queue: "sales"}}, told
	})
	_, page := get(t, s, "/metrics")
	assert.NotContains(t, page, "missedcalls_queue_agents")
	told = nil
	_, page = get(t, s, "/metrics")
	assert.Contains(t, page, `missedcalls_queue_agents{queue="sales",state="ready"} 0`)
	assert.NotContains(t, page, "missedcalls_service_level_ratio{")
}
