package queueflow

import (
	"errors"
	"time"
)

// MemberView is one member of a queue as it looks.
type MemberView struct {
	Queue    string `json:"queue"`
	Endpoint string `json:"endpoint"`
	Name     string `json:"name"`
	// State is ready, ringing, talking, wrapping_up, paused, unavailable or in_use, and Since when the agent came to be so.
	State   string    `json:"state"`
	Since   time.Time `json:"since"`
	Penalty int       `json:"penalty"`
	Paused  bool      `json:"paused"`
	// Reason and By are of the newest change.
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"`
	// Talks counts the agent's talks in all queues, LastCall is when the last of them ended.
	Talks    int       `json:"talks"`
	LastCall time.Time `json:"last_call,omitzero"`
	Dynamic  bool      `json:"dynamic"`
	// Device is whose state counts, DeviceState how it stands; see DeviceState.String.
	Device      string `json:"device"`
	DeviceState string `json:"device_state"`
	// Call is the id of the call that the agent is rung for, or talks with.
	Call string `json:"call,omitempty"`
	// FreeAt is when the wrap-up, or the rest of a phone that cannot be reached, is over.
	FreeAt time.Time `json:"free_at,omitzero"`
}

// QueueView is one queue as it looks.
type QueueView struct {
	Queue string `json:"queue"`
	Name  string `json:"name"`
	// Waiting counts those in line; OldestEnteredAt is the first entry of who is served next.
	Waiting         int       `json:"waiting"`
	OldestEnteredAt time.Time `json:"oldest_entered_at,omitzero"`
	Open            bool      `json:"open"`
	// Agents counts the members by their state.
	Agents AgentsView `json:"agents"`
}

// AgentsView counts members by their state.
type AgentsView struct {
	Ready       int `json:"ready"`
	Ringing     int `json:"ringing"`
	Talking     int `json:"talking"`
	WrappingUp  int `json:"wrapping_up"`
	Paused      int `json:"paused"`
	Unavailable int `json:"unavailable"`
	InUse       int `json:"in_use"`
}

var (
	ErrUnknownQueue  = errors.New("there is no such queue")
	ErrNoMember      = errors.New("the agent is no member of it")
	ErrAlreadyMember = errors.New("the agent is a member of it already")
	ErrConfigured    = errors.New("the agent is a member by the configuration; remove it there, or pause the agent")
	ErrBadEndpoint   = errors.New("an endpoint is a technology, a stroke and a name, such as PJSIP/101")
	ErrBadPenalty    = errors.New("a penalty is a number from 0 up")
	ErrUnknownChange = errors.New("a member can be added, removed, paused, unpaused and given a penalty")
)
