package prompts_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"missedcalls/app/prompts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wav is a file that Asterisk plays for a number of milliseconds.
func wav(milliseconds int) []byte { return wavOf(8000, milliseconds) }

func wavOf(rate uint32, milliseconds int) []byte {
	sound := bytes.Repeat([]byte{1, 1}, milliseconds*int(rate)/1000)
	number := binary.LittleEndian.AppendUint32
	b := number([]byte("RIFF"), uint32(36+len(sound)))
	b = append(number(append(b, "WAVEfmt "...), 16), 1, 0, 1, 0)
	b = append(number(number(b, rate), 2*rate), 2, 0, 16, 0)
	return append(number(append(b, "data"...), uint32(len(sound))), sound...)
}

// folder is an operator's folder of prompts.
type folder struct {
	t   *testing.T
	dir string
	log *log
}

// log is written by whoever reads the folder, and read by the test.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// take gives what was logged since.
func (l *log) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

func newFolder(t *testing.T) folder { return folder{t: t, dir: t.TempDir(), log: new(log)} }

func (f folder) write(name string, content []byte) {
	f.t.Helper()
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	require.NoError(f.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(f.t, os.WriteFile(path, content, 0o600))
}

func (f folder) open() *prompts.Prompts {
	f.t.Helper()
	p, err := prompts.New(f.dir, zerolog.New(f.log))
	require.NoError(f.t, err)
	p.ServedAt("http://10.0.0.5:8080")
	return p
}

// served are the prompts without a folder.
func served(t *testing.T) *prompts.Prompts {
	t.Helper()
	p, err := prompts.New("", zerolog.Nop())
	require.NoError(t, err)
	p.ServedAt("http://10.0.0.5:8080")
	return p
}

// get asks for a path, or for what Media gave.
func get(p *prompts.Prompts, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, strings.TrimPrefix(path, "sound:"), nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func lengthOf(p *prompts.Prompts, language, name string) time.Duration {
	d, _ := p.Length(language, name)
	return d
}

func TestAPromptIsFoundInTheLanguageOrInWhatItFallsBackTo(t *testing.T) {
	p := served(t)
	for asked, want := range map[string]string{
		"ru": "ru", "ru_RU": "ru", "ru_RU_f_IvrvoiceRU": "ru", "ru-RU": "ru", "en_GB": "en", "de": "en", "": "en", "../../etc": "en", "RU": "en",
	} {
		found, ok := p.Find(asked, "closed")
		require.True(t, ok, asked)
		assert.Equal(t, want, found.Language, asked)
		assert.Regexp(t, `^sound:http://10\.0\.0\.5:8080/prompts/[0-9a-f]{16}/`+want+`/closed\.wav$`, found.Media)
		assert.Equal(t, found.Media, p.Media(asked, "closed"))
	}
	_, ok := p.Length("ru", "word-more-than-one")
	assert.True(t, ok, "a word of another language is better than none")
	for _, name := range []string{"nothing", "", "../en/closed", "closed.wav", "Closed", "closed,closed"} {
		_, ok := p.Find("ru", name)
		assert.False(t, ok, name)
		assert.Empty(t, p.Media("ru", name))
	}
	assert.Contains(t, p.Names("ru"), "word-200")
	assert.NotContains(t, p.Names("en"), "word-200")
}

func TestThereIsNoMediaUntilItIsKnownWhereAsteriskReachesUs(t *testing.T) {
	p, err := prompts.New("", zerolog.Nop())
	require.NoError(t, err)
	assert.Empty(t, p.Media("en", "closed"))
	assert.Positive(t, lengthOf(p, "en", "closed"))
	p.ServedAt("")
	assert.Empty(t, p.Media("en", "closed"))
	p.ServedAt("https://proxy.example/missedcalls")
	assert.Contains(t, p.Media("en", "closed"), "sound:https://proxy.example/missedcalls/prompts/")
}

func TestAPromptIsServedAsAsteriskReadsIt(t *testing.T) {
	p := served(t)
	found, _ := p.Find("ru", "closed")
	answer := get(p, http.MethodGet, found.Media)
	assert.Equal(t, http.StatusOK, answer.Code)
	assert.Equal(t, "audio/x-wav", answer.Header().Get("Content-Type"))
	assert.Equal(t, fmt.Sprint(44+int(2*8000*found.Length/time.Second)), answer.Header().Get("Content-Length"))
	assert.Contains(t, answer.Header().Get("Cache-Control"), "max-age=31536000")
	tag := answer.Header().Get("ETag")
	assert.Regexp(t, `^"[0-9a-f]{16}"$`, tag)
	assert.Contains(t, found.Media, strings.Trim(tag, `"`))

	only := get(p, http.MethodHead, found.Media)
	assert.Equal(t, answer.Header(), only.Header())
	assert.Equal(t, http.StatusNotModified, get(p, http.MethodHead, found.Media, "If-None-Match", tag).Code)
	assert.Equal(t, http.StatusOK, get(p, http.MethodGet, found.Media, "If-None-Match", `"other"`).Code)
	part := get(p, http.MethodGet, found.Media, "Range", "bytes=0-3")
	assert.Equal(t, http.StatusPartialContent, part.Code)
	assert.Equal(t, "4", part.Header().Get("Content-Length"))
	assert.Equal(t, http.StatusMethodNotAllowed, get(p, http.MethodPost, found.Media).Code)
}

func TestAURLWithoutAHashIsNotToBeKept(t *testing.T) {
	p := served(t)
	answer := get(p, http.MethodGet, "/prompts/ru/closed.wav")
	assert.Equal(t, http.StatusOK, answer.Code)
	assert.Equal(t, "no-cache", answer.Header().Get("Cache-Control"))
	old := get(p, http.MethodGet, "/prompts/0123456789abcdef/ru/closed.wav")
	assert.Equal(t, http.StatusOK, old.Code, "who asks late hears something")
	assert.Equal(t, "no-cache", old.Header().Get("Cache-Control"))
	assert.Equal(t, answer.Header().Get("ETag"), old.Header().Get("ETag"))
}

func TestALanguageThatLacksAPromptRedirectsToTheOneThatHasIt(t *testing.T) {
	p := served(t)
	server := httptest.NewServer(http.StripPrefix("/below", p)) // a proxy that takes its own path off
	defer server.Close()
	defer server.Client().CloseIdleConnections()
	for _, path := range []string{"/prompts/ru_RU/closed.wav", "/prompts/0123456789abcdef/ru_RU/closed.wav"} {
		assert.Equal(t, http.StatusFound, get(p, http.MethodGet, path).Code)
		answer, err := server.Client().Get(server.URL + "/below" + path)
		require.NoError(t, err)
		answer.Body.Close()
		assert.Equal(t, http.StatusOK, answer.StatusCode)
		assert.True(t, strings.HasSuffix(answer.Request.URL.Path, "/ru/closed.wav"), answer.Request.URL.Path)
	}
}

func TestNothingButPromptsIsServed(t *testing.T) {
	f := newFolder(t)
	f.write("secret.wav", wav(100))
	f.write("ru/closed.txt", []byte("text"))
	p := f.open()
	for _, path := range []string{
		"/prompts/", "/prompts/ru", "/prompts/ru/", "/prompts/ru/closed", "/prompts/ru/closed.txt", "/prompts/ru/nothing.wav",
		"/prompts/../secret.wav", "/prompts/ru/../../secret.wav", "/prompts/%2e%2e/secret.wav", "/prompts/ru/%2e%2e%2f%2e%2e%2fsecret.wav",
		"/prompts//closed.wav", "/prompts//ru/closed.wav", "/prompts/a/b/ru/closed.wav", "/prompts/ru/.wav", "/other/ru/closed.wav",
	} {
		assert.Equal(t, http.StatusNotFound, get(p, http.MethodGet, path).Code, path)
	}
}

func TestAFileOfTheFolderWinsAndTheFolderMayHaveMore(t *testing.T) {
	f := newFolder(t)
	f.write("ru/closed.wav", wav(700))
	f.write("ru/holiday-2027.wav", wav(800))
	f.write("de/closed.wav", wav(900))
	p := f.open()
	assert.Equal(t, 700*time.Millisecond, lengthOf(p, "ru_RU", "closed"))
	assert.Equal(t, 800*time.Millisecond, lengthOf(p, "ru", "holiday-2027"))
	assert.Equal(t, 900*time.Millisecond, lengthOf(p, "de_AT", "closed"))
	assert.Equal(t, lengthOf(served(t), "en", "closed"), lengthOf(p, "en", "closed"))
	assert.Equal(t, http.StatusOK, get(p, http.MethodGet, p.Media("de", "closed")).Code)
	assert.Empty(t, p.Problems())
	assert.NotEqual(t, served(t).Media("ru", "closed"), p.Media("ru", "closed"))
}

func TestAFileThatAsteriskWouldNotPlayIsToldAndTheEmbeddedOneServed(t *testing.T) {
	f := newFolder(t)
	f.write("ru/closed.wav", wavOf(44100, 100))
	f.write("ru/goodbye.wav", wav(500)[:1000])
	f.write("ru/all-busy.mp3", []byte("ID3"))
	f.write("ru/Привет.wav", wav(100))
	f.write("ru/UPPER.WAV", wav(100))
	f.write("music here/closed.wav", wav(100))
	f.write("closed.wav", wav(100))
	f.write("ru/.hidden.wav", []byte("x"))
	f.write("README.txt", []byte("x"))
	require.NoError(t, os.Mkdir(filepath.Join(f.dir, "ru", "invalid.wav"), 0o700))
	p := f.open()
	var got []string
	for _, problem := range p.Problems() {
		got = append(got, problem.Error())
	}
	assert.Equal(t, []string{
		"closed.wav: it lies beside the folders of the languages; it belongs into one, such as ru",
		"music here: a folder must have the name of a language, such as ru or en_GB",
		"ru/UPPER.WAV: a name must be of a-z, 0-9, - and _, and end in .wav, such as closed.wav",
		"ru/all-busy.mp3: a name must be of a-z, 0-9, - and _, and end in .wav, such as closed.wav",
		"ru/closed.wav: it has 44100 Hz, channels: 1, bits: 16; what Asterisk plays over HTTP is WAV of 8000 Hz, mono, 16-bit PCM: sox IN.wav -r 8000 -c 1 -b 16 -e signed-integer OUT.wav",
		"ru/goodbye.wav: the file is not whole: it is shorter than its header says; write it elsewhere and move it here",
		"ru/invalid.wav: it is not a file",
		"ru/Привет.wav: a name must be of a-z, 0-9, - and _, and end in .wav, such as closed.wav",
	}, got)
	for _, name := range []string{"closed", "goodbye", "all-busy", "invalid"} {
		assert.Equal(t, served(t).Media("ru", name), p.Media("ru", name), name)
	}
	logged := f.log.take()
	assert.Equal(t, 7, strings.Count(logged, `"level":"error"`), logged)
	assert.Equal(t, 1, strings.Count(logged, `"level":"warn"`), "a file that is being written is no error yet")
	p.Reload()
	assert.Empty(t, f.log.take(), "a problem is told once")
}

func TestAFolderThatIsNotThereIsAnErrorAtStartOnly(t *testing.T) {
	f := newFolder(t)
	f.write("ru/closed.wav", wav(700))
	_, err := prompts.New(filepath.Join(f.dir, "nowhere"), zerolog.Nop())
	require.ErrorContains(t, err, "nowhere: no such file or directory; set MISSEDCALLS_PROMPTS_DIR")
	p := f.open()
	require.NoError(t, os.RemoveAll(f.dir))
	p.Reload()
	assert.Contains(t, f.log.take(), "no such file or directory")
	p.Reload()
	assert.Empty(t, f.log.take(), "it is told once")
	assert.Equal(t, 700*time.Millisecond, lengthOf(p, "ru", "closed"), "what was read stays in force")
}

func TestAReplacedPromptHasAnotherURLAndTheOldOneIsServedStill(t *testing.T) {
	f := newFolder(t)
	f.write("ru/closed.wav", wav(700))
	p := f.open()
	before := p.Media("ru", "closed")
	f.write("ru/closed.wav", wav(800))
	p.Reload()
	assert.NotEqual(t, before, p.Media("ru", "closed"))
	late := get(p, http.MethodGet, before)
	assert.Equal(t, http.StatusOK, late.Code)
	assert.Equal(t, "no-cache", late.Header().Get("Cache-Control"))
	f.write("ru/closed.wav", wav(700))
	p.Reload()
	assert.Equal(t, before, p.Media("ru", "closed"))
	require.NoError(t, os.Remove(filepath.Join(f.dir, "ru", "closed.wav")))
	p.Reload()
	assert.Equal(t, served(t).Media("ru", "closed"), p.Media("ru", "closed"))
}

func TestAPromptWrittenWhileWeRunIsInForceWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFolder(t)
		p := f.open()
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.Watch(ctx)
		}()
		whole := wav(700)
		f.write("ru/closed.wav", whole[:500])
		time.Sleep(6 * time.Second)
		synctest.Wait()
		assert.Equal(t, lengthOf(served(t), "ru", "closed"), lengthOf(p, "ru", "closed"), "half a file is not served")
		assert.Contains(t, f.log.take(), "not whole")
		f.write("ru/closed.wav", whole)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		assert.Equal(t, 700*time.Millisecond, lengthOf(p, "ru", "closed"))
		assert.Empty(t, p.Problems())
		assert.Contains(t, f.log.take(), "prompt in force")
		end()
		<-ended
	})
}

func TestAFolderIsBounded(t *testing.T) {
	f := newFolder(t)
	f.write("ru/long.wav", make([]byte, 4<<20+1))
	for i := range 17 {
		f.write(fmt.Sprintf("en/four-%02d.wav", i), wav(4<<20/16-10))
	}
	p := f.open()
	var got []string
	for _, problem := range p.Problems() {
		got = append(got, problem.Error())
	}
	assert.Equal(t, []string{
		"en/four-16.wav: the folder has more than 64 MiB",
		"ru/long.wav: it is larger than 4 MiB",
	}, got)
}
