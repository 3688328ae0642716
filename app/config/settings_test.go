package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kelseyhightower/envconfig"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
)

func TestAnEmptyEnvironmentGivesTheDefaults(t *testing.T) {
	t.Parallel()
	want := config.Settings{
		Config:       "missedcalls.yaml",
		ARI:          config.ARISettings{URL: []string{"http://127.0.0.1:8088/ari"}, App: "missedcalls"},
		NATS:         config.NATSSettings{Listen: "127.0.0.1:4222"},
		DataDir:      "./data",
		HTTP:         config.HTTPSettings{Listen: "127.0.0.1:8080"},
		DrainTimeout: 10 * time.Second,
		LostAfter:    5 * time.Minute,
		Log:          config.LogSettings{Level: "info"},
		Events:       config.EventsSettings{MaxAge: 720 * time.Hour, MaxBytes: 8 << 30},
	}
	s, err := config.LoadSettings(nil)
	require.NoError(t, err)
	assert.Equal(t, want, s)

	s, err = config.LoadSettings([]string{"MISSEDCALLS_HTTP_LISTEN=", "MISSEDCALLS_DRAIN_TIMEOUT= ", "MISSEDCALLS_ARI_URL= ", "MISSEDCALLS_ARI_PASSWORD="})
	require.NoError(t, err)
	assert.Equal(t, want, s, "set to nothing is not set")
}

func TestEveryVariableIsRead(t *testing.T) {
	t.Parallel()
	s, err := config.LoadSettings([]string{
		"MISSEDCALLS_CONFIG=/etc/missedcalls.yaml",
		"MISSEDCALLS_ARI_URL=http://a:8088/ari/, https://b/ari",
		"MISSEDCALLS_ARI_USERNAME=me", "MISSEDCALLS_ARI_PASSWORD=p=w", "MISSEDCALLS_ARI_APP=mc.test-1",
		"MISSEDCALLS_NATS_URL=nats://a:4222,tls://b", "MISSEDCALLS_NATS_USERNAME=nu", "MISSEDCALLS_NATS_PASSWORD=np",
		"MISSEDCALLS_NATS_CREDS_FILE=/creds", "MISSEDCALLS_NATS_TLS_CA=/ca.pem", "MISSEDCALLS_NATS_LISTEN=off",
		"MISSEDCALLS_DATA_DIR=/data", "MISSEDCALLS_HTTP_LISTEN=:0", "MISSEDCALLS_DRAIN_TIMEOUT=1m", "MISSEDCALLS_LOST_AFTER=90s",
		"MISSEDCALLS_PROMPTS_DIR=/prompts", "MISSEDCALLS_PROMPTS_URL= https://proxy.example/missedcalls/ ",
		"MISSEDCALLS_LOG_LEVEL=debug", "MISSEDCALLS_LOG_FORMAT=json", "MISSEDCALLS_LOG_NUMBERS=true",
		"MISSEDCALLS_EVENTS_MAX_AGE=24h", "MISSEDCALLS_EVENTS_MAX_BYTES=500MB",
	})
	require.NoError(t, err)
	assert.Equal(t, config.Settings{
		Config: "/etc/missedcalls.yaml",
		ARI: config.ARISettings{URL: []string{"http://a:8088/ari", "https://b/ari"}, Username: "me", Password: "p=w",
			App: "mc.test-1"},
		NATS: config.NATSSettings{URL: "nats://a:4222,tls://b", Username: "nu", Password: "np", CredsFile: "/creds",
			TLS: config.TLSSettings{CA: "/ca.pem"}, Listen: "off"},
		DataDir: "/data", HTTP: config.HTTPSettings{Listen: ":0"},
		Prompts: config.PromptsSettings{Dir: "/prompts", URL: "https://proxy.example/missedcalls"}, DrainTimeout: time.Minute, LostAfter: 90 * time.Second,
		Log:    config.LogSettings{Level: "debug", Format: "json", Numbers: true},
		Events: config.EventsSettings{MaxAge: 24 * time.Hour, MaxBytes: 500e6},
	}, s)
	assert.True(t, s.NATS.Listen.Off())
	assert.False(t, s.HTTP.Listen.Off())
	assert.NoError(t, s.CheckServe(config.Roles{config.RoleApp}))
}

