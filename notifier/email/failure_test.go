package email

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"missedcalls/notifier/target"
)

// TestEveryErrorHasItsVerdict has what a server in a test cannot be made to answer.
func TestEveryErrorHasItsVerdict(t *testing.T) {
	retry := func(reason string, all bool, after time.Duration) target.Verdict {
		return target.Verdict{Outcome: target.Retry, Reason: reason, All: all, After: after}
	}
	permanent := func(reason string) target.Verdict { return target.Verdict{Outcome: target.Permanent, Reason: reason} }
	for name, c := range map[string]struct {
		at     stage
		err    error
		want   target.Verdict
		broken bool
	}{
		"451 to DATA":                 {atData, &textproto.Error{Code: 451}, retry("unavailable", false, 0), false},
		"554 to DATA":                 {atData, &textproto.Error{Code: 554, Msg: "no valid recipients"}, permanent("rejected"), false},
		"421 to DATA":                 {atData, &textproto.Error{Code: 421}, retry("unavailable", true, 0), true},
		"530 to RCPT":                 {atRecipient, &textproto.Error{Code: 530, Msg: "5.7.0 log in"}, retry("unauthorized", true, target.UntilMended), true},
		"250 to DATA":                 {atData, &textproto.Error{Code: 250}, retry("malformed_reply", false, 0), true},
		"220 to EHLO":                 {atConnect, &textproto.Error{Code: 220}, retry("malformed_reply", true, 0), true},
		"no answer at all":            {atConnect, textproto.ProtocolError("short response: HTTP"), retry("malformed_reply", true, 0), true},
		"454 to STARTTLS":             {atTLS, &textproto.Error{Code: 454}, retry("tls", true, 0), true},
		"501 to STARTTLS":             {atTLS, &textproto.Error{Code: 501}, retry("tls", true, 0), true},
		"cut in STARTTLS":             {atTLS, io.EOF, retry("tls", true, 0), true},
		"no TLS spoken":               {atTLS, tls.RecordHeaderError{Msg: "first record"}, retry("tls", true, 0), true},
		"a proof that does not hold":  {atAuth, errors.New("invalid server signature"), retry("unauthorized", true, target.UntilMended), true},
		"no password":                 {atAuth, os.ErrNotExist, retry("unauthorized", true, target.UntilMended), true},
		"504 to AUTH":                 {atAuth, &textproto.Error{Code: 504}, retry("unauthorized", true, target.UntilMended), true},
		"no such host":                {atConnect, &net.DNSError{Err: "no such host", IsNotFound: true}, retry("network", true, 0), true},
		"a resolver that is silent":   {atConnect, &net.DNSError{Err: "i/o timeout", IsTimeout: true}, retry("timeout", true, 0), true},
		"a reset":                     {atRecipient, &net.OpError{Op: "read", Err: os.ErrClosed}, retry("network", false, 0), true},
		"a mailbox that moved":        {atRecipient, &textproto.Error{Code: 551, Msg: "5.1.6 moved"}, permanent("not_found"), false},
		"a mailbox that is closed":    {atRecipient, &textproto.Error{Code: 550, Msg: "5.2.1 disabled"}, permanent("gone"), false},
		"a mailbox that is full":      {atRecipient, &textproto.Error{Code: 552, Msg: "5.2.2 over quota"}, permanent("rejected"), false},
		"a message above the limit":   {atContent, &textproto.Error{Code: 552, Msg: "5.2.3 too long"}, permanent("too_large"), false},
		"too much, without a status":  {atContent, &textproto.Error{Code: 552, Msg: "too much"}, permanent("too_large"), false},
		"spam":                        {atContent, &textproto.Error{Code: 554, Msg: "5.7.1 spam"}, permanent("forbidden"), false},
		"a status that is none":       {atContent, &textproto.Error{Code: 550, Msg: "5.1234.1 x"}, permanent("rejected"), false},
		"a recipient beyond ASCII":    {atRecipient, errNoUTF8, permanent("rejected"), false},
		"a sender beyond ASCII":       {atSender, errNoUTF8, retry("forbidden", true, target.UntilMended), true},
		"a refusal of several lines":  {atContent, &textproto.Error{Code: 550, Msg: "5.7.1 no\n5.7.1 never"}, permanent("forbidden"), false},
		"a temporary doubt of sender": {atSender, &textproto.Error{Code: 450, Msg: "4.1.8 domain not found"}, retry("unavailable", true, 0), false},
	} {
		f := judge(context.Background(), c.at, c.err)
		assert.Equal(t, c.want, f.Verdict, name)
		assert.Equal(t, c.broken, f.broken, name)
	}
}

func TestAnAnswerCountsThoughTheTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.Equal(t, target.Permanent, judge(ctx, atRecipient, &textproto.Error{Code: 550}).Outcome)
	assert.Equal(t, "timeout", judge(ctx, atRecipient, net.ErrClosed).Reason)
}

func TestAnErrorThatIsShownCanStillBeRecognised(t *testing.T) {
	l := letter{}
	f := judgeLetter(context.Background(), atRecipient, l, &textproto.Error{Code: 550, Msg: "no"})
	var answer *textproto.Error
	assert.ErrorAs(t, f.Err, &answer)
}
