package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// headerName is a token of RFC 9110.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// ours are the headers that no operator sets, in their canonical form: they say how the message is carried, or are set
// in another way.
var ours = map[string]string{
	"Connection":        "it is the connection's own",
	"Content-Length":    "it is set by the body",
	"Content-Type":      "set content_type instead",
	"Expect":            "it is the connection's own",
	"Host":              "it is set by url",
	"Keep-Alive":        "it is the connection's own",
	"Te":                "it is the connection's own",
	"Trailer":           "it is the connection's own",
	"Transfer-Encoding": "it is the connection's own",
	"Upgrade":           "it is the connection's own",
}

// headersOf are the headers of every request. Those from files are secrets.
func headersOf(p policy.Webhook) (headers http.Header, secrets []string, err error) {
	headers = http.Header{"Content-Type": {cmp.Or(p.ContentType, "application/json")}}
	if err := checkValue(headers.Get("Content-Type")); err != nil {
		return nil, nil, fmt.Errorf("content_type: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		if err := setHeader(headers, name, p.Headers[name]); err != nil {
			return nil, nil, fmt.Errorf("headers: %s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.HeaderFiles)) {
		value, err := target.ReadSecret("header "+name, p.HeaderFiles[name])
		if err == nil {
			err = setHeader(headers, name, value)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("header_files: %s: %w", name, err)
		}
		secrets = append(secrets, value)
	}
	return headers, secrets, nil
}

// setHeader refuses what would break the request, or take the place of what is set already. Its errors hold no value.
func setHeader(headers http.Header, name, value string) error {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch why, is := ours[canonical]; {
	case !headerName.MatchString(name):
		return errors.New("it is no name of a header")
	case is:
		return fmt.Errorf("it cannot be set: %s", why)
	case strings.HasPrefix(canonical, "Webhook-"):
		return errors.New("it cannot be set: headers that begin with webhook- are those of the signature")
	case headers.Get(canonical) != "":
		return errors.New("it is set twice")
	}
	headers.Set(canonical, value)
	return checkValue(value)
}

// checkValue keeps a value from ending its header.
func checkValue(value string) error {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return errors.New("it has a line break or another control character")
	}
	return nil
}