func TestOurReadingAgreesWithEnvconfigs(t *testing.T) {
	environ := []string{
		"MISSEDCALLS_CONFIG=c", "MISSEDCALLS_ARI_URL=http://a/ari,http://b/ari", "MISSEDCALLS_ARI_USERNAME=u", "MISSEDCALLS_ARI_PASSWORD=p",
		"MISSEDCALLS_NATS_CREDS_FILE=/creds", "MISSEDCALLS_NATS_TLS_CA=ca", "MISSEDCALLS_NATS_URL=nats://a", "MISSEDCALLS_DATA_DIR=d",
		"MISSEDCALLS_LOG_NUMBERS=1", "MISSEDCALLS_EVENTS_MAX_BYTES=1TiB", "MISSEDCALLS_LOST_AFTER=1h",
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	var want config.Settings
	require.NoError(t, envconfig.Process("MISSEDCALLS", &want))
	got, err := config.LoadSettings(environ)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestVariablesWithoutOurPrefixAreNotOurs(t *testing.T) {
	// envconfig by itself takes PATH or NATS_URL when a field has such a name of its own.
	t.Setenv("NATS_URL", "nats://elsewhere")
	require.Error(t, os.Setenv("=_CONFIG", "x"), "the name under which a single field is decoded cannot be set")
	s, err := config.LoadSettings([]string{"CONFIG=x", "NATS_URL=nats://elsewhere", "ARI_PASSWORD=x", "LISTEN=x", "TOKEN=x", "URL=x"})
	require.NoError(t, err)
	defaults, err := config.LoadSettings(nil)
	require.NoError(t, err)
	assert.Equal(t, defaults, s)
}

func TestEverySettingThatIsWrongIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		environ []string
		want    []string
	}{
		{"durations", []string{"DRAIN_TIMEOUT=5", "LOST_AFTER=0s", "EVENTS_MAX_AGE=1m"}, []string{
			`MISSEDCALLS_DRAIN_TIMEOUT: "5": must be a duration with its unit, such as 10s or 5m`,
			`MISSEDCALLS_EVENTS_MAX_AGE: "1m0s": must be at least 15m0s`,
			`MISSEDCALLS_LOST_AFTER: "0s": must be above zero`,
		}},
		{"sizes and flags", []string{"EVENTS_MAX_BYTES=8 gigs", "LOG_NUMBERS=perhaps"}, []string{
			`MISSEDCALLS_LOG_NUMBERS: "perhaps": must be true or false`,
			`MISSEDCALLS_EVENTS_MAX_BYTES: "8 gigs": must be a number of bytes, such as 512MiB or 8GiB`,
		}},
		{"too small", []string{"EVENTS_MAX_BYTES=1023KiB"}, []string{
			`MISSEDCALLS_EVENTS_MAX_BYTES: "1047552": must be at least 1MiB`,
		}},
		{"too large", []string{"EVENTS_MAX_BYTES=9999999999TiB"}, []string{
			`MISSEDCALLS_EVENTS_MAX_BYTES: "9999999999TiB": must be a number of bytes, such as 512MiB or 8GiB`,
		}},
		{"names", []string{"LOG_LEVEL=inof", "LOG_FORMAT=xml", "ARI_APP=my app"}, []string{
			`MISSEDCALLS_ARI_APP: "my app": must be 1 to 73 ASCII letters, digits, dots, - and _`,
			`MISSEDCALLS_LOG_LEVEL: "inof": must be one of trace, debug, info, warn, error, did you mean "info"?`,
			`MISSEDCALLS_LOG_FORMAT: "xml": must be one of console, json`,
		}},
		{"addresses", []string{"ARI_URL=127.0.0.1:8088,ws://a,http://,http://a/?x,http://b/,http://b", "NATS_URL=http://a"}, []string{
			`MISSEDCALLS_ARI_URL: "127.0.0.1:8088": must be a URL such as http://127.0.0.1:8088/ari`,
			`MISSEDCALLS_ARI_URL: "ws://a": must be a URL such as http://127.0.0.1:8088/ari`,
			`MISSEDCALLS_ARI_URL: "http:": must be a URL such as http://127.0.0.1:8088/ari`,
			`MISSEDCALLS_ARI_URL: "http://a/?x": must end with its path; no ? and no #`,
			`MISSEDCALLS_ARI_URL: "http://b": is named twice`,
			`MISSEDCALLS_NATS_URL: "http://a": must be a URL such as nats://127.0.0.1:4222`,
		}},
		{"a user in an address is not shown", []string{"ARI_URL=http://me:hunter2@a/ari", "NATS_URL=nats://me:hun%ter2@a,nats://t0ken@b"}, []string{
			`MISSEDCALLS_ARI_URL: must not hold a user; set MISSEDCALLS_ARI_USERNAME and MISSEDCALLS_ARI_PASSWORD`,
			`MISSEDCALLS_NATS_URL: must be a URL such as nats://127.0.0.1:4222`,
			`MISSEDCALLS_NATS_URL: must not hold a user; set MISSEDCALLS_NATS_USERNAME and MISSEDCALLS_NATS_PASSWORD`,
		}},
		{"listeners", []string{"HTTP_LISTEN=8080", "NATS_LISTEN=localhost:http"}, []string{
			`MISSEDCALLS_NATS_LISTEN: "localhost:http": the port must be a number from 0 to 65535`,
			`MISSEDCALLS_HTTP_LISTEN: "8080": must be host:port, such as 127.0.0.1:8080, or off`,
		}},
		{"half credentials", []string{"NATS_USERNAME=me", "NATS_TOKEN=t", "NATS_CREDS_FILE=/c"}, []string{
			`MISSEDCALLS_NATS_USERNAME: and MISSEDCALLS_NATS_PASSWORD go together; one of them is not set`,
			`MISSEDCALLS_NATS_TOKEN: is set, and so is MISSEDCALLS_NATS_USERNAME; set one of them`,
			`MISSEDCALLS_NATS_CREDS_FILE: "/c": is for an external cluster; set MISSEDCALLS_NATS_URL too`,
		}},
		{"where Asterisk gets prompts", []string{"PROMPTS_URL=10.0.0.5:8080"}, []string{
			`MISSEDCALLS_PROMPTS_URL: "10.0.0.5:8080": must be a URL such as http://10.0.0.5:8080`,
		}},
		{"a comma, where Asterisk parts media", []string{"PROMPTS_URL=http://a/x,y"}, []string{
			`MISSEDCALLS_PROMPTS_URL: "http://a/x,y": must hold no comma and no space`,
		}},
		{"a query behind which a path would come", []string{"PROMPTS_URL=http://a/?x"}, []string{
			`MISSEDCALLS_PROMPTS_URL: "http://a/?x": must end with its path; no ? and no #`,
		}},
		{"a user in an address that Asterisk logs", []string{"PROMPTS_URL=http://me:hunter2@a"}, []string{
			`MISSEDCALLS_PROMPTS_URL: must not hold a user: Asterisk logs the URLs it plays`,
		}},
		{"prompts that nothing would serve", []string{"PROMPTS_URL=http://a", "HTTP_LISTEN=off"}, []string{
			`MISSEDCALLS_PROMPTS_URL: "http://a": is set, and MISSEDCALLS_HTTP_LISTEN is off: nothing would serve the prompts`,
		}},
		{"misspelt", []string{"ARI_PASWORD=hunter2", "ARI_PASSWORD_FLIE=/x", "NATS_LISTN=off", "UTTERLY_ELSE=1", "HTTP_PORT=80"}, []string{
			`MISSEDCALLS_ARI_PASSWORD_FLIE: there is no such setting, did you mean "MISSEDCALLS_ARI_PASSWORD_FILE"?`,
			`MISSEDCALLS_ARI_PASWORD: there is no such setting, did you mean "MISSEDCALLS_ARI_PASSWORD"?`,
			`MISSEDCALLS_HTTP_PORT: there is no such setting, did you mean "MISSEDCALLS_HTTP_LISTEN"?`,
			`MISSEDCALLS_NATS_LISTN: there is no such setting, did you mean "MISSEDCALLS_NATS_LISTEN"?`,
			`MISSEDCALLS_UTTERLY_ELSE: there is no such setting`,
		}},
	} {
		environ := make([]string, len(c.environ))
		for i, entry := range c.environ {
			environ[i] = "MISSEDCALLS_" + entry
		}
		_, err := config.LoadSettings(environ)
		require.Error(t, err, c.name)
		assert.Equal(t, c.want, strings.Split(err.Error(), "\n"), c.name)
		assert.NotContains(t, err.Error(), "hunter2", c.name)
	}
}

