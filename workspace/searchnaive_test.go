package workspace

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/text"
)

// naive is what a search should find in src: line by line, with nothing but the
// standard library. ok is false where it can't say.
func naive(q Query, src string) (found []Hit, ok bool) {
	expr := q.Pattern
	if !q.Regexp {
		expr = regexp.QuoteMeta(expr)
	}
	if q.Case == CaseInsensitive {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, false
	}
	x := text.NewLineIndex(src)
	var lines []string
	for i := range x.Lines() {
		s := x.LineSpan(i)
		line := strings.TrimSuffix(src[s.Start:s.End], "\n")
		lines = append(lines, strings.TrimSuffix(line, "\r"))
	}
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1] // nothing after the last line end is no line
	}
	for i, line := range lines {
		at := x.LineSpan(i).Start
		spans := re.FindAllStringIndex(line, -1)
		if q.Word {
			if utf8.RuneCountInString(line) > 500 || q.Regexp && strings.Contains(expr, `\Q`) {
				return nil, false
			}
			spans = naiveWords(expr, line)
		}
		for _, s := range spans {
			m := Hit{Path: "f", Start: at + s[0], End: at + s[1], Line: i, Text: line}
			m.Col, m.EndCol = s[0], s[1]
			m.Col16 = int(x.Position(m.Start, text.UTF16).Character)
			m.EndCol16 = int(x.Position(m.End, text.UTF16).Character)
			if q.Context > 0 {
				m.Before = lines[max(0, i-q.Context):i:i]
				m.After = lines[i+1 : min(len(lines), i+1+q.Context)]
				if len(m.Before) == 0 {
					m.Before = nil
				}
				if len(m.After) == 0 {
					m.After = nil
				}
			}
			found = append(found, m)
		}
	}
	return found, true
}

var compiledBefore sync.Map

// compiled is the regular expression expr, compiled once: with Unicode's classes
// in it that takes most of the time of these tests.
func compiled(expr string) *regexp.Regexp {
	if re, ok := compiledBefore.Load(expr); ok {
		return re.(*regexp.Regexp)
	}
	re := regexp.MustCompile(expr)
	compiledBefore.Store(expr, re)
	return re
}

// naiveWords tries every place of line for a match between no word characters.
func naiveWords(expr, line string) (spans [][]int) {
	try := func(pos int) []int {
		for ; pos <= len(line); pos++ {
			if pos < len(line) && !utf8.RuneStart(line[pos]) && utf8.ValidString(line) {
				continue
			}
			before, _ := utf8.DecodeLastRuneInString(line[:pos])
			if isWord(before) {
				continue
			}
			n := utf8.RuneCountInString(line[:pos])
			re := compiled(fmt.Sprintf(`\A(?s:.{%d})((?:%s))(?:[^_\pL\pM\pN]|$)`, n, expr))
			if m := re.FindStringSubmatchIndex(line); m != nil && m[2] == pos {
				return m[2:4]
			}
		}
		return nil
	}
	for pos, last := 0, -1; pos <= len(line); {
		m := try(pos)
		if m == nil {
			break
		}
		fresh := true
		if m[1] == pos {
			fresh = m[0] != last
			_, size := utf8.DecodeRuneInString(line[pos:])
			pos += max(1, size)
		} else {
			pos = m[1]
		}
		if last = m[1]; fresh {
			spans = append(spans, m)
		}
	}
	return spans
}

func never() bool { return false }

// inFile is what the searcher finds, after tinker did something to it.
func inFile(p *plan, src string, tinker func(*searcher)) (found []Hit) {
	s := newSearcher(p, never)
	tinker(s)
	s.emit = func(m Hit) bool {
		found = append(found, m)
		return true
	}
	s.file("f", src)
	return found
}

// tinkers force the ways that only large lines, texts and expressions take.
var tinkers = map[string]func(*searcher){
	"as it is":  func(*searcher) {},
	"long line": func(s *searcher) { resize(s, 1<<40) },
	"few states": func(s *searcher) {
		if s.dfa != nil {
			s.dfa.limit = 8 * s.dfa.stride
		}
	},
	"no states": func(s *searcher) {
		if s.dfa != nil {
			s.dfa.hopeless = true
		}
	},
	"no literal": func(s *searcher) {
		p := *s.plan
		p.need = nil
		s.plan = &p
	},
}

