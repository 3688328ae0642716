package arimock

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// socket is one websocket, with the events on their way to its reader.
type socket struct {
	s     *Server
	conn  *websocket.Conn
	apps  []string
	queue [][]byte
	bytes int
	// fullSince is when more than the kernel holds began to wait; cut says that Asterisk has given the reader up, who may
	// still read what the kernel holds.
	fullSince time.Time
	cut       bool
	filled    chan struct{} // has room for one
	ended     context.Context
	end       context.CancelFunc
}

// longestApp is the length of the name of an application (ari_websockets.h).
const longestApp = 73

// listen makes a websocket of a request and registers its applications, before the client knows.
func (s *Server) listen(w http.ResponseWriter, r *request) {
	names := r.list("app")
	switch {
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		s.writePage(w, http.StatusUpgradeRequired, "")
		return
	case len(names) == 0:
		w.WriteHeader(http.StatusBadRequest)
		return
	case slices.ContainsFunc(names, func(name string) bool { return len(name) > longestApp }):
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	k := &socket{s: s, apps: names, filled: make(chan struct{}, 1)}
	k.ended, k.end = context.WithCancel(s.work)
	defer k.close()
	s.mu.Lock()
	s.register(k)
	s.mu.Unlock()
	conn, err := websocket.Accept(w, r.Request, &websocket.AcceptOptions{Subprotocols: []string{"ari"}, InsecureSkipVerify: true})
	if err != nil {
		return
	}
	k.conn = conn
	s.running.Go(k.write)
	k.read()
}

// close ends the socket and makes its applications inactive.
func (k *socket) close() {
	k.end()
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	k.unregister()
}

// register gives a socket its applications, away from the one that had them, which is told and otherwise left as it is.
func (s *Server) register(k *socket) {
	for _, name := range k.apps {
		a := s.appOf(name)
		if a.socket != nil {
			a.send(&applicationReplaced{s.head("ApplicationReplaced")})
		}
		a.socket = k
	}
}

// read keeps the socket until it ends. Requests over the websocket are not supported: nothing of this program sends any.
func (k *socket) read() {
	for {
		if _, _, err := k.conn.Read(k.ended); err != nil {
			_ = k.conn.CloseNow()
			return
		}
	}
}

// unregister makes the applications inactive, unless another socket has them by now. The mutex is held.
func (k *socket) unregister() {
	for _, name := range k.apps {
		if a := k.s.apps[name]; a != nil && a.socket == k {
			a.socket = nil
			a.forgotten()
		}
	}
}

// push puts an event behind the others. The mutex is held. Events behind what the kernel holds make the time run in
// which the reader must take something.
func (k *socket) push(text []byte) {
	if k.cut || k.ended.Err() != nil {
		return
	}
	k.queue = append(k.queue, text)
	k.bytes += len(text)
	if k.bytes > k.s.options.SocketBuffer && k.fullSince.IsZero() {
		k.fullSince = time.Now()
		k.s.running.Go(k.watch)
	}
	select {
	case k.filled <- struct{}{}:
	default:
	}
}

// watch cuts the socket off, without a word, when it has been full for too long.
func (k *socket) watch() {
	for {
		select {
		case <-time.After(k.s.options.WriteTimeout):
		case <-k.ended.Done():
			return
		}
		if k.relieved() {
			return
		}
	}
}

// relieved tells whether nothing need be watched any more: the reader has read, or was cut off.
func (k *socket) relieved() bool {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	if k.fullSince.IsZero() {
		return true
	}
	if time.Since(k.fullSince) < k.s.options.WriteTimeout {
		return false
	}
	k.cut = true
	for k.bytes > k.s.options.SocketBuffer {
		last := len(k.queue) - 1
		k.bytes -= len(k.queue[last])
		k.queue = k.queue[:last]
	}
	k.unregister()
	return true
}

// write is the goroutine that sends, in order.
func (k *socket) write() {
	for {
		select {
		case <-k.filled:
		case <-k.ended.Done():
			k.stop()
			return
		}
		for text := k.pop(); text != nil; text = k.pop() {
			if k.conn.Write(k.ended, websocket.MessageText, text) != nil {
				k.stop()
				return
			}
		}
		if k.wasCut() {
			k.stop()
			return
		}
	}
}

// stop ends the socket without a word.
func (k *socket) stop() {
	k.end()
	_ = k.conn.CloseNow()
}

func (k *socket) wasCut() bool {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	return k.cut
}

func (k *socket) pop() []byte {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	if len(k.queue) == 0 {
		return nil
	}
	text := k.queue[0]
	k.queue = k.queue[1:]
	if k.bytes -= len(text); k.bytes <= k.s.options.SocketBuffer {
		k.fullSince = time.Time{}
	}
	return text
}
