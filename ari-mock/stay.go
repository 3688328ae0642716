package arimock

import (
	"strings"
	"time"
)

// stay is a channel's stay in an application. Its commands are done by the channel's thread, one after the other.
type stay struct {
	app      *app
	commands []*command
	// filled has room for one, over is closed when the stay is.
	filled, over chan struct{}
	// leaving is set by the command that ends the stay: continue.
	leaving *departure
}

// command is something for the thread to do, without the mutex. done, if not nil, is told whether it was.
type command struct {
	do   func()
	done chan bool
}

// departure is where a channel goes in the dialplan.
type departure struct {
	context, exten string
	priority       int
}

// enter begins a stay and says so; false means that the application is not active. The mutex is held.
func (c *channel) enter(name string, args []string, replaced *channelModel) bool {
	a := c.s.apps[name]
	if a == nil || a.socket == nil {
		return false
	}
	c.begin(a)
	c.publish(&stasisStart{c.s.head("StasisStart"), args, c.model(), replaced})
	return true
}

func (c *channel) begin(a *app) {
	c.stay = &stay{app: a, filled: make(chan struct{}, 1), over: make(chan struct{})}
	a.channels[c.id]++
}

// thread does what a channel in the application is told to, until it is hung up or leaves; then the stay is over. It
// gives where the channel goes, nil when it was hung up.
func (c *channel) thread() *departure {
	for c.next() {
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.leave()
}

// next does one command, or waits for one; false ends the stay. What is queued when the channel is hung up or sent on is
// done before.
func (c *channel) next() bool {
	st := c.stay
	c.s.mu.Lock()
	ended := c.hungUp || st.leaving != nil
	var first *command
	if len(st.commands) > 0 {
		first, st.commands = st.commands[0], st.commands[1:]
	}
	if c.hungUp {
		c.leaveBridge(false)
	}
	c.s.mu.Unlock()
	switch {
	case first != nil:
		first.do()
		first.told(true)
		return true
	case ended:
		return false
	}
	select {
	case <-st.filled:
	case <-c.gone:
	}
	return true
}

// leave ends the stay. The mutex is held. What was asked for at this very moment is not done.
func (c *channel) leave() *departure {
	st := c.stay
	c.leaveBridge(!c.hungUp)
	c.stay, c.playing, c.ringing = nil, nil, false
	c.music, c.silenced = "", false
	if e := (&stasisEnd{c.s.head("StasisEnd"), c.model()}); st.app.channels[c.id] > 0 {
		c.publish(e)
	} else { // it was replaced, and the subscription went with its place
		st.app.send(e)
	}
	st.app.watch(st.app.channels, c.id, -1)
	close(st.over)
	for _, waiting := range st.commands {
		waiting.told(false)
	}
	st.commands = nil
	return st.leaving
}

func (k *command) told(done bool) {
	if k.done != nil {
		k.done <- done
	}
}

// queue gives the thread something to do and does not wait. The mutex is held.
func (c *channel) queue(do func()) { c.put(&command{do: do}) }

// first gives the thread something to do before all else that it was told to. The mutex is held.
func (c *channel) first(do func()) {
	c.stay.commands = append([]*command{{do: do}}, c.stay.commands...)
	c.wake()
}

func (c *channel) put(k *command) {
	c.stay.commands = append(c.stay.commands, k)
	c.wake()
}

func (c *channel) wake() {
	select {
	case c.stay.filled <- struct{}{}:
	default:
	}
}

// wait gives the thread something to do and waits until it is done, which may take as long as whatever the thread is
// doing now; false means that the channel left first. The mutex is not held.
func (c *channel) wait(do func()) bool {
	c.s.mu.Lock()
	if c.stay == nil {
		c.s.mu.Unlock()
		return false
	}
	k := &command{do: do, done: make(chan bool, 1)}
	c.put(k)
	c.s.mu.Unlock()
	return <-k.done
}

// sleep lets the thread do nothing for a while; early is what ends it before.
func (c *channel) sleep(d time.Duration, early <-chan struct{}) (whole bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-early:
	case <-c.gone:
	}
	return false
}

// splitArgs reads the arguments of an application as the dialplan does: commas part them, quotes and backslashes protect.
func splitArgs(text string) []string {
	if text == "" {
		return []string{}
	}
	var args []string
	var arg strings.Builder
	quoted, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			arg.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			args = append(args, arg.String())
			arg.Reset()
		default:
			arg.WriteRune(r)
		}
	}
	return append(args, arg.String())
}

// InApplication tells whether a channel is in an application.
func (s *Server) InApplication(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	return c != nil && c.stay != nil
}
