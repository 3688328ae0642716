package queueflow

// lostChannels remembers the channels of calls that were given up unseen, so that a caller who is found after all is
// known again. It forgets the oldest beyond its bound.
type lostChannels struct {
	calls map[Channel]string
	// queue is the order of giving up; what was taken since is still in it.
	queue []lostChannel
}

type lostChannel struct {
	channel Channel
	call    string
}

// lostLimit is how many are remembered: more than an Asterisk carries.
const lostLimit = 10_000

func newLostChannels() lostChannels { return lostChannels{calls: make(map[Channel]string)} }

func (l *lostChannels) put(ch Channel, call string) {
	if l.calls[ch] == call {
		return
	}
	if len(l.queue) >= lostLimit {
		l.forget(l.queue[0])
		l.queue = l.queue[1:]
	}
	l.calls[ch] = call
	l.queue = append(l.queue, lostChannel{ch, call})
}

func (l *lostChannels) forget(oldest lostChannel) {
	if l.calls[oldest.channel] == oldest.call {
		delete(l.calls, oldest.channel)
	}
}

// take gives the call under which a channel was given up, empty if it was not.
func (l *lostChannels) take(ch Channel) string {
	call := l.calls[ch]
	delete(l.calls, ch)
	return call
}

// snapshot gives what is remembered, the oldest first.
func (l *lostChannels) snapshot() []LostSnapshot {
	var s []LostSnapshot
	seen := make(map[Channel]bool, len(l.calls))
	for _, lost := range l.queue {
		if l.calls[lost.channel] == lost.call && !seen[lost.channel] {
			seen[lost.channel] = true
			s = append(s, LostSnapshot{Node: lost.channel.Node, Channel: lost.channel.ID, Call: lost.call})
		}
	}
	return s
}
