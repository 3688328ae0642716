package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/api"
	"missedcalls/queueflow"
)

// roster knows some members, notes what is asked of it, and answers what a test wants.
type roster struct {
	members []queueflow.MemberView
	queues  []queueflow.QueueView
	asked   []queueflow.ChangeMember
	refuse  error
}

func newRoster() *roster {
	return &roster{
		members: []queueflow.MemberView{
			{Queue: "support", Endpoint: "PJSIP/101"}, {Queue: "sales", Endpoint: "PJSIP/102"}, {Queue: "sales", Endpoint: "PJSIP/101"},
		},
		queues: []queueflow.QueueView{queue("support"), queue("sales")},
	}
}

func (r *roster) Members(_ context.Context, queue, endpoint string) (found []queueflow.MemberView, err error) {
	for _, v := range r.members {
		if (queue == "" || v.Queue == queue) && (endpoint == "" || v.Endpoint == endpoint) {
			found = append(found, v)
		}
	}
	return found, nil
}

func (r *roster) Change(_ context.Context, in queueflow.ChangeMember) error {
	r.asked = append(r.asked, in)
	return r.refuse
}

func (r *roster) Queues(context.Context) ([]queueflow.QueueView, error) { return r.queues, nil }

// ask asks one thing of a roster, without NATS.
func (r *roster) ask(what, body string) (any, error) {
	return api.Serves(newDesk(), r)[what]([]byte(body))
}

func named(members []queueflow.MemberView) string {
	var names []string
	for _, v := range members {
		names = append(names, v.Queue+" "+v.Endpoint)
	}
	return strings.Join(names, ", ")
}

func TestMembersAreListedByQueueAndAgent(t *testing.T) {
	for body, want := range map[string]string{
		"":                                      "sales PJSIP/101, sales PJSIP/102, support PJSIP/101",
		`{"queue":"sales"}`:                     "sales PJSIP/101, sales PJSIP/102",
		`{"endpoint":"PJSIP/101"}`:              "sales PJSIP/101, support PJSIP/101",
		`{"queue":"none"}`:                      "",
		`{"after":"sales PJSIP/101"}`:           "sales PJSIP/102, support PJSIP/101",
		`{"after":"sales PJSIP/101","limit":1}`: "sales PJSIP/102",
	} {
		out, err := newRoster().ask("members.list", body)
		require.NoError(t, err, body)
		reply := out.(api.MembersReply)
		assert.Equal(t, want, named(reply.Members), body)
		assert.NotNil(t, reply.Members, "no null in JSON")
		assert.Equal(t, strings.Contains(body, `"limit":1`), reply.Next != "", body)
	}
}

func TestMembersAndQueuesAreReadPageByPage(t *testing.T) {
	r := &roster{}
	for i := range 450 {
		r.members = append(r.members, queueflow.MemberView{Queue: fmt.Sprintf("q%d", i%7), Endpoint: fmt.Sprintf("PJSIP/%d", i)})
		r.queues = append(r.queues, queue(fmt.Sprintf("q%d", i)))
	}
	var members, queues []string
	for after := ""; ; {
		out, err := r.ask("members.list", fmt.Sprintf(`{"limit":200,"after":%q}`, after))
		require.NoError(t, err)
		reply := out.(api.MembersReply)
		for _, v := range reply.Members {
			members = append(members, v.Queue+" "+v.Endpoint)
		}
		if after = reply.Next; after == "" {
			break
		}
	}
	for after := ""; ; {
		out, err := r.ask("queues.list", fmt.Sprintf(`{"after":%q}`, after))
		require.NoError(t, err)
		reply := out.(api.QueuesReply)
		require.LessOrEqual(t, len(reply.Queues), api.DefaultLimit)
		for _, v := range reply.Queues {
			queues = append(queues, v.Queue)
		}
		if after = reply.Next; after == "" {
			break
		}
	}
	assert.True(t, slices.IsSorted(members))
	assert.Len(t, slices.Compact(members), 450)
	assert.Len(t, slices.Compact(queues), 450)
}

