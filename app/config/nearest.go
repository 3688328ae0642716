package config

import "slices"

// nearest is the one of names that word is most likely a slip of, empty when none is close: at most a third of the
// word may differ, at least one letter may, and something must be left of it.
func nearest(word string, names []string) string {
	best, most := "", min(max(1, len(word)/3), len(word)-1)
	for _, name := range names {
		if max(len(name)-len(word), len(word)-len(name)) > most {
			continue
		}
		if d := distance(word, name); d < most || d == most && (best == "" || name < best) {
			best, most = name, d
		}
	}
	return best
}

// didYouMean is the hint to add to a rule, empty when nothing is close. Who writes a secret where the file with it is to be
// named is told so.
func didYouMean(word string, names []string) string {
	name := nearest(word, names)
	if slices.Contains(names, word+"_file") {
		name = word + "_file"
	}
	if name != "" {
		return `, did you mean "` + name + `"?`
	}
	return ""
}

// distance is how many letters must be inserted, removed, replaced or swapped with their neighbour to turn a into b
// (optimal string alignment). Words too long for a slip to be looked for count as wholly different.
func distance(a, b string) int {
	const longest = 100
	if len(a) > longest || len(b) > longest {
		return max(len(a), len(b))
	}
	beforeLast, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		beforeLast, last, row = last, row, beforeLast
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], beforeLast[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
