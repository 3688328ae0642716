// Package arimock is a stand-in Asterisk: the REST interface and the websocket of ARI as far as this program uses them,
// with the callers and phones around it. It is for tests, in memory within a synctest bubble, and for trying the program
// without telephony, on a port.
//
// It behaves as the real one does, including where that is unpleasant:
//
//   - each channel has a thread of its own that does one thing at a time: while it plays, a command that must be done by
//     it waits, and so does whoever sent that command;
//   - most commands are answered with 204 before they are done; what still waits when the channel hangs up is done to a
//     dying channel;
//   - events come in the order of what happened and without any order against answers to requests; with the websocket
//     gone they are lost, while channels stay where they are with their music playing;
//   - the newest connection has the application, and the older one stays open and deaf; a reader that stalls is cut off;
//   - the web server closes idle and surplus connections without an answer.
//
// What it must be like is not decided here. Folder conformance holds the traces of a real Asterisk, and this package is
// tested against them; where the two differ this package is wrong.
//
// It imports nothing of this module: a stand-in that shares the client's structs cannot catch a wrong field name.
//
// One mutex guards all state (Server.mu). A channel in the application has a goroutine, its thread; so has every
// websocket, for writing, and every caller, for what he is about to do. Close ends and awaits them all.
package arimock
