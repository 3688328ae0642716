package testbed

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

const (
	// registerEvery is how often a REGISTER without an answer is sent again, registerLimit how long an answer is waited for.
	registerEvery = 500 * time.Millisecond
	registerLimit = 10 * time.Second
)

// Register tells Asterisk where one of the phones 121 to 123 is, for a time of whole seconds, after which it forgets. Until then such a
// phone's device state is UNAVAILABLE. Registering again counts anew.
func (a *Asterisk) Register(t testing.TB, number string, lasts time.Duration) {
	t.Helper()
	if err := a.register(number, int(lasts.Seconds())); err != nil {
		t.Fatalf("testbed: register %s: %v", number, err)
	}
}

// Unregister makes Asterisk forget where a phone is.
func (a *Asterisk) Unregister(t testing.TB, number string) {
	t.Helper()
	if err := a.register(number, 0); err != nil {
		t.Fatalf("testbed: unregister %s: %v", number, err)
	}
}

// register sends a REGISTER and waits for its answer. A phone without a password is known by its number alone.
func (a *Asterisk) register(number string, seconds int) error {
	port, err := a.agentPort(number)
	if err != nil {
		return err
	}
	conn, err := net.Dial("udp4", a.SIPAddr())
	if err != nil {
		return err
	}
	defer conn.Close()
	request := registration(number, port, seconds, conn.LocalAddr().String())
	answer := make([]byte, 4096)
	for end := time.Now().Add(registerLimit); time.Now().Before(end); {
		if _, err := conn.Write([]byte(request)); err != nil {
			return err
		}
		if err := conn.SetReadDeadline(time.Now().Add(registerEvery)); err != nil {
			return err
		}
		n, err := conn.Read(answer)
		if err != nil {
			continue
		}
		return accepted(string(answer[:n]))
	}
	return errors.New("Asterisk does not answer")
}

// registration is a REGISTER for a phone at a loopback port, sent from an address; 0 seconds takes the registration back.
func registration(number string, port, seconds int, from string) string {
	address := fmt.Sprintf("<sip:%s@127.0.0.1>", number)
	id := strings.ReplaceAll(from, ":", "-") + fmt.Sprintf("-%d", time.Now().UnixNano())
	return strings.Join([]string{
		"REGISTER sip:127.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP " + from + ";branch=z9hG4bK-" + id, "From: " + address + ";tag=" + id,
		"To: " + address, "Call-ID: " + id, "CSeq: 1 REGISTER", "Max-Forwards: 70",
		fmt.Sprintf("Contact: <sip:%s@127.0.0.1:%d>;expires=%d", number, port, seconds), "Content-Length: 0", "", "",
	}, "\r\n")
}

// accepted reads the first line of an answer to a REGISTER.
func accepted(answer string) error {
	line, _, _ := strings.Cut(answer, "\r\n")
	if !strings.HasPrefix(line, "SIP/2.0 200 ") {
		return fmt.Errorf("Asterisk says %q", line)
	}
	return nil
}
