//go:build e2e

package testbed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// application is the smallest Stasis application: it reads events and makes requests.
type application struct {
	t    *testing.T
	a    *Asterisk
	conn *websocket.Conn
}

type event struct {
	Type      string
	Args      []string
	Timestamp string
	Channel   struct {
		ID       string
		Caller   struct{ Name, Number string }
		Dialplan struct{ Exten string }
	}
}

func connect(t *testing.T, a *Asterisk) *application {
	t.Helper()
	query := url.Values{"app": {a.App}, "api_key": {a.Username + ":" + a.Password}}
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(a.ARIURL(), "http", "ws", 1)+"/events?"+query.Encode(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &application{t: t, a: a, conn: conn}
}

// next returns the next event of a type.
func (app *application) next(kind string) event {
	app.t.Helper()
	ctx, cancel := context.WithTimeout(app.t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, data, err := app.conn.Read(ctx)
		require.NoError(app.t, err, "waiting for %s", kind)
		var e event
		require.NoError(app.t, json.Unmarshal(data, &e))
		if e.Type == kind {
			return e
		}
	}
}

func (app *application) post(path string, query url.Values) {
	app.t.Helper()
	request, err := http.NewRequestWithContext(app.t.Context(), http.MethodPost, app.a.ARIURL()+path+"?"+query.Encode(), nil)
	require.NoError(app.t, err)
	request.SetBasicAuth(app.a.Username, app.a.Password)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	require.NoError(app.t, err)
	defer response.Body.Close()
	require.Equal(app.t, http.StatusNoContent, response.StatusCode)
}

func (app *application) get(channel, variable string) string {
	app.t.Helper()
	query := url.Values{"variable": {variable}}
	request, err := http.NewRequestWithContext(app.t.Context(), http.MethodGet,
		app.a.ARIURL()+"/channels/"+channel+"/variable?"+query.Encode(), nil)
	require.NoError(app.t, err)
	request.SetBasicAuth(app.a.Username, app.a.Password)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	require.NoError(app.t, err)
	defer response.Body.Close()
	var answer struct{ Value string }
	require.NoError(app.t, json.NewDecoder(response.Body).Decode(&answer))
	return answer.Value
}

func (app *application) set(channel, variable, value string) {
	app.t.Helper()
	app.post("/channels/"+channel+"/variable", url.Values{"variable": {variable}, "value": {value}})
}

func TestACallerBringsItsNumberNameAndArgumentsIntoStasis(t *testing.T) {
	a := Start(t, WithApp("queue"))
	app := connect(t, a)
	run := a.Callers(t, CallerPlan{Callers: []Caller{{
		Number: "+79990000001", Name: `Анна "Аня"`, DID: "+74951234567", Args: `sales,music=default,skills="a,b",note=очередь`,
		GiveUpAfter: 3 * time.Second,
	}}})
	start := app.next("StasisStart")
	assert.Equal(t, []string{"sales", "music=default", "skills=a,b", "note=очередь"}, start.Args)
	assert.Equal(t, "+74951234567", start.Channel.Dialplan.Exten)
	assert.Equal(t, "+79990000001", start.Channel.Caller.Number)
	assert.Equal(t, `Анна \"Аня\"`, start.Channel.Caller.Name, "Asterisk leaves a name's escapes as they came")

	result := run.Results()[0]
	app.next("StasisEnd")
	entered, err := time.Parse("2006-01-02T15:04:05.000Z0700", start.Timestamp)
	require.NoError(t, err)
	t.Logf("StasisStart %s after the INVITE", entered.Sub(result.InviteAt))
	assert.Less(t, entered.Sub(result.InviteAt).Abs(), time.Second, "both clocks are this machine's")
	assert.Equal(t, 487, result.Status)
}

func TestADeclinedCallTakesTheFallback(t *testing.T) {
	a := Start(t)
	app := connect(t, a)
	run := a.Callers(t, CallerPlan{Callers: []Caller{{Number: "79990000001", DID: "74951234567"}}})
	channel := app.next("StasisStart").Channel.ID
	app.set(channel, "QUEUESTATUS", "DECLINED")
	app.post("/channels/"+channel+"/continue", nil)

	assert.Equal(t, 503, run.Results()[0].Status)
	fallbacks, err := a.Fallbacks(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []Departure{{
		Channel: channel, Extension: "74951234567", Number: "79990000001", StasisStatus: "SUCCESS", QueueStatus: "DECLINED",
	}}, fallbacks)
}

func TestACallerSentOnIsNotedWithHisQueueVariables(t *testing.T) {
	a := Start(t)
	app := connect(t, a)
	run := a.Callers(t, CallerPlan{Callers: []Caller{
		{Number: "79990000001", DID: "74951234567", HangupAfter: 500 * time.Millisecond},
		{Number: "79990000002", DID: "74951234567", HangupAfter: 500 * time.Millisecond},
		{Number: "79990000003", DID: "74951234567", HangupAfter: 500 * time.Millisecond},
	}})
	extensions := []string{"s", "500", "wait"}
	for i, extension := range extensions {
		channel := app.next("StasisStart").Channel.ID
		app.set(channel, "QUEUESTATUS", "TIMEOUT")
		app.set(channel, "QUEUEPOSITION", fmt.Sprint(i+1))
		app.set(channel, "QUEUEWAIT", "60")
		app.post("/channels/"+channel+"/continue", url.Values{"context": {"exit"}, "extension": {extension}, "priority": {"1"}})
	}
	for _, r := range run.Results() {
		assert.Equal(t, 200, r.Status)
		assert.Equal(t, ByCaller, r.EndedBy)
	}
	exits, err := a.Exits(t.Context())
	require.NoError(t, err)
	require.Len(t, exits, 3)
	for _, e := range exits {
		assert.Contains(t, extensions, e.Extension)
		assert.Equal(t, "TIMEOUT", e.QueueStatus)
		assert.Equal(t, "60", e.QueueWait)
	}
}

func TestAWithheldNumberIsMarkedButKnown(t *testing.T) {
	a := Start(t)
	app := connect(t, a)
	run := a.Callers(t, CallerPlan{Callers: []Caller{{
		Number: "79990000001", DID: "74951234567", Withheld: true, GiveUpAfter: 2 * time.Second,
	}}})
	channel := app.next("StasisStart").Channel
	assert.Equal(t, "79990000001", channel.Caller.Number)
	assert.Regexp(t, "^prohib_", app.get(channel.ID, "CALLERID(num-pres)"))
	run.Results()
}
