package testbed

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"missedcalls/testbed/hearing"
)

// soundFolder is where Debian's packages put sounds and music, seen from the root.
const soundFolder = "usr/share/asterisk"

// Sounds reads sounds of a language ("en" or "ru") as Asterisk plays them, for hearing.NewLibrary: those with the given names, such as
// "queue-thankyou" or "digits/1"; a name may hold * for any part of it, such as "digits/*". Without names it reads all of the language.
func (r Root) Sounds(language string, names ...string) ([]hearing.Sound, error) {
	folders, err := filepath.Glob(filepath.Join(r.Path, soundFolder, "sounds", language+"_[A-Z][A-Z]_*"))
	if err != nil || len(folders) == 0 {
		return nil, fmt.Errorf("sounds: the root has none of the language %q", language)
	}
	if len(names) == 0 {
		names = []string{"*", "*/*"}
	}
	var sounds []hearing.Sound
	for _, name := range names {
		found, err := filepath.Glob(filepath.Join(folders[0], name) + ".wav")
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("sounds: there is no %q in the language %q", name, language)
		}
		for _, path := range found {
			sound, err := readSound(path, folders[0])
			if err != nil {
				return nil, err
			}
			sounds = append(sounds, sound)
		}
	}
	return sounds, nil
}

// Music reads the music on hold that the instances' classes play, as music of a class. The classes "default" and "second" have the same
// files, so one of the names does for both.
func (r Root) Music(class string) ([]hearing.Sound, error) {
	return MusicIn(filepath.Join(r.Path, soundFolder, "moh"), class)
}

// MusicIn reads all WAV files of a folder as music on hold of a class.
func MusicIn(folder, class string) ([]hearing.Sound, error) {
	found, err := filepath.Glob(filepath.Join(folder, "*.wav"))
	if err != nil || len(found) == 0 {
		return nil, errors.New("music: no WAV files in " + folder)
	}
	var sounds []hearing.Sound
	for _, path := range found {
		sound, err := readSound(path, folder)
		if err != nil {
			return nil, err
		}
		sound.Class = class
		sounds = append(sounds, sound)
	}
	return sounds, nil
}

// readSound reads a WAV file and names it by its path below a folder, as a dialplan does.
func readSound(path, folder string) (hearing.Sound, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return hearing.Sound{}, fmt.Errorf("sounds: %w", err)
	}
	name, err := filepath.Rel(folder, path)
	if err != nil {
		return hearing.Sound{}, fmt.Errorf("sounds: %w", err)
	}
	return hearing.ReadWAV(strings.TrimSuffix(name, ".wav"), file)
}
