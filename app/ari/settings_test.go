package ari

import (
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBoundsThatAreNotGivenHaveTheirDefaults(t *testing.T) {
	s := testSettings()
	s.URL += "//"
	s = s.withDefaults()
	require.NoError(t, s.problems())
	assert.Equal(t, "http://asterisk:8088/ari", s.URL)
	assert.Equal(t, 5*time.Second, s.RequestTimeout)
	assert.Equal(t, 2*time.Second, s.EchoEvery)
	assert.Equal(t, 3*time.Second, s.EchoWithin)
	assert.Equal(t, 32, s.MaxConnections)
	assert.Equal(t, 200_000, s.QueueLimit)
	assert.Equal(t, DefaultDisallowed, s.Disallowed)
	s.Disallowed[0] = "X"
	assert.Equal(t, "ChannelVarset", DefaultDisallowed[0], "the default is not shared")
}

func TestAnEmptyFilterIsKept(t *testing.T) {
	s := testSettings()
	s.Disallowed = []string{}
	assert.Empty(t, s.withDefaults().Disallowed)
}

func TestEachWrongSettingIsNamed(t *testing.T) {
	for want, spoil := range map[string]func(*Settings){
		"URL: it cannot be read":         func(s *Settings) { s.URL = "http://a b:pass@/%zz" },
		"URL: it must not hold":          func(s *Settings) { s.URL = "http://queue:hidden@asterisk/ari" },
		`URL "ftp://asterisk/ari"`:       func(s *Settings) { s.URL = "ftp://asterisk/ari" },
		`URL "asterisk:8088/ari"`:        func(s *Settings) { s.URL = "asterisk:8088/ari" },
		`URL ""`:                         func(s *Settings) { s.URL = "" },
		"nothing may follow":             func(s *Settings) { s.URL += "?api_key=x" },
		"user name":                      func(s *Settings) { s.Username = "" },
		"without a colon":                func(s *Settings) { s.Username = "a:b" },
		"password: it must be given":     func(s *Settings) { s.Password = "" },
		"in at most 1000 bytes":          func(s *Settings) { s.Password = strings.Repeat("p", 1001) },
		`application ""`:                 func(s *Settings) { s.Application = "" },
		`application "a,b"`:              func(s *Settings) { s.Application = "a,b" },
		"1 to 73 bytes":                  func(s *Settings) { s.Application = strings.Repeat("a", 74) },
		"request timeout -1ns":           func(s *Settings) { s.RequestTimeout = -1 },
		"dial timeout":                   func(s *Settings) { s.DialTimeout = -1 },
		"echo every":                     func(s *Settings) { s.EchoEvery = -1 },
		"echo within":                    func(s *Settings) { s.EchoWithin = -1 },
		"back-off min -1ns":              func(s *Settings) { s.BackOffMin = -1 },
		"must not be above back-off max": func(s *Settings) { s.BackOffMax = time.Millisecond },
		"max connections 1":              func(s *Settings) { s.MaxConnections = 1 },
		"queue limit":                    func(s *Settings) { s.QueueLimit = -1 },
		"queue bytes":                    func(s *Settings) { s.QueueBytes = -1 },
		"frame limit":                    func(s *Settings) { s.FrameLimit = -1 },
		`disallowed event "StasisStart"`: func(s *Settings) { s.Disallowed = []string{"StasisStart"} },
		`event "RESTResponse"`:           func(s *Settings) { s.Disallowed = []string{"RESTResponse"} },
		`event "ApplicationReplaced"`:    func(s *Settings) { s.Disallowed = []string{"ApplicationReplaced"} },
		`event "ChannelUserevent"`:       func(s *Settings) { s.Disallowed = []string{"ChannelUserevent"} },
	} {
		s := testSettings()
		spoil(&s)
		_, err := New(s, zerolog.Nop())
		require.Error(t, err, want)
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "hidden")
		assert.NotContains(t, err.Error(), "s3cret")
		assert.NotContains(t, err.Error(), "pass@")
	}
}

func TestAllWrongSettingsAreNamedAtOnce(t *testing.T) {
	_, err := New(Settings{}, zerolog.Nop())
	for _, want := range []string{"URL", "user name", "password", "application"} {
		assert.ErrorContains(t, err, want)
	}
}

func TestTheLongestNamesAreAccepted(t *testing.T) {
	s := testSettings()
	s.Application, s.Password = strings.Repeat("a", 73), strings.Repeat("p", 1000)
	_, err := New(s, zerolog.Nop())
	assert.NoError(t, err)
}
