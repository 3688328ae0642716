// Package missedcalls holds no code. Its test reads the source of the whole module and holds it to the rules that a
// compiler does not: who may import whom, what the queue must not know, what no test may do, what no file may say.
package missedcalls

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mayImport says which packages of ours a package may import outside of its tests: names parted by spaces, a name that
// ends in /... with all below it. A row that ends so holds for all below it, which may import each other.
// A package without a row may not exist.
var mayImport = map[string]string{
	"cmd/...":             "app/... ari-mock/... notifier/... queueflow/...",
	"app":                 "app/... notifier/... queueflow queueflow/callevent",
	"app/api":             "app/bus queueflow queueflow/callevent",
	"app/ari":             "",
	"app/bus":             "queueflow/callevent",
	"app/bus/bustest":     "",
	"app/callback":        "queueflow/callevent app/bus",
	"app/caller":          "queueflow/callevent",
	"app/config":          "queueflow queueflow/callevent notifier/message notifier/policy app/caller",
	"app/journal":         "queueflow/callevent app/bus",
	"app/prompts":         "",
	"app/stasis":          "app/ari app/caller queueflow queueflow/callevent queueflow/speech",
	"app/web":             "queueflow queueflow/callevent app/bus",
	"ari-mock/...":        "",
	"notifier":            "notifier/... queueflow/callevent app/bus",
	"notifier/email":      "notifier/message notifier/policy notifier/target",
	"notifier/message":    "notifier/policy queueflow/callevent",
	"notifier/policy":     "queueflow/callevent",
	"notifier/slack":      "notifier/message notifier/policy notifier/target notifier/target/httpsend",
	"notifier/subject":    "notifier/policy notifier/target queueflow/callevent",
	"notifier/target":     "notifier/message queueflow/callevent",
	"notifier/target/...": "notifier/message notifier/policy queueflow/callevent",
	"notifier/telegram":   "notifier/message notifier/policy notifier/target notifier/target/httpsend",
	"notifier/webhook":    "notifier/message notifier/policy notifier/target notifier/target/httpsend",
	"queueflow":           "queueflow/callevent queueflow/estimate queueflow/speech queueflow/strategy",
	"queueflow/callevent": "",
	"queueflow/estimate":  "",
	"queueflow/sim":       "queueflow queueflow/callevent",
	"queueflow/speech":    "",
	"queueflow/strategy":  "",
	"testbed/...":         "",

	"queueflow/estimate/scenario": "",

	"notifier/email/mailtest": "",
}

// onlyIn names, for a library, the one package of ours that may import it outside of its tests.
var onlyIn = map[string]string{
	"github.com/emersion/go-smtp":       "notifier/email/mailtest",
	"github.com/nats-io/nats-server/v2": "app/bus",
	"github.com/wneessen/go-mail":       "notifier/email",
}

// pure are the packages that know neither goroutine, clock, network, file, log nor chance.
var pure = []string{"notifier/message", "queueflow", "queueflow/callevent", "queueflow/estimate", "queueflow/speech", "queueflow/strategy"}

// pureImports are all that a pure package may import beside our own. What is added must touch nothing outside of memory.
var pureImports = strings.Fields(`bytes cmp container/heap container/list embed encoding encoding/json errors fmt hash/fnv
	iter maps math math/bits net/url slices sort strconv strings time unicode unicode/utf8`)

// pureAlso are what one pure package may import beyond that. Templates can read files, so a rule forbids it.
var pureAlso = map[string]string{
	"notifier/message": "html html/template io reflect text/template text/template/parse",
}

// clock are the functions of package time that read the clock or wait for it.
var clock = strings.Fields("Now Since Until After AfterFunc NewTimer NewTicker Sleep Tick")

// templateFiles are the functions and methods of templates that read files.
var templateFiles = strings.Fields("ParseFiles ParseGlob ParseFS")

const longestFile = 500

// rule is one thing that must hold for a tree of files. check tells every breach; broken is a tree that has one.
type rule struct {
	name   string
	check  func(*tree) []string
	broken fstest.MapFS
	breach string
}

