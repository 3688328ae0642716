package mailtest_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wneessen/go-mail/smtp"
	"go.uber.org/goleak"

	"missedcalls/notifier/email/mailtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const letter = "Subject: =?utf-8?b?0J/RgNC40LLQtdGC?=\r\n" +
	"Content-Type: multipart/alternative; boundary=x\r\n\r\n" +
	"--x\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=D0=B4=D0=B0\r\n" +
	"--x\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+0LTQsDwvYj4=\r\n--x--\r\n"

// dial gives a client after EHLO, and after STARTTLS where the server wants it.
func dial(t *testing.T, s *mailtest.Server, how mailtest.TLS) *smtp.Client {
	t.Helper()
	pem, err := os.ReadFile(s.CAFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	config := &tls.Config{RootCAs: pool, ServerName: "localhost"}
	conn, err := net.Dial("tcp", s.Addr)
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(mailtest.Patience)))
	t.Cleanup(func() { conn.Close() })
	if how == mailtest.FullTLS {
		conn = tls.Client(conn, config)
	}
	c, err := smtp.NewClient(conn, "localhost")
	require.NoError(t, err)
	require.NoError(t, c.Hello("client.test"))
	if how == mailtest.StartTLS {
		require.NoError(t, c.StartTLS(config))
	}
	return c
}

func send(c *smtp.Client, to string) error {
	if err := c.Mail("<a@b.test>"); err != nil {
		return err
	}
	if err := c.Rcpt("<" + to + ">"); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(letter)); err != nil {
		return err
	}
	return w.Close()
}

func TestEveryWayOfTLSTakesAMessageAndShowsItDecoded(t *testing.T) {
	for name, how := range map[string]mailtest.TLS{"none": mailtest.NoTLS, "starttls": mailtest.StartTLS, "tls": mailtest.FullTLS} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Settings{TLS: how})
			require.NoError(t, send(dial(t, s, how), "c@d.test"))
			m := s.Await(1)[0]
			assert.Equal(t, "Привет", m.Header.Get("Subject"))
			assert.Equal(t, "да", m.Text())
			assert.Equal(t, "<b>да</b>", m.HTML())
			assert.Equal(t, "a@b.test", m.From)
			assert.Equal(t, []string{"c@d.test"}, m.To)
			assert.Equal(t, how != mailtest.NoTLS, m.TLS)
			assert.Equal(t, 1, s.Connections())
		})
	}
}

func TestEveryMechanismLetsInWhoKnowsThePasswordOnly(t *testing.T) {
	for name, auth := range map[string]func(password string) smtp.Auth{
		"PLAIN":         func(p string) smtp.Auth { return smtp.PlainAuth("", "anna", p, "localhost", false) },
		"LOGIN":         func(p string) smtp.Auth { return smtp.LoginAuth("anna", p, "localhost", false) },
		"CRAM-MD5":      func(p string) smtp.Auth { return smtp.CRAMMD5Auth("anna", p) },
		"SCRAM-SHA-256": func(p string) smtp.Auth { return smtp.ScramSHA256Auth("anna", p) },
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Settings{
				TLS: mailtest.StartTLS, Users: map[string]string{"anna": "key"}, Mechanisms: []string{name},
			})
			require.ErrorContains(t, send(dial(t, s, mailtest.StartTLS), "c@d.test"), "530")
			require.ErrorContains(t, dial(t, s, mailtest.StartTLS).Auth(auth("wrong")), "535")
			c := dial(t, s, mailtest.StartTLS)
			require.NoError(t, c.Auth(auth("key")))
			require.NoError(t, send(c, "c@d.test"))
			assert.Equal(t, "anna", s.Await(1)[0].User)
		})
	}
}

func TestAFaultHappensAtItsStageForItsRecipientAsOftenAsItSays(t *testing.T) {
	s := mailtest.Start(t, mailtest.Settings{})
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "bad@d.test", Times: 1, Code: 450, Text: "4.2.0 later"})
	s.Fault(mailtest.Fault{At: mailtest.Content, To: "big@d.test", Code: 552, Text: "5.3.4 too big"})
	c := dial(t, s, mailtest.NoTLS)
	require.ErrorContains(t, send(c, "bad@d.test"), "450 \"4.2.0 later")
	require.ErrorContains(t, send(c, "bad@d.test"), "503", "the transaction is to be ended first")
	require.NoError(t, c.Reset())
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "bad@d.test", Times: 1, Code: 450, Text: "4.2.0 later"})
	require.ErrorContains(t, send(c, "bad@d.test"), "450 \"4.2.0 later")
	require.NoError(t, c.Reset())
	require.NoError(t, send(c, "bad@d.test"))
	require.NoError(t, send(c, "good@d.test"))
	for range 2 {
		require.ErrorContains(t, send(c, "big@d.test"), "552 \"5.3.4 too big")
	}
	s.Heal()
	require.NoError(t, send(c, "big@d.test"))
	require.Len(t, s.Messages(), 3)
}

func TestAServerThatHangsEndsWithTheTest(t *testing.T) {
	for _, at := range []mailtest.Stage{mailtest.Connect, mailtest.Hello} {
		s := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS})
		s.Fault(mailtest.Fault{At: at, Hang: true})
		conn, err := net.Dial("tcp", s.Addr)
		require.NoError(t, err)
		_, err = conn.Write([]byte("EHLO x\r\n"))
		require.NoError(t, err)
		s.AwaitHanging(1)
		s.Close()
		_, err = conn.Read(make([]byte, 1<<16))
		if err == nil { // what was said before it hung
			_, err = conn.Read(make([]byte, 1<<16))
		}
		require.Error(t, err)
		conn.Close()
	}
}

func TestParseRefusesWhatAMailProgramMayTripOver(t *testing.T) {
	plain := "A: 1\r\nContent-Type: text/plain\r\n\r\nb\r\n"
	_, err := mailtest.Parse([]byte(plain))
	require.NoError(t, err)
	for what, raw := range map[string]string{
		"a line of 999 bytes":       strings.Replace(plain, "b", strings.Repeat("b", 999), 1),
		"a bare line feed":          strings.Replace(plain, "b\r\n", "b\n", 1),
		"a bare carriage return":    strings.Replace(plain, "b", "b\rc", 1),
		"a header twice":            "A: 2\r\n" + plain,
		"no content type":           "A: 1\r\n\r\nb\r\n",
		"an unknown encoding":       "Content-Transfer-Encoding: rot13\r\n" + plain,
		"a multipart with no end":   strings.Replace(letter, "--x--\r\n", "", 1),
		"a header with no colon":    "B\r\n" + plain,
		"half a letter in a word":   "B: =?utf-8?b?0A==?= =?utf-8?b?nw==?=\r\n" + plain,
		"a word of 76 characters":   "B: =?utf-8?q?" + strings.Repeat("a", 64) + "?=\r\n" + plain,
		"a charset nobody can read": "B: =?koi9?q?a?=\r\n" + plain,
	} {
		_, err := mailtest.Parse([]byte(raw))
		assert.Error(t, err, what)
	}
}
