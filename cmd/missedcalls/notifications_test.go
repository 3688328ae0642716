package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/message"
	"missedcalls/queueflow/callevent"
)

// told is the section of a file that tells of sales in several ways.
const told = `
timezone: Europe/Moscow
queues: {sales: {name: "Отдел продаж", language: ru}}
notifications:
  targets:
    chat: {telegram: {chat_id: 1, token_file: nowhere}, language: en}
    mail: {email: {to: [a@b], from: a@b, smtp: "localhost:25"}, language: en, templates: {missed: {subject: "{{.Number}}", text: "{{.QueueName}}"}}}
    crm: {webhook: {url: "http://127.0.0.1:1/"}, mask_numbers: true}
    sales: {slack: {webhook_file: nowhere}}
  routes:
    - {match: {queue: sales}, to: [chat, sales], hold: 30s, continue: true}
    - {match: {queue: sales}, to: [crm]}
  default: [mail]
`

// sampleEvent is an encoded event of a kind.
func sampleEvent(t *testing.T, kind callevent.Kind) []byte {
	t.Helper()
	for _, e := range message.Samples() {
		if e.Payload.Kind() == kind {
			b, err := callevent.Encode(e)
			require.NoError(t, err)
			return b
		}
	}
	require.FailNow(t, "no sample", kind)
	return nil
}

func eventFile(t *testing.T, kind callevent.Kind) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(path, sampleEvent(t, kind), 0o600))
	return path
}

func TestAnEventIsShownForEveryTargetThatItsRoutesChoose(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, told)}
	missed := eventFile(t, callevent.KindMissed)
	said := says(t, environ, "render", missed)
	for _, text := range []string{
		"chat (telegram), unless it is settled within 30s:\n", "Missed call: Отдел продаж",
		"\n\nsales (slack), unless it is settled within 30s:\n", "Пропущенный звонок: Отдел продаж", "+7 916 123-45-67",
		"\n\ncrm (webhook):\n{\n", `"reason": "abandoned"`,
	} {
		assert.Contains(t, said, text)
	}
	_, crm, _ := strings.Cut(said, "crm (webhook):")
	assert.NotContains(t, crm, "9161234567", "the target masks numbers")
	assert.NotContains(t, said, "mail")
}

func TestAnEventIsShownForATargetInItsForm(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, told)}
	missed := eventFile(t, callevent.KindMissed)
	assert.Equal(t, "Subject: +7 916 123-45-67\n\nОтдел продаж\n", says(t, environ, "render", missed, "--target", "mail"))
	assert.Contains(t, says(t, environ, "render", missed, "--target", "chat", "--format", "html"), "<b>Missed call: Отдел продаж</b>")
	var shown struct {
		Target, Channel, Event string
		Message                message.Message
	}
	require.NoError(t, json.Unmarshal([]byte(says(t, environ, "render", missed, "--target", "sales", "--format", "json")), &shown))
	assert.Equal(t, "sales", shown.Target)
	assert.Equal(t, "slack", shown.Channel)
	assert.Equal(t, "Пропущенный звонок: Отдел продаж", shown.Message.Title)
	assert.Equal(t, "ru", shown.Message.Language)
	mail := says(t, environ, "render", eventFile(t, callevent.KindCallbackFailed), "--target", "mail", "--format", "html")
	assert.Contains(t, strings.ToLower(mail), "<html")
}

func TestAnEventThatNobodyIsToldOfSaysSo(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, told)}
	code, stdout, stderr := command(environ, "render", eventFile(t, callevent.KindEntered))
	assert.Equal(t, exitOK, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "nobody is told of it")
}

func TestAnEventIsReadFromTheStandardInput(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, told)}
	var out, err bytes.Buffer
	code := run([]string{"render", "-", "--target", "mail"}, environ, bytes.NewReader(sampleEvent(t, callevent.KindMissed)), &out, &err)
	assert.Equal(t, exitOK, code, err.String())
	assert.Contains(t, out.String(), "Отдел продаж")
}

