package ari

import (
	"context"
	"errors"
)

// Sound is a sound file of Asterisk, in every language that has it.
type Sound struct {
	ID      string        `json:"id"` // without a suffix: digits/1
	Formats []SoundFormat `json:"formats"`
}

// SoundFormat is one file of a sound.
type SoundFormat struct {
	// Language is the first folder below Asterisk's sounds, whatever its name: of custom/thanks.wav beside the folders
	// of the languages the id is thanks and the language custom.
	Language string `json:"language"`
	Format   string `json:"format"` // slin, gsm, ulaw, ...
}

// Sounds lists the sound files of Asterisk, none when it has none. Files that lie in no folder are not among them.
//
// Asterisk reads its folders anew each time: 20 ms for 2,900 files, so that a file is listed from the moment it is there.
func (c *Client) Sounds(ctx context.Context) ([]Sound, error) {
	var list []Sound
	err := c.send(ctx, request{op: opSounds, into: &list})
	if errors.Is(err, Gone) {
		return nil, nil
	}
	return list, err
}
