package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"
)

// Check is one part of a process that must be well for it to be ready.
type Check struct {
	Name string
	// Probe gives nil when the part is well, and else what is wrong and what to do. It must be quick, and heed ctx.
	Probe func(ctx context.Context) error
}

// probeWithin bounds all probes of one request.
const probeWithin = 2 * time.Second

// Server serves the pages of one process.
type Server struct {
	listener net.Listener
	http     *http.Server
	log      zerolog.Logger
	ended    chan struct{}
}

// Page is what another part serves at the same address.
type Page struct {
	Pattern string // of http.ServeMux: "GET /prompts/"
	Handler http.Handler
}

// Listen takes the address and begins to serve. live is asked by /livez, ready by /readyz.
func Listen(address string, live, ready []Check, metrics prometheus.Gatherer, log zerolog.Logger, pages ...Page) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; set MISSEDCALLS_HTTP_LISTEN to a free address, or to off", address, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /livez", report(live))
	mux.Handle("GET /readyz", report(ready))
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	for _, p := range pages {
		mux.Handle(p.Pattern, p.Handler)
	}
	s := &Server{
		listener: listener, log: log, ended: make(chan struct{}),
		http: &http.Server{
			Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
			IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		},
	}
	go s.serve()
	return s, nil
}

func (s *Server) serve() {
	defer close(s.ended)
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		s.log.Error().Err(err).Msg("the HTTP listener ended: health and metrics are not served any more")
	}
}

// Addr is the address in use, with the port that was free when 0 was asked for.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close answers the requests under way until ctx ends, and returns when nothing runs any more.
func (s *Server) Close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("close the HTTP listener: %w", err), s.http.Close())
	}
	<-s.ended
	return err
}

// health is the answer of /livez and /readyz.
type health struct {
	OK bool `json:"ok"`
	// Checks maps each part to "ok" or to what is wrong with it.
	Checks map[string]string `json:"checks"`
}

// report answers 200 when every part is well, else 503; either way it says which part is not.
func report(checks []Check) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), probeWithin)
		defer cancel()
		h := probe(ctx, checks)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if !h.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(h) // a reader that went away needs no answer
	})
}

func probe(ctx context.Context, checks []Check) health {
	h := health{OK: true, Checks: make(map[string]string, len(checks))}
	for _, c := range checks {
		h.Checks[c.Name] = "ok"
		if err := c.Probe(ctx); err != nil {
			h.OK = false
			h.Checks[c.Name] = err.Error()
		}
	}
	return h
}
