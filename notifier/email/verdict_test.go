package email

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/email/mailtest"
	"missedcalls/notifier/target"
)

func TestEveryReplyHasItsVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		fault mailtest.Fault
		want  target.Verdict
		says  string
	}{
		"421 at the greeting": {
			mailtest.Fault{At: mailtest.Connect, Code: 421, Text: "4.3.2 too many connections"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable", All: true}, "421 4.3.2 too many connections; it is tried again",
		},
		"554 at the greeting": {
			mailtest.Fault{At: mailtest.Connect, Code: 554, Text: "5.7.1 your address is on a list"},
			target.Verdict{Outcome: target.Retry, Reason: "forbidden", All: true, After: target.UntilMended}, "ask its operator",
		},
		"cut before the greeting": {
			mailtest.Fault{At: mailtest.Connect},
			target.Verdict{Outcome: target.Retry, Reason: "network", All: true}, "it ended the connection; check smtp",
		},
		"421 to EHLO": {
			mailtest.Fault{At: mailtest.Hello, Code: 421, Text: "4.3.0 shutting down"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable", All: true}, "421 4.3.0 shutting down",
		},
		"cut in the handshake": {
			mailtest.Fault{At: mailtest.Handshake},
			target.Verdict{Outcome: target.Retry, Reason: "tls", All: true}, "make the connection private",
		},
		"454 to AUTH": {
			mailtest.Fault{At: mailtest.Auth, Code: 454, Text: "4.7.0 temporary failure"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable", All: true}, "log in as anna: it says 454",
		},
		"535 to AUTH": {
			mailtest.Fault{At: mailtest.Auth, Code: 535, Text: "5.7.8 no"},
			target.Verdict{Outcome: target.Retry, Reason: "unauthorized", All: true, After: target.UntilMended}, "535 5.7.8 no; check username",
		},
		"cut in AUTH": {
			mailtest.Fault{At: mailtest.Auth},
			target.Verdict{Outcome: target.Retry, Reason: "network", All: true}, "it ended the connection",
		},
		"451 to MAIL": {
			mailtest.Fault{At: mailtest.Sender, Code: 451, Text: "4.3.0 disk full"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable", All: true}, "451 4.3.0 disk full",
		},
		"530 to MAIL": {
			mailtest.Fault{At: mailtest.Sender, Code: 530, Text: "5.7.0 log in first"},
			target.Verdict{Outcome: target.Retry, Reason: "unauthorized", All: true, After: target.UntilMended}, "530 5.7.0 log in first",
		},
		"553 to MAIL": {
			mailtest.Fault{At: mailtest.Sender, Code: 553, Text: "5.7.1 not your address"},
			target.Verdict{Outcome: target.Retry, Reason: "forbidden", All: true, After: target.UntilMended}, "check from and username",
		},
		"421 to RCPT": {
			mailtest.Fault{At: mailtest.Recipient, Code: 421, Text: "4.7.0 slow down"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable", All: true}, "421 4.7.0 slow down",
		},
		"450 to RCPT": {
			mailtest.Fault{At: mailtest.Recipient, Code: 450, Text: "4.2.0 greylisted"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable"}, "to boss@lucky.test: it says 450 4.2.0 greylisted",
		},
		"452 to RCPT": {
			mailtest.Fault{At: mailtest.Recipient, Code: 452, Text: "4.2.2 mailbox full"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable"}, "452",
		},
		"550 to RCPT": {
			mailtest.Fault{At: mailtest.Recipient, Code: 550, Text: "5.1.1 nobody here"},
			target.Verdict{Outcome: target.Permanent, Reason: "not_found"}, "to boss@lucky.test: it says 550 5.1.1 nobody here; correct the address",
		},
		"550 without a status to RCPT": {
			mailtest.Fault{At: mailtest.Recipient, Code: 550, Text: "no"},
			target.Verdict{Outcome: target.Permanent, Reason: "rejected"}, "550 no",
		},
		"554 to RCPT": {
			mailtest.Fault{At: mailtest.Recipient, Code: 554, Text: "5.7.1 relay access denied"},
			target.Verdict{Outcome: target.Permanent, Reason: "forbidden"}, "relay access denied",
		},
		"an answer from elsewhere to RCPT": {
			mailtest.Fault{At: mailtest.Recipient, Code: 354, Text: "go on"},
			target.Verdict{Outcome: target.Retry, Reason: "malformed_reply"}, "354 go on",
		},
		"451 to the message": {
			mailtest.Fault{At: mailtest.Content, Code: 451, Text: "4.7.1 scanner is down"},
			target.Verdict{Outcome: target.Retry, Reason: "unavailable"}, "451",
		},
		"552 to the message": {
			mailtest.Fault{At: mailtest.Content, Code: 552, Text: "5.3.4 too big"},
			target.Verdict{Outcome: target.Permanent, Reason: "too_large"}, "552 5.3.4 too big",
		},
		"554 to the message": {
			mailtest.Fault{At: mailtest.Content, Code: 554, Text: "5.6.0 no"},
			target.Verdict{Outcome: target.Permanent, Reason: "rejected"}, "554 5.6.0 no",
		},
		"cut after the message": {
			mailtest.Fault{At: mailtest.Content},
			target.Verdict{Outcome: target.Retry, Reason: "network"}, "it may have the message",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS, Users: map[string]string{"anna": password}})
			s.Fault(c.fault)
			p := settings(s)
			p.Email.Username, p.Email.PasswordFile = "anna", passwordFile(t, password)
			e := open(t, p)
			v := deliver(t, e, missed())
			require.ErrorContains(t, v.Err, c.says)
			v.Err = nil
			assert.Equal(t, c.want, v)
			s.Heal()
			require.NoError(t, deliver(t, e, missed()).Err, "the next one goes through")
		})
	}
}

func TestAServerThatIsNotThereIsTriedAgain(t *testing.T) {
	s, e := start(t)
	s.Close()
	v := deliver(t, e, missed())
	assert.Equal(t, target.Retry, v.Outcome)
	assert.Equal(t, "network", v.Reason)
	assert.True(t, v.All)
	require.ErrorContains(t, v.Err, "mail server "+s.Addr+": connect: ")
	require.ErrorContains(t, v.Err, "check smtp")
}

func TestAServerThatHangsHoldsADeliveryNoLongerThanItsContext(t *testing.T) {
	for name, c := range map[string]struct {
		at  mailtest.Stage
		all bool
	}{
		"greeting":  {mailtest.Connect, true},
		"EHLO":      {mailtest.Hello, true},
		"handshake": {mailtest.Handshake, true},
		"AUTH":      {mailtest.Auth, true},
		"MAIL":      {mailtest.Sender, false},
		"RCPT":      {mailtest.Recipient, false},
		"message":   {mailtest.Content, false},
		"answer":    {mailtest.Answer, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Settings{TLS: mailtest.StartTLS, Users: map[string]string{"anna": password}})
			s.Fault(mailtest.Fault{At: c.at, Hang: true})
			p := settings(s)
			p.Email.Username, p.Email.PasswordFile = "anna", passwordFile(t, password)
			e := open(t, p)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan target.Verdict, 1)
			go func() { ended <- e.Deliver(ctx, missed()) }()
			s.AwaitHanging(1)
			cancel()
			v := <-ended
			assert.Equal(t, target.Retry, v.Outcome)
			assert.Equal(t, "timeout", v.Reason)
			assert.Equal(t, c.all, v.All, "a message that the server does not get done with keeps others from nothing")
			require.ErrorContains(t, v.Err, "it did not answer in time")
		})
	}
}

