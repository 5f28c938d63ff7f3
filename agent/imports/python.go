package imports

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

// pythonFamily imports modules and names of Python.
type pythonFamily struct{ want []pythonImport }

// pythonImport is "import from" or, with a name, "from from import name".
type pythonImport struct{ from, name string }

func (w pythonImport) String() string {
	if w.name == "" {
		return "import " + w.from
	}
	return "from " + w.from + " import " + w.name
}

// pythonModules are the modules of the standard library that code calls by their
// own name. Of packages, the modules inside that must be imported by themselves.
var pythonModules = func() map[string][]string {
	all := map[string][]string{
		"urllib": {"parse", "request", "error"}, "xml": {}, "concurrent": {"futures"}, "importlib": {"metadata", "resources", "util"},
		"http": {"client", "server", "cookies"}, "email": {"message", "utils"}, "logging": {"handlers", "config", ""}, "os": {"path", ""},
	}
	for name := range strings.FieldsSeq(`argparse array ast asyncio atexit base64 binascii bisect bz2 calendar cmath codecs collections colorsys configparser
		contextlib contextvars copy csv ctypes dataclasses datetime decimal difflib dis enum errno fnmatch fractions functools gc getpass
		gettext glob graphlib gzip hashlib heapq hmac html inspect io ipaddress itertools json keyword linecache locale lzma math mimetypes
		multiprocessing numbers operator pathlib pickle pkgutil platform plistlib pprint queue random re secrets select shelve shlex
		shutil signal smtplib socket socketserver sqlite3 ssl stat statistics string struct subprocess sys sysconfig tarfile tempfile textwrap threading time
		timeit tokenize tomllib traceback tracemalloc types typing unicodedata unittest uuid warnings weakref webbrowser zipfile zlib zoneinfo pytest`) {
		all[name] = []string{""}
	}
	return all
}()

// pythonNames are names that mean one thing of the standard library.
var pythonNames = map[string]string{
	"Any": "typing", "Optional": "typing", "Union": "typing", "Literal": "typing", "TypedDict": "typing", "NamedTuple": "typing", "TypeVar": "typing", "Protocol": "typing",
	"Callable": "collections.abc", "Iterable": "collections.abc", "Iterator": "collections.abc", "Sequence": "collections.abc", "Mapping": "collections.abc",
	"dataclass": "dataclasses", "Path": "pathlib", "defaultdict": "collections", "Counter": "collections", "deque": "collections", "OrderedDict": "collections", "namedtuple": "collections",
	"timedelta": "datetime", "timezone": "datetime", "lru_cache": "functools", "cached_property": "functools", "wraps": "functools", "reduce": "functools",
	"contextmanager": "contextlib", "suppress": "contextlib", "Enum": "enum", "IntEnum": "enum", "ABC": "abc", "abstractmethod": "abc", "Decimal": "decimal", "Fraction": "fractions",
}

var (
	pythonLine     = regexp.MustCompile(`^(?:import[ \t]+[\w., \t]+|from[ \t]+[.\w]+[ \t]+import[ \t]+[^(\\]+|from[ \t]+[.\w]+[ \t]+import[ \t]*\([^()]*\))$`)
	pythonSelector = regexp.MustCompile(`\b([a-z_]\w*)\.(\w+)`)
	pythonName     = regexp.MustCompile(`\b([A-Za-z_]\w*)\b`)
)

// lift takes the import statements off the beginning of code that stands at the
// margin: those further in are often meant to be there.
func (p *pythonFamily) lift(j *job) {
	rest := j.code
	for {
		trimmed := strings.TrimLeft(rest, "\r\n")
		n := statementEnd(trimmed)
		line := strings.TrimSpace(trimmed[:n])
		if strings.HasPrefix(trimmed, " ") || strings.HasPrefix(trimmed, "\t") || !pythonLine.MatchString(line) {
			break
		}
		for _, i := range syntax.ImportsOf("python", line+"\n") {
			if len(i.Names) == 0 {
				w := i.Path
				if i.Local != "" {
					w += " as " + i.Local
				}
				p.wants(j, pythonImport{from: w})
			}
			for _, name := range i.Names {
				p.wants(j, pythonImport{i.Path, name})
			}
		}
		rest = trimmed[n:]
	}
	if rest != j.code {
		lead := len(j.code) - len(strings.TrimLeft(j.code, "\r\n"))
		j.code = j.code[:lead] + strings.TrimLeft(rest, "\r\n")
	}
}

