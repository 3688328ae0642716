package arimock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is one stand-in Asterisk. Its methods may be called from any goroutine.
type Server struct {
	options Options
	http    *http.Server
	memory  *memory
	// running are all goroutines but those of requests; work ends when the server is closed.
	running sync.WaitGroup
	work    context.Context
	end     context.CancelFunc

	mu sync.Mutex
	// The fields below are guarded by mu.
	conns    map[net.Conn]struct{}
	closed   bool
	refusing bool
	faults   Faults
	// filesRefused says that no recording can be written.
	filesRefused bool
	startedAt    time.Time
	apps         map[string]*app
	channels     map[string]*channel
	bridges      map[string]*bridge
	playbacks    map[string]*playback
	// lines are the channels of each endpoint, so that a phone's state does not cost a look at every channel there is.
	lines map[string]map[*channel]struct{}
	// recordings are those under way and those that are files, by name.
	recordings map[string]*recording
	// devices are the states last told.
	devices map[string]string
	phones  map[string]Phone
	// absent are the phones that Asterisk does not know the place of; registrations counts changes of that, by phone.
	absent        map[string]bool
	registrations map[string]int
	// shown are the calls that phones got.
	shown map[string][]PhoneCall
	rings map[string]rings
	calls map[string]*Call
	// made counts channels for their ids, sockets and dialogs for theirs.
	made int
}

// New starts a stand-in that can be reached through Dial, and through every listener given to Serve. Close ends it.
func New(o Options) *Server {
	s := &Server{
		options: o.withDefaults(), memory: newMemory(), conns: make(map[net.Conn]struct{}),
		phones: make(map[string]Phone), calls: make(map[string]*Call), absent: make(map[string]bool),
		registrations: make(map[string]int), shown: make(map[string][]PhoneCall), rings: make(map[string]rings),
	}
	for name, e := range s.options.Endpoints {
		s.absent[name] = e.Registers
	}
	s.work, s.end = context.WithCancel(context.Background())
	s.forget()
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		IdleTimeout:       s.options.KeepAlive,
		ReadHeaderTimeout: inactivity,
		// One connection too many is not worth a line of anybody's log.
		ErrorLog: discard,
	}
	s.running.Go(func() { _ = s.http.Serve(&sessions{Listener: s.memory, s: s}) })
	return s
}

// Serve lets clients in through a listener until the server is closed, and closes it.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(&sessions{Listener: l, s: s})
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close ends every connection, call and goroutine.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	s.Crash()
	_ = s.http.Close()
	s.running.Wait()
}

// handle serves a request unless the server is being closed, so that Close can wait for those that are being served.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	s.running.Add(1)
	s.mu.Unlock()
	defer s.running.Done()
	s.serve(w, r)
}

// forget is what Asterisk knows after a start.
func (s *Server) forget() {
	s.startedAt = time.Now()
	s.apps = make(map[string]*app)
	s.channels = make(map[string]*channel)
	s.bridges = make(map[string]*bridge)
	s.playbacks = make(map[string]*playback)
	s.lines = make(map[string]map[*channel]struct{})
	s.recordings = make(map[string]*recording)
	s.devices = make(map[string]string)
}

// uuid makes an id as Asterisk does for bridges and playbacks that were given none.
func (s *Server) uuid() string {
	s.made++
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", s.made)
}

// nextID makes an id as Asterisk does: seconds, of ten digits, and a counter.
func (s *Server) nextID() string {
	s.made++
	return fmt.Sprintf("%010d.%d", s.startedAt.Unix(), s.made)
}
