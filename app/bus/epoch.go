package bus

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// NextEpoch counts the starts of an application, in whatever process: no two calls of it ever give the same number, and
// each gives a higher one than those before. The first is 1.
func (b *Bus) NextEpoch(ctx context.Context, application string) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	for {
		epoch, err := b.tryEpoch(ctx, "epoch."+Token(application))
		if err == nil {
			return epoch, nil
		}
		if !errors.Is(err, jetstream.ErrKeyExists) { // somebody else was faster: look again
			return 0, fmt.Errorf("count the start of %s: %w", application, err)
		}
	}
}

// tryEpoch adds one, unless somebody else does so at the same time: then the error is ErrKeyExists.
func (b *Bus) tryEpoch(ctx context.Context, key string) (uint64, error) {
	entry, err := b.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		_, err = b.kv.Create(ctx, key, []byte("1"))
		return 1, err
	}
	if err != nil {
		return 0, err
	}
	last, err := strconv.ParseUint(string(entry.Value()), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("key %s of bucket %s is no number; put one there that is higher than every epoch in the ids of events: %w", key, Bucket, err)
	}
	_, err = b.kv.Update(ctx, key, []byte(strconv.FormatUint(last+1, 10)), entry.Revision())
	return last + 1, err
}

// Token makes a part of a key of any text; keys hold ASCII letters, digits and -/_=. only.
func Token(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "=" + hex.EncodeToString([]byte(s))
}
