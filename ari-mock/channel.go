package arimock

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// channel is one leg of a call, in the application or not.
type channel struct {
	s                 *Server
	id, name          string
	state             string
	protocolID        string
	caller, connected party
	language          string
	context, exten    string
	priority          int
	appName, appData  string // of the dialplan, as it was last
	createdAt         time.Time
	linkedID          string
	withheld          bool
	// unseenCaller is the caller id that only the dialplan's functions give: Asterisk tells nobody of it.
	unseenCaller party
	// redirectedFrom is the number of a phone that sent the call on.
	redirectedFrom string
	variables      map[string]string
	// headers are those that the INVITE to a phone has besides the usual ones.
	headers map[string]string

	// stay is the channel's stay in an application, nil outside.
	stay   *stay
	bridge *bridge
	// bridged says that it was in a bridge once.
	bridged bool
	// music is the class of music on hold it was told to play, started or not; playing says that it hears it.
	music string
	// silenced is true while a playback keeps the music off outside of bridges for good.
	silenced bool
	ringing  bool
	playing  *playback

	// gone is closed when the channel is hung up.
	gone   chan struct{}
	hungUp bool
	// cause and techCause are why.
	cause, techCause int
	// far is whoever is at the other end.
	far farEnd
}

// farEnd is the phone of a caller or an agent, told with the mutex held.
type farEnd interface {
	// rang, heardMedia and answered are what Asterisk signals to a caller.
	rang()
	heardMedia()
	answered()
	// released says that Asterisk ended the call, with a Q.850 cause.
	released(cause int)
}

type party struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

type dialplanModel struct {
	Context  string `json:"context"`
	Exten    string `json:"exten"`
	Priority int    `json:"priority"`
	AppName  string `json:"app_name"`
	AppData  string `json:"app_data"`
}

type channelModel struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	State        string        `json:"state"`
	ProtocolID   string        `json:"protocol_id"`
	Caller       party         `json:"caller"`
	RedirectedBy string        `json:"caller_rdnis,omitempty"`
	Connected    party         `json:"connected"`
	AccountCode  string        `json:"accountcode"`
	Dialplan     dialplanModel `json:"dialplan"`
	CreationTime string        `json:"creationtime"`
	Language     string        `json:"language"`
}

// Words of Asterisk for the state of a channel.
const (
	stateDown    = "Down"
	stateRing    = "Ring"
	stateRinging = "Ringing"
	stateUp      = "Up"
)

func (c *channel) model() channelModel {
	return channelModel{
		ID: c.id, Name: c.name, State: c.state, ProtocolID: c.protocolID, Caller: c.caller, Connected: c.connected,
		RedirectedBy: c.redirectedFrom, Dialplan: dialplanModel{c.context, c.exten, c.priority, c.appName, c.appData},
		CreationTime: stamp(c.createdAt), Language: c.language,
	}
}

// newChannel makes a channel that nobody hears of yet. The mutex is held.
func (s *Server) newChannel(id, technology string) *channel {
	if id == "" {
		id = s.nextID()
	} else {
		s.made++
	}
	c := &channel{
		s: s, id: id, name: technology + "-" + fmt.Sprintf("%08x", s.made), state: stateDown, language: "en",
		createdAt: time.Now(), linkedID: id, variables: make(map[string]string), gone: make(chan struct{}),
		protocolID: fmt.Sprintf("%08x", s.made) + "@stand-in",
	}
	s.channels[c.id] = c
	if s.lines[technology] == nil {
		s.lines[technology] = make(map[*channel]struct{})
	}
	s.lines[technology][c] = struct{}{}
	return c
}

// setState moves a channel to another state and says so.
func (c *channel) setState(state string) {
	if c.state == state {
		return
	}
	c.state = state
	c.publish(&channelStateChange{c.s.head("ChannelStateChange"), c.model()})
	c.s.deviceChanged(c.endpoint())
}

// hangUp ends a channel: its thread, if it has one, does the rest. The mutex is held.
func (c *channel) hangUp(request *channelHangupRequest, cause, techCause int) {
	if c.hungUp {
		return
	}
	c.hungUp, c.cause, c.techCause = true, cause, techCause
	request.event, request.Channel = c.s.head("ChannelHangupRequest"), c.model()
	c.publish(request)
	close(c.gone)
}

// destroy takes the channel out of Asterisk. The mutex is held.
func (c *channel) destroy() {
	delete(c.s.channels, c.id)
	if delete(c.s.lines[c.endpoint()], c); len(c.s.lines[c.endpoint()]) == 0 {
		delete(c.s.lines, c.endpoint())
	}
	c.publish(&channelDestroyed{
		event: c.s.head("ChannelDestroyed"), Cause: c.cause, CauseText: causeText(c.cause), TechCause: c.techCause, Channel: c.model(),
	})
	for _, a := range c.s.apps {
		if a.channels[c.id] > 0 {
			a.watch(a.channels, c.id, -a.channels[c.id])
		}
	}
	c.s.deviceChanged(c.endpoint())
	if c.far != nil {
		c.far.released(c.cause)
	}
}

// findChannel gives the channel of a request that must be in the application, or the refusal.
func (s *Server) findChannel(id string, anyState bool) (*channel, *reply) {
	c := s.channels[id]
	refused := func(status int, words string) (*channel, *reply) {
		answer := refusal(status, words)
		return nil, &answer
	}
	switch {
	case c == nil:
		return refused(http.StatusNotFound, "Channel not found")
	case c.stay == nil:
		return refused(http.StatusConflict, "Channel not in Stasis application")
	case !anyState && (c.state == stateDown || c.state == stateRinging):
		return refused(http.StatusPreconditionFailed, "Channel in invalid state")
	}
	return c, nil
}

func (s *Server) listChannels(*request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []channelModel{}
	for _, c := range s.channels {
		list = append(list, c.model())
	}
	slices.SortFunc(list, func(a, b channelModel) int { return strings.Compare(a.ID, b.ID) })
	return ok(list)
}

func (s *Server) getChannel(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.ids[0]]
	if c == nil {
		return refusal(http.StatusNotFound, "Channel not found")
	}
	return ok(c.model())
}
