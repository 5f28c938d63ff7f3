package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// setting is one value as one source gives it.
type setting struct {
	key   []string
	value any // string, word, int64, json.Number, bool, []any, raw
	from  origin
}

// origin is a place: a source and, in a file, a line.
type origin struct {
	source string
	line   int
}

func (o origin) String() string {
	if o.line > 0 {
		return o.source + ":" + strconv.Itoa(o.line)
	}
	return o.source
}

// raw is a TOML value of a kind that no key has: a date or a time.
type raw string

const (
	maxFile   = 1 << 20 // bytes of a configuration file
	maxSyntax = 10      // syntax errors reported per file
)

var errTooLong = errors.New("is larger than 1 MiB, which no configuration is")

// readFile reads a regular file from fsys, bounded.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name) // before Open, which would wait at a named pipe
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errTooLong
	}
	return data, err
}

// tomlReader reads one file key by key, so that an error costs its own line only.
type tomlReader struct {
	source   string
	doc      []byte
	base     int // lines before doc in the file
	table    []string
	skip     bool // below a header that can't be used
	seen     map[string]int
	settings []setting
	problems []Problem
}

// parseTOML gives the settings of doc in order.
func parseTOML(source string, doc []byte) ([]setting, []Problem) {
	r := &tomlReader{source: source, seen: map[string]int{}}
	doc = bytes.TrimPrefix(doc, []byte("\ufeff"))
	for bad := 0; ; bad++ {
		r.doc = doc
		at, message := r.parse()
		if message == "" {
			return r.settings, r.problems
		}
		r.problem(r.base+1+bytes.Count(doc[:at], []byte("\n")), "", "not TOML: "+message)
		if line := doc[bytes.LastIndexByte(doc[:at], '\n')+1:]; bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("[")) {
			r.skip = true // what follows a broken header is not of the table before it
		}
		end := bytes.IndexByte(doc[at:], '\n')
		if end < 0 || bad == maxSyntax {
			return r.settings, r.problems
		}
		r.base += bytes.Count(doc[:at+end+1], []byte("\n"))
		doc = doc[at+end+1:]
	}
}

// parse reads r.doc up to its end or to the first syntax error, and says where that is.
func (r *tomlReader) parse() (at int, message string) {
	var p unstable.Parser
	p.Reset(r.doc)
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.KeyValue:
			if !r.skip {
				r.keyValue(r.table, e)
			}
		case unstable.Table:
			r.table, _ = r.keyOf(e)
			r.skip = false
		case unstable.ArrayTable:
			key, line := r.keyOf(e)
			name := strings.Join(key, ".")
			r.problem(line, name, fmt.Sprintf("is one table, not a list of them: write [%s]", name))
			r.skip = true
		}
	}
	err := p.Error()
	if err == nil {
		return 0, ""
	}
	var pe *unstable.ParserError
	if !errors.As(err, &pe) {
		return 0, err.Error()
	}
	at = cap(r.doc) - cap(pe.Highlight) // a highlight shares the document's memory
	if pe.Highlight == nil || at < 0 || at > len(r.doc) {
		at = 0
	}
	return at, pe.Message
}

// keyOf is the key of a header or an assignment and its line.
func (r *tomlReader) keyOf(n *unstable.Node) (key []string, line int) {
	for it := n.Key(); it.Next(); {
		k := it.Node()
		if line == 0 {
			line = r.base + 1 + bytes.Count(r.doc[:k.Raw.Offset], []byte("\n"))
		}
		key = append(key, string(k.Data))
	}
	return key, line
}

func (r *tomlReader) keyValue(table []string, n *unstable.Node) {
	own, line := r.keyOf(n)
	key := append(slices.Clone(table), own...)
	value := n.Value()
	if value.Kind == unstable.InlineTable {
		for it := value.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				r.keyValue(key, it.Node())
			}
		}
		return
	}
	name := strings.Join(key, ".")
	if first, twice := r.seen[name]; twice {
		r.problem(line, name, fmt.Sprintf("is set a second time; line %d counts", first))
		return
	}
	r.seen[name] = line
	r.settings = append(r.settings, setting{key: key, value: valueOf(value), from: origin{r.source, line}})
}

func (r *tomlReader) problem(line int, key, message string) {
	r.problems = append(r.problems, Problem{Source: r.source, Line: line, Key: key, Message: message})
}

// valueOf is the Go value of a TOML value; what it can't read stays raw and is
// refused by the key it was meant for.
func valueOf(n *unstable.Node) any {
	switch n.Kind {
	case unstable.String:
		return string(n.Data)
	case unstable.Bool:
		return string(n.Data) == "true"
	case unstable.Integer:
		if i, err := strconv.ParseInt(strings.ReplaceAll(string(n.Data), "_", ""), 0, 64); err == nil {
			return i
		}
	case unstable.Array:
		list := []any{}
		for it := n.Children(); it.Next(); {
			if it.Node().Kind != unstable.Comment {
				list = append(list, valueOf(it.Node()))
			}
		}
		return list
	case unstable.InlineTable:
		return map[string]any{}
	}
	return raw(n.Data)
}
