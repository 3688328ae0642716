package ari

import (
	"time"

	"golang.org/x/time/rate"
)

// batch is how many items the deliverer takes from the queue at a time.
const batch = 256

// deliverAll is the goroutine that decodes and delivers, from the first signal to the last.
func (c *Client) deliverAll(q *queue, deliver func(Signal)) {
	complain := rate.Sometimes{First: 3, Interval: time.Minute}
	items := make([]item, 0, batch)
	for {
		taken, left := q.take(items)
		if len(taken) == 0 {
			return
		}
		c.observer.queued(left)
		for i := range taken {
			c.handle(&taken[i], deliver, &complain)
			taken[i] = item{} // a frame may go as soon as it has been delivered
		}
	}
}

// handle delivers one item, or settles what it stands for.
func (c *Client) handle(i *item, deliver func(Signal), complain *rate.Sometimes) {
	if i.signal != nil {
		deliver(i.signal)
		if i.connection != 0 {
			c.settle(i)
		}
		return
	}
	event, known, err := Decode(i.frame)
	switch {
	case err != nil:
		c.observer.skipped(SkippedMalformed)
		complain.Do(func() {
			c.log.Error().AnErr("err", err).Int("bytes", len(i.frame)).Msg("an event of asterisk's cannot be read; its channel may need a look")
		})
	case !known:
		c.observer.skipped(SkippedType)
	case c.isEcho(event):
	default:
		c.observer.delivered(event.Head().Type)
		deliver(Received{At: i.at, Event: event})
	}
}

// settle tells those who wait for an echo that it will not come any more.
func (c *Client) settle(i *item) {
	switch i.signal.(type) {
	case Disconnected, Replaced:
		c.marks.lost(i.connection)
	}
}

// isEcho recognises and settles the events of Sync and of the proofs of life.
func (c *Client) isEcho(event Event) bool {
	said, is := event.(*ChannelUserevent)
	if !is || said.Name != echoName {
		return false
	}
	if name, isText := said.Values["echo"].(string); isText {
		c.marks.reached(name)
	}
	return true
}
