package config

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"missedcalls/queueflow"
)

// File is a configuration without problems.
type File struct {
	// Path is the file as it was named to Load.
	Path     string
	Policies queueflow.Policies
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
	root, problems := parse(b)
	if len(problems) > 0 {
		return File{}, problems.in(path)
	}
	zone, err := time.LoadLocation(root.get("timezone").or("UTC"))
	if err != nil {
		return File{}, Problems{root.get("timezone").problem(err.Error())}.in(path)
	}
	return File{
		Path:     path,
		Policies: policies(root, zone),
		Region:   strings.ToUpper(root.get("region").or("")),
		Timezone: zone,
		Media:    media(path, root),
		Warnings: warnings(root).in(path),
	}, nil
}

// parse gives the values of a file and all problems with them.
func parse(b []byte) (*node, Problems) {
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
	wrong := make(map[string]bool)
	for _, p := range problems {
		wrong[p.Key] = true
	}
	return root, append(problems, check(root, wrong)...).sorted()
}

// in names the file to which problems belong.
func (ps Problems) in(path string) Problems {
	for i := range ps {
		ps[i].Path = path
	}
	return ps
}
