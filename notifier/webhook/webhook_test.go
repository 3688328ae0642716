package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
	"missedcalls/notifier/target/targettest"
	"missedcalls/notifier/webhook"
)

func open(t testing.TB, p policy.Webhook) *webhook.Webhook {
	t.Helper()
	to, err := webhook.New(policy.Target{Name: "crm", Webhook: &p})
	require.NoError(t, err)
	t.Cleanup(to.Close)
	return to
}

// deliver sends one delivery, which is accepted, and gives the request.
func deliver(t *testing.T, p policy.Webhook, d target.Delivery) targettest.Request {
	t.Helper()
	server := targettest.Serve(t, targettest.Reply{Status: http.StatusNoContent})
	p.URL = server.URL + p.URL
	v := open(t, p).Deliver(t.Context(), d)
	require.Equal(t, "sent ok", targettest.Say(v), "%v", v.Err)
	requests := server.Requests()
	require.Len(t, requests, 1)
	return requests[0]
}

func TestEveryReplyOfACRMLeadsToItsVerdict(t *testing.T) {
	targettest.Run(t, targettest.Webhook, func(t *testing.T, url string) target.Target {
		return open(t, policy.Webhook{
			URL:         url + "/rest/1/" + targettest.Secret + "/crm.lead.add",
			HeaderFiles: map[string]string{"Authorization": targettest.SecretFile(t, "Bearer "+targettest.Secret)},
		})
	})
}

func TestTheEventIsTheBody(t *testing.T) {
	d := targettest.Delivery(t)
	r := deliver(t, policy.Webhook{URL: "/hook?x=1"}, d)
	assert.Equal(t, http.MethodPost, r.Method)
	assert.Equal(t, "/hook?x=1", r.Path)
	assert.Equal(t, string(d.Data), string(r.Body))
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
	assert.Equal(t, httpsend.UserAgent, r.Header.Get("User-Agent"))
	assert.Equal(t, "d4vq1m0s6k3c73f0a1b0_end_crm", r.Header.Get("Webhook-Id"))
	assert.Empty(t, r.Header.Get("Webhook-Signature"), "there is no key")
	sent, err := strconv.ParseInt(r.Header.Get("Webhook-Timestamp"), 10, 64)
	require.NoError(t, err)
	assert.InDelta(t, time.Now().Unix(), sent, 60)
}

func TestAnEventThatSettlesOthersIsSentLikeAnyOther(t *testing.T) {
	d := targettest.Delivery(t)
	d.Changes, d.Earlier = true, []target.Said{{Message: message.Message{Title: "before"}}}
	assert.Equal(t, string(d.Data), string(deliver(t, policy.Webhook{}, d).Body))
}

func TestTheOperatorsTextIsTheBodyIfThereIsOne(t *testing.T) {
	d := targettest.Delivery(t)
	d.Message.Custom = &message.Custom{Text: "FIELDS[PHONE]=%2B79161234567"}
	r := deliver(t, policy.Webhook{Method: http.MethodPut, ContentType: "application/x-www-form-urlencoded"}, d)
	assert.Equal(t, "FIELDS[PHONE]=%2B79161234567", string(r.Body))
	assert.Equal(t, "application/x-www-form-urlencoded", r.Header.Get("Content-Type"))
	assert.Equal(t, http.MethodPut, r.Method)
}

func TestATemplateThatSaysNullSendsNothing(t *testing.T) {
	server := targettest.Serve(t)
	d := targettest.Delivery(t)
	d.Message.Custom = &message.Custom{Text: "\n  null\n"}
	assert.Equal(t, "sent ok", targettest.Say(open(t, policy.Webhook{URL: server.URL}).Deliver(t.Context(), d)))
	assert.Empty(t, server.Requests())
}

func TestADigestIsSentAsItsMessage(t *testing.T) {
	d := target.Delivery{ID: "digest", Message: targettest.Message()}
	var got message.Message
	require.NoError(t, json.Unmarshal(deliver(t, policy.Webhook{}, d).Body, &got))
	assert.Equal(t, d.Message, got)
}

