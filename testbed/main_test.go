package testbed

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests and then looks for goroutines left behind. Started by TestNothingOutlivesAKilledTest it is the program
// that is killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv(victimVariable); folder != "" {
		os.Exit(victim(folder))
	}
	goleak.VerifyTestMain(m)
}
