package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	arimock "missedcalls/ari-mock"
)

// username is the program's on the stand-in.
const username = "demo"

// standIn is the stand-in Asterisk on a port of loopback.
type standIn struct {
	*arimock.Server
	address, app, password string
	served                 chan error
}

func startStandIn(app string, s scene) (*standIn, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the stand-in Asterisk: %w", err)
	}
	a := &standIn{address: listener.Addr().String(), app: app, password: rand.Text(), served: make(chan error, 1)}
	a.Server = arimock.New(arimock.Options{
		Username: username, Password: a.password, SystemName: "demo",
		// As the README recommends for the real one.
		SessionLimit: 1000, WriteTimeout: time.Second,
		Dialplan: arimock.Dialplan{App: app, Exits: s.exits},
	})
	for name, phone := range s.phones {
		a.SetPhone(name, phone)
	}
	go func() { a.served <- a.Serve(listener) }()
	return a, nil
}

// url is the base of ARI.
func (a *standIn) url() string { return "http://" + a.address + "/ari" }

// rings are how often phones rang.
func (a *standIn) rings(names []string) map[string]rings {
	found := make(map[string]rings)
	for _, name := range names {
		all, besides := a.Rings(name)
		found[name] = rings{all, besides}
	}
	return found
}

// stop ends the stand-in, and every call on it.
func (a *standIn) stop() error {
	a.Close()
	if err := <-a.served; err != nil {
		return fmt.Errorf("serve the stand-in Asterisk: %w", err)
	}
	return nil
}

// awaitPoll is how often the stand-in is asked for the application.
const awaitPoll = 20 * time.Millisecond

// await returns when the program has registered its application, so that callers get to it, or ctx has ended.
func (a *standIn) await(ctx context.Context) error {
	transport := &http.Transport{DialContext: a.Dial}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for {
		there, err := a.registered(ctx, client)
		if there || err != nil {
			return err
		}
		select {
		case <-time.After(awaitPoll):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *standIn) registered(ctx context.Context, client *http.Client) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url()+"/applications/"+url.PathEscape(a.app), http.NoBody)
	if err != nil {
		return false, err
	}
	request.SetBasicAuth(username, a.password)
	response, err := client.Do(request)
	if err != nil {
		return false, fmt.Errorf("ask the stand-in for the application: %w", err)
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK, nil
}
