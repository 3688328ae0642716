package conformance

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// usualFilter keeps from the traces what says nothing a queue needs: Asterisk's own notes on every channel.
const usualFilter = `{"disallowed":[{"type":"ChannelVarset"},{"type":"ChannelDialplan"},{"type":"ChannelConnectedLine"},` +
	`{"type":"PeerStatusChange"},{"type":"ContactStatusChange"}]}`

// echo is the name of the events that a script sends to itself.
const echo = "conformance-echo"

// framesHeld bounds how many events wait for a script. It is more than any case makes.
const framesHeld = 10_000

// listener is one connection for events. Its reader ends when the connection does.
type listener struct {
	s      *session
	app    string
	title  string
	conn   *websocket.Conn
	frames chan event
	// ended is closed when the reader has; failure, which the reader wrote before, is how.
	ended   chan struct{}
	failure error
	// deaf says that events do not come any more, echoes included.
	deaf bool
	// order are the objects in the order in which they appeared.
	order []string
	// held are events that came while an echo was awaited, and were not yet part of a step.
	held []event
}

// listen connects the application that the dialplan calls and sets the usual filter.
func (s *session) listen() *listener {
	s.t.Helper()
	l := s.connect("", "app="+s.world.App())
	a := s.send(s.request(http.MethodPut, "applications/"+s.world.App()+"/eventFilter", usualFilter))
	if a.status != http.StatusOK {
		s.fail("set the usual filter: %d %s %v", a.status, a.body, a.err)
	}
	return l
}

// connect opens a connection for events. Titles tell several of them apart.
func (s *session) connect(title, query string) *listener {
	s.t.Helper()
	l := s.dial(title, query)
	go l.read()
	return l
}

// dial opens a connection for events and reads nothing.
func (s *session) dial(title, query string) *listener {
	s.t.Helper()
	target := "events?" + query
	s.note("connect %s%s", target, titled(title))
	r := s.request(http.MethodGet, target)
	options := &websocket.DialOptions{HTTPClient: &http.Client{Transport: s.transport}, HTTPHeader: r.Header}
	conn, response, err := websocket.Dial(s.ctx, r.URL.String(), options)
	if err != nil {
		s.fail("connect: %v", err)
	}
	s.note("  %d", response.StatusCode)
	conn.SetReadLimit(-1)
	app, _, _ := strings.Cut(strings.TrimPrefix(query, "app="), ",")
	l := &listener{s: s, app: app, title: title, conn: conn, frames: make(chan event, framesHeld), ended: make(chan struct{})}
	s.listeners = append(s.listeners, l)
	return l
}

// refused tries to connect, and writes how Asterisk refuses it. It sends more than one answer then, which no client
// expects, so the connection is given up after the first.
func (s *session) refused(query string) {
	s.t.Helper()
	s.note("connect events?%s", query)
	r := s.request(http.MethodGet, "events?"+query)
	for key, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		r.Header.Set(key, value)
	}
	s.once(r)
}

// once sends a request over a connection of its own and writes the status.
func (s *session) once(r *http.Request) {
	s.t.Helper()
	conn := s.plain()
	defer conn.Close()
	if err := r.Write(conn); err != nil {
		s.fail("send: %v", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		s.fail("no answer: %v", err)
	}
	_ = response.Body.Close()
	s.note("  %d", response.StatusCode)
}

func titled(title string) string {
	if title == "" {
		return ""
	}
	return " as " + title
}

func (l *listener) read() {
	defer close(l.ended)
	for {
		_, frame, err := l.conn.Read(l.s.ctx)
		if err != nil {
			l.failure = err
			return
		}
		value, err := decode(frame)
		e, is := value.(map[string]any)
		if err != nil || !is {
			e = map[string]any{"type": "not JSON: " + string(frame)}
		}
		l.frames <- e
	}
}

// close ends the connection at once, as a crash of the application would.
func (l *listener) close() {
	_ = l.conn.CloseNow()
	<-l.ended
}

// drop is close in a script.
func (l *listener) drop() {
	l.s.note("the connection%s is cut", titled(l.title))
	l.close()
	l.deaf = true
}

// await waits until events of these types have come, each as often as it is named, and writes them. No others may come.
func (l *listener) await(expected ...string) step {
	l.s.t.Helper()
	st := step{s: l.s}
	missing := slices.Clone(expected)
	for len(missing) > 0 {
		e, ok := l.next(patience)
		if !ok {
			l.s.write(l, st.events)
			l.s.fail("%v did not come%s", missing, titled(l.title))
		}
		st.events = append(st.events, e)
		if i := slices.Index(missing, e.kind()); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		}
	}
	l.s.delay(quiet)
	if !l.deaf {
		l.echo()
	}
	st.events = append(st.events, l.pending()...)
	l.s.write(l, st.events)
	if got, want := slices.Sorted(slices.Values(kinds(st.events))), slices.Sorted(slices.Values(expected)); !slices.Equal(got, want) {
		l.s.fail("there came %v instead of %v", got, want)
	}
	return st
}

// next is the next event within a time.
func (l *listener) next(within time.Duration) (event, bool) {
	if len(l.held) > 0 {
		e := l.held[0]
		l.held = l.held[1:]
		return e, true
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		select {
		case e := <-l.frames:
			if !l.s.isIgnored(e) {
				return e, true
			}
		case <-timer.C:
			return nil, false
		}
	}
}

// pending are the events that are here already.
func (l *listener) pending() []event {
	events := l.held
	l.held = nil
	for {
		select {
		case e := <-l.frames:
			if !l.s.isIgnored(e) {
				events = append(events, e)
			}
		default:
			return events
		}
	}
}

// echo sends an event to the application and holds what comes until it comes back: all that was said before.
func (l *listener) echo() {
	l.s.t.Helper()
	l.s.echoes++
	number := fmt.Sprint(l.s.echoes)
	body, err := json.Marshal(map[string]any{"variables": map[string]string{"n": number}})
	if err != nil {
		l.s.fail("make an echo: %v", err)
	}
	a := l.s.send(l.s.request(http.MethodPost, "events/user/"+echo+"?application="+l.app, string(body)))
	if a.status != http.StatusNoContent {
		l.s.fail("send an echo: %d %s %v", a.status, a.body, a.err)
	}
	var came []event
	for {
		e, ok := l.next(patience)
		if !ok {
			l.s.fail("the echo did not come%s", titled(l.title))
		}
		if e.string("eventname") == echo && e.part("userevent").string("n") == number {
			break
		}
		came = append(came, e)
	}
	l.held = append(came, l.held...)
}

// write writes the events of a step, sorted by object: first those that are known, then the new ones by their ids.
func (s *session) write(l *listener, events []event) {
	var added []string
	for _, e := range events {
		if o := e.object(); !slices.Contains(l.order, o) && !slices.Contains(added, o) {
			added = append(added, o)
		}
	}
	l.order = append(l.order, slices.Sorted(slices.Values(added))...)
	if l.title != "" {
		s.note("to %s:", l.title)
	}
	if len(events) == 0 {
		s.note("no event")
	}
	for _, object := range l.order {
		for _, e := range events {
			if e.object() == object {
				s.note("  %s %s %s", object, e.kind(), s.names.render(s.names.value("", map[string]any(e.settled()))))
			}
		}
	}
}
