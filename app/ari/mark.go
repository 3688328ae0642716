package ari

import (
	"context"
	"fmt"
	"strconv"
	"sync"
)

// echoName is the name of the user events we send to ourselves. It is reserved: no such event is delivered.
const echoName = "ari-echo"

// marks are the echoes that callers of Sync wait for. Anybody adds; the deliverer settles; the mutex guards all.
type marks struct {
	mu         sync.Mutex
	connection uint64 // counts connections
	open       bool   // whether the last of them is still there
	echoes     uint64 // counts echoes, so that each has a name of its own
	pending    map[string]mark
}

// mark is one echo awaited. done has room for its one value.
type mark struct {
	connection uint64
	done       chan error
}

// Sync returns nil when everything that Asterisk had published for the application before Sync was called has been
// delivered: it sends an event to ourselves and waits until its turn has come among the others. It must not be
// called from deliver. ErrDisconnected means that the connection ended first, or that there is none.
//
// Events that Asterisk writes from another thread (of this package's: only ApplicationReplaced) have no order with it.
func (c *Client) Sync(ctx context.Context) error {
	name, done, err := c.marks.add(c.token)
	if err != nil {
		return err
	}
	defer c.marks.remove(name)
	if err := c.echo(ctx, name); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for an echo of ours: %w", ctx.Err())
	}
}

// echo sends one event to ourselves.
func (c *Client) echo(ctx context.Context, name string) error {
	return c.UserEvent(ctx, echoName, map[string]string{"echo": name})
}

// add makes a mark on the open connection.
func (m *marks) add(token string) (name string, done <-chan error, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.open {
		return "", nil, ErrDisconnected
	}
	m.echoes++
	name = token + "-" + strconv.FormatUint(m.echoes, 10)
	settled := make(chan error, 1)
	m.pending[name] = mark{connection: m.connection, done: settled}
	return name, settled, nil
}

func (m *marks) remove(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.pending, name)
}

// reached settles the mark of an echo that has come to the deliverer.
func (m *marks) reached(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if waiting, found := m.pending[name]; found {
		waiting.done <- nil
		delete(m.pending, name)
	}
}

// begin opens the next connection and gives its number.
func (m *marks) begin() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connection++
	m.open = true
	return m.connection
}

// end closes the connection to new marks. Those there are wait for lost, because their echoes may still be queued.
func (m *marks) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = false
}

// lost settles every mark of a connection whose last frame has been delivered.
func (m *marks) lost(connection uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, waiting := range m.pending {
		if waiting.connection <= connection {
			waiting.done <- ErrDisconnected
			delete(m.pending, name)
		}
	}
}
