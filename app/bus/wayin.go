package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// wayIn is how commands of the user who owns the data directory reach the embedded server: a file that nobody else can
// read. Without it a command would need the credentials of the listener, and by default there are none. The password is
// made at every start of the process, and stays when only the server is started anew.
type wayIn struct {
	URL      string `json:"url"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// operatorUser is who comes by it.
const operatorUser = "missedcalls-operator"

// operator may read and write records, and nothing else of the bucket: their keys have three parts, unlike those of
// epochs. He may read and delete dead letters, and publish them as jobs again.
func operator() *server.Permissions {
	const bucket = "KV_" + Bucket
	return &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{
			"$KV." + Bucket + ".*.*.*",
			"$JS.API.STREAM.INFO." + bucket,
			"$JS.API.CONSUMER.CREATE." + bucket + ".>", "$JS.API.CONSUMER.DELETE." + bucket + ".>", "$JS.FC." + bucket + ".>",
			"$JS.API.STREAM.INFO." + DeadStream, "$JS.API.DIRECT.GET." + DeadStream, "$JS.API.STREAM.MSG.DELETE." + DeadStream,
			"jobs.*.*",
		}},
		Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
	}
}

func wayInFile(dir string) string { return filepath.Join(dir, "operator.json") }

// writeWayIn replaces the file as a whole. Without a listener there is none.
func (e *embedded) writeWayIn() error {
	if !e.settings.listens() {
		return e.removeWayIn()
	}
	text, err := json.Marshal(wayIn{URL: "nats://" + reachable(e.addr()), Username: operatorUser, Password: e.door.operatorPassword})
	if err != nil {
		return err
	}
	file := wayInFile(e.settings.Dir)
	if err := ignoreAbsent(os.Remove(file + ".new")); err != nil { // its mode may be any
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func (e *embedded) removeWayIn() error { return ignoreAbsent(os.Remove(wayInFile(e.settings.Dir))) }

// reachable is an address to connect to for one to listen at.
func reachable(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// maxWayIn is more than the file ever has.
const maxWayIn = 4 << 10

// readWayIn finds the way to the embedded server of a data directory.
func readWayIn(dir string) (wayIn, error) {
	f, err := os.Open(wayInFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return wayIn{}, fmt.Errorf("%w: start `missedcalls serve`, and give both the same MISSEDCALLS_DATA_DIR; "+
			"with MISSEDCALLS_NATS_LISTEN=off no command reaches it", err)
	}
	if err != nil {
		return wayIn{}, fmt.Errorf("%w: run this as the user who runs `missedcalls serve`", err)
	}
	defer f.Close()
	var w wayIn
	text, err := io.ReadAll(io.LimitReader(f, maxWayIn))
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	if err != nil {
		return wayIn{}, fmt.Errorf("read %s: %w: restart `missedcalls serve`, which writes it anew", f.Name(), err)
	}
	return w, nil
}

// OpenRecords reaches the records of a program that runs elsewhere: through the cluster of the settings, or through the
// embedded server of the settings' directory. It waits for nobody who is not there. The caller ends it by done.
func OpenRecords(ctx context.Context, s Settings, kind string) (r Records, done func(), err error) {
	s = s.withDefaults()
	nc, err := comeIn(s)
	if err != nil {
		return Records{}, nil, fmt.Errorf("reach the running program: %w", err)
	}
	kv, err := bucket(ctx, nc)
	if err != nil {
		nc.Close()
		return Records{}, nil, fmt.Errorf("open bucket %s at %s: %w", Bucket, nc.ConnectedUrlRedacted(), err)
	}
	return newRecords(nc, kv, s.Application, kind), nc.Close, nil
}

// comeIn connects once, for the time of a command.
func comeIn(s Settings) (*nats.Conn, error) {
	options := []nats.Option{nats.Name("missedcalls command"), nats.Timeout(apiWait), nats.NoReconnect()}
	absent, wrong := "check MISSEDCALLS_NATS_URL", "check MISSEDCALLS_NATS_USERNAME, _PASSWORD, _TOKEN or _CREDS_FILE"
	if s.Embedded() {
		w, err := readWayIn(s.Dir)
		if err != nil {
			return nil, err
		}
		s.URL = w.URL
		absent = "is `missedcalls serve` running, with this MISSEDCALLS_DATA_DIR?"
		wrong = "another program listens there; " + absent
		options = append(options, nats.UserInfo(w.Username, w.Password))
	} else {
		options = append(options, (&Bus{settings: s}).credentials()...)
	}
	nc, err := nats.Connect(s.URL, options...)
	if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) {
		absent = wrong
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", s.shownURL(), err, absent)
	}
	return nc, nil
}

func bucket(ctx context.Context, nc *nats.Conn) (jetstream.KeyValue, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	kv, err := js.KeyValue(ctx, Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		err = fmt.Errorf("%w: `missedcalls serve` makes it, and has not run with this MISSEDCALLS_NATS_URL yet", err)
	}
	return kv, err
}