// resize makes believe that the expression has a program of that size.
func resize(s *searcher, size int) {
	if s.spans != nil {
		p, r := *s.plan, *s.spans
		r.size, p.spans = size, &r
		s.plan = &p
	}
}

// agree compares a search in src with the naive one, in all its ways.
func agree(t *testing.T, q Query, src string) {
	t.Helper()
	want, ok := naive(q, src)
	if !ok {
		return
	}
	p, err := newPlan(q)
	if err != nil {
		if len(want) > 0 {
			t.Fatalf("%+v: %v, but there are matches in %q", q, err, src)
		}
		return
	}
	if len(want) > 0 && !p.trigrams.MayMatch(index.NewTrigrams(src, nil)) {
		t.Fatalf("%+v: the filter keeps %q out", q, src)
	}
	for how, tinker := range tinkers {
		if !q.Regexp && how != "as it is" {
			continue // for expressions
		}
		if d := cmp.Diff(want, inFile(p, src, tinker)); d != "" {
			t.Fatalf("%+v, %s, in %q (-naive +search):\n%s", q, how, src, d)
		}
	}
}

func TestSearchTexts(t *testing.T) {
	texts := []string{
		"", "\n", "a", "a\n", "\r\n\r\n", "a\rb\nc\r\nd", "one two\ntwo one\n\nthree", "x\r\r\ny\n\r",
		"foo-bar foo_bar foo bar foobar\nföo foo", "straße STRASSE ſtraſſe \u212aelvin kelvin KELVIN",
		"é É e\u0301 日本語 😀x😀 \xff\xfe\xc3 é\xc3", "aaaa aaa aa a", strings.Repeat("ab ", 8) + "\nabc",
		"\tif err != nil {\r\n\t\treturn err\r\n\t}\r\n",
	}
	patterns := []string{
		"a", "aa", "foo", "two", "é", "É", "😀", "ss", "k", "kelvin", "straße", "\xff", "\xc3", "日本", "err", "-", " ",
		`^`, `$`, `^$`, `.`, `.*`, `a*`, `x*?`, `\bfoo\b`, `\Bo`, `[^a]`, `[^\x00-\x7f]+`, `(?i)É`, `\w+`, `\s+`, `a|b|`, `(foo|bar)+`,
		`^a.*a$`, `\x{fffd}`, `[a-z]{2,3}`, `(?m)^b`, `\Aa`, `a\z`, `o\n?t`, `[\r\n]`, `(?s).+`, `return \w+$`, `\Qa`, `(?i:K)elvin`, `ſ`, `[k-t]+`,
		`(two|one)$`, `\pL+`, `(?i)[à-ö]`, `b(a|b )*c`, `foo.bar`, `(?U)a+`, `[[:upper:]]+`,
	}
	for _, src := range texts {
		for _, pattern := range patterns {
			for i := range 8 {
				q := Query{Pattern: pattern, Regexp: i&1 != 0, Word: i&2 != 0, Case: CaseMode(i >> 2)}
				if i < 2 {
					q.Context = 2
				}
				agree(t, q, src)
			}
		}
	}
}

// TestSearchRandom makes up expressions and texts from few pieces, so that they
// meet often.
func TestSearchRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	atoms := []string{"a", "b", "ab", "K", "s", "é", "É", ".", `\w`, `\b`, `\B`, "^", "$", "[ab]", "[^a]", `\s`, "x", " ", "日", `\pL`, "(?i:aB)", `\x{fffd}`}
	pieces := []string{"a", "b", "A", "B", "k", "\u212a", "s", "ſ", "é", "É", " ", "x", "_", "日", "😀", "\xff", "\n", "\r", "\r\n", "ab", "aab"}
	var expr func(depth int) string
	expr = func(depth int) string {
		switch n := r.IntN(8); {
		case depth == 0 || n < 3:
			return atoms[r.IntN(len(atoms))]
		case n < 5:
			return expr(depth-1) + expr(depth-1)
		case n == 5:
			return "(" + expr(depth-1) + "|" + expr(depth-1) + ")"
		}
		return "(?:" + expr(depth-1) + ")" + []string{"*", "+", "?", "{2}", "*?", "+?", "{1,3}"}[r.IntN(7)]
	}
	n := 1500
	if testing.Short() {
		n = 400
	}
	for range n {
		var src strings.Builder
		for range r.IntN(24) {
			src.WriteString(pieces[r.IntN(len(pieces))])
		}
		q := Query{Pattern: expr(3), Regexp: r.IntN(6) > 0, Word: r.IntN(4) == 0, Case: CaseMode(r.IntN(2)), Context: r.IntN(2)}
		agree(t, q, src.String())
	}
}

