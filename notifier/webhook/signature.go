package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"missedcalls/notifier/target"
)

// key signs requests.
type key []byte

// The prefix of keys in base64, and how many bytes they have, by Standard Webhooks.
const (
	keyPrefix = "whsec_"
	minKey    = 24
	maxKey    = 64
)

func readKeys(files []string) ([]key, error) {
	var keys []key
	for _, file := range files {
		secret, err := target.ReadSecret("key of the signature", file)
		if err != nil {
			return nil, err
		}
		k, err := parseKey(secret)
		if err != nil {
			return nil, fmt.Errorf("read the key of the signature from %s: %w", file, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// parseKey reads whsec_ and base64; anything else is the key itself, as it stands.
func parseKey(secret string) (key, error) {
	encoded, is := strings.CutPrefix(secret, keyPrefix)
	if !is {
		return key(secret), nil
	}
	k, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("what follows %s is not base64", keyPrefix) // the error of the library shows a part of it
	}
	if len(k) < minKey || len(k) > maxKey {
		return nil, fmt.Errorf("it has %d bytes; a key has %d to %d", len(k), minKey, maxKey)
	}
	return k, nil
}

// sign gives a signature by every key, for the receiver to find the one it knows.
func sign(keys []key, id, seconds string, body []byte) string {
	signatures := make([]string, 0, len(keys))
	for _, k := range keys {
		h := hmac.New(sha256.New, k)
		h.Write([]byte(id + "." + seconds + "."))
		h.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)))
	}
	return strings.Join(signatures, " ")
}

// idOf is the id of a delivery as the signature needs it: without a dot, which parts what is signed. Ours are made of
// letters, digits and the target's name between dots, so that two of one target do not become the same.
func idOf(delivery string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, delivery)
}
