// Package callevent is what the business is told about calls: the wire contract of stream CALLS.
//
// An Event is a CloudEvents 1.0 message in structured JSON. Its Payload says what happened; inside version 1 of a
// payload, fields are only added, so a consumer ignores what it does not know. A JSON Schema per payload stands in
// schema/, a table per payload in docs/events.md, and tests hold all three together.
//
// The package knows neither NATS nor Asterisk and has no dependency of ours, so that anybody who consumes the events
// from Go can use it.
package callevent
