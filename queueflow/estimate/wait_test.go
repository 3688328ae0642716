package estimate

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestACallerIsToldACautiousWaitInWholeSteps(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name       string
		wait       Wait
		step, told time.Duration
	}{
		{"nothing", Wait{}, 0, 0},
		{"a moment is half a minute", Wait{Mean: 1}, 0, 30 * s},
		{"half a minute", Wait{Mean: 30 * s}, 0, 30 * s},
		{"a little more", Wait{Mean: 30*s + 1}, 0, 60 * s},
		{"the deviation counts for two thirds", Wait{Mean: 30 * s, Deviation: 30 * s}, 0, 60 * s},
		{"and for all of that", Wait{Mean: 39900 * time.Millisecond, Deviation: 30*s + 1}, 0, 60 * s},
		{"the last half minute", Wait{Mean: 90 * s}, 0, 90 * s},
		{"two minutes", Wait{Mean: 90*s + 1}, 0, 120 * s},
		{"whole minutes from there on", Wait{Mean: 120*s + 1}, 0, 180 * s},
		{"the step of the queue, below two minutes", Wait{Mean: 31 * s}, time.Minute, time.Minute},
		{"and above", Wait{Mean: 121 * s}, 10 * s, 130 * s},
	} {
		assert.Equal(t, c.told, c.wait.Told(c.step), c.name)
	}
}

func TestAnEstimateIsBounded(t *testing.T) {
	assert.Equal(t, longest, seconds(math.Inf(1)))
	assert.Equal(t, longest, seconds(1e30))
	assert.Equal(t, 1500*time.Millisecond, seconds(1.5))
}