var rules = []rule{
	{
		"packages import what the table allows", imports,
		files("app/ari/a.go", `package ari; import "missedcalls/queueflow"`),
		"app/ari/a.go: app/ari may not import queueflow; see mayImport in structure_test.go",
	},
	{
		"every package has a row in the table", rows,
		files("app/util/a.go", `package util`),
		"app/util: no row in mayImport of structure_test.go says what it may import",
	},
	{
		"a library with one user stays with it", confined,
		files("app/web/a.go", `package web; import _ "github.com/nats-io/nats-server/v2/server"`),
		"app/web/a.go: github.com/nats-io/nats-server/v2/server is for app/bus and for tests",
	},
	{
		"the queue imports nothing that touches the world", pureImport,
		files("queueflow/a.go", `package queueflow; import "sync"`),
		"queueflow/a.go: a pure package may not import sync; see pureImports in structure_test.go",
	},
	{
		"the templates of a pure package are in memory", pureTemplates,
		files("notifier/message/a.go", `package message; import "text/template"; var t, _ = template.New("a").ParseFiles("a")`),
		"notifier/message/a.go:1: a pure package reads no file; it may not use ParseFiles",
	},
	{
		"the queue reads no clock", pureClock,
		files("queueflow/a.go", `package queueflow; import t "time"; var at = t.Now()`),
		"queueflow/a.go:1: a pure package is given the time; it may not use time.Now",
	},
	{
		"the queue starts no goroutine", pureGoroutine,
		files("queueflow/a.go", `package queueflow; func f() { go f() }`),
		"queueflow/a.go:1: a pure package starts no goroutine",
	},
	{
		"no test sleeps", sleepless,
		files("app/a_test.go", `package app; import "time"; func f() { time.Sleep(1) }`),
		"app/a_test.go:1: a test may not use time.Sleep; wait for what must happen, or use testing/synctest",
	},
	{
		"no test is skipped", unskipped,
		files("app/a_test.go", `package app; import "testing"; func TestA(t *testing.T) { t.Skip("later") }`),
		"app/a_test.go:1: a test may not call Skip; what is missing is a failure that says what to do",
	},
	{
		"nothing is left to be done in comments", finished,
		files("app/a.go", "package app\n\n// Later: T"+"ODO."),
		"app/a.go:3: do it, or say what holds instead",
	},
	{
		"files are short", short,
		files("app/a.go", "package app\n"+strings.Repeat("\n", longestFile)),
		"app/a.go: 501 lines; a file of Go has at most 500",
	},
	{
		"no file names a folder of somebody's machine", portable,
		files("docs/a.md", "see\n/ho"+"me/anna/notes"),
		"docs/a.md:2: an absolute path that exists on one machine only",
	},
	{
		"every package says what it is", documented,
		files("app/a.go", "package app", "app/b_test.go", "package app"),
		"app: no file has a package comment",
	},
	{
		"links in documents lead somewhere", linked,
		files("docs/a.md", "[there](b.md#part), [here](https://example.org), [up](../README.md)", "README.md", ""),
		"docs/a.md: the link b.md#part leads nowhere",
	},
	{
		"the README's test command is what the build server runs", sameCommand,
		files("README.md", "    make check\n", ".ci/run", "make test\n"),
		"README.md and .ci/run must both name `make test`",
	},
}

func TestEveryRuleHoldsForThisTree(t *testing.T) {
	here := read(t, os.DirFS("."))
	require.Greater(t, len(here.sources), 50, "the tree was not read")
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, breach := range r.check(here) {
				t.Error(breach)
			}
		})
	}
}

func TestEveryRuleCanBeBroken(t *testing.T) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			assert.Equal(t, []string{r.breach}, r.check(read(t, r.broken)))
		})
	}
}