func TestWhatKubernetesInjectsIsNoMisspelling(t *testing.T) {
	t.Parallel()
	_, err := config.LoadSettings([]string{
		"MISSEDCALLS_SERVICE_HOST=10.0.0.1", "MISSEDCALLS_SERVICE_PORT=80", "MISSEDCALLS_SERVICE_PORT_HTTP=80",
		"MISSEDCALLS_PORT=tcp://10.0.0.1:80", "MISSEDCALLS_PORT_80_TCP=tcp://10.0.0.1:80", "MISSEDCALLS_PORT_80_TCP_ADDR=10.0.0.1",
		"MISSEDCALLS_NATS_SERVICE_HOST=10.0.0.2", "MISSEDCALLS_NATS_SERVICE_PORT_CLIENT=4222", "MISSEDCALLS_NATS_PORT=tcp://10.0.0.2:4222",
		"MISSEDCALLS_NATS_PORT_4222_TCP_PROTO=tcp", "MISSEDCALLS_TESTBED_ROOT=/x", "MISSEDCALLSX=1", "missedcalls_x=1",
	})
	assert.NoError(t, err)
}

func TestServeAloneNeedsCredentialsOfARI(t *testing.T) {
	t.Parallel()
	s, err := config.LoadSettings([]string{"MISSEDCALLS_ARI_USERNAME=", "MISSEDCALLS_ARI_PASSWORD="})
	require.NoError(t, err)
	err = s.CheckServe(config.Roles{config.RoleApp})
	assert.ErrorContains(t, err, "MISSEDCALLS_ARI_USERNAME: is not set")
	assert.ErrorContains(t, err, "MISSEDCALLS_ARI_PASSWORD: is not set")

	s, err = config.LoadSettings([]string{"MISSEDCALLS_ARI_USERNAME=me"})
	require.NoError(t, err)
	err = s.CheckServe(config.Roles{config.RoleApp})
	assert.NotContains(t, err.Error(), "ARI_USERNAME:")
	assert.ErrorContains(t, err, "MISSEDCALLS_ARI_PASSWORD: is not set")
}

