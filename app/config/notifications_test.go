package config_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
	"missedcalls/notifier/policy"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

func TestAFileWithoutNotificationsTellsNobody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "notifications:", "notifications: {}", "notifications: {targets: , routes: , default: , copy_all: }"} {
		f, err := config.Parse("q.yaml", []byte("queues: {sales: {}}\n"+text))
		require.NoError(t, err)
		assert.Zero(t, f.Notifications)
		assert.Empty(t, f.Warnings)
	}
}

// told is the section of testdata/good/notifications.yaml.
func told(t *testing.T) policy.Policy {
	t.Helper()
	f, err := config.Load("testdata/good/notifications.yaml")
	require.NoError(t, err)
	return f.Notifications
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

const missedText = "Пропущен звонок в {{.Queue}}\n"

func TestEveryKeyOfATargetIsRead(t *testing.T) {
	t.Parallel()
	p, moscow := told(t), zone(t, "Europe/Moscow")
	assert.Equal(t, policy.Target{
		Name: "full",
		Telegram: &policy.Telegram{
			ChatID: "-1001234567890", ThreadID: 7, TokenFile: "testdata/good/secrets/tg", BaseURL: "http://127.0.0.1:8081",
			Proxy: "socks5://127.0.0.1:1080", Silent: true,
		},
		Language: "ru", Zone: zone(t, "Asia/Vladivostok"), MaskNumbers: true, Rate: 3, Per: 10 * time.Second, Workers: 2,
		MaxAge: 48 * time.Hour, DigestOver: 5, Fallback: "bot", FallbackAfter: time.Minute,
		Templates: map[callevent.Kind]policy.Template{
			callevent.KindMissed: {Text: missedText}, callevent.KindResolved: {Text: "Готово"}, policy.AnyEvent: {Text: "Событие"},
		},
	}, p.Targets["full"])
	assert.Equal(t, &policy.Slack{
		Channel: "#sales", TokenFile: "/run/secrets/slack", BaseURL: "https://slack.example/api", Proxy: "http://proxy:3128",
	}, p.Targets["bot"].Slack)
	assert.Equal(t, policy.Target{
		Name: "mail",
		Email: &policy.Email{
			To: []string{"anna@example.org", "иван@пример.рф"}, From: "pbx@example.org", SMTP: "mail.example.org:465", Username: "pbx",
			PasswordFile: "testdata/good/secrets/mail", TLS: policy.StartTLS, CAFile: "testdata/good/ca.pem",
		},
		Zone: moscow, Rate: 60, Per: time.Minute, Workers: 2, MaxAge: 24 * time.Hour, DigestOver: 20, FallbackAfter: 5 * time.Minute,
		Templates: map[callevent.Kind]policy.Template{
			callevent.KindMissed:   {Subject: "Missed", Text: missedText, HTML: "<p>Missed</p>"},
			callevent.KindResolved: {Text: missedText}, policy.AnyEvent: {Text: "Something happened"},
		},
	}, p.Targets["mail"])
	assert.Equal(t, policy.Target{
		Name: "crm",
		Webhook: &policy.Webhook{
			URL: "https://crm.example/missed?source=pbx", Method: "PUT",
			SecretFiles: []string{"testdata/good/secrets/new", "testdata/good/secrets/old"},
			Headers:     map[string]string{"X-Source": "pbx", "X-Version": "2", "X-Test": "false"},
			HeaderFiles: map[string]string{"Authorization": "testdata/good/secrets/crm"},
			ContentType: "application/x-www-form-urlencoded", CAFile: "testdata/good/ca.pem", Proxy: "https://proxy:3128", Timeout: 30 * time.Second,
		},
		Zone: moscow, Workers: 4, MaxAge: 24 * time.Hour, FallbackAfter: 5 * time.Minute,
		Templates: map[callevent.Kind]policy.Template{policy.AnyEvent: {Text: missedText}},
	}, p.Targets["crm"])
	assert.Equal(t, policy.Target{
		Name: "bus", NATS: &policy.NATS{Subject: "crm.{queue}.{event}"},
		Zone: moscow, Workers: 4, MaxAge: 24 * time.Hour, FallbackAfter: 5 * time.Minute,
	}, p.Targets["bus"])
}

func TestATargetHasTheDefaultsOfItsChannel(t *testing.T) {
	t.Parallel()
	p := told(t)
	for name, want := range map[string]policy.Target{
		"person":     {Rate: 1, Per: time.Second, Workers: 1, DigestOver: 20},
		"group":      {Rate: 20, Per: time.Minute, Workers: 1, DigestOver: 20},
		"public":     {Rate: 20, Per: time.Minute, Workers: 1, DigestOver: 20},
		"incoming":   {Rate: 1, Per: time.Second, Workers: 1, DigestOver: 20},
		"submission": {Rate: 60, Per: time.Minute, Workers: 2, DigestOver: 20},
		"hook":       {Workers: 4},
		"bus":        {Workers: 4},
	} {
		got := p.Targets[name]
		assert.Equal(t, want, policy.Target{Rate: got.Rate, Per: got.Per, Workers: got.Workers, DigestOver: got.DigestOver}, name)
	}
	assert.Equal(t, &policy.Telegram{ChatID: "42", TokenFile: "/run/secrets/tg", BaseURL: "https://api.telegram.org"}, p.Targets["person"].Telegram)
	assert.Equal(t, &policy.Slack{WebhookFile: "/run/secrets/slack"}, p.Targets["incoming"].Slack)
	assert.Equal(t, &policy.Webhook{
		URL: "http://127.0.0.1:9000", SecretFiles: []string{"testdata/good/f"}, Method: "POST", ContentType: "application/json", Timeout: 15 * time.Second,
	}, p.Targets["hook"].Webhook)
	for name, want := range map[string]policy.TLS{"submission": policy.StartTLS, "tls": policy.FullTLS, "plain": policy.NoTLS, "mail": policy.StartTLS} {
		assert.Equal(t, want, p.Targets[name].Email.TLS, name)
	}
}

func TestRoutesAreReadInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	p := told(t)
	require.Len(t, p.Routes, 6)
	first := p.Routes[0]
	hours, is := first.Match.Hours.(queueflow.Hours)
	require.True(t, is)
	assert.Equal(t, zone(t, "Europe/Moscow"), hours.Location)
	assert.True(t, first.Match.Hours.Open(time.Date(2027, 1, 4, 9, 0, 0, 0, hours.Location)))
	assert.False(t, first.Match.Hours.Open(time.Date(2027, 1, 4, 18, 0, 0, 0, hours.Location)))
	assert.False(t, first.Match.Hours.Open(time.Date(2027, 1, 1, 9, 0, 0, 0, hours.Location)))
	first.Match.Hours = nil
	least, most, zero, three := -5, 9, 0, 3
	assert.Equal(t, policy.Route{
		Match: policy.Match{
			Queues: []string{"sales", "68800"}, DIDs: []string{"74951234567", "7800*", "+7*"},
			Events:  []callevent.Kind{callevent.KindMissed, callevent.KindResolved},
			Reasons: []callevent.Reason{callevent.ReasonAbandoned, callevent.ReasonMaxWait},
			Callers: []callevent.CallerKind{callevent.CallerExternal, callevent.CallerWithheld}, Languages: []string{"ru", "en_GB"},
			MinPriority: &least, MaxPriority: &most,
		},
		To: []string{"full", "bus"}, Continue: true, Hold: 30 * time.Second,
	}, first)
	assert.Equal(t, policy.Route{
		Match: policy.Match{
			Queues: []string{"sales"}, DIDs: []string{"7495*"}, Events: []callevent.Kind{callevent.KindMissed},
			Reasons: []callevent.Reason{callevent.ReasonLost}, Callers: []callevent.CallerKind{callevent.CallerInternal}, Languages: []string{"ru"},
			MinPriority: &zero, MaxPriority: &zero,
		},
		To: []string{"person"},
	}, p.Routes[1], "one value stands for a list of one, and hours that are always open for none")
	assert.Equal(t, policy.Route{Match: policy.Match{Queues: []string{"_"}, MaxPriority: &three}}, p.Routes[2])
	assert.Equal(t, policy.Match{MinPriority: &three}, p.Routes[3].Match)
	assert.Equal(t, policy.Route{To: []string{"submission", "tls", "plain"}}, p.Routes[4])
	assert.Equal(t, policy.Route{To: []string{"hook"}}, p.Routes[5])
	assert.Equal(t, []string{"full"}, p.Default)
	assert.Equal(t, []string{"crm"}, p.CopyAll)
}

func TestFilesOfNotificationsLieBesideTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "missed.html"), []byte("\ufeff<b>missed</b>"), 0o600))
	path := filepath.Join(dir, "missedcalls.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
queues: {sales: {}}
notifications:
  targets: {a: {telegram: {chat_id: 1, token_file: token}, templates: {missed: {file: missed.html}}}}
  default: [a]
`), 0o600))
	f, err := config.Load(path)
	require.NoError(t, err)
	a := f.Notifications.Targets["a"]
	assert.Equal(t, filepath.Join(dir, "token"), a.Telegram.TokenFile)
	assert.Equal(t, "<b>missed</b>", a.Templates[callevent.KindMissed].Text)
	assert.NoFileExists(t, a.Telegram.TokenFile, "a file is checked where its secrets are not")
}

// templated is a configuration with a template in a file.
func templated(dir, file string) []byte {
	return []byte("queues: {sales: {}}\nnotifications: {default: [a], targets: {a: {slack: {webhook_file: f}, templates: {missed: {file: " + filepath.Join(dir, file) + "}}}}}")
}

func TestATemplateOfMoreThanSixtyFourKibibytesIsNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "most"), []byte(strings.Repeat("x", 64<<10)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "more"), []byte(strings.Repeat("x", 64<<10+1)), 0o600))
	f, err := config.Parse("q.yaml", templated(dir, "most"))
	require.NoError(t, err)
	assert.Len(t, f.Notifications.Targets["a"].Templates[callevent.KindMissed].Text, 64<<10)
	_, err = config.Parse("q.yaml", templated(dir, "more"))
	assert.ErrorContains(t, err, "q.yaml:2:98: notifications.targets.a.templates.missed.file: ")
	assert.ErrorContains(t, err, "is larger than 64 KiB")
}

func TestAllTemplatesTogetherAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("queues: {sales: {}}\nnotifications:\n  default: [a]\n  targets:\n    a: {nats: {subject: crm}}\n")
	for i := range 66 {
		name := filepath.Join(dir, "t"+strings.Repeat("x", i))
		require.NoError(t, os.WriteFile(name, []byte(strings.Repeat("x", 64<<10)), 0o600))
		b.WriteString("    t" + strings.Repeat("x", i)[:min(i, 60)] + strings.Repeat("y", max(0, i-60)) +
			": {slack: {webhook_file: f}, templates: {missed: {file: " + name + "}}}\n")
	}
	_, err := config.Parse("q.yaml", []byte(b.String()))
	var problems config.Problems
	require.ErrorAs(t, err, &problems)
	assert.Contains(t, problems[len(problems)-1].Rule, "larger than 4 MiB together")
}

func TestManyTargetsAreCheckedInReasonableTime(t *testing.T) {
	t.Parallel()
	var chain strings.Builder
	chain.WriteString("queues: {sales: {}}\nnotifications:\n  default: [t0]\n  targets:\n")
	for i := range 1000 {
		chain.WriteString("    t" + strconv.Itoa(i) + ": {nats: {subject: crm}, fallback: t" + strconv.Itoa((i+1)%1000) + "}\n")
	}
	_, err := config.Parse("q.yaml", []byte(chain.String()))
	assert.EqualError(t, err, `q.yaml:1004:44: notifications.targets.t999.fallback: "t0": a message could go round for ever: `+
		`t0 -> t1 -> t2 -> t3 -> t4 -> … -> t996 -> t997 -> t998 -> t999 -> t0`)
	chain.WriteString("    one-more: {nats: {subject: crm}}\n")
	_, err = config.Parse("q.yaml", []byte(chain.String()))
	assert.ErrorContains(t, err, "q.yaml:5:5: notifications.targets: must be a mapping of names to at most 1000 targets")
}

func TestACopyOfEverythingOrARouteForEverythingLeavesNothingSilent(t *testing.T) {
	t.Parallel()
	for text, warned := range map[string]bool{
		"routes: [{match: {queue: sales}, to: [a]}]":                       true,
		"routes: [{match: {queue: sales}, to: [a]}], default: []":          true,
		"routes: [{match: {queue: sales}, to: [a]}], default: [a]":         false,
		"routes: [{match: {queue: sales}, to: [a]}], copy_all: [a]":        false,
		"routes: [{match: {queue: sales}, to: [a]}, {to: [a]}]":            false,
		"routes: [{match: {queue: sales}, to: [a]}, {match: {}, to: []}]":  true,
		"routes: [{match: {queue: sales}, to: [a]}, {match: {}, to: [a]}]": false,
		"routes: []":   false,
		"default: [a]": false,
		"routes: [{to: [a], hold: 5s, continue: true}]": false,
	} {
		f, err := config.Parse("q.yaml", []byte("queues: {sales: {}}\nnotifications: {targets: {a: {nats: {subject: crm}}}, "+text+"}"))
		require.NoError(t, err, text)
		found := ""
		for _, w := range f.Warnings {
			found += w.Rule
		}
		assert.Equal(t, warned, strings.Contains(found, "an unknown queue would be silent"), text)
	}
}
