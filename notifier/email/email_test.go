package email

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/email/mailtest"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

func TestAMissedCallIsAMailToEachRecipient(t *testing.T) {
	s, e := start(t, "anna@lucky.test", "Boss <boss@lucky.test>", "ANNA@lucky.test")
	v := deliver(t, e, missed())
	require.NoError(t, v.Err)
	assert.Equal(t, target.Sent, v.Outcome)
	assert.Equal(t, "ok", v.Reason)
	assert.Nil(t, v.Progress)
	mails := s.Await(2)
	require.Len(t, mails, 2, "one who is named twice gets one")
	assert.Equal(t, []string{"anna@lucky.test"}, mails[0].To)
	assert.Equal(t, []string{"boss@lucky.test"}, mails[1].To)
	assert.Equal(t, `"Boss" <boss@lucky.test>`, mails[1].Header.Get("To"))
	for _, m := range mails {
		assert.True(t, m.TLS)
		assert.Equal(t, "asterisk@lucky.test", m.From)
		assert.Equal(t, "Пропущен звонок: Отдел продаж", m.Header.Get("Subject"))
		assert.Contains(t, m.Text(), "Звонил: +7 916 123-45-67\n")
		assert.Contains(t, m.HTML(), `href="tel:&#43;79161234567"`)
	}
	assert.NotEqual(t, mails[0].Header.Get("Message-Id"), mails[1].Header.Get("Message-Id"))
}

func TestEveryWayOfTLSWorks(t *testing.T) {
	for mode, how := range map[policy.TLS]mailtest.TLS{
		policy.NoTLS: mailtest.NoTLS, policy.StartTLS: mailtest.StartTLS, policy.FullTLS: mailtest.FullTLS,
	} {
		t.Run(string(mode), func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Settings{TLS: how})
			p := settings(s)
			p.Email.TLS = mode
			v := deliver(t, open(t, p), missed())
			require.NoError(t, v.Err)
			assert.Equal(t, how != mailtest.NoTLS, s.Await(1)[0].TLS)
		})
	}
}

func TestNobodyGetsAMailOverAConnectionThatIsNotAsPrivateAsAskedFor(t *testing.T) {
	other := mailtest.Start(t, mailtest.Settings{})
	for name, c := range map[string]struct {
		server mailtest.TLS
		change func(p *policy.Email)
		says   string
	}{
		"no STARTTLS":                {mailtest.NoTLS, func(*policy.Email) {}, "STARTTLS"},
		"no TLS":                     {mailtest.StartTLS, func(p *policy.Email) { p.TLS = policy.FullTLS }, "TLS handshake"},
		"a certificate of others":    {mailtest.StartTLS, func(p *policy.Email) { p.CAFile = other.CAFile }, "certificate"},
		"a certificate nobody knows": {mailtest.FullTLS, func(p *policy.Email) { p.CAFile, p.TLS = "", policy.FullTLS }, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Settings{TLS: c.server})
			p := settings(s)
			c.change(p.Email)
			v := deliver(t, open(t, p), missed())
			assert.Equal(t, target.Retry, v.Outcome)
			assert.Equal(t, "tls", v.Reason)
			assert.True(t, v.All)
			require.ErrorContains(t, v.Err, c.says)
			require.ErrorContains(t, v.Err, "ca_file")
			assert.Empty(t, s.Messages())
		})
	}
}

func TestTheStrongestWayToLogInIsTaken(t *testing.T) {
	for _, offered := range []string{"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "LOGIN PLAIN", "XOAUTH2 LOGIN"} {
		t.Run(offered, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Settings{
				TLS: mailtest.StartTLS, Users: map[string]string{"anna": password}, Mechanisms: strings.Fields(offered),
			})
			p := settings(s)
			p.Email.Username, p.Email.PasswordFile = "anna", passwordFile(t, password+"\r\n")
			v := deliver(t, open(t, p), missed())
			require.NoError(t, v.Err)
			assert.Equal(t, "anna", s.Await(1)[0].User)
		})
	}
}

