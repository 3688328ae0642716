package ari

import (
	"context"
	"strings"
)

// Info says which Asterisk is there.
type Info struct {
	Version   string    // as Asterisk gives it: 22.10.1~dfsg+~cs6.15.60671435-1, certified/20.7-cert4, GIT-22-1a2b3c
	EntityID  string    // 00:00:00:00:00:00 without Ethernet and without entityid in asterisk.conf
	System    string    // systemname of asterisk.conf, may be empty
	Language  string    // defaultlanguage of asterisk.conf, "en" unless it is set
	StartedAt Timestamp // another one than before means that Asterisk was restarted and has forgotten every call
}

// Info asks Asterisk what it is.
func (c *Client) Info(ctx context.Context) (Info, error) {
	var answer struct {
		System struct {
			Version  string `json:"version"`
			EntityID string `json:"entity_id"`
		} `json:"system"`
		Config struct {
			Name     string `json:"name"`
			Language string `json:"default_language"`
		} `json:"config"`
		Status struct {
			StartedAt Timestamp `json:"startup_time"`
		} `json:"status"`
	}
	if err := c.send(ctx, request{op: opInfo, into: &answer}); err != nil {
		return Info{}, err
	}
	return Info{
		Version: answer.System.Version, EntityID: answer.System.EntityID,
		System: answer.Config.Name, Language: answer.Config.Language, StartedAt: answer.Status.StartedAt,
	}, nil
}

// Application is what Asterisk holds for an application.
type Application struct {
	Name string `json:"name"`
	// ChannelIDs are the channels in the application. It is the only answer to the question which calls are ours:
	// a channel that somebody took away still says "Stasis" in its dialplan.
	ChannelIDs []string `json:"channel_ids"`
	// BridgeIDs may hold bridges that are empty or gone; Asterisk does not always take them off.
	BridgeIDs  []string    `json:"bridge_ids"`
	Allowed    []EventType `json:"events_allowed"` // empty means all
	Disallowed []EventType `json:"events_disallowed"`
}

// EventType names a type of event in a filter.
type EventType struct {
	Type string `json:"type"`
}

// Application asks for what Asterisk holds for our application. Gone means that it is not registered.
func (c *Client) Application(ctx context.Context) (Application, error) {
	var application Application
	err := c.send(ctx, request{op: opApplication, ids: []string{c.settings.Application}, into: &application})
	return application, err
}

// Filter tells Asterisk which events not to send, those of Settings.Disallowed, and takes off any other filter
// that was left on the application. Listen does it for every connection, because Asterisk forgets or keeps the filter
// depending on whether the application outlived the last one.
func (c *Client) Filter(ctx context.Context) error {
	filter := map[string][]EventType{"allowed": {}, "disallowed": {}}
	for _, name := range c.settings.Disallowed {
		filter["disallowed"] = append(filter["disallowed"], EventType{Type: name})
	}
	return c.send(ctx, request{op: opFilter, ids: []string{c.settings.Application}, body: filter})
}

// UserEvent sends an event to our own application, as ChannelUserevent. Asterisk also shows it to users of AMI. It
// says yes even when nobody listens.
func (c *Client) UserEvent(ctx context.Context, name string, variables map[string]string) error {
	return c.send(ctx, request{
		op: opUserEvent, ids: []string{name},
		query: map[string][]string{"application": {c.settings.Application}},
		body:  map[string]any{"variables": variables},
	})
}

// single tells whether an id stands for one thing where Asterisk reads a list.
func single(id string) bool { return id != "" && !strings.Contains(id, ",") }
