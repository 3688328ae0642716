package bus

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAUserWhoMayNotMakeStreamsWorksWithThoseThatAreThere(t *testing.T) {
	limited := &server.Permissions{Publish: &server.SubjectPermission{
		Deny: []string{"$JS.API.STREAM.CREATE.>", "$JS.API.STREAM.UPDATE.>", "$JS.API.STREAM.DELETE.>"},
	}}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
		Users: []*server.User{{Username: "app", Password: "secret"}, {Username: "limited", Password: "secret", Permissions: limited}},
	})
	require.NoError(t, err)
	s.Start()
	defer func() { s.Shutdown(); s.WaitForShutdown() }()
	require.True(t, s.ReadyForConnections(10*time.Second))
	there := Settings{URL: s.ClientURL(), Username: "app", Password: "secret", AckWait: time.Second}
	owner := open(t, there)
	notifications(t, owner)

	there.Username = "limited"
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	b, err := Open(ctx, there, b0())
	require.NoError(t, err)
	defer closeBus(t, b)
	n, err := b.Notifications(ctx)
	require.NoError(t, err)
	publishJobs(t, n.Jobs, jobs(1, 3))
	c, err := n.Jobs.Consume(t.Context(), ConsumerSettings{Name: "target-mail", Subject: "jobs.mail.*"})
	require.NoError(t, err)
	defer c.Close()
	got, err := c.Fetch(t.Context(), 3)
	require.NoError(t, err)
	assert.Len(t, got, 3)
}

func TestAStreamIsUpdatedWhenTheSettingsAskForIt(t *testing.T) {
	dir := t.TempDir()
	b := open(t, Settings{Dir: dir})
	n := notifications(t, b)
	assert.Equal(t, uint64(defaultMaxJobs), state(t, n.Jobs).MaxBytes)
	b.settings.MaxJobs = 100 << 20
	assert.Equal(t, uint64(100<<20), state(t, notifications(t, b).Jobs).MaxBytes)
}
