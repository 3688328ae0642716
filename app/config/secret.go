package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Secret is a text that shows as *** wherever it is printed, logged or encoded. Reveal gives it out.
type Secret string

const masked = "***"

// Reveal is the secret itself, to be handed to whom it is for.
func (s Secret) Reveal() string { return string(s) }

// String is *** for any secret, and empty for none.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// Format prints *** whatever the verb, %#v and %x included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText keeps the secret out of JSON and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// maxSecret is more than any password, token or key is long.
const maxSecret = 64 << 10

// readSecret reads the secret that a variable ending in _FILE names. One newline at its end, which editors and echo
// leave there, is not part of it.
func readSecret(name, path string) (Secret, *Problem) {
	wrong := func(rule string) (Secret, *Problem) {
		return "", &Problem{Key: name, Value: path, Rule: rule}
	}
	f, err := os.Open(path)
	if err != nil {
		return wrong("cannot be read: " + cause(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return wrong("cannot be read: " + cause(err))
	case len(b) > maxSecret:
		return wrong(fmt.Sprintf("is larger than %d KiB and cannot be a secret", maxSecret>>10))
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if secret == "" {
		return wrong("the file is empty")
	}
	return Secret(secret), nil
}

// cause is an error of the file system without the path, which is in the problem already.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
