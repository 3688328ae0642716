package conformance

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests and then looks for goroutines left behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
