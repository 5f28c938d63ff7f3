package imports

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// scriptFamily imports names in TypeScript and JavaScript.
type scriptFamily struct {
	want  []scriptImport
	style scriptStyle
}

// scriptImport is one import statement, or what is to be in one.
type scriptImport struct {
	from  string
	typed bool // import type
	def   string
	star  string
	names []string
	span  text.Span
	raw   string
}

// scriptStyle is how a file writes its imports.
type scriptStyle struct {
	quote string
	semi  string
	ext   string // of relative imports: "", ".js", ".ts"
	typed bool   // uses import type
}

var (
	scriptStatement = regexp.MustCompile(`(?m)^import\b[ \t]*(type[ \t]+)?(?:([\w$]+)[ \t]*,?[ \t]*)?(?:\*[ \t]+as[ \t]+([\w$]+)[ \t]*)?(?:\{([^{}]*)\}[ \t]*)?(?:from[ \t]*)?(?:"([^"\n]+)"|'([^'\n]+)')[ \t]*;?[ \t]*(?:\r?\n)*`)
	requireCall     = regexp.MustCompile(`\brequire\(`)
)

// scriptStatements reads the import statements at the margin of src.
func scriptStatements(language, src string) (all []scriptImport) {
	group := func(m []int, n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return src[m[2*n]:m[2*n+1]]
	}
	found := scriptStatement.FindAllStringSubmatchIndex(src, -1)
	if len(found) == 0 {
		return nil
	}
	mask := syntax.Code(language, src[:found[len(found)-1][1]])
	for _, m := range found {
		if !strings.HasPrefix(mask[m[0]:], "import") {
			continue // in a string or a comment
		}
		i := scriptImport{
			from: group(m, 5) + group(m, 6), typed: m[2] >= 0, def: group(m, 2), star: group(m, 3),
			span: text.Span{Start: m[0], End: m[1]}, raw: src[m[0]:m[1]],
		}
		for n := range strings.SplitSeq(group(m, 4), ",") {
			if n = strings.Join(strings.Fields(n), " "); n != "" {
				i.names = append(i.names, n)
			}
		}
		all = append(all, i)
	}
	return all
}