func TestWrongUsageOfNotificationsIsExitCodeTwoAndSendsNothing(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, told), "MISSEDCALLS_DATA_DIR=" + t.TempDir()}
	missed, noTargets := eventFile(t, callevent.KindMissed), []string{"MISSEDCALLS_CONFIG=" + file(t, "queues: {sales: {}}")}
	for name, c := range map[string]struct {
		args    []string
		environ []string
		says    string
	}{
		"no event":         {args: []string{"render"}, says: "accepts 1 arg"},
		"absent event":     {args: []string{"render", "/nonexistent/e.json"}, says: "read event: open /nonexistent/e.json"},
		"no event in it":   {args: []string{"render", file(t, "{}")}, says: "no CloudEvents 1.0"},
		"nothing at stdin": {args: []string{"render", "-"}, says: "malformed event"},
		"unknown format":   {args: []string{"render", missed, "--format", "pdf"}, says: `--format "pdf": must be text, html or json`},
		"unknown target":   {args: []string{"render", missed, "--target", "boss"}, says: `has no target "boss"; it has: chat, crm, mail, sales`},
		"no targets":       {args: []string{"notify-test", "boss"}, environ: noTargets, says: "has no targets; section notifications lists them"},
		"untested":         {args: []string{"notify-test"}, says: "accepts 1 arg(s), received 0; usage: missedcalls notify-test TARGET"},
		"unknown to test":  {args: []string{"notify-test", "boss"}, says: `has no target "boss"`},
		"no letter":        {args: []string{"dead", "show", "first"}, says: `"first" is no id of a dead letter`},
		"letter 0":         {args: []string{"dead", "replay", "0"}, says: `"0" is no id of a dead letter`},
		"nothing":          {args: []string{"dead", "replay"}, says: "give the ids of dead letters, or --target"},
		"both":             {args: []string{"dead", "replay", "1", "--target", "crm"}, says: "give the ids of dead letters, or --target"},
		"none":             {args: []string{"dead", "list", "--limit", "0"}, says: "--limit 0: must be 1 or more"},
		"unknown command":  {args: []string{"dead", "bury"}, says: "unknown command \"bury\" for \"missedcalls dead\"; `missedcalls dead --help` lists those there are"},
	} {
		env := environ
		if c.environ != nil {
			env = c.environ
		}
		code, stdout, stderr := command(env, c.args...)
		assert.Equal(t, exitUsage, code, name)
		assert.Empty(t, stdout, name)
		assert.Contains(t, stderr, c.says, name)
	}
}

func TestASampleIsSentAndItsVerdictIsTold(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		_, err = callevent.Decode(body)
		assert.NoError(t, err)
		w.WriteHeader(status)
	}))
	defer server.Close()
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, strings.ReplaceAll(told, "http://127.0.0.1:1/", server.URL))}
	assert.Equal(t, "crm (webhook): sent\n", says(t, environ, "notify-test", "crm"))
	for code, text := range map[int]string{
		http.StatusServiceUnavailable: "crm (webhook): not sent now, it would be tried again: unavailable: ",
		http.StatusBadRequest:         "crm (webhook): refused, it would not be tried again: rejected: ",
	} {
		status = code
		exit, stdout, stderr := command(environ, "notify-test", "crm")
		assert.Equal(t, exitFailed, exit)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, text)
	}
	exit, _, stderr := command(environ, "notify-test", "chat")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, "nowhere", "the secret that it lacks")
}

func TestASubjectOfTheEmbeddedServerIsTriedByWhoHasItsCredentials(t *testing.T) {
	yaml := "queues: {sales: {}}\nnotifications: {targets: {bus: {nats: {subject: crm}}}, default: [bus]}"
	code, _, stderr := command([]string{"MISSEDCALLS_CONFIG=" + file(t, yaml), "MISSEDCALLS_DATA_DIR=" + t.TempDir()}, "notify-test", "bus")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "set MISSEDCALLS_NATS_TOKEN")

	environ := served(t, yaml, "MISSEDCALLS_NATS_TOKEN=secret")
	assert.Equal(t, "bus (nats): sent\n", says(t, environ, "notify-test", "bus"))
}

