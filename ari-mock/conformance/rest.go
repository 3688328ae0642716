package conformance

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// atOnce separates answers that wait for something from those that do not. Asterisk gives the latter within a few
// milliseconds; half a second leaves room for a busy machine.
const atOnce = 500 * time.Millisecond

// largestBody is what Asterisk's web server takes.
const largestBody = 40960

// answer is what came of a request.
type answer struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
	err    error
}

// sent is a request under way.
type sent struct {
	s      *session
	line   string
	answer chan answer
}

// get, post, put and remove make a request and write it with its answer. The target is below /ari, its path encoded, the
// values of its query not yet. A body is JSON.
func (s *session) get(target string, body ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, target, body...)
}

func (s *session) post(target string, body ...string) answer {
	s.t.Helper()
	return s.do(http.MethodPost, target, body...)
}

func (s *session) put(target string, body ...string) {
	s.t.Helper()
	s.do(http.MethodPut, target, body...)
}

func (s *session) remove(target string, body ...string) {
	s.t.Helper()
	s.do(http.MethodDelete, target, body...)
}

func (s *session) do(method, target string, body ...string) answer {
	s.t.Helper()
	s.note("%s", heading(method, target, body...))
	a := s.send(s.request(method, target, body...))
	s.report(a)
	return a
}

// play begins a playback on a channel with nothing to do. The channel's thread may have begun it, or even failed to, when
// the answer is written, so the state in the answer is one of several.
func (s *session) play(target string, body ...string) {
	s.t.Helper()
	s.note("%s", heading(http.MethodPost, target, body...))
	a := s.send(s.request(http.MethodPost, target, body...))
	a.body = begun.ReplaceAll(a.body, []byte(`"state":"<queued or begun>"`))
	s.report(a)
}

var begun = regexp.MustCompile(`"state":"(queued|playing|failed)"`)

// until asks again and again, without a word in the trace, until an answer holds a text.
func (s *session) until(target, text string) {
	s.t.Helper()
	for began := time.Now(); time.Since(began) < patience; s.delay(quiet) {
		if a := s.send(s.request(http.MethodGet, target)); bytes.Contains(a.body, []byte(text)) {
			return
		}
	}
	s.fail("GET %s never held %s", target, text)
}

// begin makes a POST whose answer is awaited later.
func (s *session) begin(target string) *sent {
	s.t.Helper()
	line := heading(http.MethodPost, target)
	s.note("%s ...", line)
	r := s.request(http.MethodPost, target)
	under := &sent{s: s, line: line, answer: make(chan answer, 1)}
	go func() { under.answer <- s.send(r) }()
	return under
}

// end awaits the answer and writes it.
func (r *sent) end() {
	r.s.t.Helper()
	a := <-r.answer
	r.s.note("... %s", r.line)
	r.s.report(a)
}

// headers writes headers of an answer, in the order in which they are named.
func (s *session) headers(a answer, names ...string) {
	for _, name := range names {
		s.note("  %s: %s", name, strings.Join(a.header.Values(name), " | "))
	}
}

// heading is a request as the trace tells it: readable, with nothing encoded but the path.
func heading(method, target string, body ...string) string {
	if len(target) > 300 {
		target = target[:30] + "... (long)"
	}
	line := method + " " + target
	for _, b := range body {
		if len(b) > 2000 {
			b = b[:30] + "... (long)"
		}
		line += " " + b
	}
	return line
}

func (s *session) request(method, target string, body ...string) *http.Request {
	s.t.Helper()
	var reader io.Reader
	if len(body) > 0 {
		reader = strings.NewReader(body[0])
	}
	path, query, _ := strings.Cut(target, "?")
	address := s.world.URL() + "/" + path
	if query != "" {
		address += "?" + encode(query)
	}
	r, err := http.NewRequestWithContext(s.ctx, method, address, reader)
	if err != nil {
		s.fail("make a request %s %s: %v", method, target, err)
	}
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if r.ContentLength > largestBody { // it is refused before it is sent, and an answer that meets a body on its way may be lost
		r.Header.Set("Expect", "100-continue")
	}
	r.SetBasicAuth(s.world.Credentials())
	return r
}

// encode encodes the values of a readable query, in which neither & nor = is part of a value.
func encode(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		key, value, is := strings.Cut(pair, "=")
		if is {
			pairs[i] = key + "=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
		}
	}
	return strings.Join(pairs, "&")
}

// send carries a request out. It may run on any goroutine. Asterisk refuses a body that is too long before it has read it,
// and closes: whoever still writes may miss the answer, so such a request is sent again.
func (s *session) send(r *http.Request) answer {
	const tries = 5
	began := time.Now()
	response, err := s.transport.RoundTrip(r)
	for try := 1; try < tries && r.GetBody != nil && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)); try++ {
		if r.Body, err = r.GetBody(); err != nil {
			return answer{err: err}
		}
		began = time.Now()
		response, err = s.transport.RoundTrip(r)
	}
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: body, took: time.Since(began), err: err}
}

// report writes an answer.
func (s *session) report(a answer) {
	s.t.Helper()
	if a.err != nil {
		s.fail("no answer: %v", a.err)
	}
	class := "at once"
	if a.took >= atOnce {
		class = "waits"
	}
	body := s.names.body(a.header.Get("Content-Type"), a.body)
	s.note("  %s", strings.TrimSpace(strconv.Itoa(a.status)+" "+class+" "+body))
}

// fill puts an id in its place in a target.
func fill(target, id string) string { return strings.ReplaceAll(target, "{}", id) }
