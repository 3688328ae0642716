// Package arimock will be a stand-in Asterisk: the REST interface and the websocket of ARI as far as this program uses
// them, with scripted callers and agents, for tests and for trying the program without telephony. The folder conformance
// will hold one suite that runs against the stand-in and against a real Asterisk, so that the two cannot drift apart.
//
// It will import nothing of this module: a stand-in that shares the client's structs cannot catch a wrong field name.
//
// Nothing of it is built yet. The real Asterisk for tests is in folder testbed.
package arimock