// statementEnd is the end of the first line, or of the parentheses it opens.
func statementEnd(s string) int {
	end := strings.IndexByte(s, '\n') + 1
	if end == 0 {
		return len(s)
	}
	if strings.Contains(s[:end], "(") && !strings.Contains(s[:end], ")") {
		if i := strings.IndexByte(s, ')'); i >= 0 {
			if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
				return i + n + 1
			}
			return len(s)
		}
	}
	return end
}

func (p *pythonFamily) wants(j *job, w pythonImport) {
	for _, i := range syntax.ImportsOf("python", j.before) {
		if w.name == "" && (i.Path == w.from && i.Local == "" || i.Path+" as "+i.Local == w.from) || w.name != "" && i.Path == w.from && slices.Contains(i.Names, w.name) {
			return
		}
	}
	if !slices.Contains(p.want, w) {
		p.want = append(p.want, w)
		switch {
		case w.name == "":
			j.added = append(j.added, w.from)
		case w.from == ".":
			j.added = append(j.added, w.name)
		default:
			j.added = append(j.added, w.from+"."+w.name)
		}
	}
}

// needs adds modules that stand before a dot in the code, and names, that nothing
// in the file declares.
func (p *pythonFamily) needs(j *job) {
	whole := j.whole()
	code := syntax.Code("python", j.code)
	bound := map[string]bool{}
	for _, i := range syntax.ImportsOf("python", whole) {
		first, _, _ := strings.Cut(i.Path, ".")
		switch {
		case len(i.Names) > 0:
			for _, n := range i.Names {
				bound[n] = true
			}
		case i.Local != "":
			bound[i.Local] = true
		default:
			bound[first] = true
		}
	}
	for _, w := range p.want {
		bound[w.name], bound[w.from] = true, true
	}
	for _, m := range pythonSelector.FindAllStringSubmatchIndex(code, -1) {
		name, member := code[m[2]:m[3]], code[m[4]:m[5]]
		if prev(code, m[0]) == '.' || bound[name] || j.known(name) || !qualifies(j.mask(), name) {
			continue
		}
		if w, ok := j.pythonModule(name, member); ok {
			p.wants(j, w)
		}
	}
	for _, m := range pythonName.FindAllStringIndex(code, -1) {
		name := code[m[0]:m[1]]
		from := pythonNames[name]
		if bound[name] || prev(code, m[0]) == '.' || from == "" && (name[0] < 'A' || name[0] > 'Z' || next(code, m[1]) != '(') {
			continue
		}
		if bound[name] = true; j.known(name) || pythonDeclares(j.mask(), name) {
			continue
		}
		if from == "" {
			from = j.pythonSource(name)
		}
		if from != "" {
			p.wants(j, pythonImport{from, name})
		}
	}
}

// pythonModule is the module that "name.member" means.
func (j *job) pythonModule(name, member string) (pythonImport, bool) {
	dir := filepath.Dir(j.file.Path)
	own := j.snap.Has(filepath.Join(dir, name+".py"))
	subs, std := pythonModules[name]
	switch {
	case own && j.snap.Has(filepath.Join(dir, "__init__.py")):
		return pythonImport{".", name}, j.relative()
	case own:
		return pythonImport{from: name}, true
	case name == "datetime" && slices.Contains([]string{"now", "utcnow", "today", "fromisoformat", "strptime", "fromtimestamp", "combine"}, member):
		return pythonImport{"datetime", "datetime"}, true
	case slices.Contains(subs, member):
		if name == "os" {
			return pythonImport{from: name}, true
		}
		return pythonImport{from: name + "." + member}, true
	}
	return pythonImport{from: name}, std && slices.Contains(subs, "")
}

// relative reports whether the file imports from its own package with dots.
func (j *job) relative() bool {
	return slices.ContainsFunc(syntax.ImportsOf("python", j.before), func(i syntax.Import) bool { return strings.HasPrefix(i.Path, ".") })
}

// pythonDeclares reports whether name may be declared in the file: it is assigned,
// a parameter, or follows a keyword that declares.
func pythonDeclares(mask, name string) bool {
	for _, u := range occurrences(mask, name) {
		before := strings.TrimRight(mask[:u.start], " \t")
		word := before[strings.LastIndexFunc(before, func(r rune) bool { return r >= 0x80 || !isWord(byte(r)) })+1:]
		switch word {
		case "def", "class", "import", "as", "for", "global", "nonlocal", "lambda", "type":
			return true
		}
		after := strings.TrimLeft(mask[u.end:], " \t")
		p := prev(mask, u.start)
		switch {
		case p == '.' || after == "":
		case after[0] == '=' && !strings.HasPrefix(after, "=="), strings.HasPrefix(after, ":="):
			return true
		case after[0] == ':' && (p == '(' || p == ',' || before == "" || before[len(before)-1] == '\n'):
			return true // an annotated parameter or variable
		}
	}
	return false
}