// binds lists the local names of an import.
func (i scriptImport) binds() []string {
	var out []string
	for _, n := range i.names {
		n = strings.TrimPrefix(n, "type ")
		if _, as, ok := strings.Cut(n, " as "); ok {
			n = as
		}
		out = append(out, n)
	}
	for _, n := range []string{i.def, i.star} {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// lift takes import statements out of the code.
func (s *scriptFamily) lift(j *job) {
	have := scriptStatements(j.file.Language, j.before)
	var out strings.Builder
	at := 0
	for _, i := range scriptStatements(j.file.Language, j.code) {
		out.WriteString(j.code[at:i.span.Start])
		at = i.span.End
		for _, h := range have {
			if h.from == i.from {
				i.names = slices.DeleteFunc(i.names, func(n string) bool { return slices.Contains(h.names, n) })
				if h.def != "" {
					i.def = ""
				}
				if h.star == i.star {
					i.star = ""
				}
			}
		}
		if len(i.binds()) > 0 || !slices.ContainsFunc(have, func(h scriptImport) bool { return h.from == i.from }) {
			s.want = append(s.want, i)
			j.added = append(j.added, i.from)
		}
	}
	j.code = out.String() + j.code[at:]
}

var (
	// scriptUse is a name in a place where it can only be something declared elsewhere.
	scriptUse = []*regexp.Regexp{
		regexp.MustCompile(`(?:^|[^.\w$])([A-Za-z_$][\w$]*)\s*(?:<[\w$\[\]., |]*>)?\(`),
		regexp.MustCompile(`<([A-Z][\w$]*)[\s/>.\[,|]`),
		regexp.MustCompile(`\b(?:new|extends|implements|as|satisfies)\s+([A-Z][\w$]*)`),
		regexp.MustCompile(`[:|&]\s*(?:readonly\s+)?([A-Z][\w$]*)`),
		regexp.MustCompile(`(?:^|[^.\w$])([A-Z][\w$]*)\.`),
	}
	reactHooks = []string{
		"useState", "useEffect", "useMemo", "useCallback", "useRef", "useContext", "useReducer", "useId", "useLayoutEffect",
		"useTransition", "useDeferredValue", "useImperativeHandle", "useSyncExternalStore", "createContext", "forwardRef", "memo", "lazy", "Suspense", "Fragment",
	}
)

// scriptGlobals and keywords that look like calls are nothing to import.
var scriptGlobals = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(`if for while switch catch return function typeof await super import require async new delete void in of do else yield
		Array ArrayBuffer Boolean Date Error EvalError Function Infinity Intl JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set
		String Symbol SyntaxError TypeError URIError WeakMap WeakSet WeakRef BigInt DataView Uint8Array Int32Array Float64Array AggregateError Iterator
		Partial Required Readonly Record Pick Omit Exclude Extract NonNullable Parameters ReturnType InstanceType Awaited Iterable AsyncIterable Generator JSX
		React parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI structuredClone queueMicrotask
		fetch setTimeout clearTimeout setInterval clearInterval setImmediate requestAnimationFrame cancelAnimationFrame alert confirm prompt atob btoa
		console window document navigator location history localStorage sessionStorage process Buffer globalThis module exports
		URL URLSearchParams Headers Request Response FormData Blob File FileReader AbortController AbortSignal Event CustomEvent EventTarget Node Element HTMLElement
		HTMLInputElement HTMLButtonElement HTMLDivElement KeyboardEvent MouseEvent TextEncoder TextDecoder Worker WebSocket XMLHttpRequest
		describe it test expect beforeEach afterEach beforeAll afterAll vi jest`) {
		all[name] = true
	}
	return all
}()

// needs adds the names that the code uses and nothing in the file declares.
func (s *scriptFamily) needs(j *job) {
	code := syntax.Code(j.file.Language, j.code)
	var names []string
	for _, re := range scriptUse {
		for _, m := range re.FindAllStringSubmatch(code, -1) {
			// What the code itself declares needs no look at the whole file.
			if !scriptGlobals[m[1]] && !slices.Contains(names, m[1]) && !j.known(m[1]) && !scriptDeclares(code, m[1]) {
				names = append(names, m[1])
			}
		}
	}
	if len(names) == 0 && len(s.want) == 0 {
		return
	}
	if requireCall.MatchString(j.before) && len(scriptStatements(j.file.Language, j.before)) == 0 {
		return // a CommonJS file
	}
	whole := j.whole()
	have := scriptStatements(j.file.Language, whole)
	s.style = j.scriptStyle(have)
	var seen []string
	for _, i := range append(slices.Clone(have), s.want...) {
		seen = append(seen, i.binds()...)
	}
	for _, name := range names {
		if slices.Contains(seen, name) {
			continue
		}
		if scriptDeclares(j.mask(), name) {
			continue
		}
		if w, ok := j.scriptSource(name, have, s.style); ok {
			s.want = append(s.want, w)
			j.added = append(j.added, name)
		}
	}
}

// scriptDeclares reports whether name may be declared in the file: by a keyword, as
// a parameter, in a pattern, or as a method or key.
func scriptDeclares(mask, name string) bool {
	for _, u := range occurrences(mask, name) {
		before := strings.TrimRight(mask[:u.start], " \t\r\n")
		word := before[strings.LastIndexFunc(before, func(r rune) bool { return r >= 0x80 || !isWord(byte(r)) })+1:]
		switch word {
		case "function", "class", "const", "let", "var", "interface", "type", "enum", "namespace", "import", "static", "get", "set", "private", "public", "protected", "infer":
			return true
		}
		after := strings.TrimLeft(mask[u.end:], " \t\r\n")
		p := prev(mask, u.start)
		inType := p == ':' || p == '<' || p == '|' || p == '&' || word == "extends" || word == "implements" || word == "as"
		switch {
		case p == '.' || inType || after == "":
		case after[0] == ':' || strings.HasPrefix(after, "=>") || strings.HasPrefix(after, "?:"):
			return true
		case after[0] == '=' && !strings.HasPrefix(after, "=="):
			return true
		case (p == '{' || p == ',' || p == '(' || p == '[') && (after[0] == ',' || after[0] == '}' || after[0] == ')' || after[0] == ']'):
			return true // an argument, but also a parameter or a pattern
		case after[0] == '(' && methodAt(mask, u.end):
			return true
		}
	}
	return false
}

// methodAt reports whether a brace follows the parentheses at: "name(…) {" declares.
func methodAt(mask string, at int) bool {
	depth := 0
	for i := at; i < len(mask); i++ {
		switch mask[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				n := next(mask, i+1)
				return n == '{' || n == ':'
			}
		}
	}
	return false
}

