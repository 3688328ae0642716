package demo

import (
	"cmp"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"missedcalls/app/config"
)

// usualNATS is the port that the command nats tries by itself.
const usualNATS = "4222"

// signs say where to look. The error is that of a file that one of them names.
func (d *Demo) signs(p *program, on stage, terminal bool) ([]string, error) {
	data := on.home.says()
	if terminal {
		data = on.home.says() + "   log in " + filepath.Base(on.home.logPath())
	}
	signs := []string{
		fmt.Sprintf("missedcalls demo   --seed %d --speed %g", d.options.Seed, d.options.Speed),
		"events   " + eventsSign(p.settings.NATS, d.settings.NATS.Listen),
		"health   " + httpSign(p, d.settings.HTTP.Listen),
		"call in  " + callSign(on.standIn, on.scene),
	}
	if p.settings.NATS.URL == "" && !p.settings.NATS.Listen.Off() {
		settle, err := d.settleSign(on.home, p.settings)
		if err != nil {
			return nil, err
		}
		signs = append(signs, "settle   "+settle)
	}
	if on.chat == nil && len(on.scene.notifications.Targets) > 0 {
		signs = append(signs, "nobody   is told: the targets of "+on.config+" are real, and these calls are not")
	}
	return append(signs, "data     "+data), nil
}

// settleSign says how to list and resolve missed calls, by a file that holds what the commands must know.
func (d *Demo) settleSign(h *home, s config.Settings) (string, error) {
	data, err := filepath.Abs(s.DataDir)
	if err != nil {
		return "", fmt.Errorf("find the data directory: %w", err)
	}
	file, err := filepath.Abs(s.Config)
	if err != nil {
		return "", fmt.Errorf("find the configuration: %w", err)
	}
	path, err := h.write("env", fmt.Appendf(nil, "export MISSEDCALLS_CONFIG=%s MISSEDCALLS_DATA_DIR=%s MISSEDCALLS_ARI_APP=%s\n",
		quoted(file), quoted(data), quoted(s.ARI.App)))
	if err != nil {
		return "", err
	}
	program := cmp.Or(d.options.Program, "missedcalls")
	return fmt.Sprintf(". %s; %s missed list   then   %s missed resolve NUMBER --why 'called back'", path, program, program), nil
}

// quoted is a text as a shell reads it.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// eventsSign says how to follow the events.
func eventsSign(n config.NATSSettings, asked config.Listen) string {
	switch {
	case n.URL != "":
		return "nats sub -s " + n.URL + " 'calls.*.missed'   (these invented calls are in the stream CALLS of that cluster)"
	case n.Listen.Off():
		return "MISSEDCALLS_NATS_LISTEN is off: nobody can follow, this view neither; they are read and summed up at the end"
	}
	_, port, err := net.SplitHostPort(string(n.Listen))
	at := natsURL(n)
	line := "nats sub 'calls.*.missed'   (NATS listens at " + at + ")"
	if err != nil || port != usualNATS || reachable(string(n.Listen)) != "127.0.0.1:"+usualNATS {
		line = "nats sub -s " + at + " 'calls.*.missed'"
	}
	switch {
	case n.Username != "":
		line += "   with --user and --password"
	case n.Token != "":
		line += "   with --token"
	}
	return line + moved(asked, n.Listen)
}

// moved says that the usual port was taken.
func moved(asked, got config.Listen) string {
	_, port, err := net.SplitHostPort(string(asked))
	if asked == got || err != nil || port == "0" {
		return ""
	}
	return "   (" + string(asked) + " is taken)"
}

func httpSign(p *program, asked config.Listen) string {
	if p.http == "" {
		return "MISSEDCALLS_HTTP_LISTEN is off"
	}
	return "curl " + p.http + "/readyz   and   curl " + p.http + "/metrics" + moved(asked, p.settings.HTTP.Listen)
}

// callSign says how to be a caller.
func callSign(a *standIn, s scene) string {
	did := insideNumber
	if len(s.destinations) > 0 {
		did = s.destinations[0].did
	}
	return fmt.Sprintf(`curl -d '{"number":"+79990001234","did":"%s","patience":"20s","talk_for":"9s"}' http://%s/mock/calls`, did, a.address)
}
