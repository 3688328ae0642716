package bus

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func notifications(t testing.TB, b *Bus) *Notifications {
	t.Helper()
	n, err := b.Notifications(t.Context())
	require.NoError(t, err)
	return n
}

// jobs are n messages for JOBS, numbered from a first one.
func jobs(first, n int) (out []Message) {
	for i := range n {
		id := fmt.Sprintf("e%05d", first+i)
		out = append(out, Message{Subject: "jobs.mail." + id, ID: id + ".mail", Data: []byte(id)})
	}
	return out
}

func publishJobs(t testing.TB, s *Store, m []Message) {
	t.Helper()
	seqs, err := s.Publish(t.Context(), m)
	require.NoError(t, err)
	require.Len(t, seqs, len(m))
}

// consume takes the jobs of target mail until the test ends.
func consume(t testing.TB, s *Store, c ConsumerSettings) *Consumer {
	t.Helper()
	c.Name, c.Subject = "target-mail", "jobs.mail.*"
	c.Poll = or(c.Poll, 100*time.Millisecond)
	out, err := s.Consume(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() {
		if out.stop != nil {
			out.Close()
		}
	})
	return out
}

// end closes a consumer before the test ends.
func end(c *Consumer) {
	c.Close()
	c.stop = nil
}

// forsake leaves a consumer as a process does that is killed.
func forsake(c *Consumer) {
	close(c.stop)
	c.behind.Wait()
	c.stop = nil
}

func fetch(t testing.TB, c *Consumer, n int) []*Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got, err := c.Fetch(ctx, n)
	require.NoError(t, err)
	return got
}

// assertNothing holds that a consumer is given nothing for a while.
func assertNothing(t testing.TB, c *Consumer, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	got, err := c.Fetch(ctx, 10)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Empty(t, got)
}

func contents(deliveries []*Delivery) (out []string) {
	for _, d := range deliveries {
		out = append(out, string(d.Data))
	}
	return out
}

func state(t testing.TB, s *Store) State {
	t.Helper()
	out, err := s.State(t.Context())
	require.NoError(t, err)
	return out
}

func assertEmptied(t testing.TB, s *Store) {
	t.Helper()
	assert.Eventually(t, func() bool { return state(t, s).Messages == 0 }, 5*time.Second, time.Millisecond)
}

func TestThoseWhoShareAConsumerGetEachJobOnceAndNoMoreThanTheyAskFor(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	publishJobs(t, n.Jobs, jobs(1, 5))
	one, other := consume(t, n.Jobs, ConsumerSettings{}), consume(t, n.Jobs, ConsumerSettings{})
	first := fetch(t, one, 2)
	assert.Equal(t, []string{"e00001", "e00002"}, contents(first))
	second := fetch(t, other, 10)
	assert.Equal(t, []string{"e00003", "e00004", "e00005"}, contents(second))
	assert.Equal(t, uint64(3), second[0].Seq)
	assert.Equal(t, "jobs.mail.e00003", second[0].Subject)
	assert.Equal(t, 1, second[0].Deliveries)
	assert.Equal(t, 3, first[1].Waiting)
	assert.WithinDuration(t, time.Now(), second[0].PublishedAt, 10*time.Second)
	backlog, err := n.Jobs.Backlog(t.Context(), "target-mail")
	require.NoError(t, err)
	assert.Equal(t, 5, backlog)
	for _, d := range append(first, second...) {
		d.Ack()
	}
	assertEmptied(t, n.Jobs)
	backlog, err = n.Jobs.Backlog(t.Context(), "target-nobody")
	require.NoError(t, err)
	assert.Zero(t, backlog)
	assert.Empty(t, one.More(t.Context(), 1))
	assert.Empty(t, one.More(t.Context(), 0))
}

func TestAJobThatIsHandedBackComesAgainWhenItIsDueAndNotBefore(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	publishJobs(t, n.Jobs, jobs(1, 1))
	c := consume(t, n.Jobs, ConsumerSettings{})
	d := fetch(t, c, 1)[0]
	const after = 300 * time.Millisecond
	back := time.Now()
	d.Retry(after)
	d.Ack() // it is settled already
	again := fetch(t, c, 1)[0]
	assert.GreaterOrEqual(t, time.Since(back), after)
	assert.Equal(t, 2, again.Deliveries)
	again.Retry(0)
	assert.Equal(t, 3, fetch(t, c, 1)[0].Deliveries)
}

func TestWhatIsInHandIsGivenToNobodyElseHoweverLongItTakes(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	publishJobs(t, n.Jobs, jobs(1, 1))
	wait := ConsumerSettings{AckWait: 300 * time.Millisecond}
	one, other := consume(t, n.Jobs, wait), consume(t, n.Jobs, wait)
	d := fetch(t, one, 1)[0]
	assertNothing(t, other, 4*wait.AckWait)
	d.Ack()
	assertEmptied(t, n.Jobs)
}

