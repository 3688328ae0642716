package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// NewChannel is a channel that is to be made to somebody who shall be called.
type NewChannel struct {
	// Endpoint is who is called: PJSIP/101, Local/101@agents.
	Endpoint string
	// ID is the id that the channel gets.
	ID string
	// Args are what StasisStart gives; none may hold a comma.
	Args []string
	// Originator is a channel whose linked id and codecs are taken over; one that is gone does no harm.
	//
	// Asterisk subscribes the application to it once more, and that ends only with the channel: its ChannelDestroyed comes,
	// and Application lists it among its channels also after it has left.
	Originator string
	// Variables are set in order before anything is dialled; a name may be a function: CONNECTEDLINE(num,i).
	Variables []Variable
}

// Variable is a variable, or a function of the dialplan, and its value.
type Variable struct{ Name, Value string }

// variables are written as one JSON object, whose order Asterisk keeps.
type variables []Variable

// MarshalJSON implements json.Marshaler.
func (vs variables) MarshalJSON() ([]byte, error) {
	var object bytes.Buffer
	object.WriteByte('{')
	for i, v := range vs {
		if i > 0 {
			object.WriteByte(',')
		}
		name, value := quoted(v.Name), quoted(v.Value)
		object.Write(name)
		object.WriteByte(':')
		object.Write(value)
	}
	object.WriteByte('}')
	return object.Bytes(), nil
}

// quoted writes a string as JSON, which cannot fail.
func quoted(text string) []byte {
	written, _ := json.Marshal(text)
	return written
}

// CreateChannel makes a channel that is in the application at once, in state Down, and calls nobody yet: Dial does, once
// StasisStart has told that it is there. Unreachable means that the endpoint cannot be called now, Conflict that a channel
// has this id. Unlike an originated channel it does not follow a phone that wants the call to go elsewhere.
func (c *Client) CreateChannel(ctx context.Context, n NewChannel) error {
	r := request{op: opCreateChannel, target: n.ID, body: newChannel{
		Endpoint: n.Endpoint, Application: c.settings.Application, Args: strings.Join(n.Args, ","), ID: n.ID,
		Originator: n.Originator, Variables: n.Variables,
	}}
	if n.ID == "" {
		return r.failed(Invalid, "an empty id", nil)
	}
	return c.send(ctx, r)
}

// newChannel is NewChannel as it goes over the wire.
type newChannel struct {
	Endpoint    string    `json:"endpoint"`
	Application string    `json:"app"`
	Args        string    `json:"appArgs,omitempty"`
	ID          string    `json:"channelId"`
	Originator  string    `json:"originator,omitempty"`
	Variables   variables `json:"variables,omitempty"`
}

// Dial calls the other end of a channel that CreateChannel made, for a time at most, which is rounded up to whole seconds;
// 0 is without limit. Success means that Asterisk has queued it. ChannelStateChange tells of ringing and of the answer,
// ChannelDestroyed of a refusal or of the end of the time (cause 19).
func (c *Client) Dial(ctx context.Context, channelID string, timeout time.Duration) error {
	query := url.Values{}
	if timeout > 0 {
		seconds := (timeout + time.Second - 1) / time.Second
		query.Set("timeout", strconv.FormatInt(int64(seconds), 10))
	}
	return c.send(ctx, request{op: opDial, ids: []string{channelID}, query: query})
}
