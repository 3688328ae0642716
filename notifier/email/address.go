package email

import (
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// address is a mailbox, its domain in ASCII.
type address struct {
	mailbox mail.Address
	domain  string
}

// parseAddress reads a@b or Name <a@b>. A domain in other letters becomes its ASCII form, which every server knows.
func parseAddress(text string) (address, error) {
	parsed, err := mail.ParseAddress(text)
	if err != nil {
		return address{}, fmt.Errorf("%q is no mail address: %w", text, err)
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	local, domain := parsed.Address[:at], parsed.Address[at+1:]
	if domain, err = asciiHost(domain); err != nil {
		return address{}, fmt.Errorf("%q is no mail address: %w", text, err)
	}
	parsed.Address = local + "@" + domain
	return address{mailbox: *parsed, domain: domain}, nil
}

// asciiHost is the form of a host's name that DNS knows.
func asciiHost(name string) (string, error) {
	if isASCII(name) {
		return name, nil
	}
	return idna.Lookup.ToASCII(name)
}

// String is the mailbox without a name: local@domain.
func (a address) String() string { return a.mailbox.Address }

// path is the address as an envelope has it: in angle brackets, quoted where it must be.
func (a address) path() string {
	bare := mail.Address{Address: a.mailbox.Address}
	return bare.String()
}

// ascii says whether every server can take mail for it; else it must know SMTPUTF8.
func (a address) ascii() bool { return isASCII(a.mailbox.Address) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