func TestStrangersAreLetIntoNATSOnlyWithCredentials(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{":4222", "0.0.0.0:4222", "192.0.2.1:4222", "[::]:4222", "nats.example:4222"} {
		_, err := config.LoadSettings([]string{"MISSEDCALLS_NATS_LISTEN=" + listen})
		assert.ErrorContains(t, err, "can be reached from other machines", listen)
		for _, credentials := range [][]string{
			{"MISSEDCALLS_NATS_TOKEN=t"}, {"MISSEDCALLS_NATS_USERNAME=u", "MISSEDCALLS_NATS_PASSWORD=p"},
			{"MISSEDCALLS_NATS_URL=nats://a"},
		} {
			_, err = config.LoadSettings(append(credentials, "MISSEDCALLS_NATS_LISTEN="+listen))
			assert.NoError(t, err, listen)
		}
	}
	for _, listen := range []string{"127.0.0.1:4222", "127.9.9.9:0", "[::1]:4222", "localhost:4222", "[::ffff:127.0.0.1]:1", "off"} {
		_, err := config.LoadSettings([]string{"MISSEDCALLS_NATS_LISTEN=" + listen})
		assert.NoError(t, err, listen)
	}
}

func TestASecretMayComeOutOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	for text, want := range map[string]string{"pw": "pw", "pw\n": "pw", "pw\r\n": "pw", "pw\n\n": "pw\n", " p w ": " p w "} {
		path := write("secret", text)
		s, err := config.LoadSettings([]string{
			"MISSEDCALLS_ARI_PASSWORD_FILE=" + path, "MISSEDCALLS_NATS_PASSWORD_FILE=" + path, "MISSEDCALLS_NATS_USERNAME=u",
		})
		require.NoError(t, err)
		assert.Equal(t, want, s.ARI.Password.Reveal())
		assert.Equal(t, want, s.NATS.Password.Reveal())
	}
	for path, want := range map[string]string{
		dir + "/nowhere":     "cannot be read: no such file or directory",
		dir:                  "cannot be read: is a directory",
		write("empty", "\n"): "the file is empty",
		write("large", strings.Repeat("x", 64<<10+1)): "is larger than 64 KiB and cannot be a secret",
	} {
		_, err := config.LoadSettings([]string{"MISSEDCALLS_NATS_TOKEN_FILE=" + path})
		assert.EqualError(t, err, fmt.Sprintf("MISSEDCALLS_NATS_TOKEN_FILE: %q: %s", path[:min(60, len(path))]+ellipsis(path), want))
	}
	_, err := config.LoadSettings([]string{"MISSEDCALLS_ARI_PASSWORD=hunter2", "MISSEDCALLS_ARI_PASSWORD_FILE=" + write("both", "x")})
	assert.EqualError(t, err, "MISSEDCALLS_ARI_PASSWORD: is set, and so is MISSEDCALLS_ARI_PASSWORD_FILE; set one of them")
}

