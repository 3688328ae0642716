// Package caller reads who is calling out of what Asterisk knows: the number, the name and the presentation of the
// caller id. It is done once, where a call comes in; everything behind works with the result.
//
// # Kinds
//
//   - withheld: the caller asked not to be shown, or no number came with the call. No part of the caller id is kept.
//   - internal: up to six digits, or such a feature code as *78. Tested before anything else is, because the
//     rules of the telephone plan read 101 as the number +7101.
//   - external: a number that can be written in E.164.
//   - invalid: anything else, such as letters, a local number without its area code, or a number with digits missing.
//     Vanity numbers (1-800-FLOWERS) are for people who dial; a network sends digits, so letters are invalid.
//
// # E.164
//
// A number is read in the region of the configuration. In many regions a trunk sends international numbers without a
// plus, or with 00 where another prefix would be dialled. A number that no subscriber can have in the region is
// therefore read as an international one too, and taken so when it is a subscriber's number there. Where neither
// is, the national reading is kept as long as its length is right, so that a range of numbers that was opened after
// this program was built still works.
//
// # Cleaning
//
// Caller ids are written by strangers and end in logs, terminals, messages and mail headers. Control characters, line
// separators and the marks that turn the direction of text are taken out, invalid UTF-8 is replaced, and the length
// is bounded.
package caller
