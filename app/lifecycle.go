package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
)

// lifecycle remembers how to end what was started, and ends it last in, first out.
type lifecycle struct {
	log   zerolog.Logger
	stops []stop
}

type stop struct {
	name string
	end  func(ctx context.Context) error
}

// started notes a part that runs now.
func (l *lifecycle) started(name string, end func(ctx context.Context) error) {
	l.stops = append(l.stops, stop{name, end})
}

// stop ends every part, the newest first, all of them within the limit, and gives all their errors.
func (l *lifecycle) stop(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var errs []error
	for i := len(l.stops) - 1; i >= 0; i-- {
		s := l.stops[i]
		begun := time.Now()
		err := s.end(ctx)
		l.log.Debug().Str("part", s.name).Dur("took", time.Since(begun)).Msg("stopped")
		if err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", s.name, err))
		}
	}
	l.stops = nil
	return errors.Join(errs...)
}