// scriptSource is the one place from which name can come.
func (j *job) scriptSource(name string, have []scriptImport, style scriptStyle) (scriptImport, bool) {
	if slices.Contains(reactHooks, name) {
		react := slices.ContainsFunc(have, func(i scriptImport) bool { return i.from == "react" && !i.typed })
		return scriptImport{from: "react", names: []string{name}}, react
	}
	type export struct{ path, kind, def string }
	var found []export
	declared := regexp.MustCompile(exportOf + regexp.QuoteMeta(name) + `\b`)
	errEnough := errors.New("enough")
	_, err := j.snap.Search(j.ctx, workspace.Query{
		Pattern: exportOf + regexp.QuoteMeta(name) + `\b`, Regexp: true, Timeout: searchTime,
		Include: []string{"*.ts", "*.tsx", "*.js", "*.jsx", "*.mts", "*.mjs"}, Exclude: []string{"node_modules", "dist", "*.d.ts"},
	}, func(h workspace.Hit) error {
		m := declared.FindStringSubmatch(h.Text)
		if m == nil || len(found) > 0 && found[len(found)-1].path == h.Path { // an overload
			return nil
		}
		if found = append(found, export{h.Path, m[2], m[1]}); len(found) > 1 {
			return errEnough
		}
		return nil
	})
	if err != nil || len(found) != 1 || found[0].path == j.file.Path {
		return scriptImport{}, false
	}
	e := found[0]
	w := scriptImport{from: Relative(filepath.Dir(j.file.Path), e.path, style.ext)}
	if e.def != "" {
		w.def = name
	} else {
		w.names = []string{name}
	}
	w.typed = style.typed && (e.kind == "interface" || e.kind == "type")
	return w, true
}

const exportOf = `^export\s+(default\s+)?(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(function\*?|class|const|let|interface|type|enum)\s+`

// Relative is how a file in dir imports the one at path, in the manner of imports
// that end in ext: "" for none, ".js" for what it is compiled to, else its own.
func Relative(dir, path, ext string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	rel = filepath.ToSlash(rel)
	own := filepath.Ext(rel)
	rel = strings.TrimSuffix(rel, own)
	switch ext {
	case ".js":
		rel += map[string]string{".mts": ".mjs", ".mjs": ".mjs"}[own]
		if filepath.Ext(rel) != ".mjs" {
			rel += ".js"
		}
	case ".ts":
		rel += own
	default:
		if rel == "index" {
			rel = "."
		}
		rel = strings.TrimSuffix(rel, "/index")
	}
	if !strings.HasPrefix(rel, ".") {
		rel = "./" + rel
	}
	return rel
}

// scriptStyle is what the file does, else what is usual.
func (j *job) scriptStyle(have []scriptImport) scriptStyle {
	st := scriptStyle{quote: `"`, semi: ";"}
	whole := j.whole()
	if len(have) > 0 {
		whole = ""
		for _, i := range have {
			whole += i.raw
			st.typed = st.typed || i.typed
			if strings.HasPrefix(i.from, ".") && st.ext == "" {
				switch e := filepath.Ext(i.from); e {
				case ".js", ".mjs":
					st.ext = ".js"
				case ".ts", ".tsx", ".mts":
					st.ext = ".ts"
				}
			}
		}
	}
	if strings.Count(whole, "'") > strings.Count(whole, `"`) {
		st.quote = "'"
	}
	ends := len(have) // statements, or lines where there are none
	if ends == 0 {
		ends = strings.Count(strings.TrimSpace(whole), "\n") + 1
	}
	if strings.Count(whole, ";")*3 < ends {
		st.semi = ""
	}
	return st
}
