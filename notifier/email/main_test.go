package email

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"missedcalls/notifier/email/mailtest"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse"

// at is when the call of these tests was missed.
var at = time.Date(2026, 11, 3, 11, 2, 11, 0, time.UTC)

// missed is a delivery about a missed call.
func missed() target.Delivery {
	return target.Delivery{
		ID:    "d4.end.boss-mail",
		Event: callevent.Event{ID: "d4.end", Call: "d4", Time: at, Payload: callevent.Missed{CallID: "d4", Queue: "sales"}},
		Message: message.Message{
			Icon: "📞", Title: "Пропущен звонок: Отдел продаж", Language: "ru",
			Facts: []message.Fact{
				{Label: "Звонил", Value: "+7 916 123-45-67", Tel: "+79161234567"},
				{Label: "Очередь", Value: "Отдел продаж"},
				{Label: "Ждал", Value: "10 секунд"},
			},
		},
	}
}

// followUp says that the call of missed is settled.
func followUp(first target.Verdict) target.Delivery {
	d := missed()
	d.ID, d.Event.ID = "d4.1.7.boss-mail", "d4.1.7"
	d.Event.Time = at.Add(12 * time.Minute)
	d.Earlier = []target.Said{{Ref: first.Ref, Message: d.Message}}
	d.Changes = true
	d.Message.Icon, d.Message.Title, d.Message.Status = "✅", "Вопрос закрыт", "Закрыто: Анна, через 12 минут"
	return d
}

// settings are a target of mail to a server.
func settings(s *mailtest.Server, to ...string) policy.Target {
	if len(to) == 0 {
		to = []string{"boss@lucky.test"}
	}
	return policy.Target{Name: "boss-mail", Workers: 2, Email: &policy.Email{
		To: to, From: "asterisk@lucky.test", SMTP: s.Addr, TLS: policy.StartTLS, CAFile: s.CAFile,
	}}
}

// start runs a server and a target that sends to it.
func start(t testing.TB, to ...string) (*mailtest.Server, *Email) {
	t.Helper()
	s := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS})
	return s, open(t, settings(s, to...))
}

func open(t testing.TB, settings policy.Target) *Email {
	t.Helper()
	e, err := New(settings)
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return e
}

// deliver gives a target the time that a test may take.
func deliver(t testing.TB, e *Email, d target.Delivery) target.Verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), mailtest.Patience)
	defer cancel()
	return e.Deliver(ctx, d)
}

func passwordFile(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func decoded[T any](t testing.TB, raw json.RawMessage) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}