func TestWhatTheRulesAllow(t *testing.T) {
	allowed := read(t, files(
		"README.md", "`make test`, `[general](+)`", ".ci/run", "make test",
		"app/app.go", "// Package app wires.\npackage app\n\nimport _ \"missedcalls/app/stasis\"\n",
		"app/app_test.go", "package app\n\nimport _ \"github.com/nats-io/nats-server/v2/server\"\n",
		"ari-mock/conformance/a.go", "// Package conformance tests.\npackage conformance\n\nimport _ \"missedcalls/ari-mock\"\n",
		"queueflow/time.go", "// Package queueflow is pure.\npackage queueflow\n\nimport \"time\"\n\nconst minute = 60 * time.Second\n",
		"queueflow/time_test.go", "package queueflow\n\nimport \"time\"\n\nvar at = time.Now()\n",
		"queueflow/bubble_test.go", bubble,
	))
	for _, r := range rules {
		assert.Empty(t, r.check(allowed), r.name)
	}
}

// bubble sleeps for nothing.
const bubble = `package queueflow

import (
	"testing"
	"testing/synctest"
	"time"
)

func inBubble(t *testing.T, f func()) { synctest.Test(t, func(*testing.T) { f() }) }

func TestA(t *testing.T) { inBubble(t, func() { time.Sleep(time.Hour) }) }

func pass() { time.Sleep(time.Hour); synctest.Wait() }
`

func (t *tree) inPure(check func(source) []string) (breaches []string) {
	for _, s := range t.sources {
		if slices.Contains(pure, s.folder) && !s.test {
			breaches = append(breaches, check(s)...)
		}
	}
	return breaches
}

func imports(t *tree) (breaches []string) {
	for _, s := range t.sources {
		row, known := rowOf(s.folder)
		if s.test || !known {
			continue
		}
		for _, name := range s.imports() {
			ours, is := strings.CutPrefix(name, "missedcalls/")
			if is && !matches(ours, row+" "+mayImport[row]) {
				breaches = append(breaches, fmt.Sprintf("%s: %s may not import %s; see mayImport in structure_test.go", s.path, s.folder, ours))
			}
		}
	}
	return breaches
}

func rows(t *tree) (breaches []string) {
	for _, folder := range t.folders() {
		if _, known := rowOf(folder); !known && folder != "." {
			breaches = append(breaches, folder+": no row in mayImport of structure_test.go says what it may import")
		}
	}
	return breaches
}

// rowOf is the row of the table that holds for a package.
func rowOf(folder string) (row string, known bool) {
	if _, known = mayImport[folder]; known {
		return folder, true
	}
	for row := range mayImport {
		if strings.HasSuffix(row, "/...") && matches(folder, row) {
			return row, true
		}
	}
	return "", false
}

// matches says whether a package is among names parted by spaces.
func matches(folder, names string) bool {
	for _, name := range strings.Fields(names) {
		above, all := strings.CutSuffix(name, "/...")
		if folder == above || all && strings.HasPrefix(folder, above+"/") {
			return true
		}
	}
	return false
}

func confined(t *tree) (breaches []string) {
	for _, s := range t.sources {
		for library, user := range onlyIn {
			for _, name := range s.imports() {
				if matches(name, library+"/...") && s.folder != user && !s.test {
					breaches = append(breaches, fmt.Sprintf("%s: %s is for %s and for tests", s.path, name, user))
				}
			}
		}
	}
	return breaches
}

func pureImport(t *tree) []string {
	return t.inPure(func(s source) (breaches []string) {
		for _, name := range s.imports() {
			also := strings.Fields(pureAlso[s.folder])
			if !slices.Contains(pureImports, name) && !slices.Contains(also, name) && !strings.HasPrefix(name, "missedcalls/") {
				breaches = append(breaches, fmt.Sprintf("%s: a pure package may not import %s; see pureImports in structure_test.go", s.path, name))
			}
		}
		return breaches
	})
}

func pureTemplates(t *tree) []string {
	return t.inPure(func(s source) (breaches []string) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if selector, is := n.(*ast.SelectorExpr); is && slices.Contains(templateFiles, selector.Sel.Name) {
				breaches = append(breaches, fmt.Sprintf("%s: a pure package reads no file; it may not use %s", s.at(selector), selector.Sel.Name))
			}
			return true
		})
		return breaches
	})
}

