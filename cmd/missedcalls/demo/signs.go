package demo

import (
	"fmt"
	"net"
	"path/filepath"

	"missedcalls/app/config"
)

// usualNATS is the port that the command nats tries by itself.
const usualNATS = "4222"

// signs say where to look.
func (d *Demo) signs(p *program, on stage, terminal bool) []string {
	data := on.home.says()
	if terminal {
		data = on.home.says() + "   log in " + filepath.Base(on.home.logPath())
	}
	return []string{
		fmt.Sprintf("missedcalls demo   --seed %d --speed %g", d.options.Seed, d.options.Speed),
		"events   " + eventsSign(p.settings.NATS, d.settings.NATS.Listen),
		"health   " + httpSign(p, d.settings.HTTP.Listen),
		"call in  " + callSign(on.standIn, on.scene),
		"data     " + data,
	}
}

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
	return fmt.Sprintf(`curl -d '{"number":"+79990001234","did":"%s","give_up_after":"9s"}' http://%s/mock/calls`, did, a.address)
}