// pythonSource is the one module of the workspace that declares a class called
// name, as the file imports it.
func (j *job) pythonSource(name string) string {
	var found []string
	errEnough := errors.New("enough")
	_, err := j.snap.Search(j.ctx, workspace.Query{
		Pattern: `^class\s+` + name + `\b`, Regexp: true, Timeout: searchTime, Include: []string{"*.py"}, Exclude: []string{"site-packages", ".venv", "venv"},
	}, func(h workspace.Hit) error {
		if found = append(found, h.Path); len(found) > 1 {
			return errEnough
		}
		return nil
	})
	if err != nil || len(found) != 1 || found[0] == j.file.Path {
		return ""
	}
	dir, base := filepath.Split(strings.TrimSuffix(found[0], ".py"))
	dir = filepath.Clean(dir)
	if dir == filepath.Dir(j.file.Path) && j.relative() {
		return "." + base
	}
	var parts []string
	if base != "__init__" {
		parts = append(parts, base)
	}
	for j.snap.Has(filepath.Join(dir, "__init__.py")) {
		parts = append(parts, filepath.Base(dir))
		dir = filepath.Dir(dir)
	}
	slices.Reverse(parts)
	from := strings.Join(parts, ".")
	if len(j.snap.Resolve(j.file, syntax.Import{Path: from})) == 0 {
		return "" // it can't be reached so
	}
	return from
}

// add writes the imports into the head.
func (p *pythonFamily) add(head string) string {
	for _, w := range p.want {
		head = pythonAdd(head, w)
	}
	return head
}

var pythonFrom = regexp.MustCompile(`(?m)^from[ \t]+([.\w]+)[ \t]+import[ \t]+([\w, \t]+)$`)

func pythonAdd(head string, w pythonImport) string {
	mask := syntax.Code("python", head)
	if w.name != "" {
		for _, m := range pythonFrom.FindAllStringSubmatchIndex(mask, -1) {
			list := strings.TrimRight(mask[m[4]:m[5]], " \t") // a comment behind it is blank in the mask
			if mask[m[2]:m[3]] == w.from && !strings.Contains(list, " as ") {
				names := strings.Split(strings.ReplaceAll(list, " ", ""), ",")
				if slices.IsSorted(names) {
					at, _ := slices.BinarySearch(names, w.name)
					names = slices.Insert(names, at, w.name)
				} else {
					names = append(names, w.name)
				}
				return head[:m[4]] + strings.Join(names, ", ") + head[m[4]+len(list):]
			}
		}
	}
	at := syntax.Imports("python", head)
	if at.Len() == 0 {
		if head = strings.TrimRight(head, "\n"); head != "" {
			head += "\n\n"
		}
		return head + w.String() + "\n"
	}
	// Among the statements of its form, in order; else after the last one, plain
	// imports before the others of the first group.
	best, first, last := -1, -1, -1
	name, _, _ := strings.Cut(w.from, ".")
	_, std := pythonModules[name]
	for off := at.Start; off < at.End; {
		end := off + statementEnd(head[off:])
		line := strings.TrimRight(head[off:end], "\n")
		margin := line != "" && line[0] != ' ' && line[0] != '\t' && line[0] != '#'
		plain := strings.HasPrefix(line, "import ")
		if margin && line != "from __future__ import annotations" && (plain || strings.HasPrefix(line, "from ")) {
			if first < 0 {
				first = off
			}
			if last >= 0 && std && strings.HasPrefix(head[last:], "\n") {
				break // the standard library is the first group
			}
			last = end
			if plain == (w.name == "") {
				if line > w.String() {
					return head[:off] + w.String() + "\n" + head[off:]
				}
				best = end
			}
		}
		off = end
	}
	switch {
	case best >= 0:
	case w.name == "" && first >= 0:
		best = first
	case std && last >= 0:
		best = last
	default:
		best = min(len(head), at.End+1)
	}
	if best > 0 && head[best-1] != '\n' {
		return head[:best] + "\n" + w.String() + "\n" + head[best:]
	}
	return head[:best] + w.String() + "\n" + head[best:]
}
