package ari

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// mix is what Asterisk sends about one caller who waits and hangs up, with the kinds of event nobody wants among
// them as they come when no filter is set: 550 bytes each on average.
func mix() [][]byte {
	varset := fmt.Sprintf(`{"type":"ChannelVarset","timestamp":"2026-08-01T12:00:00.123+0300","variable":"STASISSTATUS","value":"","channel":%s,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`, channelJSON("1785574800.42"))
	dialplan := fmt.Sprintf(`{"type":"ChannelDialplan","timestamp":"2026-08-01T12:00:00.123+0300","dialplan_app":"Stasis","dialplan_app_data":"missedcalls,sales","channel":%s,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`, channelJSON("1785574800.42"))
	return [][]byte{
		frameOf("StasisStart"), frameOf("ChannelStateChange"), frameOf("ChannelEnteredBridge"), []byte(varset), []byte(dialplan),
		frameOf("ChannelDtmfReceived"), frameOf("ChannelHangupRequest"), frameOf("ChannelLeftBridge"), frameOf("StasisEnd"), []byte(varset),
	}
}

// BenchmarkDecode is the work of the delivering goroutine for each frame.
func BenchmarkDecode(b *testing.B) {
	b.Run("mix", func(b *testing.B) { decodeAll(b, mix()) })
	b.Run("known", func(b *testing.B) { decodeAll(b, [][]byte{frameOf("StasisEnd")}) })
	b.Run("unknown", func(b *testing.B) { decodeAll(b, [][]byte{mix()[3]}) })
}

func decodeAll(b *testing.B, frames [][]byte) {
	b.ReportAllocs()
	n, bytes := 0, int64(0)
	for b.Loop() {
		frame := frames[n%len(frames)]
		if _, _, err := Decode(frame); err != nil {
			b.Fatal(err)
		}
		bytes += int64(len(frame))
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytes)/float64(n), "bytes/event")
}

// BenchmarkListen measures events a second from a socket of the loopback to deliver, the sender included.
func BenchmarkListen(b *testing.B) {
	flood := make(chan int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ari/events" {
			fmt.Fprint(w, `{"system":{"version":"22.10.1"}}`)
			return
		}
		pour(w, r, flood)
	}))
	defer server.Close()

	s := testSettings()
	s.URL, s.EchoWithin, s.QueueLimit, s.QueueBytes = server.URL+"/ari", time.Hour, 100_000_000, 1<<40
	client, err := New(s, zerolog.Nop())
	require.NoError(b, err)
	defer client.Close()
	ctx, stop := context.WithCancel(context.Background())
	connected, delivered, done := make(chan struct{}), make(chan struct{}, 1<<16), make(chan struct{})
	go func() {
		defer close(done)
		_ = client.Listen(ctx, func(s Signal) {
			switch s.(type) {
			case Connected:
				close(connected)
			case Received:
				delivered <- struct{}{}
			}
		})
	}()
	<-connected
	b.ReportAllocs()
	b.ResetTimer()
	flood <- b.N
	for range b.N {
		<-delivered
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	close(flood)
	stop()
	<-done
}

// pour accepts a websocket and sends as many known events as it is told, many to a write.
func pour(w http.ResponseWriter, r *http.Request, flood <-chan int) {
	proof := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	wire, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer wire.Close()
	fmt.Fprintf(wire, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(proof[:]))
	frame := frameOf("StasisEnd")
	frame = append([]byte{0x81, 126, byte(len(frame) >> 8), byte(len(frame))}, frame...)
	block := bytes.Repeat(frame, 64)
	n, open := <-flood
	for ; open && n > 0; n -= 64 {
		if _, err := wire.Write(block[:len(frame)*min(n, 64)]); err != nil {
			return
		}
	}
	<-flood
}
