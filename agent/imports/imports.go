package imports

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Result is new code with its imports in order.
type Result struct {
	Code  string      // without the import statements that do not belong there
	Head  []text.Edit // of the text before the code, in order
	Added []string    // what is imported now and was not, for people
}

// job is one call of Settle.
type job struct {
	ctx    context.Context
	snap   *workspace.Snapshot
	file   *workspace.File
	before string // the file up to the code
	code   string
	after  string
	fresh  bool // only names that nothing around the code uses are looked at
	added  []string
	masked string // see mask
}

// mask is the code of the whole file, made when it is first needed: most edits need
// no import, and a long file takes milliseconds.
func (j *job) mask() string {
	if j.masked == "" {
		j.masked = syntax.Code(j.file.Language, j.whole())
	}
	return j.masked
}

// family does the work for one language: lift takes the import statements out of
// the code, needs names what the code uses, add writes both into the head of the
// file.
type family interface {
	lift(j *job)
	needs(j *job)
	add(head string) string // line ends are \n
}

// searchTime bounds the search for a name. What is not found in it is not added.
const searchTime = time.Second

// Settle settles the imports of code, which stands in f between before and after.
// Languages other than Go, TypeScript, JavaScript and Python stay as they are.
// fresh leaves out names that the file uses elsewhere, which is what makes it cheap:
// they are there already, unless it is their absence that is to be fixed.
func Settle(ctx context.Context, snap *workspace.Snapshot, f *workspace.File, before, code, after string, fresh bool) Result {
	fam := familyOf(f.Language)
	if fam == nil {
		return Result{Code: code}
	}
	// Whatever is added comes after a byte order mark.
	if rest, ok := strings.CutPrefix(before, text.Mark); ok {
		res := Settle(ctx, snap, f, rest, code, after, fresh)
		for i := range res.Head {
			span := &res.Head[i].Span
			span.Start, span.End = span.Start+len(text.Mark), span.End+len(text.Mark)
		}
		return res
	}
	if rest, ok := strings.CutPrefix(code, text.Mark); ok && before == "" {
		res := Settle(ctx, snap, f, "", rest, after, fresh)
		res.Code = text.Mark + res.Code
		return res
	}
	j := &job{ctx: ctx, snap: snap, file: f, before: before, code: code, after: after, fresh: fresh}
	lifts := strings.Contains(code, "import")
	inside := lifts && j.headInside()
	if lifts && !inside {
		fam.lift(j)
	}
	fam.needs(j)
	if len(j.added) == 0 && j.code == code {
		return Result{Code: code}
	}
	inside = inside || !lifts && j.headInside()
	whole := j.whole()
	end := headEnd(f.Language, whole)
	old := whole[:end]
	eol := text.EOL(whole)
	head := fam.add(text.WithEOL(old, "\n"))
	if rest := whole[end:]; syntax.Imports(f.Language, old).Len() == 0 && rest != "" && rest[0] != '\n' && rest[0] != '\r' {
		head += "\n"
	}
	head = text.WithEOL(head, eol)
	edits := text.Diff(old, head)
	if inside || end > len(j.before) {
		return j.apportion(code, edits)
	}
	return Result{Code: j.code, Head: edits, Added: j.added}
}

// apportion makes a result of edits to the whole file where its head reaches into
// the code. Edits of what stands behind the code can't be told, nor such that lie
// across its borders: then the code stays as it was written.
func (j *job) apportion(code string, edits []text.Edit) Result {
	start, end := len(j.before), len(j.before)+len(j.code)
	res := Result{Added: j.added}
	var own []text.Edit
	for _, e := range edits {
		switch {
		case e.Span.Start >= start && e.Span.End <= end:
			own = append(own, text.Edit{Span: text.Span{Start: e.Span.Start - start, End: e.Span.End - start}, New: e.New})
		case e.Span.End <= start:
			res.Head = append(res.Head, e)
		default:
			return Result{Code: code}
		}
	}
	var err error
	if res.Code, err = text.Apply(j.code, own); err != nil {
		return Result{Code: code}
	}
	return res
}

// known reports whether a name is in use around the code, and so nothing new. What
// stands in a line behind the sign of a comment or a string does not count.
func (j *job) known(name string) bool {
	if !j.fresh {
		return false
	}
	for _, around := range []string{j.before, j.after} {
		for _, u := range occurrences(around, name) {
			line := around[strings.LastIndexByte(around[:u.start], '\n')+1 : u.start]
			if !strings.ContainsAny(line, "\"'`#*") && !strings.Contains(line, "//") {
				return true
			}
		}
	}
	return false
}

