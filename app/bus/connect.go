package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// oldest is the first version of the server this program works with: it brought what callbacks need (schedules on
// cron and time zones).
const oldestMajor, oldestMinor = 2, 14

// Attempts to connect at start come after 0.5 s, doubling to 5 s.
const (
	connectPause    = 500 * time.Millisecond
	connectPauseMax = 5 * time.Second
)

// drainWithin bounds the time subscriptions have for what they were given when the bus is closed.
const drainWithin = 5 * time.Second

// options of every connection. Nothing is buffered while the connection is down: what cannot be sent is an error at
// once, so that its owner can keep it elsewhere.
func (b *Bus) options() []nats.Option {
	return []nats.Option{
		nats.Name("missedcalls " + b.settings.Application),
		nats.MaxReconnects(-1),
		nats.ReconnectBufSize(-1),
		nats.IgnoreAuthErrorAbort(),
		nats.DrainTimeout(drainWithin),
		nats.DisconnectErrHandler(b.disconnected),
		nats.ReconnectHandler(b.reconnected),
		nats.ErrorHandler(b.asyncError),
		nats.ClosedHandler(func(*nats.Conn) { b.closedOnce.Do(func() { close(b.closed) }) }),
	}
}

// connectEmbedded connects to the server in this process, without a network.
func (b *Bus) connectEmbedded() (err error) {
	b.nc, err = nats.Connect("", append(b.options(),
		nats.InProcessServer(b.embedded),
		nats.UserInfo(internalUser, b.embedded.door.internalPassword),
		nats.ReconnectWait(10*time.Millisecond),
		nats.ReconnectJitter(10*time.Millisecond, 10*time.Millisecond),
	)...)
	if err != nil {
		return fmt.Errorf("connect to embedded nats: %w", err)
	}
	return nil
}

// connectCluster waits until a server of the cluster answers, or ctx ends. Wrong credentials and a server that is too
// old do not get better by waiting.
func (b *Bus) connectCluster(ctx context.Context) error {
	options := append(b.options(),
		nats.Timeout(2*time.Second),
		nats.PingInterval(5*time.Second), nats.MaxPingsOutstanding(2),
		nats.ReconnectWait(250*time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 500*time.Millisecond),
	)
	options = append(options, b.credentials()...)
	return b.until(ctx, "connect to nats "+b.settings.shownURL(), func() error {
		nc, err := nats.Connect(b.settings.URL, options...)
		if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) {
			return final{fmt.Errorf("%w: check MISSEDCALLS_NATS_USERNAME, _PASSWORD, _TOKEN or _CREDS_FILE", err)}
		}
		if err != nil {
			return err
		}
		if err := checkServer(nc.ConnectedServerVersion(), nc.MaxPayload()); err != nil {
			nc.Close()
			return final{err}
		}
		b.nc = nc
		return nil
	})
}

func (b *Bus) credentials() []nats.Option {
	var options []nats.Option
	if b.settings.Username != "" {
		options = append(options, nats.UserInfo(b.settings.Username, b.settings.Password))
	}
	if b.settings.Token != "" {
		options = append(options, nats.Token(b.settings.Token))
	}
	if b.settings.CredsFile != "" {
		options = append(options, nats.UserCredentials(b.settings.CredsFile))
	}
	if b.settings.TLSCA != "" {
		options = append(options, nats.RootCAs(b.settings.TLSCA))
	}
	return options
}

// final is an error that waiting does not mend.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// until repeats an attempt until it succeeds, fails for good, or ctx ends, and says so in the log.
func (b *Bus) until(ctx context.Context, what string, attempt func() error) error {
	pause := connectPause
	for {
		err := attempt()
		if err == nil {
			return nil
		}
		if f := (final{}); errors.As(err, &f) {
			return fmt.Errorf("%s: %w", what, f.error)
		}
		b.log.Warn().Err(err).Dur("again_in", pause).Msg(what + ": waiting for it")
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", what, ctx.Err(), err)
		case <-time.After(pause):
		}
		pause = min(2*pause, connectPauseMax)
	}
}

// checkServer refuses a server that this program cannot work with.
func checkServer(version string, payload int64) error {
	major, minor := parseVersion(version)
	if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		return fmt.Errorf("server has version %s, but %d.%d or later is needed: upgrade nats-server, or unset MISSEDCALLS_NATS_URL to use the embedded one",
			version, oldestMajor, oldestMinor)
	}
	if payload < leastPayload {
		return fmt.Errorf("server takes messages of %d bytes, but events have up to %d: raise its max_payload", payload, leastPayload)
	}
	return nil
}

func parseVersion(version string) (major, minor int) {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return 0, 0
	}
	major, _ = strconv.Atoi(parts[0])
	minor, _ = strconv.Atoi(parts[1])
	return major, minor
}

func (b *Bus) disconnected(_ *nats.Conn, err error) {
	b.connected.Store(false)
	if err != nil { // none when we close it
		b.log.Warn().Err(err).Msg("nats is disconnected")
	}
}

func (b *Bus) reconnected(nc *nats.Conn) {
	b.reconnects.Add(1)
	b.connected.Store(true)
	b.log.Info().Str("server", nc.ConnectedServerName()).Msg("nats is connected again")
}

func (b *Bus) asyncError(_ *nats.Conn, _ *nats.Subscription, err error) {
	b.log.Error().Err(err).Msg("nats reports an error")
}
