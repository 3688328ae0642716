package httpsend_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
	"missedcalls/notifier/target/targettest"
)

func open(t testing.TB, s httpsend.Settings) *httpsend.Client {
	t.Helper()
	if s.Name == "" {
		s.Name = "CRM"
	}
	c, err := httpsend.New(s)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func post(ctx context.Context, t testing.TB, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("hello"))
	require.NoError(t, err)
	return r
}

// do sends one request and gives the verdict.
func do(t testing.TB, c *httpsend.Client, url string) target.Verdict {
	t.Helper()
	reply, failed := c.Do(post(t.Context(), t, url))
	v := c.Judge(reply)
	if failed != nil {
		v = *failed
	}
	targettest.Check(t, v)
	return v
}

func TestARequestHasItsOwnTimeout(t *testing.T) {
	c := open(t, httpsend.Settings{Timeout: 50 * time.Millisecond})
	v := do(t, c, targettest.Serve(t, targettest.Reply{Trouble: targettest.Hang}).URL)
	assert.Equal(t, "retry timeout", targettest.Say(v))
	assert.EqualError(t, v.Err, "CRM: no answer in time")
}

func TestADeliveryThatIsInterruptedEndsSoon(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{Trouble: targettest.Hang})
	c := open(t, httpsend.Settings{Timeout: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-server.Arrived()
		cancel()
	}()
	_, failed := c.Do(post(ctx, t, server.URL))
	require.NotNil(t, failed)
	assert.Equal(t, "retry interrupted", targettest.Say(*failed))
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	server := targettest.Serve(t)
	var mu sync.Mutex
	opened := make(map[string]bool)
	handler := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		opened[r.RemoteAddr] = true
		mu.Unlock()
		handler.ServeHTTP(w, r)
	})
	c := open(t, httpsend.Settings{})
	for _, body := range []string{"ok", strings.Repeat("x", 100_000), ""} {
		server.Play(targettest.Reply{Status: http.StatusBadRequest, Body: body})
		do(t, c, server.URL)
	}
	assert.Len(t, opened, 1)
}

func TestEveryRequestSaysWhoSendsIt(t *testing.T) {
	server := targettest.Serve(t, targettest.Reply{})
	do(t, open(t, httpsend.Settings{}), server.URL)
	got := server.Requests()
	require.Len(t, got, 1)
	assert.Equal(t, httpsend.UserAgent, got[0].Header.Get("User-Agent"))
	assert.Equal(t, "hello", string(got[0].Body))
}

func TestAPrivateAuthorityIsTrustedByItsFile(t *testing.T) {
	server := targettest.ServeTLS(t, targettest.Reply{})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	assert.Equal(t, "sent ok", targettest.Say(do(t, open(t, httpsend.Settings{CAFile: ca}), server.URL)))

	_, err := httpsend.New(httpsend.Settings{CAFile: filepath.Join(t.TempDir(), "missing.pem")})
	assert.ErrorContains(t, err, "read the certificates: open ")
	none := targettest.SecretFile(t, "no certificate")
	_, err = httpsend.New(httpsend.Settings{CAFile: none})
	assert.EqualError(t, err, none+" holds no certificate in PEM")
}

func TestHTTPSToAServerOfHTTPIsATroubleOfTLS(t *testing.T) {
	server := targettest.Serve(t)
	assert.Equal(t, "retry tls all", targettest.Say(do(t, open(t, httpsend.Settings{}), strings.Replace(server.URL, "http:", "https:", 1))))
}

func TestRequestsGoThroughTheProxy(t *testing.T) {
	for name, c := range map[string]struct {
		scheme    string
		handshake func(t *testing.T) *proxy
		want      string
	}{
		"HTTP":                                {"http://me:" + targettest.Secret + "@", func(t *testing.T) *proxy { return serveProxy(t, connect(http.StatusOK)) }, "sent ok"},
		"HTTP without the password":           {"http://", func(t *testing.T) *proxy { return serveProxy(t, connect(http.StatusOK)) }, "retry unauthorized 5m all"},
		"HTTP, which does not lead there":     {"http://me:" + targettest.Secret + "@", func(t *testing.T) *proxy { return serveProxy(t, connect(http.StatusForbidden)) }, "retry network all"},
		"SOCKS5":                              {"socks5://", func(t *testing.T) *proxy { return serveProxy(t, socks5) }, "sent ok"},
		"SOCKS5, its names left to the proxy": {"socks5h://", func(t *testing.T) *proxy { return serveProxy(t, socks5) }, "sent ok"},
		"SOCKS5, which lets nobody in":        {"socks5://", func(t *testing.T) *proxy { return serveProxy(t, refuse) }, "retry network all"},
	} {
		t.Run(name, func(t *testing.T) {
			server := targettest.ServeTLS(t, targettest.Reply{})
			ca := filepath.Join(t.TempDir(), "ca.pem")
			require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
			p := c.handshake(t)
			client := open(t, httpsend.Settings{CAFile: ca, Proxy: c.scheme + p.Addr().String()})
			defer client.Close()
			v := do(t, client, server.URL)
			assert.Equal(t, c.want, targettest.Say(v), "%v", v.Err)
			client.Close()
		})
	}
}

