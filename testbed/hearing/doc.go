// Package hearing tells what a caller heard: which sounds, when, and how long nothing was to be heard.
//
// A Tape takes the datagrams that came to a caller's media port and makes a Recording of them. A Library holds the sounds that may
// have been played: prompts, and music of classes. Its Listen compares the two and returns a Transcript.
//
//	library := hearing.NewLibrary(sounds...)
//	transcript := library.Listen(recording)
//	transcript.Names()                      // "queue-thankyou", "digits/3", "music default"
//	transcript.Silences(time.Second)        // when nothing was to be heard for a second or more
//
// The package knows no network and no clock. It works on what was played, sample by sample, so it recognises copies: the sound itself
// after it went through G.711 once, possibly resampled, and not another recording of the same words.
package hearing
