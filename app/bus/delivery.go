package bus

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Delivery is a message in hand, until Ack or Retry settles it. Its methods are safe for concurrent use.
type Delivery struct {
	// Seq is its place in the stream.
	Seq     uint64
	Subject string
	Data    []byte
	// Deliveries counts how often it was handed out, this time too.
	Deliveries int
	// Waiting is how many messages of the consumer had not been handed out yet when this one was.
	Waiting int
	// PublishedAt is when it was stored.
	PublishedAt time.Time

	consumer *Consumer
	msg      jetstream.Msg // guarded by Consumer.mu
}

func newDelivery(c *Consumer, msg jetstream.Msg, meta *jetstream.MsgMetadata) *Delivery {
	return &Delivery{
		Seq: meta.Sequence.Stream, Subject: msg.Subject(), Data: msg.Data(),
		Deliveries: int(meta.NumDelivered), Waiting: int(meta.NumPending), PublishedAt: meta.Timestamp,
		consumer: c, msg: msg,
	}
}

// Ack says that the message is done, and takes it out of the work queue. An acknowledgement that is lost, with the
// connection or the process, has it delivered again.
func (d *Delivery) Ack() {
	if msg := d.consumer.settle(d); msg != nil {
		d.lost(msg.Ack())
	}
}

// Retry hands the message back, to be delivered again after a time, 0 for at once, to whichever process asks first.
func (d *Delivery) Retry(after time.Duration) {
	if msg := d.consumer.settle(d); msg != nil {
		if after <= 0 {
			d.lost(msg.Nak())
			return
		}
		d.lost(msg.NakWithDelay(after))
	}
}

func (d *Delivery) lost(err error) {
	if err != nil {
		d.consumer.store.bus.log.Debug().Err(err).Uint64("seq", d.Seq).Msg("the server could not be told what became of a message; it comes again")
	}
}
