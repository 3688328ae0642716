package arimock

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// bridge is one bridge that was made through ARI.
type bridge struct {
	s         *Server
	id, name  string
	kind      string // holding or mixing
	channels  []*channel
	createdAt time.Time
	// recordings are those under way.
	recordings []*recording
	// destroyed is true from its end on; who is in it leaves when his thread comes to it.
	destroyed bool
}

type bridgeModel struct {
	ID           string   `json:"id"`
	Technology   string   `json:"technology"`
	Type         string   `json:"bridge_type"`
	Class        string   `json:"bridge_class"`
	Creator      string   `json:"creator"`
	Name         string   `json:"name"`
	Channels     []string `json:"channels"`
	CreationTime string   `json:"creationtime"`
	VideoMode    string   `json:"video_mode"`
}

func (b *bridge) model() bridgeModel {
	m := bridgeModel{
		ID: b.id, Technology: "simple_bridge", Type: b.kind, Class: "stasis", Creator: "Stasis", Name: b.name,
		Channels: []string{}, CreationTime: stamp(b.createdAt), VideoMode: "talker",
	}
	switch {
	case b.kind == "holding":
		m.Technology = "holding_bridge"
	case len(b.channels) > 2 || len(b.channels) > 0 && len(b.recordings) > 0:
		m.Technology = "softmix"
	}
	for _, c := range b.channels {
		m.Channels = append(m.Channels, c.id)
	}
	return m
}

// join moves a channel into the bridge, out of the one it may be in. The mutex is held.
func (c *channel) join(b *bridge) {
	if c.s.bridges[b.id] != b {
		return
	}
	c.leaveBridge(true)
	c.bridge, c.bridged = b, true
	b.channels = append(b.channels, c)
	for _, a := range c.s.apps {
		if a.channels[c.id] > 0 {
			a.bridges[b.id]++
		}
	}
	if c.music == "" && c.silenced {
		c.silenced = false
	}
	c.s.publishBridge(b.id, c.id, &channelEnteredBridge{c.s.head("ChannelEnteredBridge"), b.model(), c.model()})
	b.introduce()
	b.answered()
}

// introduce tells those who talk who the other one is; a phone that has not answered is nobody yet.
func (b *bridge) introduce() {
	if b.kind == "holding" || len(b.channels) != 2 {
		return
	}
	for i, c := range b.channels {
		if other := b.channels[1-i]; other.state != stateDown && other.state != stateRinging {
			c.connected = other.caller
		}
	}
}

// rings passes the ringing of one side on to a caller who has not been answered yet, as a mixing bridge does.
func (b *bridge) rings() {
	for _, c := range b.channels {
		if b.kind != "holding" && c.state == stateRing && c.far != nil {
			c.far.rang()
		}
	}
}

// answered passes the answer of one side of a talk on to a caller who has not been answered yet, as a mixing bridge does.
func (b *bridge) answered() {
	if b.kind == "holding" || !slices.ContainsFunc(b.channels, func(c *channel) bool { return c.state == stateUp }) {
		return
	}
	b.introduce()
	for _, c := range b.channels {
		c.pickUp()
	}
	b.talk()
}

// talk lets callers know that they talk, once both sides of a talk are up.
func (b *bridge) talk() {
	for i, c := range b.channels {
		if len(b.channels) != 2 {
			return
		}
		other := b.channels[1-i]
		if k, is := c.far.(*Call); is && c.state == stateUp && other.state == stateUp && !c.hungUp && !other.hungUp {
			k.talking()
		}
	}
}

// leaveBridge takes a channel out of its bridge, if it is in one. The mutex is held. Asterisk takes the application's
// subscription to the bridge off only when the channel goes on to live: bridges whose callers hung up stay in the list.
func (c *channel) leaveBridge(lives bool) {
	b := c.bridge
	if b == nil {
		return
	}
	c.bridge = nil
	b.channels = slices.DeleteFunc(b.channels, func(other *channel) bool { return other == c })
	c.s.publishBridge(b.id, c.id, &channelLeftBridge{c.s.head("ChannelLeftBridge"), b.model(), c.model()})
	for _, a := range c.s.apps {
		if lives && a.channels[c.id] > 0 && a.bridges[b.id] > 0 {
			a.watch(a.bridges, b.id, -1)
		}
	}
	if len(b.recordings) > 0 && len(b.channels) == 1 { // who is left talks with the recorder, which is nobody
		b.channels[0].connected = party{}
	}
	b.silence()
	b.vanish()
}