func TestAPasswordIsShownToNobodyWhoListens(t *testing.T) {
	e := &Email{host: "mail.test", username: "anna"}
	for _, c := range []struct {
		offered string
		private bool
		says    string
	}{
		{"PLAIN LOGIN", true, ""},
		{"PLAIN LOGIN", false, "it offers PLAIN, LOGIN, which would show the password"},
		{"PLAIN LOGIN CRAM-MD5", false, ""},
		{"PLAIN SCRAM-SHA-256", false, ""},
		{"", true, "it does not let anybody log in"},
		{"GSSAPI", true, "it offers GSSAPI, of which none is known"},
	} {
		_, err := e.mechanism(strings.Fields(c.offered), c.private, password)
		if c.says == "" {
			assert.NoError(t, err, "%+v", c)
		} else {
			assert.ErrorContains(t, err, c.says)
		}
	}
	e.host = "localhost"
	_, err := e.mechanism([]string{"PLAIN"}, false, password)
	assert.NoError(t, err, "what does not leave the machine")
}

func TestAServerThatLetsNobodyLogInBurnsNoMessage(t *testing.T) {
	s := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS})
	p := settings(s)
	p.Email.Username, p.Email.PasswordFile = "anna", passwordFile(t, password)
	v := deliver(t, open(t, p), missed())
	assert.Equal(t, "unauthorized", v.Reason)
	assert.True(t, v.All)
	require.ErrorContains(t, v.Err, "log in as anna: it does not let anybody log in; check username")
}

func TestAWrongPasswordBurnsNoMessageAndIsShownNowhere(t *testing.T) {
	s := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS, Users: map[string]string{"anna": password}})
	p := settings(s)
	p.Email.Username, p.Email.PasswordFile = "anna", passwordFile(t, "wrong one")
	e := open(t, p)
	for _, answer := range []string{"5.7.8 who is this", "5.7.8 wrong one is wrong", "5.7.8 AGFubmEAd3Jvbmcgb25l is wrong"} {
		s.Heal()
		s.Fault(mailtest.Fault{At: mailtest.Auth, Code: 535, Text: answer})
		v := deliver(t, e, missed())
		assert.Equal(t, target.Retry, v.Outcome)
		assert.Equal(t, "unauthorized", v.Reason)
		assert.True(t, v.All)
		assert.Equal(t, target.UntilMended, v.After)
		require.ErrorContains(t, v.Err, "535")
		require.ErrorContains(t, v.Err, "check username and password_file")
		assert.NotContains(t, v.Err.Error(), "wrong one")
		assert.NotContains(t, v.Err.Error(), "AGFubmEAd3Jvbmcgb25l")
	}
	s.Heal()
	require.NoError(t, os.WriteFile(p.Email.PasswordFile, []byte(password), 0o600))
	v := deliver(t, e, missed())
	require.NoError(t, v.Err, "a password that was changed needs no restart")
}

func TestSettingsThatCannotWorkAreRefusedWithoutShowingSecrets(t *testing.T) {
	s := mailtest.Start(t, mailtest.Settings{})
	for says, change := range map[string]func(p *policy.Email){
		`smtp "mail.test"`:                func(p *policy.Email) { p.SMTP = "mail.test" },
		`smtp ":25"`:                      func(p *policy.Email) { p.SMTP = ":25" },
		`smtp "mail.test:"`:               func(p *policy.Email) { p.SMTP = "mail.test:" },
		"must be starttls, tls or none":   func(p *policy.Email) { p.TLS = "ssl" },
		`from: "lucky" is no mail`:        func(p *policy.Email) { p.From = "lucky" },
		`to: "a b@c" is no mail`:          func(p *policy.Email) { p.To = []string{"x@y.test", "a b@c"} },
		"no mail address: idna":           func(p *policy.Email) { p.To = []string{"a@хост_.рф"} },
		`is no mail address: mail: `:      func(p *policy.Email) { p.To = []string{"a@b.test\r\nBcc: c@d.test"} },
		"to: name at least one":           func(p *policy.Email) { p.To = nil },
		"ca_file: open":                   func(p *policy.Email) { p.CAFile = filepath.Join(t.TempDir(), "none") },
		"holds no certificate":            func(p *policy.Email) { p.CAFile = passwordFile(t, password) },
		"password_file: username needs":   func(p *policy.Email) { p.Username = "anna" },
		"password_file: open":             func(p *policy.Email) { p.Username, p.PasswordFile = "anna", filepath.Join(t.TempDir(), "none") },
		"it has 4097 bytes, and may have": func(p *policy.Email) { p.Username, p.PasswordFile = "anna", passwordFile(t, strings.Repeat("x", 4097)) },
	} {
		p := settings(s)
		change(p.Email)
		_, err := New(p)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "target boss-mail: ")
		assert.NotContains(t, err.Error(), password)
	}
}