func TestABodyThatIsTooLongIsNotSent(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{})
	to := open(t, policy.Webhook{URL: server.URL})
	d := targettest.Delivery(t)
	d.Message.Custom = &message.Custom{Text: strings.Repeat("x", 256<<10+1)}
	assert.Equal(t, "permanent too_large", targettest.Say(to.Deliver(t.Context(), d)))
	d.Message.Custom.Text = d.Message.Custom.Text[1:]
	assert.Equal(t, "sent ok", targettest.Say(to.Deliver(t.Context(), d)))
}

func TestHeadersOfTheOperatorGoOut(t *testing.T) {
	r := deliver(t, policy.Webhook{
		Headers:     map[string]string{"x-source": "missed calls", "User-Agent": "pbx/2"},
		HeaderFiles: map[string]string{"Authorization": targettest.SecretFile(t, "Bearer "+targettest.Secret)},
	}, targettest.Delivery(t))
	assert.Equal(t, "missed calls", r.Header.Get("X-Source"))
	assert.Equal(t, "pbx/2", r.Header.Get("User-Agent"))
	assert.Equal(t, "Bearer "+targettest.Secret, r.Header.Get("Authorization"))
}

func TestAUserInTheURLIsRefusedWithoutShowingThePassword(t *testing.T) {
	_, err := webhook.New(policy.Target{Name: "crm", Webhook: &policy.Webhook{URL: "https://me:" + targettest.Secret + "@crm.example/"}})
	require.ErrorContains(t, err, "header_files")
	assert.NotContains(t, err.Error(), targettest.Secret)
}

// verify is what docs/targets.md tells a receiver to do.
func verify(secret string, h http.Header, body []byte, now time.Time) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(h.Get("Webhook-Timestamp"), 10, 64)
	if err != nil {
		return err
	}
	if age := now.Sub(time.Unix(seconds, 0)).Abs(); age > 5*time.Minute {
		return errors.New("too old, or too new")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("Webhook-Id") + "." + h.Get("Webhook-Timestamp") + "." + string(body)))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for got := range strings.FieldsSeq(h.Get("Webhook-Signature")) {
		if hmac.Equal([]byte(got), []byte(want)) {
			return nil
		}
	}
	return errors.New("no signature fits")
}

func TestARequestIsSignedByEveryKey(t *testing.T) {
	oldKey := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("o", 24)))
	newKey := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("n", 64)))
	r := deliver(t, policy.Webhook{SecretFiles: []string{
		targettest.SecretFile(t, newKey), targettest.SecretFile(t, oldKey), targettest.SecretFile(t, "a key as it stands"),
	}}, targettest.Delivery(t))
	assert.Len(t, strings.Fields(r.Header.Get("Webhook-Signature")), 3)
	now := time.Now()
	raw := base64.StdEncoding.EncodeToString([]byte("a key as it stands"))
	for _, key := range []string{oldKey, newKey, raw} {
		require.NoError(t, verify(key, r.Header, r.Body, now))
	}
	assert.Error(t, verify("whsec_"+base64.StdEncoding.EncodeToString([]byte("another")), r.Header, r.Body, now))
	assert.Error(t, verify(oldKey, r.Header, append(r.Body, ' '), now))
	assert.Error(t, verify(oldKey, r.Header, r.Body, now.Add(6*time.Minute)))
}

func TestARepeatedRequestHasTheSameID(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{Status: http.StatusServiceUnavailable}, targettest.Reply{})
	to := open(t, policy.Webhook{URL: server.URL})
	d := targettest.Delivery(t)
	to.Deliver(t.Context(), d)
	to.Deliver(t.Context(), d)
	r := server.Requests()
	require.Len(t, r, 2)
	assert.Equal(t, r[0].Header.Get("Webhook-Id"), r[1].Header.Get("Webhook-Id"))
	assert.NotContains(t, r[0].Header.Get("Webhook-Id"), ".", "a dot would part what is signed")
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := targettest.Serve(t)
	server := targettest.Serve(t, targettest.Reply{Status: http.StatusTemporaryRedirect, Header: map[string]string{"Location": elsewhere.URL}})
	v := open(t, policy.Webhook{URL: server.URL}).Deliver(t.Context(), targettest.Delivery(t))
	assert.Equal(t, "permanent redirected", targettest.Say(v))
	assert.Empty(t, elsewhere.Requests())
}

