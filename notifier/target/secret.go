package target

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecret bounds a file of a secret in bytes.
const maxSecret = 16 << 10

// ReadSecret reads a file that holds one line, such as a token; space around it is taken off. what names it in errors,
// which never show what the file holds.
func ReadSecret(what, file string) (string, error) {
	secret, err := readLine(file)
	if err != nil {
		return "", fmt.Errorf("read the %s from %s: %w", what, file, err)
	}
	return secret, nil
}

func readLine(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", cause(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	line := strings.TrimSpace(string(b))
	switch {
	case err != nil:
		return "", cause(err)
	case len(b) > maxSecret:
		return "", fmt.Errorf("it has more than %d bytes; a secret is one line", maxSecret)
	case line == "":
		return "", errors.New("it is empty; a secret is one line")
	case strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", errors.New("it has several lines or control characters; a secret is one line")
	}
	return line, nil
}

// cause is what kept a file from being read, without the path that the caller tells.
func cause(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
