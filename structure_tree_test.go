package missedcalls

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// tree is a folder of files, and those of Go among them read.
type tree struct {
	files   map[string]string // text by path
	sources []source
}

type source struct {
	path, folder string
	test         bool
	lines        int
	set          *token.FileSet
	file         *ast.File
}

// read takes in a folder, except for what git ignores in this one.
func read(t *testing.T, folder fs.FS) *tree {
	t.Helper()
	out := &tree{files: make(map[string]string)}
	require.NoError(t, fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains([]string{".git", "bin", "data", "testbed/.cache", "testbed/.out"}, name):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := fs.ReadFile(folder, name)
		out.files[name] = string(text)
		return err
	}))
	for _, name := range sorted(out.files) {
		if path.Ext(name) == ".go" && !strings.Contains(name, "testdata/") {
			out.sources = append(out.sources, parse(t, name, out.files[name]))
		}
	}
	return out
}

func parse(t *testing.T, name, text string) source {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments)
	require.NoError(t, err)
	return source{
		path: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		lines: strings.Count(text, "\n"), set: set, file: file,
	}
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

func (s source) imports() []string {
	var names []string
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value) // the parser has read it
		names = append(names, name)
	}
	return names
}

// uses gives the places at which one of the functions of an imported package is named, whatever the file calls it.
func (s source) uses(pkg string, functions []string) (found []*ast.SelectorExpr) {
	local := ""
	for _, spec := range s.file.Imports {
		if spec.Path.Value == strconv.Quote(pkg) {
			local = path.Base(pkg)
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, is := n.(*ast.SelectorExpr)
		if !is {
			return true
		}
		if from, plain := selector.X.(*ast.Ident); plain && from.Name == local && slices.Contains(functions, selector.Sel.Name) {
			found = append(found, selector)
		}
		return true
	})
	return found
}

// functions are those that the file declares.
func (s source) functions() (found []*ast.FuncDecl) {
	for _, declared := range s.file.Decls {
		if f, is := declared.(*ast.FuncDecl); is {
			found = append(found, f)
		}
	}
	return found
}

// function is the declared function that a place is in, nil for none.
func (s source) function(n ast.Node) *ast.FuncDecl {
	for _, f := range s.functions() {
		if f.Pos() <= n.Pos() && n.End() <= f.End() {
			return f
		}
	}
	return nil
}

// calls says whether a function calls another of its package by name, or any of the package of that name.
func calls(f *ast.FuncDecl, name string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		target := call.Fun
		if selector, is := target.(*ast.SelectorExpr); is {
			target = selector.X
		}
		called, is := target.(*ast.Ident)
		found = found || is && called.Name == name
		return true
	})
	return found
}

func (t *tree) folders() []string {
	found := make(map[string]bool)
	for _, s := range t.sources {
		found[s.folder] = true
	}
	return sorted(found)
}

func (t *tree) grep(pattern *regexp.Regexp, breach string) (breaches []string) {
	for _, name := range sorted(t.files) {
		for i, line := range strings.Split(t.files[name], "\n") {
			if pattern.MatchString(line) {
				breaches = append(breaches, fmt.Sprintf("%s:%d: %s", name, i+1, breach))
			}
		}
	}
	return breaches
}

// has says whether there is a file, or a folder with files in it.
func (t *tree) has(name string) bool {
	for file := range t.files {
		if file == name || strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}

// files makes a folder of paths and texts in turn.
func files(pathsAndTexts ...string) fstest.MapFS {
	folder := make(fstest.MapFS)
	for i := 0; i < len(pathsAndTexts); i += 2 {
		folder[pathsAndTexts[i]] = &fstest.MapFile{Data: []byte(pathsAndTexts[i+1])}
	}
	return folder
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