func TestOneQueueIsAskedFor(t *testing.T) {
	out, err := newRoster().ask("queues.list", `{"queue":"sales"}`)
	require.NoError(t, err)
	assert.Len(t, out.(api.QueuesReply).Queues, 1)
	_, err = newRoster().ask("queues.list", `{"queue":"salse"}`)
	e := &api.Error{}
	require.ErrorAs(t, err, &e)
	assert.Equal(t, api.NotFound, e.Code)
}

func TestEachChangeOfAMemberIsAskedForAsItWasRequestedAndAnsweredWithWhatTheAgentIsNow(t *testing.T) {
	nc, _ := serve(t, newDesk())
	c := api.NewClient(nc, prefix)
	reply, err := c.PauseMember(t.Context(), api.MemberRequest{Endpoint: "PJSIP/101", Why: api.Why{Reason: "lunch", By: "anna"}})
	require.NoError(t, err)
	assert.Equal(t, "sales PJSIP/101, support PJSIP/101", named(reply.Members))

	rest := 20 * time.Second
	yes := true
	anna := queueflow.Member{Endpoint: "PJSIP/101"}
	for what, ask := range map[string]struct {
		body string
		want queueflow.ChangeMember
	}{
		"members.add": {
			`{"queue":"sales","endpoint":"PJSIP/101","name":"Анна","penalty":2,"wrap_up_ms":20000,"state_interface":"hint/101",
			  "paused":true,"confirm":true,"ring_in_use":true,"skills":["french","B2"],"reason":"new","by":"boris"}`,
			queueflow.ChangeMember{Change: queueflow.AddMember, Queue: "sales", Reason: "new", By: "boris", Member: queueflow.Member{
				Endpoint: "PJSIP/101", Name: "Анна", Penalty: 2, WrapUp: &rest, StateInterface: "hint/101", Paused: true, Confirm: true,
				RingInUse: &yes, Skills: []string{"french", "B2"},
			}},
		},
		"members.remove":  {`{"queue":"sales","endpoint":"PJSIP/101","by":"boris"}`, queueflow.ChangeMember{Change: queueflow.RemoveMember, Queue: "sales", Member: anna, By: "boris"}},
		"members.pause":   {`{"endpoint":"PJSIP/101","reason":"lunch","by":"boris"}`, queueflow.ChangeMember{Change: queueflow.PauseMember, Member: anna, Reason: "lunch", By: "boris"}},
		"members.unpause": {`{"queue":"sales","endpoint":"PJSIP/101","by":"boris"}`, queueflow.ChangeMember{Change: queueflow.UnpauseMember, Queue: "sales", Member: anna, By: "boris"}},
		"members.penalty": {
			`{"queue":"sales","endpoint":"PJSIP/101","penalty":1000000,"by":"boris"}`,
			queueflow.ChangeMember{Change: queueflow.SetPenalty, Queue: "sales", Member: queueflow.Member{Endpoint: "PJSIP/101", Penalty: 1_000_000}, By: "boris"},
		},
	} {
		r := newRoster()
		_, err := r.ask(what, ask.body)
		require.NoError(t, err, what)
		assert.Equal(t, []queueflow.ChangeMember{ask.want}, r.asked, what)
	}
}

