package scenario

import "math"

// score sums the errors of the tellings of one kind.
type score struct {
	count, wait float64
	squares     forecast
	late        forecast
}

// scores are those of tellings at arrival, and of the updates.
type scores struct {
	arrival, updates score
}

// add scores what a caller was told against the moment at which he was served, or would have been.
func (s *scores) add(served float64, c *caller) {
	for i, t := range c.tellings {
		if i == 0 {
			s.arrival.add(served-t.at, t.told)
		} else {
			s.updates.add(served-t.at, t.told)
		}
	}
	c.tellings = nil
}

func (s *score) add(wait float64, told forecast) {
	s.count++
	s.wait += wait
	for i, value := range told {
		s.squares[i] += (value - wait) * (value - wait)
		if wait > value+60 {
			s.late[i]++
		}
	}
}

// join adds the tellings of another run.
func (s *score) join(other score) {
	s.count += other.count
	s.wait += other.wait
	for i := range s.squares {
		s.squares[i] += other.squares[i]
		s.late[i] += other.late[i]
	}
}

// rmse is the root mean square error of a predictor, in seconds; lateBy60 is the part of callers who still wait a minute after
// the moment they were told.
func (s score) rmse(predictor int) float64     { return math.Sqrt(s.squares[predictor] / s.count) }
func (s score) lateBy60(predictor int) float64 { return s.late[predictor] / s.count }

// gain is how many times smaller our error is than another predictor's.
func (s score) gain(over int) float64 { return s.rmse(over) / s.rmse(ours) }
