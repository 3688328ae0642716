package arimock

import (
	"cmp"
	"time"
)

// Options say what kind of Asterisk it is. A zero value stands for what Asterisk does when its configuration says
// nothing.
type Options struct {
	// Username and Password are those of the one user of ari.conf; missedcalls and secret unless given.
	Username, Password string
	// Version, SystemName and EntityID are what asterisk/info tells.
	Version, SystemName, EntityID string
	// SessionLimit of http.conf: connections above it are closed without a word. 100.
	SessionLimit int
	// KeepAlive is session_keep_alive of http.conf: an idle connection is closed after it. 15 s.
	KeepAlive time.Duration
	// WriteTimeout is websocket_write_timeout of ari.conf: a websocket that takes nothing for that long is cut. 100 ms.
	WriteTimeout time.Duration
	// SocketBuffer is how many bytes of events the kernels of both sides hold for a reader that is slow. 3 MB, as measured
	// on loopback. On a real port the kernel's own buffers come on top of it.
	SocketBuffer int
	// Endpoints can be dialled, by name (PJSIP/101), whether or not a phone is switched on there; besides them those can
	// that a phone was set for.
	Endpoints map[string]Endpoint
	// BusyAt is device_state_busy_at of the endpoints: from so many calls on their state is BUSY. 0 is never.
	BusyAt int
	// Dialplan is where numbers lead to.
	Dialplan Dialplan
	// Called, if given, is told of each call as it begins, before anything comes of it.
	Called func(*Call)
	// Sounds tells how long a sound file of a language plays (sound:NAME without the scheme) and whether it exists.
	// Sounds of Asterisk's core packages in English and Russian, with their real lengths, unless given.
	Sounds func(name, language string) (length time.Duration, exists bool)
}

// Endpoint is what an endpoint's configuration says.
type Endpoint struct {
	// Name and Number are its callerid.
	Name, Number string
	// Registers says that it has no contact but those it registers: until Register it is UNAVAILABLE.
	Registers bool
}

func (o Options) withDefaults() Options {
	o.Username = cmp.Or(o.Username, "missedcalls")
	o.Password = cmp.Or(o.Password, "secret")
	o.Version = cmp.Or(o.Version, "22.10.1")
	o.EntityID = cmp.Or(o.EntityID, "02:00:00:00:00:01")
	o.SessionLimit = cmp.Or(o.SessionLimit, 100)
	o.KeepAlive = cmp.Or(o.KeepAlive, 15*time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 100*time.Millisecond)
	o.SocketBuffer = cmp.Or(o.SocketBuffer, 3_000_000)
	o.Dialplan = o.Dialplan.withDefaults()
	if o.Sounds == nil {
		o.Sounds = coreSound
	}
	return o
}
