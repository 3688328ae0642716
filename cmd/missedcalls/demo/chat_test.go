package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/notifier/telegram"
	"missedcalls/queueflow/callevent"
)

func openChat(t *testing.T) *chat {
	t.Helper()
	c, err := startChat()
	require.NoError(t, err)
	c.tokenFile = filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(c.tokenFile, []byte(c.token), 0o600))
	t.Cleanup(func() { assert.NoError(t, c.stop()) })
	return c
}

// teller tells the chat as the program does.
type teller struct {
	*telegram.Telegram
	words *message.Renderer
}

func openTeller(t *testing.T, c *chat) teller {
	t.Helper()
	p := policy.Target{Name: teamChat, Zone: time.UTC, Telegram: &policy.Telegram{ChatID: "-1001234567890", TokenFile: c.tokenFile, BaseURL: c.url()}}
	to, err := telegram.New(p)
	require.NoError(t, err)
	t.Cleanup(to.Close)
	words, err := message.New(p)
	require.NoError(t, err)
	return teller{to, words}
}

func (to teller) announce(t *testing.T, e callevent.Event) target.Said {
	t.Helper()
	m, err := to.words.Announce(e)
	require.NoError(t, err)
	v := to.Deliver(t.Context(), target.Delivery{Message: m})
	require.NoError(t, v.Err)
	return target.Said{Ref: v.Ref, Message: m}
}

func (to teller) change(t *testing.T, said target.Said, e callevent.Event) target.Verdict {
	t.Helper()
	m, err := to.words.Announce(e)
	require.NoError(t, err)
	said.Message = to.words.Changed(said.Message, e)
	return to.Deliver(t.Context(), target.Delivery{Message: m, Changes: true, Earlier: []target.Said{said}})
}

func missedIn(language, queue string, calls int) callevent.Event {
	return callevent.Event{ID: "c1.end", Call: "c1", Time: noon, Payload: callevent.Missed{
		CallID: "c1", Queue: "sales", QueueName: queue, Language: language, Caller: from("+79990000012"), Reason: callevent.ReasonAbandoned,
		WaitedMS: 8_000, Episode: "c1", EpisodeCalls: calls,
	}}
}

func settled(language, why string) callevent.Event {
	return callevent.Event{ID: "c1.1.2", Call: "c1", Time: noon.Add(time.Minute), Payload: callevent.Resolved{
		CallID: "c1", Episode: "c1", Language: language, By: "demo", Why: why, How: callevent.ResolvedByHand, Calls: 1, AfterMS: 12_000,
	}}
}

func TestWhatTheProgramTellsIsAMessageThatIsChangedWhenTheMatterIsSettled(t *testing.T) {
	for language, want := range map[string]struct{ queue, why, told, changed string }{
		"en": {
			"Sales & <Support>", "called back",
			"📵 Missed call: Sales & <Support> · +7 999 000-00-12 · after 8 seconds the caller hung up before anybody answered",
			"✅ Resolved by demo after 12 seconds: called back · Missed call: Sales & <Support> · " +
				"+7 999 000-00-12 · after 8 seconds the caller hung up before anybody answered",
		},
		"ru": {
			"Отдел продаж", "перезвонили",
			"📵 Пропущенный звонок: Отдел продаж · +7 999 000-00-12 · через 8 секунд звонивший повесил трубку, не дождавшись ответа",
			"✅ Закрыто через 12 секунд (demo): перезвонили · Пропущенный звонок: Отдел продаж · " +
				"+7 999 000-00-12 · через 8 секунд звонивший повесил трубку, не дождавшись ответа",
		},
	} {
		c := openChat(t)
		to := openTeller(t, c)
		said := to.announce(t, missedIn(language, want.queue, 1))
		first := <-c.posts
		assert.Contains(t, first.news(time.UTC), " team-chat told: "+want.told)
		assert.Equal(t, "c1", first.call)
		assert.Equal(t, standing{told: 1}, c.of("c1"))

		require.NoError(t, to.change(t, said, settled(language, want.why)).Err)
		second := <-c.posts
		assert.Contains(t, second.news(time.UTC), " team-chat changed: "+want.changed)
		assert.Equal(t, first.message, second.message)
		assert.Equal(t, standing{told: 1, changed: true}, c.of("c1"))
	}
}

func TestAMessageThatIsNotInTheChatIsAnsweredInIt(t *testing.T) {
	c := openChat(t)
	to := openTeller(t, c)
	said := to.announce(t, missedIn("en", "Sales", 2))
	assert.Equal(t, "second missed call of this number", (<-c.posts).what)
	other := openChat(t) // as if the demo had begun anew with its data kept
	v := openTeller(t, other).change(t, said, settled("en", "called back"))
	require.NoError(t, v.Err)
	p := <-other.posts
	assert.Contains(t, p.news(time.UTC), " team-chat told: ✅ Missed call resolved: ")
}

func TestTheChatRefusesWhatIsNotForIt(t *testing.T) {
	c := openChat(t)
	for name, want := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"another bot":     {"/bot2:X/sendMessage", `{"chat_id":-1001234567890,"text":"x"}`, http.StatusNotFound, "Not Found"},
		"another method":  {"/bot" + c.token + "/getMe", `{}`, http.StatusNotFound, "Not Found"},
		"another chat":    {"/bot" + c.token + "/sendMessage", `{"chat_id":7,"text":"x"}`, http.StatusBadRequest, "Bad Request: chat not found"},
		"another message": {"/bot" + c.token + "/editMessageText", `{"chat_id":-1001234567890,"message_id":1}`, http.StatusBadRequest, "Bad Request: message to edit not found"},
		"no JSON":         {"/bot" + c.token + "/sendMessage", `x`, http.StatusBadRequest, "Bad Request: the request cannot be read"},
		"too much":        {"/bot" + c.token + "/sendMessage", `{"text":"` + strings.Repeat("x", longestPost) + `"}`, http.StatusBadRequest, "Bad Request: the request cannot be read"},
	} {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
		response, err := client.Post(c.url()+want.path, "application/json", strings.NewReader(want.body))
		require.NoError(t, err, name)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err, name)
		require.NoError(t, response.Body.Close(), name)
		assert.Equal(t, want.status, response.StatusCode, name)
		var refused chatError
		require.NoError(t, json.Unmarshal(body, &refused), name)
		assert.Equal(t, chatError{Code: want.status, Description: want.says}, refused, name)
	}
	assert.Empty(t, c.posts)
}

func TestAChatThatNobodyLooksAtTakesMessagesAllTheSame(t *testing.T) {
	c := openChat(t)
	c.posts = make(chan post, 1)
	for range 3 {
		_, refused := c.send(chatRequest{Chat: chatNumber, Text: "<b>Missed call</b>\nWho: x\nCall id: c1"})
		require.Nil(t, refused)
	}
	assert.Equal(t, standing{told: 3}, c.of("c1"))
	assert.Len(t, c.posts, 1)
}

func TestAPostOfOneLineIsReadToo(t *testing.T) {
	assert.Equal(t, post{headline: "hello"}, readPost("hello"))
	assert.Equal(t, post{headline: "hello", who: "x", call: "x"}, readPost("hello\nwho: x"))
	assert.Equal(t, post{}, readPost(""))
}
