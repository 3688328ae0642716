//go:build e2e

package e2e

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/email/mailtest"
	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// recipe is a configuration of docs/recipes.md, with some of its words replaced: secrets and servers are those of the test.
func recipe(t *testing.T, name string, oldnew ...string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "recipes.md"))
	require.NoError(t, err)
	found := regexp.MustCompile("(?s)<!-- recipe " + name + " -->\n\n```yaml\n(.*?)\n```").FindSubmatch(page)
	require.NotNil(t, found, "docs/recipes.md has no recipe %s", name)
	yaml := string(found[1])
	for i := 0; i < len(oldnew); i += 2 {
		require.Contains(t, yaml, oldnew[i])
		yaml = strings.ReplaceAll(yaml, oldnew[i], oldnew[i+1])
	}
	return yaml
}

// secret is a file that holds one.
func secret(t *testing.T, text string) string {
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(text+"\n"), 0o600))
	return file
}

// chat is a server that plays a chat's API: it keeps what it is told and answers what its owner says.
type chat struct {
	*httptest.Server
	mu   sync.Mutex
	told []telling
}

// telling is one request that a chat was sent.
type telling struct {
	path string
	body map[string]any
	at   time.Time
}

func newChat(t *testing.T, answer string) *chat {
	c := &chat{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told := telling{path: r.URL.Path, at: time.Now()}
		if body, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(body, &told.body) != nil {
			t.Errorf("a request to %s has no JSON: %q", r.URL.Path, body)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.told = append(c.told, told)
		_, _ = io.WriteString(w, answer) // a client that has gone is told nothing
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *chat) all() []telling {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]telling(nil), c.told...)
}

func (c *chat) await(t *testing.T, n int) []telling {
	t.Helper()
	require.Eventually(t, func() bool { return len(c.all()) >= n }, 20*time.Second, 5*time.Millisecond, "the chat was not told")
	return c.all()
}

// words is everything in a request, in one line.
func (m telling) words(t *testing.T) string {
	text, err := json.Marshal(m.body)
	require.NoError(t, err)
	return string(text)
}

func TestRecipeASlackChannelIsToldWhoCalledWhenAndHowLongHeWaited(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	slack := newChat(t, "ok")
	p := install(t, asterisk)
	p.configure(recipe(t, "slack", "/run/secrets/slack", secret(t, slack.URL+"/services/T/B/secret")))
	p.serve()
	events := subscribe(t, p)
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89160000001", Name: "Anna", DID: "74951234567", HangupAfter: 4 * time.Second},
		{Number: "89160000002", Name: "<!channel> *boo*", DID: "70000000000", GiveUpAfter: 8 * time.Second, After: time.Second},
	}}).Results()
	events.await(callevent.KindMissed, 2)
	var sales, unknown string
	for _, told := range slack.await(t, 2) {
		assert.Equal(t, "/services/T/B/secret", told.path)
		if words := told.words(t); strings.Contains(words, "Sales department") {
			sales = words
		} else {
			unknown = words
		}
	}
	assert.Regexp(t, `\*Sales department\*: \+7 916 000-00-01 \(Anna\) called on \d+ \w+ 20\d\d at \d\d:\d\d:\d\d and left after [45] seconds`, sales)
	assert.Contains(t, unknown, "+7 000 000-00-00", "the number that has no queue")
	assert.NotContains(t, unknown, "<!channel>")
	assert.Len(t, slack.all(), 2, "each once")
	assertSwift(t, events, slack.all())
	assert.NotContains(t, p.logged(), "services/T/B", "the address is a secret")
}

// resolve closes the missed calls of a number by the command.
func (p *program) resolve(t *testing.T, number, why string) {
	t.Helper()
	out, err := p.command("missed", "resolve", number, "--why", why)
	require.NoError(t, err, out)
}

// assertSwift holds that the first message was there within a second of its event.
func assertSwift(t *testing.T, events *subscriber, told []telling) {
	t.Helper()
	for _, h := range events.all() {
		if h.Payload.Kind() == callevent.KindMissed {
			took := told[0].at.Sub(h.Time)
			t.Logf("the first message was accepted %s after its event", took)
			assert.Less(t, took, time.Second)
			return
		}
	}
}

