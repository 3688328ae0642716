//go:build e2e

package ari

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sipPhone is a phone that does what a test tells it to, one call at a time in each direction, and keeps what it was sent.
// It answers whatever must be answered.
type sipPhone struct {
	t        *testing.T
	conn     *net.UDPConn
	asterisk *net.UDPAddr
	invited  chan sipText // an INVITE came
	seen     chan sipText // everything else came

	mu       sync.Mutex
	sequence int
}

// sipText is a SIP message as it came.
type sipText string

func (m sipText) start() string { line, _, _ := strings.Cut(string(m), "\r\n"); return line }

// header gives the value of a header, empty when there is none.
func (m sipText) header(name string) string {
	found := regexp.MustCompile(`(?im)^` + name + `:[ \t]*(.*?)\r$`).FindStringSubmatch(string(m))
	if found == nil {
		return ""
	}
	return found[1]
}

func newPhone(t *testing.T, asterisk string) *sipPhone {
	address, err := net.ResolveUDPAddr("udp", asterisk)
	require.NoError(t, err)
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	p := &sipPhone{t: t, conn: conn, asterisk: address, invited: make(chan sipText, 10), seen: make(chan sipText, 100)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.listen()
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	return p
}

// uri is where the phone is called.
func (p *sipPhone) uri() string { return "sip:phone@" + p.conn.LocalAddr().String() }

func (p *sipPhone) listen() {
	buffer := make([]byte, 65536)
	for {
		n, _, err := p.conn.ReadFromUDP(buffer)
		if err != nil {
			return
		}
		p.take(sipText(buffer[:n]))
	}
}

func (p *sipPhone) take(m sipText) {
	method, _, _ := strings.Cut(m.start(), " ")
	switch method {
	case "INVITE":
		if strings.Contains(m.header("To"), "tag=") { // within a call: whatever it wants, it gets
			p.answer(m, "200 OK", sdp(p.port()))
			return
		}
		p.answer(m, "180 Ringing", "")
		p.invited <- m
		return
	case "BYE", "NOTIFY", "UPDATE", "OPTIONS", "CANCEL":
		p.answer(m, "200 OK", "")
	}
	p.seen <- m
}

func (p *sipPhone) port() int { return p.conn.LocalAddr().(*net.UDPAddr).Port }

func sdp(port int) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n", port+1)
}

func (p *sipPhone) send(text string) {
	_, err := p.conn.WriteToUDP([]byte(text), p.asterisk)
	if err != nil {
		p.t.Logf("phone: %v", err)
	}
}

// answer answers a request.
func (p *sipPhone) answer(m sipText, status, body string) { p.respond(m, status, p.uri(), body) }

// forward answers that the call should go elsewhere.
func (p *sipPhone) forward(m sipText, contact string) {
	p.respond(m, "302 Moved Temporarily", contact, "")
}

func (p *sipPhone) respond(m sipText, status, contact, body string) {
	to := m.header("To")
	if !strings.Contains(to, "tag=") {
		to += ";tag=phone"
	}
	p.send(message([]string{
		"SIP/2.0 " + status, "Via: " + m.header("Via"), "From: " + m.header("From"), "To: " + to, "Call-ID: " + m.header("Call-ID"),
		"CSeq: " + m.header("CSeq"), "Contact: <" + contact + ">",
	}, body))
}

func message(head []string, body string) string {
	if body != "" {
		head = append(head, "Content-Type: application/sdp")
	}
	head = append(head, fmt.Sprintf("Content-Length: %d", len(body)))
	return strings.Join(head, "\r\n") + "\r\n\r\n" + body
}

// dialog is a call the phone is in.
type dialog struct{ target, from, to, id string }

// called gives the dialog of a call that the phone answers.
func (p *sipPhone) called(invite sipText) dialog {
	p.answer(invite, "200 OK", sdp(p.port()))
	contact := strings.Trim(invite.header("Contact"), "<>")
	return dialog{target: contact, from: invite.header("To") + ";tag=phone", to: invite.header("From"), id: invite.header("Call-ID")}
}

// request sends a request in a dialog.
func (p *sipPhone) request(d dialog, method, body string, lines ...string) int {
	p.mu.Lock()
	p.sequence++
	sequence := p.sequence
	p.mu.Unlock()
	head := []string{
		method + " " + d.target + " SIP/2.0", fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK%s%d", p.conn.LocalAddr(), d.id, sequence),
		"From: " + d.from, "To: " + d.to, "Call-ID: " + d.id, fmt.Sprintf("CSeq: %d %s", sequence, method), "Max-Forwards: 70",
		"Contact: <" + p.uri() + ">",
	}
	p.send(message(append(head, lines...), body))
	return sequence
}

// call calls a number as one of Asterisk's phones, and gives the dialog when it is answered.
func (p *sipPhone) call(as, number string) dialog {
	d := dialog{
		target: fmt.Sprintf("sip:%s@%s", number, p.asterisk), from: fmt.Sprintf("<sip:%s@127.0.0.1>;tag=phone2", as),
		to: fmt.Sprintf("<sip:%s@%s>", number, p.asterisk), id: "consult-" + number,
	}
	answer := p.invites(d, sdp(p.port()))
	d.to, d.target = answer.header("To"), strings.Trim(answer.header("Contact"), "<>")
	return d
}

// invites sends an INVITE in a dialog and gives its 200, acknowledged.
func (p *sipPhone) invites(d dialog, body string) sipText {
	sequence := fmt.Sprint(p.request(d, "INVITE", body))
	answer := p.await(func(m sipText) bool {
		return strings.HasPrefix(m.start(), "SIP/2.0 200") && m.header("Call-ID") == d.id && m.header("CSeq") == sequence+" INVITE"
	})
	p.send(message([]string{
		"ACK " + strings.Trim(answer.header("Contact"), "<>") + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bKack%s%s", p.conn.LocalAddr(), d.id, sequence),
		"From: " + d.from, "To: " + answer.header("To"), "Call-ID: " + d.id, "CSeq: " + sequence + " ACK", "Max-Forwards: 70",
	}, ""))
	return answer
}

// await gives the next message that fits.
func (p *sipPhone) await(fits func(sipText) bool) sipText {
	p.t.Helper()
	for {
		select {
		case m := <-p.seen:
			if fits(m) {
				return m
			}
		case <-time.After(patience):
			require.Fail(p.t, "the phone was not sent what it waits for")
		}
	}
}

// awaitMethod gives the next request of a method.
func (p *sipPhone) awaitMethod(method string) sipText {
	p.t.Helper()
	return p.await(func(m sipText) bool { return strings.HasPrefix(m.start(), method+" ") })
}

// invite gives the next call.
func (p *sipPhone) invite() sipText {
	p.t.Helper()
	select {
	case m := <-p.invited:
		return m
	case <-time.After(patience):
		require.Fail(p.t, "the phone is not called")
		return ""
	}
}
