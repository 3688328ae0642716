package config

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow"
)

// File is a configuration without problems.
type File struct {
	// Path is the file as it was named to Load.
	Path     string
	Policies queueflow.Policies
	// Notifications has every default. Files that it names lie where it says, relative to the working directory of the
	// process as Path does; those with secrets were not opened.
	Notifications policy.Policy
	// Region is the ISO 3166 code, in capitals, of the country in which national numbers are read; empty for none.
	Region string
	// Timezone is the zone of opening hours; UTC unless the file sets another.
	Timezone *time.Location
	// Media are all that the file names for Asterisk to play, in the order of the file.
	Media []Media
	// Warnings are keys that are right, but that this version does not act on.
	Warnings []Problem
}

// Load reads the configuration at path. The error is Problems, everything that is wrong with it, or says why the file
// cannot be read.
func Load(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return File{}, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, b)
}

// Parse reads the configuration b; path is only named in problems. The error, if any, is Problems: all that is wrong,
// in the order of the file, except that an error of YAML syntax hides what may be wrong besides.
func Parse(path string, b []byte) (File, error) {
	sources := newSources(path)
	root, problems := parse(b, sources)
	if len(problems) > 0 {
		return File{}, problems.in(path)
	}
	zone, err := time.LoadLocation(root.get("timezone").or("UTC"))
	if err != nil {
		return File{}, Problems{root.get("timezone").problem(err.Error())}.in(path)
	}
	return File{
		Path:          path,
		Policies:      policies(root, zone),
		Notifications: notifications{root: root, zone: zone, sources: sources}.policy(),
		Region:        strings.ToUpper(root.get("region").or("")),
		Timezone:      zone,
		Media:         media(path, root),
		Warnings:      warnings(root).in(path),
	}, nil
}

// parse gives the values of a file and all problems with them, those of the templates in sources too.
func parse(b []byte, sources *sources) (*node, Problems) {
	document, problem := readSyntax(b)
	if problem != nil {
		return nil, Problems{*problem}
	}
	var build builder
	root := build.build(document, nil)
	if build.values > maxValues { // what was not expanded would give wrong problems
		return nil, build.problems.sorted()
	}
	problems := append(build.problems, validate(root)...)
	return root, append(problems, check(root, wrongKeys(problems), sources)...).sorted()
}

// wrongKeys are the keys of problems, and those above them.
func wrongKeys(problems Problems) map[string]bool {
	wrong := make(map[string]bool)
	for _, p := range problems {
		for key := p.Key; !wrong[key]; key = key[:max(0, strings.LastIndexByte(key, '.'))] {
			wrong[key] = true
		}
	}
	return wrong
}

// in names the file to which problems belong.
func (ps Problems) in(path string) Problems {
	for i := range ps {
		ps[i].Path = path
	}
	return ps
}