func FuzzSearch(f *testing.F) {
	for _, s := range []string{`\bfoo`, `a*$`, `(?i)k|ſ`, `^\s*\w+\s=`, `[^\x00-\x7f]`, "é", `x\Q(`} {
		f.Add(s, "foo é = K\r\nx( \xff\rfoo", byte(1))
		f.Add(s, "a\n\nſ k = É", byte(3))
	}
	f.Fuzz(func(t *testing.T, pattern, src string, mode byte) {
		if pattern == "" {
			t.Skip("refused, as it should be")
		}
		if len(pattern) > 60 || len(src) > 300 {
			t.Skip("as large ones are no different")
		}
		q := Query{Pattern: pattern, Regexp: mode&1 != 0, Word: mode&2 != 0, Case: CaseMode(mode >> 2 & 1), Context: int(mode >> 3 & 1)}
		if q.Word && len(src) > 60 {
			t.Skip("the naive way takes too long")
		}
		if !q.Regexp && q.Case == CaseInsensitive && strings.ContainsRune(pattern, utf8.RuneError) {
			t.Skip("an expression sees bytes that are no UTF-8 in it")
		}
		agree(t, q, src)
	})
}

func TestSmartCase(t *testing.T) {
	for pattern, folds := range map[string]bool{
		"foo": true, "Foo": false, "É": false, `\W+`: true, `\pLx`: true, `\p{Lu}x`: true, `(?P<Name>x)`: true, `(?s)\S`: true,
		`[A-Z]`: false, `\x{AB}c`: true, `\`: true, `\\A`: false, `(?U)a`: true,
	} {
		q := Query{Case: CaseSmart}
		if got := q.folds(plainText(pattern)); got != folds {
			t.Errorf("%s: folds %v", pattern, got)
		}
	}
}

func TestNeeded(t *testing.T) {
	for expr, want := range map[string]string{
		`func \w+Search\(`: "Search(", `(?i)foo.*barbaz`: "BARBAZ", `foo|ba+r`: "", `(foo|ba+rr)+`: "foo|rr", `foo|x?`: "", `a|b|c|d|ee?|fg|[h]|i+`: "", `(foo|ba)long`: "long", `(abc)+x?`: "abc", `(abc)*de`: "de", `a\nbc.`: "", `x{0,3}yy`: "yy",
	} {
		p, err := newPlan(Query{Pattern: expr, Regexp: true})
		if err != nil {
			t.Fatal(err)
		}
		var lits []string
		for _, f := range p.need {
			lits = append(lits, f.lit)
		}
		got := strings.Join(lits, "|")
		if !strings.EqualFold(got, want) {
			t.Errorf("%s needs %q, not %q", expr, want, got)
		}
	}
}

func TestGlobs(t *testing.T) {
	files := []string{".env", "a.go", "b_test.go", "src/a.go", "src/deep/c.ts", "src/node_modules/x/y.ts", "web/a.ts"}
	for _, c := range []struct {
		in, out []string
		want    []string
	}{
		{nil, nil, files},
		{[]string{"*.go"}, nil, []string{"a.go", "b_test.go", "src/a.go"}},
		{[]string{"*.go"}, []string{"*_test.go"}, []string{"a.go", "src/a.go"}},
		{[]string{"src"}, []string{"node_modules"}, []string{"src/a.go", "src/deep/c.ts"}},
		{[]string{"src/**/*.ts"}, nil, []string{"src/deep/c.ts", "src/node_modules/x/y.ts"}},
		{[]string{"/a.go"}, nil, []string{"a.go"}},
		{[]string{"*.{go,ts}"}, []string{"src/"}, []string{"a.go", "b_test.go", "web/a.ts"}},
		{nil, []string{"**"}, nil},
	} {
		p, err := newPlan(Query{Pattern: "x", Include: c.in, Exclude: c.out})
		if err != nil {
			t.Fatal(err)
		}
		choose := chooser{in: p.in, out: p.out}
		var got []string
		for _, f := range files {
			if choose.wants(f) {
				got = append(got, f)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("in %q out %q: %q, not %q", c.in, c.out, got, c.want)
		}
	}
}