func TestAServerThatHangsHoldsADeliveryNoLongerThanItsLimits(t *testing.T) {
	const limit = 200 * time.Millisecond
	for name, c := range map[string]struct {
		at  mailtest.Stage
		set func(e *Email)
	}{
		"greeting": {mailtest.Connect, func(e *Email) { e.connecting = limit }},
		"answer":   {mailtest.Answer, func(e *Email) { e.sending = limit }},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := start(t)
			s.Fault(mailtest.Fault{At: c.at, Hang: true})
			c.set(e)
			v := e.Deliver(t.Context(), missed()) // which has no deadline
			assert.Equal(t, "timeout", v.Reason)
			assert.Equal(t, c.at == mailtest.Connect, v.All)
		})
	}
}

func TestARecipientWhoseServerHangsLeavesTimeForTheOthers(t *testing.T) {
	s, e := start(t, "hung@lucky.test", "good@lucky.test")
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "hung@lucky.test", Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	v := e.Deliver(ctx, missed())
	assert.Equal(t, target.Retry, v.Outcome)
	assert.Equal(t, "timeout", v.Reason)
	require.NoError(t, ctx.Err(), "half of the time is for the other one")
	assert.Equal(t, []string{"good@lucky.test"}, decoded[progress](t, v.Progress).Sent)
	s.Await(1)
}

