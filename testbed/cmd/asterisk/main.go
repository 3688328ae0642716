// Command asterisk starts one real Asterisk of the testbed in the foreground and prints where it listens, for trying the program
// against it by hand. Ctrl-C ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"missedcalls/testbed"
)

func main() {
	app := flag.String("app", "missedcalls", "Stasis application the dialplan calls")
	verbose := flag.Bool("verbose", false, "log every step of the dialplan")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, *app, *verbose)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, app string, verbose bool) (err error) {
	root, err := testbed.Build(ctx, os.Stderr)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "testbed-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	opts := []testbed.Option{testbed.WithApp(app)}
	if verbose {
		opts = append(opts, testbed.WithVerbose())
	}
	asterisk, err := testbed.Launch(ctx, root, folder, opts...)
	if err != nil {
		return err
	}
	defer asterisk.Stop()
	describe(asterisk)
	<-ctx.Done()
	return nil
}

func describe(a *testbed.Asterisk) {
	fmt.Printf(`Asterisk %s runs. Ctrl-C ends it.

  export MISSEDCALLS_ARI_URL=%s MISSEDCALLS_ARI_USERNAME=%s MISSEDCALLS_ARI_PASSWORD=%s MISSEDCALLS_ARI_APP=%s

  SIP        %s (UDP); any number dialled from loopback enters Stasis(%s)
  a caller   sipp -sn uac -s 74951234567 -m 1 %s
  log        tail -f %s
  console    nsenter -t %d -m chroot %s /usr/sbin/asterisk -r
`, a.Root.Version, a.ARIURL(), a.Username, a.Password, a.App, a.SIPAddr(), a.App, a.SIPAddr(),
		filepath.Join(a.Folder, "log", "messages.log"), a.PID(), filepath.Join(a.Folder, "root"))
}
