package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/rs/zerolog"
)

const (
	// maxRequest bounds a request, in bytes.
	maxRequest = 16 << 10
	// handleWithin bounds the serving of one; a client waits for longer.
	handleWithin = 4 * time.Second
	// maxWaiting and maxWaitingBytes bound the requests of one kind that wait.
	maxWaiting, maxWaitingBytes = 64, 1 << 20
)

// apiVersion is that of the requests and replies, not of the program.
const apiVersion = "1.0.0"

// Service answers requests.
type Service struct {
	service micro.Service
	log     zerolog.Logger

	// ctx ends with Close, so that what is being served ends soon.
	ctx context.Context
	end context.CancelFunc

	mu      sync.Mutex
	serving sync.WaitGroup // added to under mu while ctx lives
}

// Serve answers requests on the subjects that begin with a prefix, until Close.
func Serve(nc *nats.Conn, prefix string, missed Missed, members Members, log zerolog.Logger) (*Service, error) {
	s := &Service{log: log}
	s.ctx, s.end = context.WithCancel(context.Background())
	service, err := micro.AddService(nc, micro.Config{
		Name: "missedcalls", Version: apiVersion, Description: "Open missed calls, members of queues, queues",
		ErrorHandler: func(_ micro.Service, err *micro.NATSError) { log.Warn().Err(err).Msg("requests get no answer") },
	})
	if err != nil {
		s.end()
		return nil, fmt.Errorf("serve requests on %s: %w", prefix, err)
	}
	s.service = service
	err = errors.Join(
		add(s, prefix, "missed.list", missed, list),
		add(s, prefix, "missed.resolve", missed, resolve),
		add(s, prefix, "members.list", members, listMembers),
		add(s, prefix, "members.add", members, addMember),
		add(s, prefix, "members.remove", members, removeMember),
		add(s, prefix, "members.pause", members, pauseMember),
		add(s, prefix, "members.unpause", members, unpauseMember),
		add(s, prefix, "members.penalty", members, setPenalty),
		add(s, prefix, "queues.list", members, listQueues),
	)
	if err == nil {
		err = nc.FlushTimeout(handleWithin) // the server knows that somebody answers
	}
	if err != nil {
		return nil, fmt.Errorf("serve requests on %s: %w", prefix, errors.Join(err, s.Close(context.Background())))
	}
	return s, nil
}

// add lets one kind of request be served by somebody who knows.
func add[In, Desk any](s *Service, prefix, what string, desk Desk, serve func(context.Context, Desk, In) (any, error)) error {
	handler := micro.HandlerFunc(func(r micro.Request) { handle(s, r, desk, serve) })
	return s.service.AddEndpoint(strings.ReplaceAll(what, ".", "-"), handler,
		micro.WithEndpointSubject(prefix+"."+what), micro.WithEndpointPendingLimits(maxWaiting, maxWaitingBytes))
}

// Close ends the answering. Nothing is being served when it returns; what still waits is told that the program is not
// serving, while the connection lasts.
func (s *Service) Close(context.Context) error {
	s.mu.Lock()
	s.end()
	s.mu.Unlock()
	s.serving.Wait()
	return s.service.Stop()
}

// begin says whether a request may be served; done follows then.
func (s *Service) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.serving.Add(1)
	return true
}

// errEnding is the answer of a program that hands over.
var errEnding = &Error{Code: Unavailable, Message: "the program is about to end; ask the next one"}

// handle serves one request.
func handle[In, Desk any](s *Service, r micro.Request, desk Desk, serve func(context.Context, Desk, In) (any, error)) {
	if !s.begin() {
		s.refuse(r, errEnding)
		return
	}
	defer s.serving.Done()
	ctx, cancel := context.WithTimeout(s.ctx, handleWithin)
	defer cancel()
	in, err := read[In](r.Data())
	var out any
	if err == nil {
		out, err = serve(ctx, desk, in)
	}
	if err != nil {
		s.refuse(r, errorOf(err))
		return
	}
	if err := r.RespondJSON(out); err != nil {
		s.log.Warn().Err(err).Str("subject", r.Subject()).Msg("a request could not be answered")
	}
}

// read takes a request: one JSON object of fields that are known, or nothing at all.
func read[In any](data []byte) (in In, err error) {
	if len(data) > maxRequest {
		return in, badRequest("the request has %d bytes, and may have %d", len(data), maxRequest)
	}
	if len(data) == 0 {
		return in, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return in, badRequest("the request cannot be read: %s", oneLine(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return in, badRequest("the request cannot be read: something follows it")
	}
	return in, nil
}

// refuse answers with an error, whose text also goes into a header.
func (s *Service) refuse(r micro.Request, e *Error) {
	body, err := json.Marshal(e)
	if err == nil {
		err = r.Error(e.Code.String(), oneLine(e), body)
	}
	if err != nil {
		s.log.Warn().Err(err).Str("subject", r.Subject()).Msg("a request could not be answered")
	}
}

// oneLine keeps the text of an error from beginning another header.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r < ' ' }), " ")
}