func TestManyEventsGoOutAtOnce(t *testing.T) {
	server := targettest.Serve(t)
	to := open(t, policy.Webhook{URL: server.URL, SecretFiles: []string{targettest.SecretFile(t, "key")}})
	d := targettest.Delivery(t)
	var all sync.WaitGroup
	for range 20 {
		server.Play(targettest.Reply{})
		all.Go(func() { assert.Equal(t, "sent ok", targettest.Say(to.Deliver(t.Context(), d))) })
	}
	all.Wait()
}

func TestADeliveryThatIsInterruptedEnds(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{Trouble: targettest.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-server.Arrived()
		cancel()
	}()
	assert.Equal(t, "retry interrupted", targettest.Say(open(t, policy.Webhook{URL: server.URL}).Deliver(ctx, targettest.Delivery(t))))
}

func TestWhatIsNoWebhookIsRefusedWithoutShowingSecrets(t *testing.T) {
	const url = "https://crm.example/hook"
	file := func(text string) []string { return []string{targettest.SecretFile(t, text)} }
	missing := filepath.Join(t.TempDir(), "missing")
	header := func(name, value string) policy.Webhook {
		return policy.Webhook{URL: url, Headers: map[string]string{name: value}}
	}
	for want, p := range map[string]policy.Webhook{
		"target crm: url: it is no URL that begins with https:// or http://":                                             {URL: "crm.example/" + targettest.Secret},
		`target crm: method "GET": it must be one of POST, PUT, PATCH`:                                                   {URL: url, Method: "GET"},
		"target crm: read the key of the signature from " + missing + ": no such file or directory":                      {URL: url, SecretFiles: []string{missing}},
		": what follows whsec_ is not base64":                                                                            {URL: url, SecretFiles: file("whsec_" + targettest.Secret)},
		": it has 3 bytes; a key has 24 to 64":                                                                           {URL: url, SecretFiles: file("whsec_a2V5")},
		": it has 65 bytes; a key has 24 to 64":                                                                          {URL: url, SecretFiles: file("whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65)))},
		"target crm: headers: Host: it cannot be set: it is set by url":                                                  header("Host", "x"),
		"target crm: headers: content-length: it cannot be set: it is set by the body":                                   header("content-length", "1"),
		"target crm: headers: content-type: it cannot be set: set content_type instead":                                  header("content-type", "a/b"),
		"target crm: headers: Transfer-Encoding: it cannot be set: it is the connection's own":                           header("Transfer-Encoding", "chunked"),
		"target crm: headers: webhook-id: it cannot be set: headers that begin with webhook- are those of the signature": header("webhook-id", "1"),
		"target crm: headers: X-A\r\nB: it is no name of a header":                                                       header("X-A\r\nB", "1"),
		"target crm: headers: : it is no name of a header":                                                               header("", "1"),
		"target crm: headers: X-A: it has a line break or another control character":                                     header("X-A", targettest.Secret+"\r\nX-B: 1"),
		"target crm: content_type: it has a line break or another control character":                                     {URL: url, ContentType: "a/b\r\nX: 1"},
		"target crm: headers: x-a: it is set twice":                                                                      {URL: url, Headers: map[string]string{"X-A": "1", "x-a": "2"}},
		"target crm: header_files: X-A: it is set twice":                                                                 {URL: url, Headers: map[string]string{"x-a": "1"}, HeaderFiles: map[string]string{"X-A": file("2")[0]}},
		"target crm: header_files: X-A: read the header X-A from " + missing + ": no such file or directory":             {URL: url, HeaderFiles: map[string]string{"X-A": missing}},
		": it has several lines or control characters; a secret is one line":                                             {URL: url, HeaderFiles: map[string]string{"X-A": file(targettest.Secret + "\nX-B: 1")[0]}},
		"target crm: the proxy is no URL such as http://host:3128 or socks5://host:1080":                                 {URL: url, Proxy: "host"},
		"target crm: read the certificates: open " + missing + ": no such file or directory":                             {URL: url, CAFile: missing},
	} {
		_, err := webhook.New(policy.Target{Name: "crm", Webhook: &p})
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), targettest.Secret)
	}
}
