package prompts

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Bounds of a folder. All of it is kept in memory.
const (
	largestFile   = 4 << 20 // four minutes
	largestFolder = 64 << 20
	mostFiles     = 5000
)

// Problem is a file of the folder that is not served.
type Problem struct {
	File string // relative to the folder: ru/closed.wav
	Err  error
}

// Error gives the file, what is wrong with it, and what to do.
func (p Problem) Error() string { return p.File + ": " + p.Err.Error() }

// Unwrap gives what is wrong.
func (p Problem) Unwrap() error { return p.Err }

// stamp tells whether a file was written since.
type stamp struct {
	size     int64
	modified time.Time
}

// seen is what was made of a file: a sound, or a problem.
type seen struct {
	stamp
	sound   *sound
	problem error
}

// folder is what a folder held when it was read. It never changes.
type folder struct {
	files    map[string]seen // by path relative to the folder
	bytes    int64
	problems []Problem
}

// readFolder reads dir/<language>/<name>.wav. A file with the size and time it had in before is not read again. The
// error says that the folder itself cannot be read.
func readFolder(dir string, before *folder) (*folder, error) {
	out := &folder{files: make(map[string]seen)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		switch info, err := os.Stat(filepath.Join(dir, name)); {
		case strings.HasPrefix(name, "."):
		case err != nil:
			out.refuse(name, err)
		case !info.IsDir() && isAudio(name):
			out.refuse(name, errors.New("it lies beside the folders of the languages; it belongs into one, such as ru"))
		case info.IsDir() && !languageRule.MatchString(name):
			out.refuse(name, errors.New("a folder must have the name of a language, such as ru or en_GB"))
		case info.IsDir():
			out.readLanguage(dir, name, before)
		}
	}
	return out, nil
}

func (f *folder) refuse(name string, err error) {
	f.problems = append(f.problems, Problem{File: name, Err: withoutPath(err)})
}

func (f *folder) readLanguage(dir, language string, before *folder) {
	entries, err := os.ReadDir(filepath.Join(dir, language))
	if err != nil {
		f.refuse(language, err)
		return
	}
	for _, e := range entries {
		file := path.Join(language, e.Name())
		if strings.HasPrefix(e.Name(), ".") || !isAudio(e.Name()) {
			continue
		}
		if len(f.files) == mostFiles {
			f.refuse(file, fmt.Errorf("the folder has more than %d files", mostFiles))
			return
		}
		f.take(dir, file, before)
	}
}

// take adds one file, or the problem with it.
func (f *folder) take(dir, file string, before *folder) {
	language, name := path.Split(file)
	k := key{path.Clean(language), strings.TrimSuffix(name, ".wav")}
	if !k.valid() {
		f.refuse(file, errors.New("a name must be of a-z, 0-9, - and _, and end in .wav, such as closed.wav"))
		return
	}
	found, err := readFile(filepath.Join(dir, filepath.FromSlash(file)), k, before.file(file))
	if err == nil && f.bytes+found.size > largestFolder {
		err = fmt.Errorf("the folder has more than %d MiB", largestFolder>>20)
	}
	if err != nil {
		f.refuse(file, err)
		return
	}
	f.files[file] = found
	f.bytes += found.size
	if found.problem != nil {
		f.refuse(file, found.problem)
	}
}

// file is what was made of a file; f may be nil.
func (f *folder) file(name string) seen {
	if f == nil {
		return seen{}
	}
	return f.files[name]
}

// readFile reads one file unless it is what it was. The error says that it cannot be read.
func readFile(name string, k key, before seen) (seen, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return seen{}, err
	case !info.Mode().IsRegular():
		return seen{}, errors.New("it is not a file")
	case info.Size() > largestFile:
		return seen{}, fmt.Errorf("it is larger than %d MiB", largestFile>>20)
	}
	now := stamp{info.Size(), info.ModTime()}
	if before.stamp == now {
		return before, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return seen{}, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, largestFile))
	if err != nil {
		return seen{}, err
	}
	s, problem := newSound(k, content, info.ModTime())
	return seen{stamp: now, sound: s, problem: problem}, nil
}

// isAudio says whether a file is meant to be a prompt.
func isAudio(name string) bool {
	return slices.Contains(audio, strings.ToLower(filepath.Ext(name)))
}

var audio = []string{
	".wav", ".wav16", ".wav49", ".mp3", ".ogg", ".opus", ".flac", ".m4a", ".gsm", ".ulaw", ".alaw", ".ul", ".al", ".g722", ".g729", ".sln", ".sln16", ".raw",
}

// withoutPath is an error of the file system without the path, which stands before it already.
func withoutPath(err error) error {
	var withPath *fs.PathError
	if errors.As(err, &withPath) {
		return withPath.Err
	}
	return err
}
