package config

import (
	"strings"
	"time"
)

// prefix begins the name of every variable that is a setting.
const prefix = "MISSEDCALLS"

// Settings are what a process is told by its environment. The names of the variables are those of the fields, with the
// prefix MISSEDCALLS and in the spelling of package envconfig: ARI.Username is MISSEDCALLS_ARI_USERNAME.
type Settings struct {
	Config       string `default:"missedcalls.yaml" desc:"file of queues and policies"`
	ARI          ARISettings
	NATS         NATSSettings
	DataDir      string `split_words:"true" default:"./data" desc:"directory of the embedded NATS server and the journal; one process at a time"`
	HTTP         HTTPSettings
	Prompts      PromptsSettings
	DrainTimeout time.Duration `split_words:"true" default:"10s" desc:"how long a SIGTERM may take to hand over to the next instance"`
	LostAfter    time.Duration `split_words:"true" default:"5m" desc:"how long the waiting calls of an unreachable Asterisk stay open before they end as lost"`
	Log          LogSettings
	Events       EventsSettings
}

// ARISettings say where Asterisk is and who we are there.
type ARISettings struct {
	URL      []string `default:"http://127.0.0.1:8088/ari" desc:"base URL of Asterisk's REST interface; several, parted by commas, share the queues"`
	Username string   `desc:"user of ari.conf; serve with role app needs it"`
	Password Secret   `desc:"password of that user; serve with role app needs it"`
	App      string   `default:"missedcalls" desc:"name of the Stasis application in the dialplan"`
}

// NATSSettings say where events go. They are for the external cluster, and for those who connect to the embedded server.
type NATSSettings struct {
	URL       string `desc:"external cluster (2.14 or later), servers separated by commas; empty embeds a server that stores in MISSEDCALLS_DATA_DIR"`
	Username  string `desc:"user of the external cluster, or of the embedded server's listener"`
	Password  Secret `desc:"password of that user"`
	Token     Secret `desc:"token, instead of user and password"`
	CredsFile string `split_words:"true" desc:"credentials file of the external cluster (JWT and NKey)"`
	TLS       TLSSettings
	Listen    Listen `default:"127.0.0.1:4222" desc:"where the embedded server lets subscribers in; off: nowhere; beyond loopback it needs a password or a token"`
}

// TLSSettings say whom to trust.
type TLSSettings struct {
	CA string `desc:"file of the certificate authorities that sign the NATS servers' certificates"`
}

// HTTPSettings say where health, metrics and prompts are served.
type HTTPSettings struct {
	Listen Listen `default:"127.0.0.1:8080" desc:"/livez, /readyz, /metrics and the prompts that Asterisk plays; off: not served"`
}

// PromptsSettings say which prompts are played, and where Asterisk gets them.
type PromptsSettings struct {
	Dir string `desc:"folder of prompts that replace the built-in ones by name, <language>/<name>.wav; empty: none"`
	URL string `desc:"where Asterisk reaches MISSEDCALLS_HTTP_LISTEN, such as http://10.0.0.5:8080; empty: derived when Asterisk is on this machine"`
}

// LogSettings say what is logged, and how.
type LogSettings struct {
	Level   string `default:"info" desc:"trace, debug, info, warn or error"`
	Format  string `desc:"console or json; empty: console on a terminal, else json"`
	Numbers bool   `default:"false" desc:"whether callers' numbers may be logged above the level debug"`
}

// EventsSettings bound the stream CALLS. What is reached first removes the oldest events.
type EventsSettings struct {
	MaxAge   time.Duration `split_words:"true" default:"720h" desc:"how long events are kept"`
	MaxBytes Size          `split_words:"true" default:"8GiB" desc:"how much room events may take, such as 512MiB or 8GiB"`
}

// LoadSettings reads the settings out of an environment in the form of os.Environ(), and the files that it names for
// secrets. A variable that is set to nothing, or to spaces, counts as not set. The error is Problems: all that is wrong at once, each
// with the exact name of the variable. No problem shows a secret.
func LoadSettings(environ []string) (Settings, error) {
	var s Settings
	env := environment(environ)
	problems := unknownVariables(env)
	for _, v := range variables(&s) {
		problems = append(problems, v.load(env)...)
	}
	return s, append(problems, s.check()...).err()
}

// environment is the slice as a map. Of a name that is there twice the first counts, as in package os.
func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if _, twice := env[name]; !twice {
			env[name] = value
		}
	}
	return env
}