func TestAddressesInOtherLettersAreReached(t *testing.T) {
	s, e := start(t, "анна@почта.рф", "boris@почта.рф")
	v := deliver(t, e, missed())
	require.NoError(t, v.Err)
	mails := s.Await(2)
	assert.Equal(t, []string{"анна@xn--80a1acny.xn--p1ai"}, mails[0].To)
	assert.True(t, mails[0].UTF8)
	assert.Equal(t, "<анна@xn--80a1acny.xn--p1ai>", mails[0].Header.Get("To"))
	assert.Equal(t, []string{"boris@xn--80a1acny.xn--p1ai"}, mails[1].To)
	assert.False(t, mails[1].UTF8, "not asked for where it is not needed: a server further on may not know it")
}

func TestAServerThatKnowsOnlyASCIIRefusesTheOtherAddressesOnly(t *testing.T) {
	s := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS, ASCII: true})
	v := deliver(t, open(t, settings(s, "анна@почта.рф", "boris@почта.рф")), missed())
	assert.Equal(t, target.Permanent, v.Outcome)
	assert.Equal(t, "rejected", v.Reason)
	require.ErrorContains(t, v.Err, "анна@xn--80a1acny.xn--p1ai: it takes no addresses with other than ASCII letters")
	assert.Equal(t, []string{"boris@xn--80a1acny.xn--p1ai"}, s.Await(1)[0].To)

	p := settings(s)
	p.Email.From = "звонки@lucky.test"
	v = deliver(t, open(t, p), missed())
	assert.Equal(t, target.Retry, v.Outcome, "a sender is for the operator to change, no message is lost by it")
	assert.Equal(t, "forbidden", v.Reason)
	assert.True(t, v.All)
}

func TestABurstGoesOverAsManyConnectionsAsThereAreWorkers(t *testing.T) {
	s, e := start(t)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 20 {
				v := deliver(t, e, missed())
				assert.NoError(t, v.Err)
			}
		})
	}
	all.Wait()
	assert.Len(t, s.Await(40), 40)
	assert.LessOrEqual(t, s.Connections(), 2)
}

func TestAConnectionThatTheServerEndedBetweenMessagesCostsNothing(t *testing.T) {
	s, e := start(t)
	require.NoError(t, deliver(t, e, missed()).Err)
	s.Cut()
	require.NoError(t, deliver(t, e, missed()).Err)
	require.Equal(t, 2, s.Connections())
	s.Fault(mailtest.Fault{At: mailtest.Sender, Times: 1, Code: 421, Text: "4.3.2 enough for one connection"})
	require.NoError(t, deliver(t, e, missed()).Err)
	require.Equal(t, 3, s.Connections())
	assert.Len(t, s.Messages(), 3)
}

func TestARefusalCostsNoConnection(t *testing.T) {
	s, e := start(t, "gone@lucky.test", "big@lucky.test", "late@lucky.test", "good@lucky.test")
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "gone@lucky.test", Code: 550, Text: "5.1.1 nobody here"})
	s.Fault(mailtest.Fault{At: mailtest.Content, To: "big@lucky.test", Code: 552, Text: "5.3.4 too big"})
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "late@lucky.test", Code: 450, Text: "4.2.0 later"})
	deliver(t, e, missed())
	assert.Equal(t, []string{"good@lucky.test"}, s.Await(1)[0].To)
	assert.Equal(t, 1, s.Connections())
}

func TestAClosedTargetKeepsNoConnection(t *testing.T) {
	s, e := start(t)
	e.Close()
	for range 2 {
		require.NoError(t, deliver(t, e, missed()).Err)
	}
	assert.Equal(t, 2, s.Connections())
	e.Close()
}
