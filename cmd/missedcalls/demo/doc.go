// Package demo shows the program at work without telephony: a stand-in Asterisk, people who call, the program itself as
// serve runs it, and a view of what its events tell.
//
// # Who does what
//
//   - crowd decides, from a seed, who calls when and what he does. It is a value without clock or goroutine.
//   - player lets those people call on the stand-in; ledger keeps what became of each call there: the truth.
//   - program is the real application, reached over TCP as an Asterisk would reach it.
//   - chat plays Telegram: it takes what the notifier tells of missed calls, and what it changes when they are settled.
//   - colleague calls people back now and then, and resolves their missed calls as a command does.
//   - follower subscribes to the events over NATS as anybody may.
//   - board is a value that is folded from events alone, and draws itself; show owns it and is the loop of the demo.
//   - audit reads the stream in the end and holds it against the ledger: one ending event for each call. telling holds the
//     chat against the stream: one message for each missed call that the routes send there, changed if it was settled.
//
// Agents are phones of the stand-in (standin.go) and members of the demo's configuration (configuration.go); an event is a
// case in board.apply and one in sentence.
package demo
