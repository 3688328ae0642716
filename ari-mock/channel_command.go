package arimock

import (
	"net/http"
	"strconv"
)

// answer waits for the channel's thread.
func (s *Server) answer(r *request) reply {
	c, refused := s.lockChannel(r, false)
	if refused != nil {
		return *refused
	}
	alive := false
	if !c.wait(func() { alive = c.answerNow() }) || !alive {
		return refusal(http.StatusInternalServerError, "Failed to answer channel")
	}
	return noContent()
}

// lockChannel gives the channel of a request, or the refusal, with the mutex taken and given back.
func (s *Server) lockChannel(r *request, anyState bool) (*channel, *reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findChannel(r.ids[0], anyState)
}

// answerNow is done by the channel's thread; false is for a channel that was hung up.
func (c *channel) answerNow() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.hungUp {
		return false
	}
	c.pickUp()
	return true
}

// pickUp makes a caller's channel an answered one. The mutex is held.
func (c *channel) pickUp() {
	if c.state != stateRing {
		return
	}
	c.ringing = false
	c.setState(stateUp)
	if c.far != nil {
		c.far.answered()
	}
}

// command queues something for a channel's thread, and answers that it will be done, whether or not it ever is.
func (s *Server) command(r *request, do func(c *channel)) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.findChannel(r.ids[0], false)
	if refused != nil {
		return *refused
	}
	c.queue(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if c.stay != nil && !c.hungUp {
			do(c)
		}
	})
	return noContent()
}

func (s *Server) ring(r *request) reply {
	return s.command(r, func(c *channel) {
		c.ringing = true
		if c.state == stateRing && c.far != nil {
			c.far.rang()
		}
	})
}

func (s *Server) stopRing(r *request) reply {
	return s.command(r, func(c *channel) { c.ringing = false })
}

func (s *Server) startMusic(r *request) reply {
	class := r.get("mohClass")
	return s.command(r, func(c *channel) {
		if c.music = class; class == "" {
			c.music = "default"
		}
		c.silenced = false
		if c.far != nil {
			c.far.heardMedia()
		}
	})
}

func (s *Server) stopMusic(r *request) reply {
	return s.command(r, func(c *channel) { c.music = "" })
}

// continueInDialplan ends the stay once the thread comes to it.
func (s *Server) continueInDialplan(r *request) reply {
	if r.get("label") != "" { // no step of ours has a label
		if _, refused := s.lockChannel(r, false); refused != nil {
			return *refused
		}
		return refusal(http.StatusNotFound, "Requested label can not be found")
	}
	priority, _ := r.number("priority")
	to := departure{context: r.get("context"), exten: r.get("extension"), priority: priority}
	return s.command(r, func(c *channel) { c.stay.leaving = &to })
}

// hangupCauses are the Q.850 causes of the reasons of a hang-up (resource_channels.c: ast_ari_channels_hangup).
var hangupCauses = map[string]int{
	"": 16, "normal": 16, "busy": 17, "congestion": 34, "no_answer": 19, "timeout": 18, "rejected": 21, "unallocated": 1,
	"normal_unspecified": 31, "number_incomplete": 28, "codec_mismatch": 58, "interworking": 127, "failure": 38,
	"answered_elsewhere": 26,
}

// hangup works on every channel, in the application or not.
func (s *Server) hangup(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.ids[0]]
	if c == nil || c.hungUp {
		return refusal(http.StatusNotFound, "Channel not found")
	}
	reason, code := r.get("reason"), r.get("reason_code")
	if reason != "" && code != "" {
		return refusal(http.StatusBadRequest, "The reason and reason_code can't both be specified")
	}
	cause, known := hangupCauses[reason]
	if code != "" {
		number, err := strconv.Atoi(code)
		cause, known = number, err == nil && number >= 0 && number <= 127
	}
	if !known {
		return refusal(http.StatusBadRequest, "Invalid reason for hangup reason provided")
	}
	c.hangUp(&channelHangupRequest{Cause: softExplicit, Soft: true}, cause, c.finalStatus(cause))
	return noContent()
}

// finalStatus is the SIP status that a cause gives an un-answered caller; 0 for one that was answered, and for a phone,
// which is not answered but cancelled.
func (c *channel) finalStatus(cause int) int {
	if _, phone := c.far.(*leg); phone || c.state == stateUp {
		return 0
	}
	return sipStatuses[cause]
}

// softExplicit is Asterisk's flag of a hang-up that somebody asked for (AST_SOFTHANGUP_EXPLICIT).
const softExplicit = 32
