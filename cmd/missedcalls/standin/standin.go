// Package standin runs the stand-in Asterisk by itself, for the command ari-mock: it plays a scenario, and tells of each
// call in one line as it begins and as it ends.
package standin

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	arimock "missedcalls/ari-mock"
)

// Run serves at a listener until ctx ends, and closes it. Its error says why it could not.
func Run(ctx context.Context, listener net.Listener, s arimock.Scenario, out io.Writer) error {
	t := &teller{out: out}
	t.greet(listener.Addr(), s.Options)
	s.Options.Called = t.begins
	server := arimock.New(s.Options)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	playing, end := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { s.Play(playing, server) })
	var err error
	select {
	case <-ctx.Done():
		end()
		work.Wait()
		server.Close()
		err = <-served
	case err = <-served:
		end()
		work.Wait()
		server.Close()
	}
	t.calls.Wait()
	if err != nil {
		return fmt.Errorf("serve at %s: %w", listener.Addr(), err)
	}
	return nil
}

// teller prints what happens. Its methods may be called from any goroutine.
type teller struct {
	// calls are goroutines that wait for the end of a call each.
	calls sync.WaitGroup

	mu  sync.Mutex
	out io.Writer
}

func (t *teller) greet(address net.Addr, o arimock.Options) {
	fmt.Fprintf(t.out, "ARI      http://%s/ari   user %s, password %s, application %s\n", address,
		cmp.Or(o.Username, "missedcalls"), cmp.Or(o.Password, "secret"), cmp.Or(o.Dialplan.App, "missedcalls"))
	fmt.Fprintf(t.out, `call in  curl -d '{"number":"+79990001234","did":"74950000001","give_up_after":"9s"}' http://%s/mock/calls`+"\n", address)
	fmt.Fprintf(t.out, "calls    curl http://%s/mock/calls\n", address)
}

// begins tells of a call that has just been made, and of its end when that comes.
func (t *teller) begins(call *arimock.Call) {
	c := call.Caller()
	line := fmt.Sprintf("%s calls %s", shown(c), c.DID)
	if c.Args != "" {
		line += " (" + c.Args + ")"
	}
	t.print(call, line)
	t.calls.Go(func() { t.ends(call) })
}

func (t *teller) ends(call *arimock.Call) {
	r, err := call.Result(context.Background())
	if err != nil {
		return // only a context that ends is an error
	}
	t.print(call, outcome(r))
}

func (t *teller) print(call *arimock.Call, line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, "%s %s: %s\n", time.Now().Format(time.TimeOnly), call.ID(), line)
}

// shown is who calls.
func shown(c arimock.Caller) string {
	switch {
	case c.Number == "":
		return "somebody without a number"
	case c.Withheld:
		return c.Number + " (withheld)"
	}
	return c.Number
}

// outcome is how a call went, as the caller's phone saw it.
func outcome(r arimock.Result) string {
	by := fmt.Sprintf("ended by Asterisk, cause %d", r.Cause)
	if r.ByCaller {
		by = "ended by the caller"
	}
	line := fmt.Sprintf("%s, SIP %d", by, r.Status)
	if !r.Answered.IsZero() {
		line += fmt.Sprintf(", %.1f s after the answer", r.Ended.Sub(r.Answered).Seconds())
	}
	if r.StasisStatus != "" {
		line += ", STASISSTATUS " + r.StasisStatus
	}
	if r.QueueStatus != "" {
		line += ", QUEUESTATUS " + r.QueueStatus
	}
	return line
}
