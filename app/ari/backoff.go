package ari

import "time"

// backOff says how long to wait before the next attempt to connect.
type backOff struct {
	least, most time.Duration
	attempts    int
}

// next gives a pause of least, doubled with each attempt up to most, of which a random half is taken off, so that
// several applications do not come back to a restarted Asterisk at one moment. fraction is from 0 up to 1.
func (b *backOff) next(fraction float64) time.Duration {
	pause := b.most
	if b.attempts < 32 {
		pause = min(b.least<<b.attempts, b.most)
	}
	if pause <= 0 {
		pause = b.most
	}
	b.attempts++
	return pause - time.Duration(fraction*float64(pause)/2)
}

// reset is for after a connection that was proved to live.
func (b *backOff) reset() { b.attempts = 0 }
