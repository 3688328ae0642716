package email

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/notifier/email/mailtest"
)

// BenchmarkMail is the time of a burst of mails to a server that wants STARTTLS and a log-in, here and at a distance, over
// connections that are kept and over a new one for each mail: the reason why they are kept.
func BenchmarkMail(b *testing.B) {
	for _, far := range []time.Duration{0, 10 * time.Millisecond} {
		for _, kept := range []int{2, 0} {
			mails := 1000
			if far > 0 {
				mails = 20
			}
			b.Run(fmt.Sprintf("latency=%s/kept=%d/mails=%d", far, kept, mails), func(b *testing.B) { benchmarkMail(b, far, kept, mails) })
		}
	}
}

func benchmarkMail(b *testing.B, far time.Duration, kept, mails int) {
	s := mailtest.Start(b, mailtest.Settings{TLS: mailtest.StartTLS, Users: map[string]string{"anna": password}, Latency: far})
	p := settings(s)
	p.Email.Username, p.Email.PasswordFile = "anna", passwordFile(b, password)
	e := open(b, p)
	e.idle.most = kept
	const workers = 2
	for b.Loop() {
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for range mails / workers {
					if v := e.Deliver(b.Context(), missed()); v.Err != nil {
						b.Error(v.Err)
					}
				}
			})
		}
		all.Wait()
	}
	require.Len(b, s.Messages(), mails*b.N)
	b.ReportMetric(float64(mails*b.N)/b.Elapsed().Seconds(), "mails/s")
	b.ReportMetric(float64(s.Connections())/float64(b.N), "connections/op")
}

// BenchmarkWrite is the time to write a mail.
func BenchmarkWrite(b *testing.B) {
	e := writer(b)
	for b.Loop() {
		_, err := e.write(missed(), e.to[0])
		require.NoError(b, err)
	}
}
