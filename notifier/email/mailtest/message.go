package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Message is one that was accepted.
type Message struct {
	// From and To are the envelope, UTF8 says that it was sent as SMTPUTF8.
	From string
	To   []string
	UTF8 bool
	// User is who was logged in, TLS says that nobody could read it on the way.
	User string
	TLS  bool

	Raw []byte
	// Header has the values as people read them: unfolded, encoded words decoded.
	Header mail.Header
	// Parts are the leaves of the body in their order.
	Parts []Part
}

// Part is one form of the text.
type Part struct {
	// Type is the media type, such as text/plain, Charset its parameter.
	Type, Charset string
	// Body is decoded, with line ends of one character.
	Body string
}

// Text is the plain form, empty when there is none.
func (m Message) Text() string { return m.body("text/plain") }

// HTML is the HTML form, empty when there is none.
func (m Message) HTML() string { return m.body("text/html") }

func (m Message) body(typ string) string {
	for _, p := range m.Parts {
		if p.Type == typ {
			return p.Body
		}
	}
	return ""
}

// Parse reads a message as it goes over the wire, and is strict about what a mail program may trip over: every line ends
// in CR LF and has at most 998 bytes, no header stands there twice, no encoded word is broken.
func Parse(raw []byte) (Message, error) {
	if err := checkLines(raw); err != nil {
		return Message{}, err
	}
	read, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, err
	}
	m := Message{Raw: raw, Header: make(mail.Header)}
	for name, values := range read.Header {
		if len(values) > 1 {
			return Message{}, fmt.Errorf("header %s stands there %d times", name, len(values))
		}
		decoded, err := header(values[0])
		if err != nil {
			return Message{}, fmt.Errorf("header %s: %w", name, err)
		}
		m.Header[name] = []string{decoded}
	}
	m.Parts, err = parts(textproto.MIMEHeader(read.Header), read.Body)
	return m, err
}

var encodedWord = regexp.MustCompile(`=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=`)

// header decodes a header's encoded words, each of which must have at most 75 characters and hold whole letters; RFC 2047,
// sections 2 and 5.
func header(value string) (string, error) {
	var words mime.WordDecoder
	for _, word := range encodedWord.FindAllString(value, -1) {
		text, err := words.Decode(word)
		if err != nil || !utf8.ValidString(text) || len(word) > 75 {
			return "", fmt.Errorf("the word %s is too long, not to be read, or has half a letter", word)
		}
	}
	return words.DecodeHeader(value)
}

func checkLines(raw []byte) error {
	for line := range bytes.Lines(raw) {
		text, ended := bytes.CutSuffix(line, []byte("\r\n"))
		switch {
		case !ended || bytes.ContainsAny(text, "\r\n"):
			return fmt.Errorf("a line does not end in CR LF: %q", line)
		case len(text) > 998:
			return fmt.Errorf("a line of %d bytes", len(text))
		}
	}
	return nil
}

func parts(header textproto.MIMEHeader, body io.Reader) ([]Part, error) {
	typ, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("content type %q: %w", header.Get("Content-Type"), err)
	}
	if !strings.HasPrefix(typ, "multipart/") {
		text, err := decoded(header.Get("Content-Transfer-Encoding"), body)
		return []Part{{Type: typ, Charset: parameters["charset"], Body: strings.ReplaceAll(text, "\r\n", "\n")}}, err
	}
	var all []Part
	for r := multipart.NewReader(body, parameters["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		inner, err := parts(p.Header, p)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
}

func decoded(encoding string, body io.Reader) (string, error) {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "", "7bit", "8bit":
	default:
		return "", fmt.Errorf("transfer encoding %q", encoding)
	}
	b, err := io.ReadAll(body)
	return string(b), err
}
