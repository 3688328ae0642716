package prompts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Prompts are the prompts in force. Its methods may be called from any goroutine.
type Prompts struct {
	dir string
	log zerolog.Logger
	// base begins every URL; nil until ServedAt.
	base atomic.Pointer[string]
	// inForce never changes; another takes its place.
	inForce atomic.Pointer[map[key]*sound]

	// What follows belongs to whoever reads the folder.
	reading sync.Mutex
	folder  *folder
	told    map[string]string // the problem last logged, by file
}

// New reads the folder; an empty one stands for the embedded prompts alone. Its error says that the folder cannot be
// read. Files in it that cannot be served are logged, and are in Problems.
func New(dir string, log zerolog.Logger) (*Prompts, error) {
	p := &Prompts{dir: dir, log: log}
	sounds := embedded()
	p.inForce.Store(&sounds)
	if dir == "" {
		return p, nil
	}
	if err := p.read(false); err != nil {
		return nil, fmt.Errorf("read the folder of prompts %s: %w; set MISSEDCALLS_PROMPTS_DIR to a folder that holds ru/, en/ and so on, or to nothing",
			dir, withoutPath(err))
	}
	return p, nil
}

// ServedAt says where Asterisk reaches this object's ServeHTTP: the URL to which /prompts/… is added. Until then, and
// with an empty URL, there is no media.
func (p *Prompts) ServedAt(base string) { p.base.Store(&base) }

// Reachable tells whether Asterisk can be told to play prompts at all.
func (p *Prompts) Reachable() bool {
	base := p.base.Load()
	return base != nil && *base != ""
}

// Prompt is one prompt as it is now.
type Prompt struct {
	// Language is the one in which it was found, which may be a fallback.
	Language string
	Name     string
	Length   time.Duration
	// Media is what to play, sound:http://…; empty as long as nobody said where Asterisk reaches us.
	Media string
}

// Find looks for a prompt in a language of Asterisk, such as ru_RU, then ru, then en.
func (p *Prompts) Find(language, name string) (Prompt, bool) {
	s := p.find(language, name)
	if s == nil {
		return Prompt{}, false
	}
	return Prompt{Language: s.language, Name: s.name, Length: s.length, Media: p.media(s)}, true
}

// Media is what to play for a prompt, of the language or of a fallback. It is empty when there is no such prompt, or no
// URL under which Asterisk reaches us. It holds no comma, which Asterisk would take for the end of it.
//
// It stands for the prompt as it is now: ask again for every playing. One that was replaced since is still served.
func (p *Prompts) Media(language, name string) string {
	found, _ := p.Find(language, name)
	return found.Media
}

// Length is how long a prompt lasts, of the language or of a fallback; false when there is no such prompt.
func (p *Prompts) Length(language, name string) (time.Duration, bool) {
	found, ok := p.Find(language, name)
	return found.Length, ok
}

// Names are the prompts of exactly this language, sorted.
func (p *Prompts) Names(language string) []string {
	var names []string
	for k := range *p.inForce.Load() {
		if k.language == language {
			names = append(names, k.name)
		}
	}
	slices.Sort(names)
	return names
}

func (p *Prompts) find(language, name string) *sound {
	sounds := *p.inForce.Load()
	for _, l := range languages(language) {
		if s, ok := sounds[key{l, name}]; ok {
			return s
		}
	}
	return nil
}

func (p *Prompts) media(s *sound) string {
	if !p.Reachable() {
		return ""
	}
	return "sound:" + *p.base.Load() + prefix + s.hash + "/" + s.key.String()
}

// Problems are the files of the folder that are not served now.
func (p *Prompts) Problems() []Problem {
	p.reading.Lock()
	defer p.reading.Unlock()
	if p.folder == nil {
		return nil
	}
	return slices.Clone(p.folder.problems)
}

// Reload reads every file of the folder again. When the folder cannot be read, that is logged and nothing changes.
func (p *Prompts) Reload() { p.refresh(true) }

// watchEvery is how soon Watch sees a replaced prompt.
const watchEvery = 5 * time.Second

// Watch looks at the folder every few seconds until ctx ends, and reads what was written since.
func (p *Prompts) Watch(ctx context.Context) {
	if p.dir == "" {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.refresh(false)
		}
	}
}

func (p *Prompts) refresh(all bool) {
	if p.dir == "" {
		return
	}
	if err := p.read(all); err != nil {
		p.tellUnread(err)
	}
}

// read puts the folder in force. all reads files again that look unchanged.
func (p *Prompts) read(all bool) error {
	p.reading.Lock()
	defer p.reading.Unlock()
	before := p.folder
	if all {
		before = nil
	}
	now, err := readFolder(p.dir, before)
	if err != nil {
		return err
	}
	sounds := maps.Clone(embedded())
	for _, f := range now.files {
		if f.sound != nil {
			sounds[f.sound.key] = f.sound
		}
	}
	p.announce(*p.inForce.Load(), sounds)
	p.folder = now
	p.inForce.Store(&sounds)
	p.tellProblems(now.problems)
	return nil
}

// announce logs which prompts are other ones than before.
func (p *Prompts) announce(before, now map[key]*sound) {
	for k, s := range now {
		switch old, was := before[k]; {
		case !was || old.hash != s.hash:
			p.log.Info().Stringer("prompt", k).Dur("length", s.length).Bool("own", !s.modified.IsZero()).Msg("prompt in force")
		}
	}
	for k := range before {
		if _, is := now[k]; !is {
			p.log.Info().Stringer("prompt", k).Msg("prompt gone")
		}
	}
}

// tellProblems logs each problem once, until it is another one or has gone and come back.
func (p *Prompts) tellProblems(problems []Problem) {
	now := make(map[string]string, len(problems))
	for _, problem := range problems {
		now[problem.File] = problem.Err.Error()
		if p.told[problem.File] != now[problem.File] {
			p.tell(problem.File, problem.Err)
		}
	}
	p.told = now
}

// tellUnread logs that the folder cannot be read, once until it can.
func (p *Prompts) tellUnread(err error) {
	p.reading.Lock()
	defer p.reading.Unlock()
	if p.told[""] == err.Error() {
		return
	}
	p.told[""] = err.Error()
	p.log.Error().Str("dir", p.dir).Err(withoutPath(err)).Msg("the folder of prompts cannot be read; what was read before stays in force")
}

func (p *Prompts) tell(file string, err error) {
	event := p.log.Error()
	if errors.Is(err, errHalf) { // most likely it will be whole in a moment
		event = p.log.Warn()
	}
	event.Str("dir", p.dir).Str("file", file).Err(withoutPath(err)).Msg("prompt not served; the embedded one is, if there is one of that name")
}