func TestRecipeAMailGoesToWhoIsResponsibleAndACopyToTheAdministrator(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	const user, password = "asterisk@lucky.ru", "geheim"
	server := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS, Users: map[string]string{user: password}})
	p := install(t, asterisk)
	p.configure(recipe(t, "mail", "/run/secrets/mail", secret(t, password),
		`smtp: "smtp.yandex.ru:587"`, `smtp: "`+server.Addr+`"`+"\n        ca_file: "+server.CAFile))
	p.serve()
	events := subscribe(t, p)
	call := func(number, did string) {
		asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
			{Number: number, DID: did, HangupAfter: 2 * time.Second, GiveUpAfter: 10 * time.Second},
		}}).Results()
	}
	call("89160000001", "74951234567")
	call("89160000002", "70000000000")
	call("89160000003", "74957654321")
	events.await(callevent.KindMissed, 3)
	server.Await(5)
	p.resolve(t, "+79160000001", "перезвонили")
	events.await(callevent.KindResolved, 1)
	mails := server.Await(7)

	boss, accounts, admin := mailsTo(mails, "big_boss@lucky.ru"), mailsTo(mails, "accounts@lucky.ru"), mailsTo(mails, "admin@lucky.ru")
	require.Len(t, boss, 2)
	require.Len(t, accounts, 1)
	require.Len(t, admin, 4)
	missed := events.missed()
	page := html.UnescapeString(boss[0].HTML())
	for _, part := range []string{boss[0].Text(), page} {
		for _, word := range []string{"Отдел продаж", "+7 916 000-00-01", "через 2 секунды", missed["89160000001"][0].CallID} {
			assert.Contains(t, part, word)
		}
	}
	assert.Contains(t, page, `href="tel:+79160000001"`)
	assert.Contains(t, accounts[0].Header.Get("Subject"), "Бухгалтерия")
	told := admin[0].Text() + admin[1].Text() + admin[2].Text() // three matters, in any order
	assert.Contains(t, told, missed["89160000001"][0].CallID, "a copy")
	assert.Contains(t, told, "+7 000 000-00-00", "a number without a queue")
	for _, follow := range []mailtest.Message{boss[1], admin[3]} {
		assert.Contains(t, follow.Text(), "перезвонили")
	}
	assert.Equal(t, boss[0].Header.Get("Message-Id"), boss[1].Header.Get("In-Reply-To"), "it stands under the first one")
	for _, m := range mails {
		assert.True(t, m.TLS)
		assert.Equal(t, user, m.User)
		assert.Len(t, m.To, 1)
	}
}

func mailsTo(all []mailtest.Message, address string) (to []mailtest.Message) {
	for _, m := range all {
		if len(m.To) == 1 && m.To[0] == address {
			to = append(to, m)
		}
	}
	return to
}

func TestRecipeTheMessageInTelegramIsChangedWhenTheCallIsResolved(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	telegram := newChat(t, `{"ok":true,"result":{"message_id":17,"chat":{"id":-1001234567890}}}`)
	p := install(t, asterisk)
	p.configure(recipe(t, "telegram", "token_file: /run/secrets/telegram",
		"base_url: "+telegram.URL+", token_file: "+secret(t, "123456:ABC-secret")))
	p.serve()
	events := subscribe(t, p)
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89160000001", Name: `<b>Анна & "Ко"</b>`, DID: "74951234567", HangupAfter: 2 * time.Second},
		{Number: "89160000002", DID: "74951234567", HangupAfter: 2500 * time.Millisecond},
	}}).Results()
	events.await(callevent.KindMissed, 2)
	p.resolve(t, "+79160000002", "talked already") // within the hold
	first := telegram.await(t, 1)[0]
	assert.Equal(t, "/bot123456:ABC-secret/sendMessage", first.path)
	text := first.body["text"].(string)
	assert.Contains(t, text, "Отдел продаж")
	assert.Contains(t, text, "+7 916 •••-••-01")
	assert.Contains(t, text, "&lt;b&gt;Анна &amp; ")
	assert.NotContains(t, first.words(t), "9160000001", "the number is masked everywhere")
	p.resolve(t, "+79160000001", "agreed to call on Monday")
	changed := telegram.await(t, 2)[1]
	assert.Equal(t, "/bot123456:ABC-secret/editMessageText", changed.path)
	assert.EqualValues(t, 17, changed.body["message_id"])
	assert.Contains(t, changed.body["text"], "agreed to call on Monday")
	assert.Contains(t, changed.body["text"], "Отдел продаж", "what it said stays")
	events.await(callevent.KindResolved, 2)
	p.terminate()
	assert.Len(t, telegram.all(), 2, "nobody was told of the caller who was talked to within the hold")
	assert.NotContains(t, p.logged(), "ABC-secret")
}
