//go:build cgo

package syntax

import (
	"sync"
	"unsafe"

	lua "github.com/tree-sitter-grammars/tree-sitter-lua/bindings/go"
	sitter "github.com/tree-sitter/go-tree-sitter"
	clang "github.com/tree-sitter/tree-sitter-c/bindings/go"
	cplusplus "github.com/tree-sitter/tree-sitter-cpp/bindings/go"
	golang "github.com/tree-sitter/tree-sitter-go/bindings/go"
	java "github.com/tree-sitter/tree-sitter-java/bindings/go"
	javascript "github.com/tree-sitter/tree-sitter-javascript/bindings/go"
	python "github.com/tree-sitter/tree-sitter-python/bindings/go"
	rust "github.com/tree-sitter/tree-sitter-rust/bindings/go"
	typescript "github.com/tree-sitter/tree-sitter-typescript/bindings/go"
)

// grammar is one compiled language with its rules by the number of a node's kind.
type grammar struct {
	language *sitter.Language
	nodes    []*node // indexed by kind id; nil where a node is passed over
	python   bool    // documented by docstrings
}

// grammars holds what has been asked for; loading one costs a table, so it waits for that.
var grammars = map[string]func() *grammar{
	"go":              load(golang.Language, goNodes),
	"typescript":      load(typescript.LanguageTypescript, scriptNodes),
	"typescriptreact": load(typescript.LanguageTSX, scriptNodes),
	"javascript":      load(javascript.Language, scriptNodes),
	"javascriptreact": load(javascript.Language, scriptNodes),
	"python":          loadPython(),
	"rust":            load(rust.Language, rustNodes),
	"java":            load(java.Language, javaNodes),
	"c":               load(clang.Language, cNodes),
	"cpp":             load(cplusplus.Language, cNodes),
	"lua":             load(lua.Language, luaNodes),
}

func load(language func() unsafe.Pointer, nodes map[string]node) func() *grammar {
	return sync.OnceValue(func() *grammar {
		g := &grammar{language: sitter.NewLanguage(language())}
		count := g.language.NodeKindCount()
		g.nodes = make([]*node, count)
		for id := range count {
			if n, ok := nodes[g.language.NodeKindForId(uint16(id))]; ok && g.language.NodeKindIsNamed(uint16(id)) {
				g.nodes[id] = &n
			}
		}
		return g
	})
}

func loadPython() func() *grammar {
	get := load(python.Language, pythonNodes)
	return sync.OnceValue(func() *grammar {
		g := get()
		g.python = true
		return g
	})
}

// rule is what to do with a node, nil for nothing.
func (g *grammar) rule(n *sitter.Node) *node {
	if id := int(n.KindId()); id < len(g.nodes) {
		return g.nodes[id]
	}
	return nil
}

// parsers keeps idle parsers. They are C memory that nothing frees by itself, so
// this is a bounded list and no sync.Pool, which forgets what it holds.
var parsers = make(chan *sitter.Parser, 8)

// parse is the tree of src, which the caller must close, nil if there is none. old, if not
// nil, is a tree of another text that was edited to fit src; the caller closes that too.
func parse(g *grammar, src string, old *sitter.Tree) *sitter.Tree {
	var p *sitter.Parser // serves one goroutine at a time
	select {
	case p = <-parsers:
	default:
		p = sitter.NewParser()
	}
	defer func() {
		select {
		case parsers <- p:
		default:
			p.Close()
		}
	}()
	if err := p.SetLanguage(g.language); err != nil {
		return nil
	}
	defer p.Reset()
	// Every read is copied to C: small chunks, lest each look back copies the rest of the text.
	chunk := 8 << 10
	if old != nil {
		chunk = 1 << 10 // little is read between the parts that stay
	}
	data := []byte(src)
	return p.ParseWithOptions(func(at int, _ sitter.Point) []byte {
		if at >= len(data) {
			return nil
		}
		return data[at:min(at+chunk, len(data))]
	}, old, nil)
}

// parseTree calls use with the root of the tree of src, which is gone when it returns.
func parseTree(g *grammar, src string, use func(root *sitter.Node)) bool {
	tree := parse(g, src, nil)
	if tree == nil {
		return false
	}
	defer tree.Close()
	use(tree.RootNode())
	return true
}

// grammarOutline reads src with its tree-sitter grammar.
func grammarOutline(language, src string) (syms []Symbol, broken, ok bool) {
	get := grammars[language]
	if get == nil {
		return nil, false, false
	}
	g := get()
	ok = parseTree(g, src, func(root *sitter.Node) { syms, broken = g.symbols(root, src) })
	return syms, broken, ok
}

// symbols walks a tree of src.
func (g *grammar) symbols(root *sitter.Node, src string) (syms []Symbol, broken bool) {
	w := &walker{grammar: g, src: src, cursor: root.Walk()}
	defer w.cursor.Close()
	w.children(root, scope{})
	return w.syms, root.HasError()
}

// grammarProblems finds the ERROR and MISSING nodes.
func grammarProblems(language, src string) (f faults, ok bool) {
	get := grammars[language]
	if get == nil {
		return f, false
	}
	ok = parseTree(get(), src, func(root *sitter.Node) {
		if !root.HasError() {
			return
		}
		c := root.Walk()
		defer c.Close()
		for {
			n := c.Node()
			if n.IsError() || n.IsMissing() {
				f.add(spanOf(n).Start)
			}
			if n.HasError() && c.GotoFirstChild() || c.GotoNextSibling() {
				continue
			}
			for c.GotoParent() {
				if c.GotoNextSibling() {
					break
				}
			}
			if c.Depth() == 0 {
				return
			}
		}
	})
	return f, ok
}
