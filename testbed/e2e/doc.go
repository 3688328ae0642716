// Package e2e tests the built program end to end: SIPp callers, a real Asterisk, the program's own NATS on disk, and what
// goes wrong between them. Its tests need the build tag e2e; `make e2e` runs them.
package e2e
