// Package config reads what a person has written, the settings in the environment and the file of queues, and gives
// values to the rest of the program: Settings, and a File with queueflow.Policies.
//
// It tells every problem at once, each with its place, the value that stands there and the rule that it breaks. What
// passes needs no further check: every queue that is named exists, every duration is one, every address can be
// listened at in form, every template gives something for every event.
//
// # How a file is read
//
//		bytes -> YAML nodes -> our nodes -> schema -> checks -> policies and warnings
//
//	  - syntax.go makes YAML nodes and tells errors of syntax, with hints where telephone numbers and YAML meet.
//	  - build.go makes our nodes: aliases and merge keys resolved within bounds, duplicate keys noted, every value with
//	    its place and its text as it is written. Nothing is decoded by YAML's rules for numbers, so +7999… stays as it is.
//	  - validate.go holds the nodes against schema.json, which has the shape of every key, its default and, as x-rule,
//	    the text of the problem. The schema has no alternatives, so that every error is about one value and one rule.
//	  - check.go walks file and schema side by side for what a schema cannot say: references, time zones, days, circles.
//	    check_serving.go does so for agents and check_target.go for notifications; templates.go reads the templates that lie
//	    in files, and has them tried.
//	  - policies.go, serving.go and notifications.go make values of a file without problems; warn.go tells which keys this version does
//	    not act on (x-unserved in the schema), and what is probably not meant.
//
// Files with secrets are named only, so that a file can be checked on any machine.
//
// The whole contract is accepted and checked although this version acts on a part of it, so that a file written for a
// later version is not refused, and nobody is misled.
package config
