package message

import (
	"errors"
	"fmt"
	"strings"
	"text/template/parse"
)

const (
	// MaxCustom bounds a text that a template gives, in bytes.
	MaxCustom = 64 << 10
	// maxWrites bounds the pieces that a template writes, and with them its loops.
	maxWrites = 10_000
)

var (
	errTooLong  = fmt.Errorf("gives more than %d bytes", MaxCustom)
	errTooMany  = fmt.Errorf("writes more than %d pieces; does it repeat itself?", maxWrites)
	errSaysNone = errors.New("gives no text")
)

// page takes what a template writes, up to the bounds.
type page struct {
	strings.Builder
	writes int
}

func (p *page) Write(b []byte) (int, error) {
	p.writes++
	switch {
	case p.writes > maxWrites:
		return 0, errTooMany
	case p.Len()+len(b) > MaxCustom:
		return 0, errTooLong
	}
	return p.Builder.Write(b)
}

// guard changes a parsed template so that every turn of a loop and every template that is called writes something, an
// empty piece of text, which page counts: a loop without end, or templates that call each other, end at the bound. With
// escape, the name of a function, every value that the template prints goes through that function last.
func guard(tree *parse.Tree, escape string) {
	if tree == nil || tree.Root == nil {
		return
	}
	g := guardian{escape: escape}
	g.list(tree.Root)
	countTurns(tree.Root)
}

type guardian struct{ escape string }

func (g guardian) list(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.ActionNode:
			g.action(n.Pipe)
		case *parse.IfNode:
			g.branch(n.BranchNode)
		case *parse.WithNode:
			g.branch(n.BranchNode)
		case *parse.RangeNode:
			g.branch(n.BranchNode)
			countTurns(n.List)
		}
	}
}

func (g guardian) branch(n parse.BranchNode) {
	g.list(n.List)
	g.list(n.ElseList)
}

// action escapes what a pipe prints; one that declares or sets a variable prints nothing.
func (g guardian) action(pipe *parse.PipeNode) {
	if g.escape == "" || len(pipe.Decl) > 0 {
		return
	}
	function := parse.NewIdentifier(g.escape).SetPos(pipe.Pos)
	pipe.Cmds = append(pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pipe.Pos, Args: []parse.Node{function}})
}

// countTurns puts an empty piece of text in front of a list.
func countTurns(list *parse.ListNode) {
	list.Nodes = append([]parse.Node{&parse.TextNode{NodeType: parse.NodeText, Pos: list.Pos}}, list.Nodes...)
}
