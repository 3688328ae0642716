package conformance

import (
	"cmp"
	"context"
	"net"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	arimock "missedcalls/ari-mock"
)

// standIn is the stand-in Asterisk as a world, in memory.
type standIn struct{ *arimock.Server }

func newStandIn() standIn {
	return standIn{arimock.New(arimock.Options{
		Username: "testbed", Password: "testbed", WriteTimeout: time.Second, SessionLimit: 1000, BusyAt: 1, Endpoints: endpoints(),
		Dialplan: arimock.Dialplan{Exits: map[string]arimock.Exit{
			"exit,s":    monkeys,
			"exit,500":  monkeys,
			"exit,wait": {Stay: arimock.ForEver, App: "MusicOnHold", Data: "default", Priority: 3},
		}},
	})}
}

// endpoints are those of the testbed.
func endpoints() map[string]arimock.Endpoint {
	all := map[string]arimock.Endpoint{"PJSIP/trunk": {}}
	for n := 101; n <= 110; n++ {
		number := strconv.Itoa(n)
		all["PJSIP/"+number] = arimock.Endpoint{Name: "Agent " + number, Number: number}
	}
	all["PJSIP/121"] = arimock.Endpoint{Name: "Agent 121", Number: "121", Registers: true}
	return all
}

// monkeys is what callers hear at the testbed's exits.
var monkeys = arimock.Exit{Stay: 16 * time.Second, App: "Playback", Data: "tt-monkeys", Exten: "play", Priority: 2}

func (standIn) URL() string                              { return "http://stand-in:8088/ari" }
func (standIn) App() string                              { return "missedcalls" }
func (standIn) Credentials() (username, password string) { return "testbed", "testbed" }

func (w standIn) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return w.Server.Dial(ctx, network, address)
}

func (w standIn) Call(_ testing.TB, c Call) Caller {
	caller := arimock.Caller{
		Number: c.Number, Name: c.Name, DID: cmp.Or(c.DID, "74951234567"), Args: c.Args, Withheld: c.Withheld,
		HangupAfter: c.HangupAfter, GiveUpAfter: c.GiveUpAfter,
	}
	for _, d := range c.Digits {
		caller.Digits = append(caller.Digits, arimock.Digit(d))
	}
	return standInCaller{w.Server.Call(caller)}
}

func (w standIn) Phone(_ testing.TB, number string, p Phone) Handset {
	phone := arimock.Phone{RingFor: p.RingFor, Status: p.Status, ForwardTo: p.ForwardTo, TalkFor: p.TalkFor}
	for _, step := range p.Steps {
		phone.Steps = append(phone.Steps, arimock.Step(step))
	}
	w.SetPhone("PJSIP/"+number, phone)
	return standInHandset{w.Server, "PJSIP/" + number}
}

func (w standIn) Register(_ testing.TB, number string, lasts time.Duration) {
	if lasts == 0 {
		w.Server.Unregister("PJSIP/" + number)
		return
	}
	w.Server.Register("PJSIP/"+number, lasts)
}

func (w standIn) RefuseFiles(testing.TB) { w.Server.RefuseFiles(true) }

func (w standIn) PickUp(t testing.TB, by, ringing string) {
	t.Helper()
	require.NoError(t, w.Server.PickUp("PJSIP/"+by, "PJSIP/"+ringing))
}

type standInHandset struct {
	server *arimock.Server
	name   string
}

func (h standInHandset) Shown(t testing.TB, header string) (number, name, value string) {
	t.Helper()
	calls := h.server.PhoneCalls(h.name)
	require.NotEmpty(t, calls)
	return calls[0].Number, calls[0].Name, calls[0].Headers[header]
}

type standInCaller struct{ *arimock.Call }

func (c standInCaller) Result(t testing.TB) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := c.Call.Result(ctx)
	require.NoError(t, err)
	result := Result{Status: r.Status, Cause: r.Cause, Rang: r.Rang, Media: r.Media, EndedBy: "remote"}
	if r.ByCaller {
		result.EndedBy = "caller"
	}
	return result
}

func TestTheStandInDoesAsTheRealAsterisk(t *testing.T) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newStandIn()
				defer w.Close()
				c.Run(t, w)
			})
		})
	}
}
