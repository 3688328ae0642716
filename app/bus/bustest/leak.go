// Package bustest is for tests that start a NATS server in their process.
package bustest

import (
	"testing"

	"go.uber.org/goleak"
)

// server is the package of nats-server whose goroutines Verify excuses.
const server = "github.com/nats-io/nats-server/v2/server"

// Verify runs the tests of a package, and fails when goroutines of theirs are left. Not counted are the loops of a file
// store: a server that is stopped in the moment in which it makes one forgets to end them (seen with nats-server 2.15.2, in
// one run of some dozens).
func Verify(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction(server+".(*msgBlock).flushLoop"),
		goleak.IgnoreAnyFunction(server+".(*fileStore).flushStreamStateLoop"),
		goleak.IgnoreAnyFunction(server+"/ats.Register.func1"),
	)
}
