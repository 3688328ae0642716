package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/api"
	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

var byAnna = api.Why{By: "anna"}

// changed makes a change in the process of a directory, and gives the memberships of the agent then.
func changed(t *testing.T, dir string, change func(ctx context.Context, c api.Client) (api.ChangeReply, error)) ([]queueflow.MemberView, error) {
	t.Helper()
	return app.ChangeMember(t.Context(), commanding(t, dir), change)
}

func add(t *testing.T, dir string, in api.AddMemberRequest) ([]queueflow.MemberView, error) {
	t.Helper()
	return changed(t, dir, func(ctx context.Context, c api.Client) (api.ChangeReply, error) { return c.AddMember(ctx, in) })
}

// members are all that the process of a directory has.
func members(t *testing.T, dir string) []queueflow.MemberView {
	t.Helper()
	found, more, err := app.ListMembers(t.Context(), commanding(t, dir), api.MembersRequest{}, 1000)
	require.NoError(t, err)
	require.False(t, more)
	return found
}

// code are the numbers in an answer that is an error.
func code(t *testing.T, err error) api.Code {
	t.Helper()
	e := &api.Error{}
	require.ErrorAs(t, err, &e)
	return e.Code
}

func TestWhatIsDecidedAboutAMemberHoldsAtOnceIsToldAndOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening)
	rest := int64(20_000)
	now, err := add(t, dir, api.AddMemberRequest{
		Queue: "sales", Endpoint: "PJSIP/101", Name: "Анна", Penalty: 2, WrapUpMS: &rest, Paused: true, Skills: []string{"french"},
		Why: api.Why{Reason: "new here", By: "boris"},
	})
	require.NoError(t, err)
	require.Len(t, now, 1)
	assert.Equal(t, "paused", now[0].State)
	assert.Equal(t, "new here", now[0].Reason)
	assert.True(t, p.says(`missedcalls_queue_agents{queue="sales",state="paused"} 1`))
	_, err = changed(t, dir, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
		return c.SetPenalty(ctx, api.PenaltyRequest{Queue: "sales", Endpoint: "PJSIP/101", Penalty: 7, Why: byAnna})
	})
	require.NoError(t, err)
	p.stop()

	var told []string
	for _, e := range recorded(t, dir) {
		if added, is := e.Payload.(callevent.MemberAdded); is {
			told = append(told, added.By+" added "+added.Agent.Name+": "+added.Reason)
			assert.True(t, added.Paused, "in one step")
		}
	}
	assert.Equal(t, []string{"boris added Анна: new here"}, told)

	for range 2 {
		save(t, dir, queueflow.Snapshot{}) // as when it was killed before it saved
		p = start(t, dir, listening)
		again := members(t, dir)
		require.Len(t, again, 1)
		assert.Equal(t, "Анна", again[0].Name)
		assert.True(t, again[0].Paused)
		assert.Equal(t, 7, again[0].Penalty, "no event tells of it: the record does")
		p.stop()
	}
}

func TestAMemberWhoWasRemovedDoesNotReturn(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening)
	_, err := add(t, dir, api.AddMemberRequest{Queue: "sales", Endpoint: "PJSIP/101", Why: byAnna})
	require.NoError(t, err)
	remove := func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
		return c.RemoveMember(ctx, api.MemberRequest{Endpoint: "PJSIP/101", Why: byAnna})
	}
	now, err := changed(t, dir, remove)
	require.NoError(t, err)
	assert.Empty(t, now)
	_, err = changed(t, dir, remove)
	assert.Equal(t, api.NotFound, code(t, err))
	p.stop()
	save(t, dir, queueflow.Snapshot{})
	p = start(t, dir, listening)
	defer p.stop()
	assert.Empty(t, members(t, dir))
}

