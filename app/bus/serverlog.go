package bus

import (
	"fmt"
	"sync/atomic"

	"github.com/rs/zerolog"
)

// serverLog writes what the embedded server says to our log. The server says Fatalf and goes on when it cannot start;
// the text is kept for whoever waits for it to be ready.
type serverLog struct {
	log   zerolog.Logger
	fatal atomic.Pointer[string]
}

func newServerLog(log zerolog.Logger) *serverLog {
	return &serverLog{log: log.With().Str("component", "nats-server").Logger()}
}

// Noticef implements server.Logger. A server that starts has thirty lines to say which nobody asked for.
func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug().Msgf(format, v...) }

// Warnf implements server.Logger.
func (l *serverLog) Warnf(format string, v ...any) { l.log.Warn().Msgf(format, v...) }

// Fatalf implements server.Logger.
func (l *serverLog) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.fatal.Store(&text)
	l.log.Error().Msg(text)
}

// Errorf implements server.Logger.
func (l *serverLog) Errorf(format string, v ...any) { l.log.Error().Msgf(format, v...) }

// Debugf implements server.Logger.
func (l *serverLog) Debugf(format string, v ...any) { l.log.Trace().Msgf(format, v...) }

// Tracef implements server.Logger. The server is never told to trace: it would write the events themselves.
func (l *serverLog) Tracef(string, ...any) {}