func TestAChangeThatCannotBeUnderstoodIsRefusedWithAWord(t *testing.T) {
	long := strings.Repeat("x", 201)
	for name, c := range map[string]struct{ what, body, says string }{
		"no queue":              {"members.add", `{"endpoint":"PJSIP/101","by":"anna"}`, "queue: it is needed"},
		"no queue of a penalty": {"members.penalty", `{"endpoint":"PJSIP/101","by":"anna"}`, "queue: it is needed"},
		"no endpoint":           {"members.pause", `{"by":"anna"}`, `endpoint ""`},
		"a bare extension":      {"members.pause", `{"endpoint":"101","by":"anna"}`, `endpoint "101": it is a technology and a resource`},
		"an endpoint of two":    {"members.add", `{"queue":"q","endpoint":"PJSIP/1 PJSIP/2","by":"anna"}`, "endpoint"},
		"too long an endpoint":  {"members.pause", `{"endpoint":"PJSIP/` + long + `","by":"anna"}`, "endpoint"},
		"nobody":                {"members.remove", `{"endpoint":"PJSIP/101"}`, "by: it is needed"},
		"somebody long":         {"members.remove", `{"endpoint":"PJSIP/101","by":"` + long + `"}`, "by: it has at most 200 bytes"},
		"too many reasons":      {"members.pause", `{"endpoint":"PJSIP/101","by":"anna","reason":"` + long + `"}`, "reason: it has at most 200 bytes"},
		"a reason in two lines": {"members.pause", `{"endpoint":"PJSIP/101","by":"anna","reason":"a\nb"}`, "no control characters"},
		"too long a name":       {"members.add", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","name":"` + long + `"}`, "name"},
		"a negative penalty":    {"members.penalty", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","penalty":-1}`, "penalty -1: it is 0 to 1000000"},
		"a penalty too high":    {"members.add", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","penalty":1000001}`, "penalty 1000001"},
		"a rest before":         {"members.add", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","wrap_up_ms":-1}`, "wrap_up_ms -1: it is 0 to 86400000"},
		"a rest of days":        {"members.add", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","wrap_up_ms":86400001}`, "wrap_up_ms 86400001"},
		"no device":             {"members.add", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","state_interface":"101"}`, `state_interface "101"`},
		"two skills in one":     {"members.add", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","skills":["a+b"]}`, `skill "a+b"`},
		"too many skills":       {"members.add", `{"queue":"q","endpoint":"PJSIP/101","by":"anna","skills":[` + strings.Repeat(`"0123456789012345678901234567890123456789",`, 50) + `"a"]}`, "skills: they have 2001 bytes"},
		"a field of another":    {"members.pause", `{"endpoint":"PJSIP/101","by":"anna","penalty":1}`, "unknown field"},
		"too many at once":      {"members.list", `{"limit":201}`, "limit 201: it is 1 to 200"},
		"too many queues":       {"queues.list", `{"limit":-1}`, "limit -1"},
	} {
		r := newRoster()
		_, err := r.ask(c.what, c.body)
		e := &api.Error{}
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, api.BadRequest, e.Code, name)
		assert.Contains(t, e.Message, c.says, name)
		assert.Empty(t, r.asked, name)
	}
}

func TestWhatIsWrongWithAChangeIsSaidByACode(t *testing.T) {
	for err, code := range map[error]api.Code{
		queueflow.ErrUnknownQueue: api.NotFound, queueflow.ErrNoMember: api.NotFound, queueflow.ErrAlreadyMember: api.Conflict,
		queueflow.ErrConfigured: api.Conflict, queueflow.ErrBadEndpoint: api.BadRequest, queueflow.ErrBadPenalty: api.BadRequest,
		queueflow.ErrUnknownChange: api.BadRequest, errors.New("disk full"): api.Unavailable,
	} {
		r := newRoster()
		r.refuse = fmt.Errorf("change PJSIP/101 in sales: %w", err)
		nc, s := serveRoster(t, r)
		_, got := api.NewClient(nc, prefix).AddMember(t.Context(), api.AddMemberRequest{Queue: "sales", Endpoint: "PJSIP/101", Why: api.Why{By: "anna"}})
		e := &api.Error{}
		require.ErrorAs(t, got, &e)
		assert.Equal(t, code, e.Code, err)
		assert.Contains(t, e.Message, err.Error())
		require.NoError(t, s.Close(t.Context()))
	}
}

func queue(id string) queueflow.QueueView { return queueflow.QueueView{Queue: id} }