func TestMembersOfAQueueThatIsConfiguredLaterAreAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	both := "queues: {sales: {}, support: {}}"
	o := options(t, dir, listening)
	write(t, dir, both)
	p := run(t, dir, o)
	require.Eventually(t, func() bool { _, checks := p.health("/readyz"); return checks["driver"] == "ok" }, 20*time.Second, 10*time.Millisecond)
	for _, queue := range []string{"sales", "support"} {
		_, err := add(t, dir, api.AddMemberRequest{Queue: queue, Endpoint: "PJSIP/101", Name: "Анна", Why: byAnna})
		require.NoError(t, err)
	}
	p.stop()

	p = start(t, dir, listening) // with sales only
	defer p.stop()
	assert.Len(t, members(t, dir), 1)
	write(t, dir, both)
	p.reload <- struct{}{}
	require.Eventually(t, func() bool { return len(members(t, dir)) == 2 }, 20*time.Second, 10*time.Millisecond)
	assert.Equal(t, "Анна", members(t, dir)[1].Name)
}

func TestWhatIsWrongWithAChangeOfAMemberIsSaidByACode(t *testing.T) {
	dir := t.TempDir()
	p := run(t, dir, func() app.Options {
		o := options(t, dir, listening)
		write(t, dir, "queues: {sales: {members: [{endpoint: PJSIP/101}]}}")
		return o
	}())
	defer p.stop()
	require.Eventually(t, func() bool { _, checks := p.health("/readyz"); return checks["driver"] == "ok" }, 20*time.Second, 10*time.Millisecond)
	_, err := add(t, dir, api.AddMemberRequest{Queue: "salse", Endpoint: "PJSIP/102", Why: byAnna})
	assert.Equal(t, api.NotFound, code(t, err))
	_, err = add(t, dir, api.AddMemberRequest{Queue: "sales", Endpoint: "PJSIP/101", Why: byAnna})
	assert.Equal(t, api.Conflict, code(t, err))
	_, err = changed(t, dir, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
		return c.RemoveMember(ctx, api.MemberRequest{Queue: "sales", Endpoint: "PJSIP/101", Why: byAnna})
	})
	assert.Equal(t, api.Conflict, code(t, err), "he is of the configuration")
	_, err = changed(t, dir, func(ctx context.Context, c api.Client) (api.ChangeReply, error) {
		return c.PauseMember(ctx, api.MemberRequest{Endpoint: "PJSIP/101", Why: byAnna})
	})
	require.NoError(t, err)
	assert.Len(t, members(t, dir), 1)

	queues, more, err := app.ListQueues(t.Context(), commanding(t, dir), 10)
	require.NoError(t, err)
	assert.False(t, more)
	require.Len(t, queues, 1)
	assert.Equal(t, queueflow.AgentsView{Paused: 1}, queues[0].Agents)
	assert.Equal(t, int64(20_000), queues[0].ServiceLevelMS)
	assert.True(t, queues[0].Open)
}

func TestARecordOfAMemberThatCannotBeReadIsPassedOverAndTold(t *testing.T) {
	dir := t.TempDir()
	password := []string{"MISSEDCALLS_NATS_LISTEN=" + nobody(t), "MISSEDCALLS_NATS_TOKEN=secret"}
	p := start(t, dir, password...)
	nc, err := nats.Connect("nats://"+password[0][len("MISSEDCALLS_NATS_LISTEN="):], nats.Token("secret"))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	for name, value := range map[string]string{"a": "{", "b": "{}", "c": string(make([]byte, 5000))} {
		_, err := js.Publish(t.Context(), "$KV.missedcalls.member.missedcalls."+name, []byte(value))
		require.NoError(t, err)
	}
	_, err = add(t, dir, api.AddMemberRequest{Queue: "sales", Endpoint: "PJSIP/101", Why: byAnna})
	require.NoError(t, err)
	p.stop()

	again := start(t, dir, password...)
	defer again.stop()
	for _, text := range []string{"unexpected end of JSON", "it names no queue", "it has 5000 bytes"} {
		again.log.await(t, text)
	}
	assert.Len(t, members(t, dir), 1)
}

// dials lets a phone dial a code of the dialplan, and waits until it has heard what came of it.
func dials(t *testing.T, asterisk *arimock.Server, phone, args string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	result, err := asterisk.Call(arimock.Caller{Number: phone, DID: "700", Args: args}).Result(ctx)
	require.NoError(t, err)
	require.Equal(t, "SUCCESS", result.StasisStatus)
	assert.False(t, result.ByCaller)
	assert.NotZero(t, result.Answered)
	assert.Empty(t, result.QueueStatus, "it is nobody's call")
}

