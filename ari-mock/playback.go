package arimock

import (
	"net/http"
	"strings"
	"time"
)

// playback is a list of media that a channel's thread plays.
type playback struct {
	s       *Server
	id      string
	channel *channel
	media   []string
	// at is the item of the list it has come to.
	at       int
	language string
	state    string
	// stopped is closed when somebody stops it.
	stopped chan struct{}
	stop    bool
	// failed says that the item played last was missing.
	failed bool
}

type playbackModel struct {
	ID        string `json:"id"`
	Media     string `json:"media_uri"`
	NextMedia string `json:"next_media_uri,omitempty"`
	Target    string `json:"target_uri"`
	Language  string `json:"language"`
	State     string `json:"state"`
}

func (p *playback) model() playbackModel {
	m := playbackModel{ID: p.id, Media: p.media[p.at], Target: "channel:" + p.channel.id, Language: p.language, State: p.state}
	if p.at+1 < len(p.media) {
		m.NextMedia = p.media[p.at+1]
	}
	return m
}

// play queues a playback behind what the channel's thread has to do, and answers before it begins.
func (s *Server) play(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.findChannel(r.ids[0], false)
	if refused != nil {
		return *refused
	}
	media := r.list("media")
	if len(media) == 0 {
		return refusal(http.StatusInternalServerError, "Failed to queue media for playback")
	}
	p := &playback{s: s, id: r.get("playbackId"), channel: c, media: media, language: r.get("lang"), state: "queued", stopped: make(chan struct{})}
	if len(r.ids) > 1 {
		p.id = r.ids[1]
	}
	if p.language == "" {
		p.language = c.language
	}
	if p.id == "" {
		p.id = s.uuid()
	}
	if s.playbacks[p.id] == nil { // an id may be used twice; it then stands for the older one
		s.playbacks[p.id] = p
	}
	c.queue(p.run)
	return created(p.model())
}

// run plays the list. It is the channel's thread that does so. What cannot be played at all is forgotten without a word;
// a file that is missing is passed over.
func (p *playback) run() {
	if p.stoppedBefore() {
		p.finish()
		return
	}
	for more := true; more; more = p.next() {
		p.begin()
		length, exists, playable := p.length()
		if !playable {
			p.forget()
			return
		}
		p.failed = !exists
		if exists && !p.channel.sleep(length, p.stopped) {
			break
		}
	}
	p.finish()
}

func (p *playback) stoppedBefore() bool {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.stop
}

// begin says that an item has started.
func (p *playback) begin() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c := p.channel
	p.s.playbacks[p.id] = p
	c.playing, c.ringing = p, false
	if c.bridge == nil {
		c.silenced = true // music that a playback stopped comes back in a bridge only
	}
	if c.far != nil {
		c.far.heardMedia()
	}
	p.state = "playing"
	p.tell("PlaybackStarted")
}

func (p *playback) tell(kind string) {
	p.channel.publish(&playbackEvent{p.s.head(kind), p.model()})
}

// length tells how long the present item plays, whether it exists, and whether it is something that can be played.
func (p *playback) length() (length time.Duration, exists, playable bool) {
	scheme, name, _ := strings.Cut(p.media[p.at], ":")
	switch scheme {
	case "sound":
		length, exists = p.s.options.Sounds(name, p.language)
		return length, exists, true
	case "number", "digits", "characters":
		for _, r := range name {
			one, _ := p.s.options.Sounds("digits/"+string(r), p.language)
			length += one
		}
		return length, true, true
	}
	return 0, false, false
}

// stoppable tells whether the present item can be stopped: Asterisk cannot stop what it puts together itself.
func (p *playback) stoppable() bool {
	return p.state != "playing" || strings.HasPrefix(p.media[p.at], "sound:")
}

// next goes on to the next item, if there is one and nobody stopped the playback.
func (p *playback) next() bool {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if p.at+1 == len(p.media) || p.stop || p.channel.hungUp {
		return false
	}
	p.state = "continuing"
	p.tell("PlaybackContinuing")
	p.at++
	return true
}

// finish says how the playback ended.
func (p *playback) finish() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.channel.playing = nil
	delete(p.s.playbacks, p.id)
	p.state = "done"
	if p.channel.hungUp || p.failed && !p.stop {
		p.state = "failed"
	}
	p.tell("PlaybackFinished")
}

// forget is the end of what could not be played.
func (p *playback) forget() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.channel.playing = nil
	delete(p.s.playbacks, p.id)
}

func (s *Server) getPlayback(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.playbacks[r.ids[0]]
	if p == nil {
		return refusal(http.StatusNotFound, "Playback not found")
	}
	return ok(p.model())
}

// stopPlayback ends a playback at once.
func (s *Server) stopPlayback(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.playbacks[r.ids[0]]
	if p == nil {
		return refusal(http.StatusNotFound, "Playback not found")
	}
	if !p.stoppable() {
		return refusal(http.StatusInternalServerError, "Could not stop playback")
	}
	if !p.stop {
		p.stop = true
		close(p.stopped)
	}
	return noContent()
}
