//go:build e2e

package prompts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/prompts"
	"missedcalls/testbed"
)

// patience bounds the wait for what a real Asterisk does.
const patience = 30 * time.Second

// world is a real Asterisk with one caller in the application, and prompts that it fetches from us.
type world struct {
	*prompts.Prompts
	t        *testing.T
	asterisk *testbed.Asterisk
	url      string // of the prompts
	channel  string
	events   chan event
	requests requests
}

// requests are what Asterisk asked us for.
type requests struct {
	mu   sync.Mutex
	list []string
}

func (r *requests) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.list
	r.list = nil
	return list
}

type event struct {
	Type    string
	At      time.Time
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Playback struct {
		ID    string `json:"id"`
		State string `json:"state"`
	} `json:"playback"`
}

func newWorld(t *testing.T, dir string) *world {
	p, err := prompts.New(dir, zerolog.New(zerolog.NewTestWriter(t)))
	require.NoError(t, err)
	w := &world{Prompts: p, t: t, asterisk: testbed.Start(t), events: make(chan event, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.requests.mu.Lock()
		w.requests.list = append(w.requests.list, r.Method+" "+r.URL.Path)
		w.requests.mu.Unlock()
		p.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	p.ServedAt(server.URL)
	w.listen()
	w.call("74951234567")
	return w
}

// listen reads the events of the application until the test ends.
func (w *world) listen() {
	ctx, cancel := context.WithCancel(context.Background())
	address := strings.Replace(w.asterisk.ARIURL(), "http", "ws", 1) + "/events?app=" + w.asterisk.App
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: w.request(http.MethodGet, "").Header})
	require.NoError(w.t, err)
	conn.SetReadLimit(1 << 20)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			_, frame, err := conn.Read(ctx)
			if err != nil {
				return
			}
			e := event{At: time.Now()}
			if json.Unmarshal(frame, &e) == nil {
				w.events <- e
			}
		}
	}()
	w.t.Cleanup(func() {
		cancel()
		<-ended
		conn.CloseNow()
	})
}

// call makes a caller and answers him.
func (w *world) call(number string) {
	_, err := w.asterisk.CLI(w.t.Context(), "channel originate Local/"+number+"@from-trunk application Wait 600")
	require.NoError(w.t, err)
	w.channel = w.await("StasisStart").Channel.ID
	w.do(http.MethodPost, "/channels/"+w.channel+"/answer", http.StatusNoContent)
}

// await gives the next event of a type and passes over the others.
func (w *world) await(kind string) event {
	w.t.Helper()
	for {
		select {
		case e := <-w.events:
			if e.Type == kind {
				return e
			}
		case <-time.After(patience):
			require.Fail(w.t, "no "+kind)
		}
	}
}

func (w *world) request(method, path string, body ...byte) *http.Request {
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.asterisk.ARIURL()+path, bytes.NewReader(body))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(w.asterisk.Username, w.asterisk.Password)
	r.Close = true
	return r
}

func (w *world) do(method, path string, want int, body ...byte) {
	w.t.Helper()
	answer, err := http.DefaultClient.Do(w.request(method, path, body...))
	require.NoError(w.t, err)
	answer.Body.Close()
	require.Equal(w.t, want, answer.StatusCode)
}

// play plays a list of media to its end, and gives how it ended and how long it took.
func (w *world) play(media ...string) (state string, took time.Duration) {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"media": media}) // a request line of Asterisk's takes 4 kB, a body 40 kB
	require.NoError(w.t, err)
	began := time.Now()
	w.do(http.MethodPost, "/channels/"+w.channel+"/play", http.StatusCreated, body...)
	ended := w.await("PlaybackFinished")
	return ended.Playback.State, ended.At.Sub(began)
}

// hears asserts that media lasts about as long as it should: it may take longer on a busy machine.
func (w *world) hears(want time.Duration, media ...string) {
	w.t.Helper()
	state, took := w.play(media...)
	assert.Equal(w.t, "done", state, media)
	assert.Greater(w.t, took, want-100*time.Millisecond, media)
	assert.Less(w.t, took, want+1500*time.Millisecond, media)
}

