// Package testbed runs a real Asterisk for tests, and plays callers and agents against it with SIPp.
//
// The Asterisk comes from Debian's packages and lives in a folder of its own that build.sh makes once (Build, or `make testbed`);
// the machine's system is not touched. Every instance has its own configuration, database, logs and loopback ports, and runs in
// private mount and process namespaces: several run at once from the one folder, none can change it, and nothing of an instance,
// neither process nor mount, outlives the process that started it, not even one killed with SIGKILL.
//
//	asterisk := testbed.Start(t, testbed.WithApp("missedcalls"))
//	run := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{{
//		Number: "79990000001", DID: "74951234567", HangupAfter: 3 * time.Second,
//	}}})
//	results := run.Results()
//
// Something missing, be it the folder, root rights or SIPp, fails a test and says what to do; nothing is skipped.
// The package imports nothing of the program it tests.
package testbed