func TestAProxyThatHangsIsGivenUp(t *testing.T) {
	p := serveProxy(t, hang)
	for _, scheme := range []string{"http://", "socks5://"} {
		c := open(t, httpsend.Settings{Proxy: scheme + p.Addr().String(), Timeout: 50 * time.Millisecond})
		assert.Equal(t, "retry timeout", targettest.Say(do(t, c, "https://telegram.example/bot")))
	}
}

func TestAProxyThatIsNotThereIsATroubleOfTheNetwork(t *testing.T) {
	p := serveProxy(t, refuse)
	p.Close()
	for _, scheme := range []string{"http://", "socks5://"} {
		v := do(t, open(t, httpsend.Settings{Proxy: scheme + p.Addr().String()}), "https://telegram.example/bot")
		assert.Equal(t, "retry network all", targettest.Say(v))
	}
}

func TestWhatIsNoProxyIsRefusedWithoutBeingShown(t *testing.T) {
	for _, proxy := range []string{"host:3128", "ftp://host", "http://", "http://me:" + targettest.Secret + "@ho st", "://" + targettest.Secret} {
		_, err := httpsend.New(httpsend.Settings{Proxy: proxy})
		assert.EqualError(t, err, "the proxy is no URL such as http://host:3128 or socks5://host:1080", proxy)
	}
}

func TestWhatIsNoAddressIsRefusedWithoutBeingShown(t *testing.T) {
	for _, raw := range []string{"", "crm.example/hook", "ftp://crm.example", "https://", "https://:443/", "http://a b/" + targettest.Secret, "https://h/%zz" + targettest.Secret} {
		_, err := httpsend.ParseURL(raw)
		assert.EqualError(t, err, "it is no URL that begins with https:// or http://", raw)
	}
	u, err := httpsend.ParseURL("https://crm.example/hook?x=1")
	require.NoError(t, err)
	assert.Equal(t, "crm.example", u.Host)
}

func TestSecretsOfAURLAreHiddenInWhateverRepeatsThem(t *testing.T) {
	u, err := url.Parse("https://me:pass-" + targettest.Secret + "@crm.example/rest/1/" + targettest.Secret + "/lead%20add?key=k" + targettest.Secret + "&v=1")
	require.NoError(t, err)
	c := open(t, httpsend.Settings{Secrets: httpsend.SecretsOf(u)})
	for _, said := range []string{
		u.String(), u.RequestURI(), u.Path, u.RawQuery, u.Query().Get("key"), "/rest/1/" + targettest.Secret, "pass-" + targettest.Secret,
		url.QueryEscape(u.RequestURI()), strings.ReplaceAll(u.Path, "/", `\/`), "bWU6cGFzcy1zRWNyM3QtQUFFOWtXcTc=",
	} {
		v := c.Judge(httpsend.Reply{Status: http.StatusNotFound, Body: []byte("no " + said + " here")})
		targettest.Check(t, v)
		assert.NotContains(t, v.Err.Error(), "bWU6cGFzcy1", "nor in the form of Basic")
		assert.Contains(t, v.Err.Error(), "[hidden]")
	}
}

func TestWhatAServerSaysIsRepeatedInPart(t *testing.T) {
	c := open(t, httpsend.Settings{})
	for body, want := range map[string]string{
		"":                          "CRM: status 422 Unprocessable Entity",
		"<!DOCTYPE html>\n<html>":   "CRM: status 422 Unprocessable Entity: a page of HTML",
		`{"error":"no such field"}`: `CRM: status 422 Unprocessable Entity: {"error":"no such field"}`,
		"a\r\nb\x1b[31m\tc":         "CRM: status 422 Unprocessable Entity: a b[31m c",
		"phone +7 (916) 123-45-67 is bad, so is 89161234567, 12 is not": "CRM: status 422 Unprocessable Entity: phone +… is bad, so is …, 12 is not",
		strings.Repeat("я", 1000):                                       "CRM: status 422 Unprocessable Entity: " + strings.Repeat("я", 100) + "…",
	} {
		assert.EqualError(t, c.Judge(httpsend.Reply{Status: http.StatusUnprocessableEntity, Body: []byte(body)}).Err, want)
	}
}

func TestAServerThatAsksToWaitIsObeyedToTheSecond(t *testing.T) {
	const date, inTwoMinutes = "Tue, 03 Nov 2026 14:02:11 GMT", "Tue, 03 Nov 2026 14:04:11 GMT"
	for _, c := range []struct {
		retryAfter, date string
		want             time.Duration
	}{
		{"", date, 0},
		{"7", date, 7 * time.Second},
		{" 90 ", "", 90 * time.Second},
		{"0", date, 0},
		{"-1", date, 0},
		{"1.5", date, 0},
		{"soon", date, 0},
		{"86400", date, 24 * time.Hour},
		{"86401", date, 24 * time.Hour},
		{"4294967295", date, 24 * time.Hour},
		{"99999999999999999999", date, 0},
		{inTwoMinutes, date, 2 * time.Minute},
		{date, inTwoMinutes, 0},
		{"Tue, 03 Nov 2027 14:02:11 GMT", date, 24 * time.Hour},
	} {
		r := httpsend.Reply{Header: http.Header{"Retry-After": {c.retryAfter}, "Date": {c.date}}}
		assert.Equal(t, c.want, r.After(), c.retryAfter)
	}
	ahead := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	assert.InDelta(t, time.Hour, httpsend.Reply{Header: http.Header{"Retry-After": {ahead}}}.After(), float64(5*time.Second))
}
