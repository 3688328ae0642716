package ari

import "sync"

// state is what Health tells. The goroutines of Listen write it, anybody reads it.
type state struct {
	mu      sync.Mutex
	healthy bool
	err     error
}

func (s *state) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.healthy, s.err = err == nil, err
}

// Health gives nil while the connection for events is open and has been proved to live, and else why it is not.
func (c *Client) Health() error {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	if c.state.healthy || c.state.err != nil {
		return c.state.err
	}
	return ErrDisconnected
}
