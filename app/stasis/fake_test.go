package stasis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

const (
	testNode  = "http://127.0.0.1:8088/ari"
	otherNode = "http://127.0.0.2:8088/ari"
)

// fakeAsterisk is an Asterisk without a wire: it says what the test lets it say, notes what it is told, and, unless the
// test refuses, does it.
type fakeAsterisk struct {
	mu       sync.Mutex
	deliver  func(ari.Signal)
	cuts     chan struct{}
	channels map[string]ari.Channel // in the application
	bridges  map[string][]string
	told     []string
	// refuse decides about each request; nil does it. It may block: it is called without the lock.
	refuse   func(op, id string) error
	values   map[string]string // of variables
	replaced chan struct{}
	lastSeen time.Time
}

func newFake() *fakeAsterisk {
	return &fakeAsterisk{
		cuts: make(chan struct{}), channels: map[string]ari.Channel{}, bridges: map[string][]string{},
		values: map[string]string{}, replaced: make(chan struct{}),
	}
}

func (f *fakeAsterisk) Listen(ctx context.Context, deliver func(ari.Signal)) error {
	for {
		f.mu.Lock()
		f.deliver = deliver
		f.mu.Unlock()
		deliver(ari.Connected{At: time.Now(), LastSeen: f.lastSeen})
		var err error
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-f.replaced:
			deliver(ari.Replaced{At: time.Now()})
			return ari.ErrReplaced
		case <-f.cuts:
		}
		f.mu.Lock()
		f.deliver = nil
		f.lastSeen = time.Now()
		f.mu.Unlock()
		deliver(ari.Disconnected{At: time.Now(), LastSeen: f.lastSeen, Err: ari.ErrDisconnected})
		if err != nil {
			return err
		}
		select {
		case <-f.cuts: // the test lets it connect again
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *fakeAsterisk) cut()     { f.cuts <- struct{}{} }
func (f *fakeAsterisk) connect() { f.cuts <- struct{}{} }

// say delivers an event, or loses it when nobody listens.
func (f *fakeAsterisk) say(e ari.Event) {
	f.mu.Lock()
	deliver := f.deliver
	f.mu.Unlock()
	if deliver != nil {
		deliver(ari.Received{At: time.Now(), Event: e})
	}
}

func channelOf(id string) ari.Channel {
	return ari.Channel{
		ID: id, Name: "PJSIP/trunk-" + id, State: ari.StateRing, Caller: ari.Party{Number: "89161234567"}, Language: "en",
		Dialplan: ari.Dialplan{Extension: "74951234567", Application: "Stasis", Data: "missedcalls,sales"},
	}
}

// enter lets a caller come in.
func (f *fakeAsterisk) enter(id string) { f.enterFrom(id, channelOf(id).Name, channelOf(id).Caller) }

func (f *fakeAsterisk) enterFrom(id, name string, caller ari.Party) {
	ch := channelOf(id)
	ch.Name, ch.Caller = name, caller
	f.mu.Lock()
	f.channels[id] = ch
	f.mu.Unlock()
	f.say(&ari.StasisStart{Args: []string{"sales"}, Channel: ch})
}

// answerVariable sets what the fake answers when it is asked for a variable.
func (f *fakeAsterisk) answerVariable(name, value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.values[name] = value
}

// hangUp lets a caller go.
func (f *fakeAsterisk) hangUp(id string) {
	f.say(&ari.ChannelHangupRequest{Channel: channelOf(id)})
	f.gone(id)
}

func (f *fakeAsterisk) gone(id string) {
	f.mu.Lock()
	delete(f.channels, id)
	f.mu.Unlock()
	f.say(&ari.StasisEnd{Channel: channelOf(id)})
}

// tell notes a request and lets the test refuse it.
func (f *fakeAsterisk) tell(op, id string, words ...string) error {
	f.mu.Lock()
	f.told = append(f.told, strings.TrimSpace(op+" "+id+" "+strings.Join(words, " ")))
	refuse := f.refuse
	_, here := f.channels[id]
	f.mu.Unlock()
	if refuse != nil {
		if err := refuse(op, id); err != nil {
			return err
		}
	}
	if !here && slices.Contains(toChannels, op) {
		return fmt.Errorf("%s %s: %w", op, id, ari.Gone)
	}
	return nil
}

// toChannels are the requests that need a channel in the application.
var toChannels = strings.Split("add|answer|continue|dial|hangup|music|play|ring|set|stop ring|stop music|variable", "|")

// toldOf gives what was told about a channel, in order.
func (f *fakeAsterisk) toldOf(id string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var told []string
	for _, t := range f.told {
		if strings.Contains(t+" ", " "+id+" ") {
			told = append(told, t)
		}
	}
	return told
}

func (f *fakeAsterisk) Sync(context.Context) error { return nil }

func (f *fakeAsterisk) Application(context.Context) (ari.Application, error) {
	if err := f.tell("list", ""); err != nil {
		return ari.Application{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var app ari.Application
	for id := range f.channels {
		app.ChannelIDs = append(app.ChannelIDs, id)
	}
	return app, nil
}

func (f *fakeAsterisk) Channels(context.Context) ([]ari.Channel, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []ari.Channel{channelOf("somebody-else")}
	for _, ch := range f.channels {
		list = append(list, ch)
	}
	slices.SortFunc(list, func(a, b ari.Channel) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

func (f *fakeAsterisk) Bridges(context.Context) ([]ari.Bridge, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []ari.Bridge{{ID: "somebody-elses"}}
	for id, channels := range f.bridges {
		list = append(list, ari.Bridge{ID: id, Channels: channels})
	}
	return list, nil
}

func (f *fakeAsterisk) Answer(_ context.Context, id string) error {
	if err := f.tell("answer", id); err != nil {
		return err
	}
	f.mu.Lock()
	ch := f.channels[id]
	ch.State = ari.StateUp
	f.channels[id] = ch
	f.mu.Unlock()
	f.say(&ari.ChannelStateChange{Channel: ch})
	return nil
}

func (f *fakeAsterisk) Ring(_ context.Context, id string) error { return f.tell("ring", id) }

func (f *fakeAsterisk) StopRing(_ context.Context, id string) error { return f.tell("stop ring", id) }

func (f *fakeAsterisk) StopMusic(_ context.Context, id string) error { return f.tell("stop music", id) }

func (f *fakeAsterisk) Play(_ context.Context, id, playback string, media []string, language string) error {
	return f.tell("play", id, append(media, language)...)
}

func (f *fakeAsterisk) StopPlayback(_ context.Context, playback string) error {
	return f.tell("list", playback)
}

func (f *fakeAsterisk) StartMusic(_ context.Context, id, class string) error {
	return f.tell("music", id, class)
}

func (f *fakeAsterisk) Hangup(_ context.Context, id string, reason ari.HangupReason) error {
	if err := f.tell("hangup", id, string(reason)); err != nil {
		return err
	}
	f.gone(id)
	return nil
}

func (f *fakeAsterisk) Continue(_ context.Context, id string, t ari.DialplanTarget) error {
	if err := f.tell("continue", id, fmt.Sprintf("%s,%s,%d", t.Context, t.Extension, t.Priority)); err != nil {
		return err
	}
	f.gone(id)
	return nil
}

func (f *fakeAsterisk) Variable(_ context.Context, id, name string) (string, error) {
	if err := f.tell("variable", id, name); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.values[name], nil
}

func (f *fakeAsterisk) SetVariable(_ context.Context, id, name, value string) error {
	return f.tell("set", id, name+"="+value)
}

func (f *fakeAsterisk) CreateBridge(_ context.Context, bridge string, kind ari.BridgeType, _ string) error {
	if err := f.tell("bridge", bridge, string(kind)); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, exists := f.bridges[bridge]; exists {
		return fmt.Errorf("create bridge: %w", ari.Conflict)
	}
	f.bridges[bridge] = nil
	return nil
}

func (f *fakeAsterisk) AddChannel(_ context.Context, bridge, id string) error {
	if err := f.tell("add", id); err != nil {
		return err
	}
	f.mu.Lock()
	f.bridges[bridge] = append(f.bridges[bridge], id)
	f.mu.Unlock()
	f.say(&ari.ChannelEnteredBridge{Bridge: ari.Bridge{ID: bridge}, Channel: channelOf(id)})
	return nil
}

func (f *fakeAsterisk) DestroyBridge(_ context.Context, bridge string) error {
	if err := f.tell("destroy", bridge); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, exists := f.bridges[bridge]; !exists {
		return fmt.Errorf("destroy bridge: %w", ari.BridgeGone)
	}
	delete(f.bridges, bridge)
	return nil
}

func (f *fakeAsterisk) CreateChannel(_ context.Context, n ari.NewChannel) error {
	words := []string{n.Endpoint, strings.Join(n.Args, ","), "for", n.Originator}
	for _, v := range n.Variables {
		words = append(words, v.Name+"="+v.Value)
	}
	if err := f.tell("create", n.ID, words...); err != nil {
		return err
	}
	f.enterLeg(n.ID, n.ID)
	return nil
}

// enterLeg lets a channel to an agent come in.
func (f *fakeAsterisk) enterLeg(id, leg string) {
	ch := legChannel(id, leg)
	f.mu.Lock()
	f.channels[id] = ch
	f.mu.Unlock()
	f.say(&ari.StasisStart{Args: []string{"@leg", leg}, Channel: ch})
}

func legChannel(id, leg string) ari.Channel {
	return ari.Channel{
		ID: id, Name: "PJSIP/101-" + id, State: ari.StateDown, Language: "en",
		Dialplan: ari.Dialplan{Context: "from-agents", Extension: "s", Application: "Stasis", Data: "missedcalls,@leg," + leg},
	}
}

func (f *fakeAsterisk) Dial(_ context.Context, id string, timeout time.Duration) error {
	return f.tell("dial", id, timeout.String())
}

func (f *fakeAsterisk) RecordBridge(_ context.Context, bridge, name, format string) error {
	return f.tell("record", bridge, name, format)
}

func (f *fakeAsterisk) StopRecording(_ context.Context, name string) error {
	return f.tell("stop recording", name)
}

func (f *fakeAsterisk) SubscribeDevices(_ context.Context, devices []string) error {
	return f.tell("subscribe", strings.Join(devices, ","))
}

func (f *fakeAsterisk) UnsubscribeDevices(_ context.Context, devices []string) error {
	return f.tell("unsubscribe", strings.Join(devices, ","))
}

// DeviceState gives what the test said with values, else that the device is free.
func (f *fakeAsterisk) DeviceState(_ context.Context, device string) (ari.DeviceState, error) {
	if err := f.tell("device", device); err != nil {
		return ari.DeviceState{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return ari.DeviceState{Name: device, State: cmp.Or(f.values[device], "NOT_INUSE")}, nil
}

// memoryJournal keeps events in memory, durable at once or when the test says so.
type memoryJournal struct {
	mu      sync.Mutex
	events  []callevent.Event
	durable int // how many of them are
	waiting []func(uint64)
	// slow keeps acknowledgements back until release.
	slow bool
}

func (j *memoryJournal) Record(events []callevent.Event, done func(uint64)) {
	j.mu.Lock()
	j.events = append(j.events, events...)
	seq := uint64(len(j.events))
	if j.slow {
		j.waiting = append(j.waiting, func(uint64) { done(seq) })
		j.mu.Unlock()
		return
	}
	j.durable = len(j.events)
	j.mu.Unlock()
	go done(seq)
}

func (j *memoryJournal) release() {
	j.mu.Lock()
	waiting := j.waiting
	j.waiting, j.slow, j.durable = nil, false, len(j.events)
	j.mu.Unlock()
	for _, done := range waiting {
		done(0)
	}
}

// subjects gives `event reason` of everything recorded, in order.
func (j *memoryJournal) subjects() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var said []string
	for _, e := range j.events {
		s := string(e.Payload.Kind())
		if m, ok := e.Payload.(callevent.Missed); ok {
			s += " " + string(m.Reason)
		}
		said = append(said, s)
	}
	return said
}

func (j *memoryJournal) missed(i int) callevent.Missed {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []callevent.Missed
	for _, e := range j.events {
		if m, ok := e.Payload.(callevent.Missed); ok {
			all = append(all, m)
		}
	}
	return all[i]
}

func testPolicies() queueflow.Policies {
	return queueflow.Policies{Queues: map[string]queueflow.Policy{
		"sales": {
			ID: "sales", Name: "Sales", Music: "default", MaxWait: time.Minute,
			OnTimeout: queueflow.Exit{Dialplan: queueflow.Target{Context: "voicemail", Extension: "s", Priority: 1}},
		},
	}}
}
