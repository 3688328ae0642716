package ari

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Verdict is what this package thinks of a version of Asterisk.
type Verdict int

// The verdicts.
const (
	// VersionGood: recommended.
	VersionGood Verdict = iota
	// VersionUnknown: a text without a version in it, or a build from git; it may well do.
	VersionUnknown
	// VersionOld: it works, with known faults; upgrade.
	VersionOld
	// VersionUnsupported: Listen refuses it.
	VersionUnsupported
)

// ErrUnsupported is the error of Listen for an Asterisk that is too old.
var ErrUnsupported = errors.New("this version of Asterisk is not supported")

// oldestSupported is the oldest major version; before it ARI lacks or misnames what this package reads.
const oldestSupported = 20

// recommended holds for each major version the oldest release without the deadlocks named in CheckVersion's advice.
// 21 never got those corrections; its users go to 22.
var recommended = map[int][3]int{20: {20, 20, 1}, 21: {22, 10, 1}, 22: {22, 10, 1}, 23: {23, 4, 1}}

var numbers = regexp.MustCompile(`^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?`)

// CheckVersion judges the version Asterisk gives itself and says, unless it is good, what a person should know or do.
func CheckVersion(version string) (Verdict, string) {
	shown := cut(version, 80)
	if certified, is := strings.CutPrefix(version, "certified/"); is {
		return checkCertified(certified, shown)
	}
	is, found := parseVersion(version)
	if !found {
		return VersionUnknown, fmt.Sprintf("asterisk %q: not a release this program can judge; 22.10.1, 20.20.1, 23.4.1 and later are known to work", shown)
	}
	want, judged := recommended[is[0]]
	switch {
	case is[0] < oldestSupported:
		return VersionUnsupported, fmt.Sprintf("asterisk %s is not supported: upgrade to 22.10.1 or later", shown)
	case judged && before(is, want):
		return VersionOld, fmt.Sprintf("asterisk %s can deadlock under load, when calls are originated with variables (asterisk#1962), "+
			"hung up (asterisk#1928) or bridged (asterisk#1946): upgrade to %d.%d.%d or later", shown, want[0], want[1], want[2])
	default:
		return VersionGood, ""
	}
}

// checkCertified judges certified releases, which are numbered apart: 20.7-cert4 is newer than 20.7.
func checkCertified(version, shown string) (Verdict, string) {
	is, found := parseVersion(version)
	if found && is[0] < oldestSupported {
		return VersionUnsupported, fmt.Sprintf("asterisk %s is not supported: upgrade to 22.10.1 or later", shown)
	}
	return VersionUnknown, fmt.Sprintf("asterisk %s: ask your supplier whether it has the corrections of asterisk#1962, #1928 and #1946", shown)
}

func parseVersion(version string) (is [3]int, found bool) {
	parts := numbers.FindStringSubmatch(version)
	if parts == nil {
		return is, false
	}
	for i, digits := range parts[1:] {
		is[i], _ = strconv.Atoi(digits) // at most four digits, or empty for zero
	}
	return is, true
}

func before(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