func (s *Server) listBridges(*request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []bridgeModel{}
	for _, b := range s.bridges {
		list = append(list, b.model())
	}
	slices.SortFunc(list, func(a, b bridgeModel) int { return strings.Compare(a.ID, b.ID) })
	return ok(list)
}

func (s *Server) getBridge(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bridges[r.ids[0]]
	if b == nil {
		return refusal(http.StatusNotFound, "Bridge not found")
	}
	return ok(b.model())
}

// createBridge makes a bridge. Nobody is told: an application hears of a bridge while a channel of its is in it.
func (s *Server) createBridge(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.get("bridgeId")
	if len(r.ids) > 0 {
		id = r.ids[0]
	}
	if id == "" {
		id = s.uuid()
	}
	if s.bridges[id] != nil {
		return refusal(http.StatusConflict, "Bridge with id '"+id+"' already exists")
	}
	kind, possible := bridgeKind(r.list("type"))
	if !possible {
		return refusal(http.StatusInternalServerError, "Unable to create bridge")
	}
	b := &bridge{s: s, id: id, name: r.get("name"), kind: kind, createdAt: time.Now()}
	s.bridges[id] = b
	return ok(b.model())
}

// bridgeKind reads the types of a bridge; a holding bridge is nothing else besides.
func bridgeKind(types []string) (kind string, possible bool) {
	kind = "mixing"
	for _, t := range types {
		switch t {
		case "holding":
			kind = "holding"
		case "mixing", "dtmf_events", "proxy_media", "video_sfu", "video_single", "sdp_label":
		default:
			return "", false
		}
	}
	return kind, kind == "mixing" || len(types) == 1
}

// destroyBridge ends a bridge; the channels in it stay in the application.
func (s *Server) destroyBridge(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bridges[r.ids[0]]
	if b == nil {
		return refusal(http.StatusNotFound, "Bridge not found")
	}
	delete(s.bridges, b.id)
	b.destroyed = true
	for _, c := range slices.Backward(slices.Clone(b.channels)) {
		if c.playing == nil {
			c.leaveBridge(true)
			continue
		}
		c.first(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if c.bridge == b {
				c.leaveBridge(true)
			}
		})
	}
	b.vanish()
	return noContent()
}

// vanish says that a bridge is no more, once it was destroyed and is empty. The mutex is held.
func (b *bridge) vanish() {
	if !b.destroyed || len(b.channels) > 0 {
		return
	}
	b.s.publishBridge(b.id, "", &bridgeDestroyed{b.s.head("BridgeDestroyed"), b.model()})
	for _, a := range b.s.apps {
		if a.bridges[b.id] > 0 {
			a.watch(a.bridges, b.id, -a.bridges[b.id])
		}
	}
}

// addChannel waits for the channel's thread.
func (s *Server) addChannel(r *request) reply {
	b, channels, refused := s.members(r)
	if refused != nil {
		return *refused
	}
	for _, c := range channels {
		c.wait(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			c.join(b)
		})
	}
	return noContent()
}

// removeChannel waits for the channel's thread.
func (s *Server) removeChannel(r *request) reply {
	b, channels, refused := s.members(r)
	if refused != nil {
		return *refused
	}
	s.mu.Lock()
	for _, c := range channels {
		if c.bridge != b {
			s.mu.Unlock()
			return refusal(http.StatusUnprocessableEntity, "Channel not in this bridge")
		}
	}
	s.mu.Unlock()
	for _, c := range channels {
		c.wait(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if c.bridge == b {
				c.leaveBridge(true)
			}
		})
	}
	return noContent()
}

// members gives the bridge and the channels of a request that moves channels. One that is wrong fails it as a whole.
func (s *Server) members(r *request) (*bridge, []*channel, *reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := func(status int, words string) (*bridge, []*channel, *reply) {
		answer := refusal(status, words)
		return nil, nil, &answer
	}
	b := s.bridges[r.ids[0]]
	if b == nil {
		return refused(http.StatusNotFound, "Bridge not found")
	}
	ids := r.list("channel")
	if len(ids) == 0 {
		return refused(http.StatusBadRequest, "Missing parameter channel")
	}
	var channels []*channel
	for _, id := range ids {
		c := s.channels[id]
		if c == nil {
			return refused(http.StatusBadRequest, "Channel not found")
		}
		if c.stay == nil {
			return refused(http.StatusUnprocessableEntity, "Channel not in Stasis application")
		}
		channels = append(channels, c)
	}
	return b, channels, nil
}
