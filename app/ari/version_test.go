package ari

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersionsAreJudged(t *testing.T) {
	for version, want := range map[string]Verdict{
		"22.10.1":                         VersionGood,
		"22.10.1~dfsg+~cs6.15.60671435-1": VersionGood,
		"22.11.0":                         VersionGood,
		"22.10.0":                         VersionOld,
		"22.9.0":                          VersionOld,
		"22.9.99~dfsg":                    VersionOld,
		"22.10":                           VersionOld,
		"22.10.1-rc1":                     VersionGood,
		"20.20.1":                         VersionGood,
		"20.20.0":                         VersionOld,
		"20.9.3~dfsg+~cs6":                VersionOld,
		"21.12.0":                         VersionOld,
		"23.4.1":                          VersionGood,
		"23.4.0":                          VersionOld,
		"24.0.0":                          VersionGood,
		"18.26.4":                         VersionUnsupported,
		"19.9.9":                          VersionUnsupported,
		"1.8.32":                          VersionUnsupported,
		"certified/20.7-cert4":            VersionUnknown,
		"certified/18.9-cert17":           VersionUnsupported,
		"certified/22.8-cert1":            VersionUnknown,
		"certified/":                      VersionUnknown,
		"GIT-22-1a2b3c4d":                 VersionUnknown,
		"GIT-master-1a2b3c4d":             VersionUnknown,
		"":                                VersionUnknown,
		"22":                              VersionUnknown,
		"99999.1":                         VersionUnknown,
		"UNKNOWN__and_probably_x":         VersionUnknown,
	} {
		verdict, advice := CheckVersion(version)
		assert.Equal(t, want, verdict, version)
		assert.Equal(t, verdict == VersionGood, advice == "", version)
	}
}

func TestAnOldVersionIsToldWhatToUpgradeToAndWhy(t *testing.T) {
	for version, want := range map[string]string{"20.9.3": "20.20.1", "21.9.0": "22.10.1", "22.9.0": "22.10.1", "23.3.0": "23.4.1"} {
		_, advice := CheckVersion(version)
		assert.Contains(t, advice, "upgrade to "+want)
		assert.Contains(t, advice, "deadlock")
		assert.Contains(t, advice, version)
	}
}