func TestAMessageWhoseFateIsUnknownIsSentAgainUnderTheSameID(t *testing.T) {
	s, e := start(t)
	s.Fault(mailtest.Fault{At: mailtest.Answer, Times: 1})
	v := deliver(t, e, missed())
	assert.Equal(t, target.Retry, v.Outcome)
	assert.Equal(t, "network", v.Reason)
	assert.False(t, v.All)
	require.ErrorContains(t, v.Err, "it may have the message and gets it again, with the same Message-ID")
	d := missed()
	d.Progress = v.Progress
	require.NoError(t, deliver(t, e, d).Err)
	mails := s.Await(2)
	assert.Equal(t, string(mails[0].Raw), string(mails[1].Raw))
}

func TestARetryGoesToThoseWhoDoNotHaveItYet(t *testing.T) {
	s, e := start(t, "slow@lucky.test", "good@lucky.test", "gone@lucky.test", "hung@lucky.test", "last@lucky.test")
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "slow@lucky.test", Times: 1, Code: 450, Text: "4.2.0 later"})
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "gone@lucky.test", Code: 550, Text: "5.1.1 nobody here"})
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "hung@lucky.test", Times: 1, Hang: true})
	e.sending = 500 * time.Millisecond
	d := missed()
	v := deliver(t, e, d)
	e.sending = sending
	assert.Equal(t, target.Retry, v.Outcome)
	assert.Equal(t, "unavailable", v.Reason, "the first who must be tried again")
	require.ErrorContains(t, v.Err, "slow@lucky.test")
	p := decoded[progress](t, v.Progress)
	assert.Equal(t, []string{"good@lucky.test", "last@lucky.test"}, p.Sent)
	require.Len(t, p.Refused, 1)
	assert.Nil(t, v.Ref)

	d.Progress = v.Progress
	v = deliver(t, e, d)
	assert.Equal(t, target.Permanent, v.Outcome)
	assert.Equal(t, "not_found", v.Reason)
	require.ErrorContains(t, v.Err, "gone@lucky.test: it says 550 5.1.1 nobody here")
	assert.NotContains(t, v.Err.Error(), "slow@")
	assert.NotNil(t, v.Ref, "the others have it")
	got := make(map[string]int)
	for _, m := range s.Messages() {
		got[m.To[0]]++
	}
	assert.Equal(t, map[string]int{"good@lucky.test": 1, "last@lucky.test": 1, "slow@lucky.test": 1, "hung@lucky.test": 1}, got)

	s.Heal()
	d.Progress = v.Progress
	v = deliver(t, e, d)
	assert.Equal(t, target.Sent, v.Outcome, "a replay goes to the one who was refused")
	assert.Len(t, s.Messages(), 5)
}

func TestWhatConcernsEverybodyIsAskedOnce(t *testing.T) {
	s, e := start(t, "anna@lucky.test", "boris@lucky.test", "vera@lucky.test")
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "anna@lucky.test", Code: 450, Text: "4.2.0 later"})
	s.Fault(mailtest.Fault{At: mailtest.Recipient, To: "boris@lucky.test", Code: 421, Text: "4.3.2 closing"})
	v := deliver(t, e, missed())
	assert.True(t, v.All)
	require.ErrorContains(t, v.Err, "421 4.3.2 closing")
	assert.Empty(t, s.Messages(), "nobody after the 421 is tried")
}

func TestAProgressThatCannotBeReadCountsAsNone(t *testing.T) {
	s, e := start(t)
	d := missed()
	d.Progress = []byte(`{"sent":"boss@lucky.test"}`)
	require.NoError(t, deliver(t, e, d).Err)
	s.Await(1)
	d.Progress = []byte(`{"sent":["boss@lucky.test"]}`)
	v := deliver(t, e, d)
	assert.Equal(t, target.Sent, v.Outcome)
	assert.Len(t, s.Messages(), 1)
}

func TestAnAnswerIsShownInOneBearableLine(t *testing.T) {
	s, e := start(t)
	text := "5.7.1 no\u202e\x07 "
	for range 100 {
		text += "see https://example.org/why "
	}
	s.Fault(mailtest.Fault{At: mailtest.Recipient, Code: 550, Text: text})
	v := deliver(t, e, missed())
	require.ErrorContains(t, v.Err, "550 5.7.1 no see https://example.org/why")
	assert.Less(t, len(v.Err.Error()), 400)
	assert.NotRegexp(t, `[\x00-\x1f\x{202e}]`, v.Err.Error())
}
