package api

import (
	"cmp"
	"slices"
)

// page sorts what is listed by a key that each has for itself, and takes at most limit of those that follow one. next asks
// for the rest; it is empty when there is none. What comes or goes between two pages is in at most one of them.
func page[T any](all []T, key func(T) string, after string, limit int) (some []T, next string) {
	rest := make([]T, 0, len(all)) // no null in JSON
	for _, one := range all {
		if key(one) > after {
			rest = append(rest, one)
		}
	}
	slices.SortFunc(rest, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	if len(rest) <= limit {
		return rest, ""
	}
	return rest[:limit], key(rest[limit-1])
}