func ellipsis(path string) string {
	if len(path) > 60 {
		return "…"
	}
	return ""
}

func TestASecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	s, err := config.LoadSettings([]string{"MISSEDCALLS_ARI_PASSWORD=hunter2", "MISSEDCALLS_NATS_TOKEN=hunter2"})
	require.NoError(t, err)
	encoded, err := json.Marshal(s)
	require.NoError(t, err)
	shown := []string{string(encoded), s.ARI.Password.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, s.ARI.Password), fmt.Sprintf(verb, &s))
	}
	for _, text := range shown {
		assert.NotContains(t, text, "hunter2")
		assert.NotContains(t, strings.ToLower(text), "68756e74657232")
		assert.Contains(t, text, "***")
	}
	assert.Empty(t, config.Secret("").String())
	assert.Equal(t, "hunter2", s.NATS.Token.Reveal())
}

func TestUsageTellsEveryVariableItsDefaultAndMeaning(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, config.Usage(&out))
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		assert.Regexp(t, `^MISSEDCALLS_[A-Z_]+ {2,}\S.*`, line)
	}
	assert.Contains(t, out.String(), "MISSEDCALLS_HTTP_LISTEN")
	assert.Contains(t, out.String(), "127.0.0.1:8080")
	assert.Contains(t, out.String(), "MISSEDCALLS_ARI_PASSWORD_FILE")
	assert.ErrorContains(t, config.Usage(brokenWriter{}), "write usage: no room")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("no room") }

func FuzzSettings(f *testing.F) {
	for _, entry := range []string{"ARI_URL=http://a", "NATS_LISTEN=[::1]:1", "EVENTS_MAX_BYTES=1GiB", "LOST_AFTER=1h", "ARI_PASSWRD=x", "NATS_URL=nats://h@x"} {
		f.Add("MISSEDCALLS_" + entry)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		if strings.Contains(entry, "_FILE") {
			return // any file of this machine could be named
		}
		s, err := config.LoadSettings([]string{entry})
		if err != nil {
			assert.ErrorContains(t, err, "MISSEDCALLS_")
			return
		}
		assert.Positive(t, s.DrainTimeout)
		assert.Positive(t, s.LostAfter)
		assert.NotEmpty(t, s.ARI.URL)
		assert.NotEmpty(t, s.HTTP.Listen)
	})
}
