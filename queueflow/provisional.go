package queueflow

import (
	"errors"
	"time"
)

type MemberView struct {
	Queue    string    `json:"queue"`
	Endpoint string    `json:"endpoint"`
	Name     string    `json:"name"`
	Penalty  int       `json:"penalty"`
	Paused   bool      `json:"paused"`
	Dynamic  bool      `json:"dynamic"`
	State    string    `json:"state"`
	Reason   string    `json:"reason"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

type QueueView struct {
	Queue   string         `json:"queue"`
	Name    string         `json:"queue_name"`
	Open    bool           `json:"open"`
	Waiting int            `json:"waiting"`
	Agents  map[string]int `json:"agents"`
}

var (
	ErrUnknownQueue  = errors.New("no such queue")
	ErrNoMember      = errors.New("not a member")
	ErrAlreadyMember = errors.New("already a member")
	ErrConfigured    = errors.New("a member of the configuration")
)