func TestADeadLetterIsListedShownAndTellsItsMessageAfterAll(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	heard := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		heard <- r.Header.Get("webhook-id")
	}))
	defer server.Close()
	environ := served(t, "queues: {sales: {}}\nnotifications: {targets: {crm: {webhook: {url: "+server.URL+"}, workers: 1}}, default: [crm]}", "MISSEDCALLS_NATS_TOKEN=secret")
	require.Eventually(t, func() bool {
		code, stdout, _ := command(environ, "dead", "list")
		return code == exitOK && stdout == ""
	}, 20*time.Second, 20*time.Millisecond, "the notifier does not start")
	publish(t, environ, "one", "two")

	var lines []string
	require.Eventually(t, func() bool {
		_, stdout, _ := command(environ, "dead", "list")
		lines = strings.Split(strings.TrimSpace(stdout), "\n")
		return len(lines) == 2
	}, 20*time.Second, 20*time.Millisecond, "never dead")
	assert.Regexp(t, `^1: \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC: crm: missed of call one: rejected, tries: 1: `, lines[0])
	assert.NotContains(t, lines[0], "9161234567")
	assert.Equal(t, lines[1]+"\n", says(t, environ, "dead", "list", "--target", "crm")[len(lines[0])+1:])
	code, stdout, stderr := command(environ, "dead", "list", "--target", "other")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, stdout)
	assert.Equal(t, "there are no dead letters\n", stderr)
	code, stdout, stderr = command(environ, "dead", "list", "--limit", "1")
	assert.Equal(t, exitOK, code)
	assert.Equal(t, lines[0]+"\n", stdout)
	assert.Contains(t, stderr, "there are more than 1")
	var letter struct{ Target, Reason string }
	require.NoError(t, json.Unmarshal([]byte(says(t, environ, "dead", "show", "1")), &letter))
	assert.Equal(t, "crm", letter.Target)
	assert.Equal(t, "rejected", letter.Reason)

	broken.Store(false)
	assert.Equal(t, "1: is told again\n", says(t, environ, "dead", "replay", "1"))
	assert.Contains(t, <-heard, "one")
	assert.Equal(t, "crm: dead letters that are told again: 1\n", says(t, environ, "dead", "replay", "--target", "crm"))
	assert.Contains(t, <-heard, "two")
	code, stdout, stderr = command(environ, "dead", "list")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, stdout)
	assert.Equal(t, "there are no dead letters\n", stderr)
	code, _, stderr = command(environ, "dead", "replay", "1")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "`missedcalls dead list` shows those there are")
}

// publish puts missed calls into the events of a program that runs.
func publish(t *testing.T, environ []string, calls ...string) {
	t.Helper()
	nc, err := nats.Connect(listensAt(t, environ), nats.Token("secret"))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	for _, call := range calls {
		e, err := callevent.Decode(sampleEvent(t, callevent.KindMissed))
		require.NoError(t, err)
		missed := e.Payload.(callevent.Missed)
		missed.CallID, missed.Episode, missed.EpisodeCalls = call, "", 0
		e.Call, e.ID, e.Payload, e.Time = call, callevent.EndID(call), missed, time.Now()
		data, err := callevent.Encode(e)
		require.NoError(t, err)
		_, err = js.Publish(context.Background(), e.Subject(), data, jetstream.WithMsgID(e.ID))
		require.NoError(t, err)
	}
}

// listensAt is where the embedded server of a program lets commands in.
func listensAt(t *testing.T, environ []string) string {
	t.Helper()
	for _, entry := range environ {
		if dir, is := strings.CutPrefix(entry, "MISSEDCALLS_DATA_DIR="); is {
			b, err := os.ReadFile(filepath.Join(dir, "nats", "operator.json"))
			require.NoError(t, err)
			var way struct{ URL string }
			require.NoError(t, json.Unmarshal(b, &way))
			return way.URL
		}
	}
	require.FailNow(t, "no data directory")
	return ""
}
