// Package demo shows the program at work without telephony: a stand-in Asterisk, people who call, the program itself as
// serve runs it, and a view of what its events tell.
//
// # Who does what
//
//   - crowd decides, from a seed, who calls when and what he does. It is a value without clock or goroutine.
//   - player lets those people call on the stand-in; ledger keeps what became of each call there: the truth.
//   - program is the real application, reached over TCP as an Asterisk would reach it.
//   - staff are the agents' phones on the stand-in, and what one of them does while she talks; breaks are their pauses, by the
//     commands that anybody has.
//   - chat plays Telegram: it takes what the notifier tells of missed calls, and what it changes when they are settled.
//   - colleague calls people back now and then, and resolves their missed calls as a command does.
//   - follower subscribes to the events over NATS as anybody may; roster asks how the agents are, as a command does.
//   - board is a value that is folded from events, and from what roster was told, and draws itself; seat is an agent on it. show
//     owns it and is the loop of the demo.
//   - audit reads the stream in the end and holds it against the ledger and the phones: each call was answered once or missed
//     once, no agent was rung twice at once. telling holds the chat against the stream: one message for each missed call that
//     the routes send there, changed if it was settled.
//
// Agents are phones of the stand-in (standin.go) and members of the demo's configuration (configuration.go); an event is a
// case in board.fold and one in sentence.
package demo