func TestWhatAProcessHadInHandThatWasKilledComesAfterTheWait(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	publishJobs(t, n.Jobs, jobs(1, 2))
	wait := ConsumerSettings{AckWait: 300 * time.Millisecond}
	one, other := consume(t, n.Jobs, wait), consume(t, n.Jobs, wait)
	at := time.Now()
	require.Len(t, fetch(t, one, 2), 2)
	forsake(one)
	got := fetch(t, other, 2)
	assert.GreaterOrEqual(t, time.Since(at), wait.AckWait)
	assert.Equal(t, 2, got[0].Deliveries)
}

func TestWhatAProcessHadInHandThatEndedComesAtOnce(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	publishJobs(t, n.Jobs, jobs(1, 3))
	one, other := consume(t, n.Jobs, ConsumerSettings{}), consume(t, n.Jobs, ConsumerSettings{})
	require.Len(t, fetch(t, one, 3), 3)
	at := time.Now()
	end(one)
	var got []*Delivery
	for len(got) < 3 {
		got = append(got, fetch(t, other, 3)...)
	}
	assert.Less(t, time.Since(at), consumerAckWait/2)
}

func TestWhatComesToAFetchThatWasLeftIsHandedBackAtOnce(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	c := consume(t, n.Jobs, ConsumerSettings{Poll: time.Minute})
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := c.Fetch(ctx, 1)
		left <- err
	}()
	require.Eventually(t, func() bool { return pulls(t, n.Jobs) == 1 }, 5*time.Second, time.Millisecond)
	leave()
	require.ErrorIs(t, <-left, context.Canceled)
	publishJobs(t, n.Jobs, jobs(1, 1)) // the server gives it to the one who left
	at := time.Now()
	assert.Equal(t, 2, fetch(t, consume(t, n.Jobs, ConsumerSettings{}), 1)[0].Deliveries)
	assert.Less(t, time.Since(at), consumerAckWait/2)
}

// pulls is how many fetches wait at the server.
func pulls(t testing.TB, s *Store) int {
	t.Helper()
	c, err := s.stream.Consumer(t.Context(), "target-mail")
	require.NoError(t, err)
	return c.CachedInfo().NumWaiting
}

func TestAConsumerLivesThroughARestartOfTheServer(t *testing.T) {
	b := open(t, Settings{})
	n := notifications(t, b)
	c := consume(t, n.Jobs, ConsumerSettings{})
	publishJobs(t, n.Jobs, jobs(1, 3))
	done, held := fetch(t, c, 1)[0], fetch(t, c, 1)[0]
	done.Ack()
	require.Eventually(t, func() bool { return state(t, n.Jobs).Messages == 2 }, 5*time.Second, time.Millisecond)
	restart(t, b)
	assert.Equal(t, []string{"e00003"}, contents(fetch(t, c, 5)))
	held.Ack()
	assert.Eventually(t, func() bool { return state(t, n.Jobs).Messages == 1 }, 5*time.Second, time.Millisecond)
}

// restart starts the server anew, as the keeper does, and waits until it answers.
func restart(t testing.TB, b *Bus) {
	t.Helper()
	b.embedded.stop()
	require.NoError(t, b.embedded.start(t.Context()))
	require.Eventually(t, func() bool { _, err := b.calls.State(t.Context()); return err == nil }, 20*time.Second, 5*time.Millisecond)
}

func TestAConsumerThatIsGoneFromTheServerIsMadeAgain(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	c := consume(t, n.Jobs, ConsumerSettings{})
	require.NoError(t, n.Jobs.stream.DeleteConsumer(t.Context(), "target-mail"))
	publishJobs(t, n.Jobs, jobs(1, 1))
	assert.Len(t, fetch(t, c, 1), 1)
}

func TestAJobThatIsInHandIsNotGivenToTheSameProcessTwice(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	publishJobs(t, n.Jobs, jobs(1, 1))
	c := consume(t, n.Jobs, ConsumerSettings{AckWait: 200 * time.Millisecond})
	d := fetch(t, c, 1)[0]
	forsake(c) // nobody tells the server that it is being worked at
	assertNothing(t, c, time.Second)
	d.Ack()
	assertEmptied(t, n.Jobs)
}

func TestNoMoreIsHandedOutThanMayBePending(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	publishJobs(t, n.Jobs, jobs(1, 5))
	c := consume(t, n.Jobs, ConsumerSettings{MaxPending: 3})
	got := fetch(t, c, 5)
	require.Len(t, got, 3)
	assertNothing(t, c, 300*time.Millisecond)
	got[0].Ack()
	assert.Equal(t, []string{"e00004"}, contents(fetch(t, c, 5)))
}
