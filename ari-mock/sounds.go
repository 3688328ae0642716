package arimock

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"time"
)

// soundLengths are the lengths in milliseconds of the sounds that Debian's asterisk-core-sounds-en-wav and -ru-wav
// install, a line each: language, name, milliseconds.
//
//go:embed sounds.txt
var soundLengths string

// coreSounds are soundLengths, by language and name.
var coreSounds = sync.OnceValue(func() map[string]time.Duration {
	lengths := make(map[string]time.Duration)
	for line := range strings.Lines(soundLengths) {
		language, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, text, _ := strings.Cut(rest, " ")
		if ms, err := strconv.Atoi(text); err == nil {
			lengths[language+" "+name] = time.Duration(ms) * time.Millisecond
		}
	}
	return lengths
})

// coreSound finds a sound in a language, or else in English, as Asterisk does.
func coreSound(name, language string) (length time.Duration, exists bool) {
	for _, l := range []string{language, strings.SplitN(language, "_", 2)[0], "en"} {
		if length, exists = coreSounds()[l+" "+name]; exists {
			return length, true
		}
	}
	return 0, false
}
