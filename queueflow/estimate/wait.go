package estimate

import (
	"math"
	"time"
)

// Wait is how long a caller will go on waiting: the mean of what may happen, and its standard deviation.
type Wait struct {
	Mean, Deviation time.Duration
}

// cautious is how many standard deviations are added to the mean of what is told. Some three of four callers are served
// before the moment that they are told then; one who is told less than he waits is far likelier to hang up.
const cautious = 0.67

// The steps in which a wait is told unless the queue has one of its own.
const (
	fineStep, coarseStep = 30 * time.Second, time.Minute
	fineBelow            = 2 * time.Minute
)

// Told is the wait to be told to a caller: a cautious one, rounded up to whole steps. A step of 0 stands for half minutes
// below two minutes and minutes above.
func (w Wait) Told(step time.Duration) time.Duration {
	told := w.Mean + time.Duration(cautious*float64(w.Deviation))
	if step > 0 {
		return roundUp(told, step)
	}
	if fine := roundUp(told, fineStep); fine < fineBelow {
		return fine
	}
	return roundUp(told, coarseStep)
}

func roundUp(d, step time.Duration) time.Duration {
	if whole := d.Truncate(step); whole < d {
		return whole + step
	}
	return d
}

// longest bounds an estimate: beyond a year a duration could overflow, and nobody waits.
const longest = 365 * 24 * time.Hour

// seconds is a duration of so many seconds.
func seconds(s float64) time.Duration {
	if s >= longest.Seconds() {
		return longest
	}
	return time.Duration(math.Round(s * float64(time.Second)))
}
