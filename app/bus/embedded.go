package bus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rs/zerolog"
)

// readyWithin bounds the start of the embedded server. It reads its streams then: 0.2 s for 300,000 events whose index
// was lost, longer on a slow disk.
const readyWithin = time.Minute

const (
	maxMemory  = 64 << 20
	maxPayload = 1 << 20
)

// embedded is the server in this process. It may be started anew; its connections are made to the present one.
type embedded struct {
	settings Settings
	door     *doorkeeper
	log      zerolog.Logger

	mu      sync.Mutex // guards current
	current *server.Server
}

func startEmbedded(ctx context.Context, s Settings, log zerolog.Logger) (*embedded, error) {
	if err := os.MkdirAll(s.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("start embedded nats: %w", err)
	}
	e := &embedded{settings: s, door: newDoorkeeper(s), log: log}
	if err := e.start(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// options are those of the server. Its memory and store are limited because it would take most of the machine's
// otherwise; it leaves signals to the application.
func (e *embedded) options() *server.Options {
	o := &server.Options{
		ServerName:                 "missedcalls",
		JetStream:                  true,
		StoreDir:                   e.settings.Dir,
		JetStreamMaxMemory:         maxMemory,
		JetStreamMaxStore:          e.settings.MaxStore,
		SyncAlways:                 true,
		MaxPayload:                 maxPayload,
		NoSigs:                     true,
		DontListen:                 !e.settings.listens(),
		CustomClientAuthentication: e.door,
	}
	if e.settings.listens() {
		host, port, _ := net.SplitHostPort(e.settings.Listen)
		o.Host = host
		o.Port, _ = strconv.Atoi(port)
		if o.Port == 0 {
			o.Port = server.RANDOM_PORT
		}
	}
	return o
}

// start makes a server and waits until it serves.
func (e *embedded) start(ctx context.Context) error {
	s, err := server.NewServer(e.options())
	if err != nil {
		return fmt.Errorf("start embedded nats in %s: %w", e.settings.Dir, err)
	}
	said := newServerLog(e.log)
	s.SetLoggerV2(said, e.log.GetLevel() <= zerolog.TraceLevel, false, false)
	s.Start()
	if err := e.await(ctx, s, said); err != nil {
		s.Shutdown()
		s.WaitForShutdown()
		return err
	}
	e.mu.Lock()
	e.current = s
	e.mu.Unlock()
	if err := e.writeWayIn(); err != nil { // commands cannot reach us, calls go on
		e.log.Error().Err(err).Msg("the file by which commands reach this program cannot be written")
	}
	return nil
}

func (e *embedded) await(ctx context.Context, s *server.Server, said *serverLog) error {
	giveUp := time.Now().Add(readyWithin)
	for !s.ReadyForConnections(20 * time.Millisecond) {
		if text := said.fatal.Load(); text != nil {
			return e.fatal(*text)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("start embedded nats: %w", ctx.Err())
		}
		if time.Now().After(giveUp) {
			return fmt.Errorf("start embedded nats in %s: not ready after %v", e.settings.Dir, readyWithin)
		}
	}
	if text := said.fatal.Load(); text != nil {
		return e.fatal(*text)
	}
	if !s.JetStreamEnabled() {
		return fmt.Errorf("start embedded nats in %s: JetStream did not start; see the log", e.settings.Dir)
	}
	return nil
}

// fatal explains why a server did not start; a listener is the one reason that is no damage.
func (e *embedded) fatal(text string) error {
	if e.settings.listens() {
		return fmt.Errorf("start embedded nats on %s: %s; set MISSEDCALLS_NATS_LISTEN to another address, or to off", e.settings.Listen, text)
	}
	return fmt.Errorf("start embedded nats in %s: %s", e.settings.Dir, text)
}

func (e *embedded) server() *server.Server {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.current
}

var errNotRunning = errors.New("embedded nats is not running")

// InProcessConn implements nats.InProcessConnProvider for every connection and reconnection.
func (e *embedded) InProcessConn() (net.Conn, error) {
	if s := e.server(); s != nil {
		return s.InProcessConn()
	}
	return nil, errNotRunning
}

// addr is where subscribers are let in, empty for nowhere.
func (e *embedded) addr() string {
	if s := e.server(); s != nil && s.Addr() != nil {
		return s.Addr().String()
	}
	return ""
}

// broken says what keeps the server from storing, nil for nothing. The server reports a stream that can no longer be
// written to only to those who ask for every stream.
func (e *embedded) broken() error {
	s := e.server()
	if s == nil {
		return errNotRunning
	}
	if !s.JetStreamEnabled() {
		return errors.New("JetStream of embedded nats was shut down")
	}
	if h := s.Healthz(nil); h.Error != "" {
		return errors.New(h.Error)
	}
	return nil
}

// stop ends the server and waits until nothing of it runs.
func (e *embedded) stop() {
	e.mu.Lock()
	s := e.current
	e.current = nil
	e.mu.Unlock()
	if s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}
