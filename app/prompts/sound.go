package prompts

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed sounds/*/*.wav
var files embed.FS

// sound is one prompt, in memory. It never changes.
type sound struct {
	key
	content  []byte
	hash     string // of the content, in hex
	length   time.Duration
	modified time.Time // of the file; zero for an embedded one
}

// hashed is how many characters of a hash tell two versions of a prompt apart.
const hashed = 16

// newSound makes a prompt of a file, or says why Asterisk would not play it.
func newSound(k key, content []byte, modified time.Time) (*sound, error) {
	d, err := length(content)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	return &sound{key: k, content: content, hash: hex.EncodeToString(sum[:])[:hashed], length: d, modified: modified}, nil
}

// embedded are the prompts in the binary.
var embedded = sync.OnceValue(func() map[key]*sound {
	found := make(map[key]*sound)
	err := fs.WalkDir(files, "sounds", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		k := key{path.Base(path.Dir(name)), strings.TrimSuffix(path.Base(name), ".wav")}
		found[k], err = newSound(k, content, time.Time{})
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("prompts: embedded: %v", err)) // a test looks at each of them
	}
	return found
})