func pureClock(t *tree) []string {
	return t.inPure(func(s source) (breaches []string) {
		for _, use := range s.uses("time", clock) {
			breaches = append(breaches, fmt.Sprintf("%s: a pure package is given the time; it may not use time.%s", s.at(use), use.Sel.Name))
		}
		return breaches
	})
}

func pureGoroutine(t *tree) []string {
	return t.inPure(func(s source) (breaches []string) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if statement, is := n.(*ast.GoStmt); is {
				breaches = append(breaches, s.at(statement)+": a pure package starts no goroutine")
			}
			return true
		})
		return breaches
	})
}

// sleepless lets a test sleep in a bubble of testing/synctest, where it costs no time. Functions count as in a bubble
// that call synctest (its Wait panics outside of one), or a function of their package that calls synctest.Test.
func sleepless(t *tree) (breaches []string) {
	for _, s := range t.sources {
		for _, use := range s.uses("time", []string{"Sleep"}) {
			if s.test && !t.inBubble(s, use) {
				breaches = append(breaches, s.at(use)+": a test may not use time.Sleep; wait for what must happen, or use testing/synctest")
			}
		}
	}
	return breaches
}

func (t *tree) inBubble(s source, n ast.Node) bool {
	within := s.function(n)
	if within == nil {
		return false
	}
	if calls(within, "synctest") {
		return true
	}
	for _, other := range t.sources {
		for _, helper := range other.functions() {
			if other.folder == s.folder && calls(helper, "synctest") && calls(within, helper.Name.Name) {
				return true
			}
		}
	}
	return false
}

func unskipped(t *tree) (breaches []string) {
	for _, s := range t.sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is {
				return true
			}
			selector, is := call.Fun.(*ast.SelectorExpr)
			if is && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, selector.Sel.Name) {
				breaches = append(breaches, fmt.Sprintf("%s: a test may not call %s; what is missing is a failure that says what to do", s.at(call), selector.Sel.Name))
			}
			return true
		})
	}
	return breaches
}

var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)

func finished(t *tree) []string {
	return t.grep(unfinished, "do it, or say what holds instead")
}

// machinePath is a path from the root of a file system into somebody's folders, not a part of a longer path or URL.
var machinePath = regexp.MustCompile(`(^|[^\w.$}~/-])/(root|home|work)/`)

func portable(t *tree) []string {
	return t.grep(machinePath, "an absolute path that exists on one machine only")
}

func short(t *tree) (breaches []string) {
	for _, s := range t.sources {
		if s.lines > longestFile {
			breaches = append(breaches, fmt.Sprintf("%s: %d lines; a file of Go has at most %d", s.path, s.lines, longestFile))
		}
	}
	return breaches
}

func documented(t *tree) (breaches []string) {
	comments := make(map[string]bool)
	for _, s := range t.sources {
		comments[s.folder] = comments[s.folder] || s.file.Doc != nil
	}
	for _, folder := range t.folders() {
		if !comments[folder] {
			breaches = append(breaches, folder+": no file has a package comment")
		}
	}
	return breaches
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownCode = regexp.MustCompile("(?s)```.*?```|`[^`]*`")
)

func linked(t *tree) (breaches []string) {
	for _, name := range sorted(t.files) {
		if path.Ext(name) != ".md" {
			continue
		}
		for _, found := range markdownLink.FindAllStringSubmatch(markdownCode.ReplaceAllString(t.files[name], ""), -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target != "" && !strings.Contains(target, "://") && !t.has(path.Join(path.Dir(name), target)) {
				breaches = append(breaches, fmt.Sprintf("%s: the link %s leads nowhere", name, found[1]))
			}
		}
	}
	return breaches
}

func sameCommand(t *tree) []string {
	const command = "make test"
	readme, here := t.files["README.md"]
	if here && (!strings.Contains(readme, command) || !strings.Contains(t.files[".ci/run"], command)) {
		return []string{"README.md and .ci/run must both name `" + command + "`"}
	}
	return nil
}
