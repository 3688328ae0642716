package message

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

const docsFile = "../../docs/messages.md"

// TestTheDocumentationHasEveryFieldOfAView holds the tables of the document to the comments of the source; -update writes
// them anew.
func TestTheDocumentationHasEveryFieldOfAView(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	require.NoError(t, err)
	doc := string(b)
	comments := commentsOf(t, "view.go")
	doc = replaceBetween(t, doc, "<!-- table view -->\n", viewTable(comments, reflect.TypeFor[View]()))
	if *update {
		require.NoError(t, os.WriteFile(docsFile, []byte(doc), 0o644))
		return
	}
	assert.Equal(t, doc, string(b), "run go test ./notifier/message -update")
}

// commentsOf are the comments of the exported fields and methods in a file, by Type.Name.
func commentsOf(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	require.NoError(t, err)
	comments := make(map[string]string)
	add := func(of, name string, doc *ast.CommentGroup) {
		if ast.IsExported(name) {
			comments[of+"."+name] = strings.Join(strings.Fields(doc.Text()), " ")
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if s, is := n.Type.(*ast.StructType); is {
				for _, field := range s.Fields.List {
					for _, name := range field.Names {
						add(n.Name.Name, name.Name, field.Doc)
					}
				}
			}
		case *ast.FuncDecl:
			if n.Recv != nil {
				add(fmt.Sprint(n.Recv.List[0].Type), n.Name.Name, n.Doc)
			}
		}
		return true
	})
	return comments
}

// viewTable has a row for every field and method that a template may use.
func viewTable(comments map[string]string, of reflect.Type) string {
	var b strings.Builder
	b.WriteString("\n| | type | meaning |\n| --- | --- | --- |\n")
	row := func(name string, typ reflect.Type) {
		text := strings.TrimSpace(strings.TrimPrefix(comments[of.Name()+"."+name], name))
		text = strings.TrimPrefix(strings.TrimPrefix(text, "is "), "are ")
		fmt.Fprintf(&b, "| `.%s` | %s | %s |\n", name, typeName(typ), text)
	}
	for i := range of.NumField() {
		if f := of.Field(i); f.IsExported() {
			row(f.Name, f.Type)
		}
	}
	for i := range of.NumMethod() {
		row(of.Method(i).Name, of.Method(i).Type.Out(0))
	}
	return b.String() + "\n"
}

func typeName(t reflect.Type) string {
	switch {
	case t == timeType:
		return "time"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "yes or no"
	case t.Kind() == reflect.Slice:
		return "list"
	case t.Kind() == reflect.Map:
		return "object"
	}
	return "number"
}

func TestEveryFieldOfAViewIsExplained(t *testing.T) {
	comments := commentsOf(t, "view.go")
	view := reflect.TypeFor[View]()
	for i := range view.NumField() {
		if name := view.Field(i).Name; ast.IsExported(name) {
			assert.NotEmpty(t, comments["View."+name], name)
		}
	}
}

func replaceBetween(t *testing.T, doc, from, instead string) string {
	t.Helper()
	before, rest, ok := strings.Cut(doc, from)
	require.True(t, ok, "%s has no line %s", docsFile, from)
	_, after, ok := strings.Cut(rest, "<!-- end -->")
	require.True(t, ok, "%s has no line <!-- end --> after %s", docsFile, from)
	return before + from + instead + "<!-- end -->" + after
}

var exampleTemplate = regexp.MustCompile("(?s)<!-- template ([a-z]+) -->\n+```[a-z]*\n(.*?)```")

// TestTheTemplatesOfTheDocumentationWork executes each example for every sample.
func TestTheTemplatesOfTheDocumentationWork(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	require.NoError(t, err)
	examples := exampleTemplate.FindAllStringSubmatch(string(b), -1)
	assert.GreaterOrEqual(t, len(examples), 4)
	for _, example := range examples {
		target, known := channels[example[1]]
		require.True(t, known, example[1])
		target.Templates = map[callevent.Kind]policy.Template{policy.AnyEvent: {Text: example[2]}}
		if target.Email != nil {
			target.Templates[policy.AnyEvent] = policy.Template{Text: "x", HTML: example[2]}
		}
		assert.Empty(t, Check(target), example[2])
	}
}

func TestTheDocumentationNamesEveryFunction(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	require.NoError(t, err)
	for name := range functions(&english) {
		if name != escapeSlack {
			assert.Contains(t, string(b), "| `"+name, name)
		}
	}
}
