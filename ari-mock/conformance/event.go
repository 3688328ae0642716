package conformance

import (
	"slices"
	"strings"
)

// event is one event as it came.
type event map[string]any

func (e event) kind() string { return e.string("type") }

func (e event) string(key string) string {
	s, _ := e[key].(string)
	return s
}

// part is an object within the event.
func (e event) part(key string) event {
	m, _ := e[key].(map[string]any)
	return m
}

// object is what the event is about, by which events are sorted: the channel, the channel or bridge that something is
// played to or recorded of, the bridge. Events about none are the application's. Dial comes from the thread that dials and
// ChannelStateChange from the one that hears the phone, and the first Dial may come after that which says RINGING, so what
// Dial tells about a channel is an object of its own for each status.
func (e event) object() string {
	if peer := e.part("peer").string("id"); peer != "" {
		return strings.TrimSpace(peer + " dialled " + e.string("dialstatus"))
	}
	for _, key := range []string{"channel", "transferer_first_leg", "bridge"} {
		if id := e.part(key).string("id"); id != "" {
			return id
		}
	}
	for _, key := range []string{"playback", "recording"} {
		if _, id, is := strings.Cut(e.part(key).string("target_uri"), ":"); is {
			return id
		}
	}
	return "application"
}

// settled gives a state that is one of two when an event is sent a name of its own: a phone that rings does so while Dial is sent. So
// does the Local channel of an attended transfer learn whom it connects while it enters.
func (e event) settled() event {
	peer := e.part("peer")
	before := e.string("dialstatus") == "" || e.string("dialstatus") == "RINGING"
	if state := peer.string("state"); e.kind() == "Dial" && before && (state == "Down" || state == "Ringing") {
		peer["state"] = "<Down or Ringing>"
	}
	if link := e.part("destination_link_first_leg"); link != nil { // it is connected while this is told
		link["state"], link["connected"] = "<Down or Up>", "<nobody or who is transferred>"
	}
	enters := e.kind() == "StasisStart" || e.kind() == "ChannelEnteredBridge"
	if link := e.part("channel"); enters && linksTransfer(link.string("name")) { // likewise
		link["connected"] = "<nobody or who is transferred>"
	}
	return e
}

// step is the events of one step of a script.
type step struct {
	s      *session
	events []event
}

// first is the first event of a type.
func (st step) first(kind string) event {
	st.s.t.Helper()
	for _, e := range st.events {
		if e.kind() == kind {
			return e
		}
	}
	st.s.fail("there was no %s", kind)
	return nil
}

// entered is the id of the channel of the first StasisStart.
func (st step) entered() string {
	st.s.t.Helper()
	return st.first("StasisStart").part("channel").string("id")
}

// allEntered are the ids of the channels that entered, sorted.
func (st step) allEntered() (ids []string) {
	for _, e := range st.events {
		if e.kind() == "StasisStart" {
			ids = append(ids, e.part("channel").string("id"))
		}
	}
	slices.Sort(ids)
	return ids
}

func kinds(events []event) []string {
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.kind()
	}
	return list
}
