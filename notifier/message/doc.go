// Package message puts events into words: in Russian and English, with plural forms, local times and numbers that can be
// tapped. It is pure: it knows no channel, no clock and no file.
//
// A Renderer makes the messages of one target, with the operator's templates where there are any. A template sees a View,
// the event in words; docs/messages.md has the table of it. Whatever a template does, there is a message: the
// built-in one stands in for a template that fails.
//
// # What may be in an event
//
// Names are written by strangers. Every text of an event passes through clean before it gets anywhere: one line of valid
// UTF-8 without control characters, marks of text direction and what else is invisible, cut to a length. A message as a
// whole is bounded by MaxMessage, a custom text by MaxCustom. The number and the name of a caller who withheld his number
// are told to nobody, in whatever field they may have come.
package message