func TestAnAgentLogsInAndPausesByTheCodesOfHisPhone(t *testing.T) {
	dir := t.TempDir()
	asterisk, environ := standIn(t)
	asterisk.SetPhone("PJSIP/101", arimock.Phone{})
	p := start(t, dir, environ...).ready()
	dials(t, asterisk, "101", "@agent,login,sales,name=Анна")
	now := members(t, dir)
	require.Len(t, now, 1)
	assert.Equal(t, "PJSIP/101", now[0].Endpoint, "his channel says who he is")
	assert.Equal(t, "Анна", now[0].Name)
	assert.Equal(t, "agent", now[0].By)
	dials(t, asterisk, "101", "@agent,pause-toggle,,lunch")
	assert.Equal(t, "paused", members(t, dir)[0].State)
	p.stop()

	p = start(t, dir, environ...).ready()
	again := members(t, dir)
	require.Len(t, again, 1)
	assert.Equal(t, "lunch", again[0].Reason)
	dials(t, asterisk, "101", "@agent,pause-toggle")
	assert.False(t, members(t, dir)[0].Paused)
	dials(t, asterisk, "101", "@agent,toggle,sales")
	assert.Empty(t, members(t, dir))
	p.stop()
	for _, e := range recorded(t, dir) {
		assert.Contains(t, e.Call, "member:PJSIP/101", "no event tells of a call")
	}
}

// rung waits until a phone is rung for a queue, or is not any more.
func rung(t *testing.T, dir string, states ...string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for i, v := range members(t, dir) {
			if v.State != states[i] {
				return false
			}
		}
		return true
	}, 20*time.Second, 20*time.Millisecond, "%v", states)
}

func TestAMemberWhoIsAddedIsRungForWhoWaitsAndNoMoreOnceHePauses(t *testing.T) {
	dir := t.TempDir()
	asterisk, environ := standIn(t)
	asterisk.SetPhone("PJSIP/101", arimock.Phone{RingFor: 10 * time.Millisecond, TalkFor: 100 * time.Millisecond})
	asterisk.SetPhone("PJSIP/102", arimock.Phone{})
	p := start(t, dir, environ...).ready()
	call := func() *arimock.Call {
		return asterisk.Call(arimock.Caller{Number: "+79161234567", DID: "74951234567", Args: "sales"})
	}
	first := call()
	require.Eventually(t, func() bool { return p.says(`missedcalls_queue_callers_waiting{queue="sales"} 1`) }, 20*time.Second, 10*time.Millisecond)
	_, err := add(t, dir, api.AddMemberRequest{Queue: "sales", Endpoint: "PJSIP/101", Name: "Анна", Why: byAnna})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err = first.Result(ctx)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return p.says(`missedcalls_completed_calls_total{ended_by="agent",queue="sales"} 1`) }, 20*time.Second, 10*time.Millisecond)
	assert.True(t, p.says(`missedcalls_offers_total{outcome="answered",queue="sales"} 1`))
	assert.True(t, p.says("missedcalls_offer_latency_seconds_count 1"))
	assert.True(t, p.says(`missedcalls_service_level_ratio{formula="answered",queue="sales"} 1`))

	dials(t, asterisk, "101", "@agent,pause,sales,lunch")
	dials(t, asterisk, "101", "@agent,login,sales,PJSIP/102") // at the desk next to hers
	second := call()
	rung(t, dir, "paused", "ringing")
	p.stop()

	p = start(t, dir, environ...).ready()
	rung(t, dir, "paused", "ringing") // the caller is there, and so are both as they were
	queues, _, err := app.ListQueues(t.Context(), commanding(t, dir), 10)
	require.NoError(t, err)
	assert.Equal(t, 1, queues[0].Waiting)
	assert.Equal(t, queueflow.AgentsView{Paused: 1, Ringing: 1}, queues[0].Agents)
	dials(t, asterisk, "101", "@agent,pause-toggle")
	second.HangUp()
	_, err = second.Result(ctx)
	require.NoError(t, err)
	rung(t, dir, "ready", "ready")
	p.stop()
}
