package bus

import (
	"crypto/rand"
	"crypto/subtle"

	"github.com/nats-io/nats-server/v2/server"
)

// internalUser carries the connection of this process to the server in it.
const internalUser = "missedcalls-internal"

// doorkeeper decides who may connect to the embedded server and what he may do there.
type doorkeeper struct {
	internalPassword, operatorPassword string
	// username, password and token are asked of everybody else; all empty: of nobody.
	username, password, token string
}

func newDoorkeeper(s Settings) *doorkeeper {
	return &doorkeeper{
		internalPassword: rand.Text(), operatorPassword: rand.Text(),
		username: s.Username, password: s.Password, token: s.Token,
	}
}

// Check implements server.Authentication. Who shows credentials of the listener may do everything; who needs none may
// read; the operator may write records and ask the program.
func (d *doorkeeper) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	switch {
	case same(o.Username, internalUser) && same(o.Password, d.internalPassword):
		c.RegisterUser(&server.User{Username: internalUser})
	case same(o.Username, operatorUser) && same(o.Password, d.operatorPassword):
		c.RegisterUser(&server.User{Username: operatorUser, Permissions: operator()})
	case d.username != "" && same(o.Username, d.username) && same(o.Password, d.password):
		c.RegisterUser(&server.User{Username: d.username})
	case d.token != "" && same(o.Token, d.token):
		c.RegisterUser(&server.User{Username: "token"})
	case d.open() && o.Username != internalUser && o.Username != operatorUser:
		c.RegisterUser(&server.User{Username: "reader", Permissions: reader()})
	default:
		return false
	}
	return true
}

// open holds when no credentials are configured, which Settings.check allows on a loopback address only.
func (d *doorkeeper) open() bool { return d.username == "" && d.token == "" }

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// reader may subscribe to everything but requests to the program, and have consumers on CALLS. Without it any program on
// the machine could forge a call, delete the stream, or answer in place of the program.
func reader() *server.Permissions {
	return &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{
			"_INBOX.>",
			"$JS.API.INFO",
			"$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO.*",
			"$JS.API.STREAM.MSG.GET.CALLS", "$JS.API.DIRECT.GET.CALLS", "$JS.API.DIRECT.GET.CALLS.>",
			"$JS.API.CONSUMER.*.CALLS", "$JS.API.CONSUMER.*.CALLS.>", "$JS.API.CONSUMER.*.*.CALLS.>",
			"$JS.ACK.CALLS.>", "$JS.FC.CALLS.>",
		}},
		Subscribe: &server.SubjectPermission{Deny: []string{requests + ".>"}},
	}
}