func TestARealAsteriskPlaysEveryPromptToItsEnd(t *testing.T) {
	w := newWorld(t, "")
	for _, language := range []string{"ru", "en"} {
		for _, name := range []string{"thank-you-for-waiting", "callback-offer"} {
			found, ok := w.Find(language, name)
			require.True(t, ok)
			w.hears(found.Length, found.Media)
			assert.Equal(t, []string{"GET " + strings.TrimPrefix(found.Media, "sound:"+w.url)}, w.requests.take())
		}
	}
}

func TestARealAsteriskFetchesAPromptOnceAndKeepsItOverARestart(t *testing.T) {
	w := newWorld(t, "")
	found, _ := w.Find("ru", "word-1-feminine")
	w.hears(found.Length, found.Media)
	w.hears(found.Length, found.Media)
	require.NoError(t, w.asterisk.Restart(t.Context()))
	w.listen()
	w.call("74951234567")
	w.hears(found.Length, found.Media)
	assert.Len(t, w.requests.take(), 1)
}

func TestARealAsteriskPlaysPromptsAmongItsOwnSounds(t *testing.T) {
	w := newWorld(t, "")
	number, _ := w.Find("ru", "you-are-number")
	thanks, _ := w.Find("ru", "thank-you-for-waiting")
	_, digit := w.play("sound:digits/3")
	w.hears(number.Length+digit+thanks.Length, number.Media, "sound:digits/3", thanks.Media)
}

func TestAReplacedPromptIsHeardFromTheNextPlayingOn(t *testing.T) {
	f := newFolder(t)
	f.write("ru/closed.wav", wav(1000))
	w := newWorld(t, f.dir)
	w.hears(time.Second, w.Media("ru", "closed"))
	f.write("ru/closed.wav", wav(3000))
	w.Reload()
	w.hears(3*time.Second, w.Media("ru_RU", "closed"))
	assert.Len(t, w.requests.take(), 2)
}

func TestARealAsteriskFollowsTheRedirectionToAnotherLanguage(t *testing.T) {
	w := newWorld(t, "")
	found, _ := w.Find("ru", "goodbye")
	w.hears(found.Length, "sound:"+w.url+"/prompts/ru_RU/goodbye.wav")
	assert.Equal(t, []string{"GET /prompts/ru_RU/goodbye.wav", "GET /prompts/ru/goodbye.wav"}, w.requests.take())
}

// What is not there is invisible to who plays it inside a list, which is why Media gives no URL for it.
func TestAPromptThatIsNotThereIsPassedOverInsideAList(t *testing.T) {
	w := newWorld(t, "")
	goodbye, _ := w.Find("en", "goodbye")
	missing := "sound:" + w.url + "/prompts/ru/nothing.wav"
	state, took := w.play(missing)
	assert.Equal(t, "failed", state)
	assert.Less(t, took, time.Second)
	w.hears(2*goodbye.Length, goodbye.Media, missing, goodbye.Media)
}

// The table of what is refused and what is taken is Asterisk's own.
func TestARealAsteriskRefusesWhatWeRefuse(t *testing.T) {
	w := newWorld(t, "")
	files := map[string][]byte{"16000": wavOf(16000, 500), "44100": wavOf(44100, 500), "8000": wavOf(8000, 500)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "audio/x-wav")
		_, _ = rw.Write(files[strings.Trim(r.URL.Path, "/wav.")])
	}))
	defer server.Close()
	for rate, want := range map[string]string{"16000": "failed", "44100": "failed", "8000": "done"} {
		state, _ := w.play("sound:" + server.URL + "/" + rate + ".wav")
		assert.Equal(t, want, state, rate)
		f := newFolder(t)
		f.write("en/goodbye.wav", files[rate])
		assert.Equal(t, want == "failed", len(f.open().Problems()) > 0, rate)
	}
}