// Knows reports whether Settle does anything for a language.
func Knows(language string) bool { return familyOf(language) != nil }

func familyOf(language string) family {
	switch language {
	case "go":
		return &goFamily{}
	case "typescript", "typescriptreact", "javascript", "javascriptreact":
		return &scriptFamily{}
	case "python":
		return &pythonFamily{}
	}
	return nil
}

func (j *job) whole() string { return j.before + j.code + j.after }

// headInside reports whether the code holds the head of the file: then its import
// statements are where they belong.
func (j *job) headInside() bool {
	if j.file.Language == "go" {
		return !packageClause.MatchString(j.before)
	}
	const longest = 8 << 10 // bytes that a licence may take
	if len(j.before) > longest {
		return false
	}
	if strings.TrimSpace(syntax.Code(j.file.Language, j.before)) == "" {
		return true
	}
	if !strings.Contains(j.code, "import") {
		return false
	}
	at := syntax.Imports(j.file.Language, j.whole())
	return at.Start >= len(j.before) && at.Len() > 0 && at.End <= len(j.before)+len(j.code)
}

// headEnd is the end of the line on which the imports end, or of what stands
// before where they would be.
func headEnd(language, src string) int {
	end := syntax.Imports(language, src).End
	if end == 0 {
		end = preambleEnd(language, src)
	}
	if i := strings.IndexByte(src[end:], '\n'); i >= 0 && end > 0 {
		return end + i + 1
	}
	if end > 0 {
		return len(src)
	}
	return 0
}

var packageClause = regexp.MustCompile(`(?m)^package[ \t]+\w+`)

// preambleEnd is the end of what stands before imports: the package clause, a
// docstring, "use strict", the comments at the top.
func preambleEnd(language, src string) int {
	mask := syntax.Code(language, src)
	switch language {
	case "go":
		if m := packageClause.FindStringIndex(mask); m != nil {
			return m[1]
		}
		return 0
	case "python":
		if body := strings.TrimLeft(mask, " \t\r\n"); strings.HasPrefix(body, `"`) { // the docstring
			start := len(mask) - len(body)
			return start + 1 + blankRun(mask[start+1:], src[start+1:])
		}
	}
	if strings.HasPrefix(src, "#!") {
		return len(src[:strings.IndexByte(src+"\n", '\n')])
	}
	if m := directive.FindStringIndex(src); m != nil {
		return m[1]
	}
	return 0
}

var directive = regexp.MustCompile(`^(?:['"]use \w+['"];?)`)

// blankRun is how far the blanked text at the start of mask goes, where src is
// not blank itself.
func blankRun(mask, src string) int {
	n := 0
	for i := range len(mask) {
		if mask[i] != ' ' && mask[i] != '\n' && mask[i] != '\r' {
			break
		}
		if src[i] != ' ' && src[i] != '\n' && src[i] != '\r' {
			n = i + 1
		}
	}
	return n
}

// use is one place where a name stands in code.
type use struct{ start, end int }

// occurrences lists where name stands in masked code as a whole word.
func occurrences(mask, name string) (out []use) {
	for at := 0; ; {
		i := strings.Index(mask[at:], name)
		if i < 0 {
			return out
		}
		s := at + i
		e := s + len(name)
		at = e
		if (s == 0 || !isWord(mask[s-1])) && (e == len(mask) || !isWord(mask[e])) {
			out = append(out, use{s, e})
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// prev is the last byte before at that is no blank, 0 if there is none; next the
// first one from at on.
func prev(mask string, at int) byte {
	s := strings.TrimRight(mask[:at], " \t\r\n")
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}

func next(mask string, at int) byte {
	s := strings.TrimLeft(mask[at:], " \t\r\n")
	if s == "" {
		return 0
	}
	return s[0]
}

// qualifies reports whether name stands in mask only as the first part of
// "name.member": then nothing declares it there.
func qualifies(mask, name string) bool {
	for _, u := range occurrences(mask, name) {
		if prev(mask, u.start) == '.' {
			continue
		}
		if u.end >= len(mask) || mask[u.end] != '.' {
			return false
		}
	}
	return true
}

// only is the one value of a list without repetitions, "" if there are none or
// several.
func only(list []string) string {
	one := ""
	for _, s := range list {
		switch {
		case one == "":
			one = s
		case one != s:
			return ""
		}
	}
	return one
}
