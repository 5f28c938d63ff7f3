package syntax

import "regexp"

// shape is how far a declaration reaches.
type shape uint8

const (
	block     shape = iota // to the end of its braces, or to a semicolon before them
	statement              // to the end of the statement
	indented               // the lines deeper than its own (Python)
	ended                  // to its end keyword (Lua)
)

// where a rule applies.
type where uint8

const (
	anywhere where = iota // at top level and in containers
	member                // in the body of a class, an interface or the like only
)

// rule is a line pattern. The expression is matched at the first non-blank of a line, comments
// and strings blanked; its last group is the identifier.
type rule struct {
	re       *regexp.Regexp
	kind     Kind
	shape    shape
	where    where
	holds    bool // symbols inside its body are looked for
	needBody bool // nothing without braces
	value    bool // a function if its value is one; else kind, or nothing if kind is empty
}

func re(s string) *regexp.Regexp { return regexp.MustCompile("^(?:" + s + ")") }

const (
	tsHead   = `(?:export\s+)?(?:default\s+)?(?:declare\s+)?`
	tsMods   = `(?:(?:public|private|protected|static|async|override|readonly|get|set|abstract|declare|accessor)\s+)*`
	rustHead = `(?:pub(?:\([^)]*\))?\s+)?`
	javaMods = `(?:(?:public|private|protected|static|final|abstract|sealed|non-sealed|strictfp|default|synchronized|native)\s+)*`
	cHead    = `(?:template\s*<[^{;]*>\s*)?(?:typedef\s+)?(?:static\s+)?`
)

var scriptRules = []rule{
	{re: re(tsHead + `(?:async\s+)?function(?:\s*\*\s*|\s+)([\w$]+)`), kind: Function},
	{re: re(`export\s+(default)\s+(?:async\s+)?(?:function\s*\*?\s*\(|\([^()\n]*\)[^\n]*=>|[\w$]+\s*=>)`), kind: Function, shape: statement},
	{re: re(tsHead + `(?:abstract\s+)?class\s+([\w$]+)`), kind: Class, holds: true},
	{re: re(`export\s+(default)\s+class\b`), kind: Class, holds: true},
	{re: re(tsHead + `interface\s+([\w$]+)`), kind: Interface, needBody: true},
	{re: re(tsHead + `type\s+([\w$]+)[^=\n;]*=`), kind: Type, shape: statement},
	{re: re(tsHead + `(?:const\s+)?enum\s+([\w$]+)`), kind: Type, needBody: true},
	{re: re(tsHead + `(?:namespace|module)\s+(?:[\w$]+\.)*([\w$]+)`), kind: Module, holds: true, needBody: true},
	{re: re(tsHead + `const\s+([\w$]+)`), kind: Constant, shape: statement, value: true},
	{re: re(tsHead + `(?:let|var)\s+([\w$]+)`), kind: Variable, shape: statement, value: true},
	{re: re(`(?:[\w$]+\.)+([\w$]+)\s*=`), shape: statement, value: true},
	{re: re(tsMods + `\*?\s*(#?[\w$]+)\s*\??\s*(?:<[^\n(]*>)?\s*\(`), kind: Method, where: member},
	{re: re(tsMods + `(#?[\w$]+)[!?]?\s*(?::[^=\n]+)?=`), shape: statement, where: member, value: true},
}

var cRules = []rule{
	{re: re(`(?:inline\s+)?namespace\s+(?:\w+::)*(\w+)`), kind: Module, holds: true, needBody: true},
	{re: re(cHead + `class\s+(\w+)[^;(=]*\{`), kind: Class, holds: true, needBody: true},
	{re: re(cHead + `(?:struct|union)\s+(\w+)[^;(=]*\{`), kind: Type, holds: true, needBody: true},
	{re: re(cHead + `enum\s+(?:class\s+|struct\s+)?(\w+)[^;(=]*\{`), kind: Type, needBody: true},
	{re: re(`typedef\b[^;{]*?\(\s*\*\s*(\w+)\s*\)\s*\(`), kind: Type, shape: statement},
	{re: re(`typedef\b[^;{]*?(?:\{[^}]*\}\s*)?\**(\w+)\s*;`), kind: Type, shape: statement},
	{re: re(`(?:[\w:<>,&*~\[\]]+[\s*&]+)*(?:[\w<>]+::)+(~?\w+)\s*\(`), kind: Method},
	{re: re(`(?:[\w:<>,&*~\[\]]+[\s*&]+)+(~?\w+)\s*\(`), kind: Function},
	{re: re(`(?:explicit\s+|virtual\s+)*(~?\w+)\s*\(`), kind: Method, where: member},
}

// rules holds the line patterns of the languages that have any; the first that fits counts.
var rules = map[string][]rule{
	"go": {
		{re: re(`func\s+(\w+)`), kind: Function},
		{re: re(`func\s*\([^)]*\)\s*(\w+)`), kind: Method},
		{re: re(`type\s+(\w+)[^\n]*\binterface\s*\{`), kind: Interface, shape: statement},
		{re: re(`type\s+(\w+)`), kind: Type, shape: statement},
		{re: re(`const\s+(\w+)`), kind: Constant, shape: statement},
		{re: re(`var\s+(\w+)`), kind: Variable, shape: statement},
	},
	"typescript": scriptRules, "typescriptreact": scriptRules, "javascript": scriptRules, "javascriptreact": scriptRules,
	"python": {
		{re: re(`(?:async\s+)?def\s+(\w+)`), kind: Function, shape: indented},
		{re: re(`class\s+(\w+)`), kind: Class, shape: indented, holds: true},
	},
	"rust": {
		{re: re(rustHead + `(?:(?:const|async|unsafe|default|extern\s*(?:"\s*)?)\s*)*\bfn\s+(\w+)`), kind: Function},
		{re: re(rustHead + `(?:struct|enum|union)\s+(\w+)`), kind: Type},
		{re: re(rustHead + `(?:unsafe\s+)?trait\s+(\w+)`), kind: Interface, holds: true},
		{re: re(`(?:unsafe\s+)?impl\b\s*(?:<[^{\n]*?>\s+)?(?:[^{\n]*\bfor\s+)?[&\s]*(?:\w+::)*(\w+)`), kind: Class, holds: true, needBody: true},
		{re: re(rustHead + `mod\s+(\w+)`), kind: Module, holds: true},
		{re: re(rustHead + `const\s+(\w+)\s*:`), kind: Constant, shape: statement},
		{re: re(rustHead + `static\s+(?:mut\s+)?(\w+)\s*:`), kind: Variable, shape: statement},
		{re: re(rustHead + `type\s+(\w+)`), kind: Type, shape: statement},
		{re: re(`macro_rules!\s*(\w+)`), kind: Function},
	},
	"java": {
		{re: re(javaMods + `(?:class|enum|record)\s+(\w+)`), kind: Class, holds: true, needBody: true},
		{re: re(javaMods + `@?interface\s+(\w+)`), kind: Interface, holds: true, needBody: true},
		{re: re(javaMods + `(?:<[^(\n]*>\s+)?(?:[\w.]+(?:<[^(\n]*>)?(?:\[\])*\s+)?(\w+)\s*\(`), kind: Method, where: member},
	},
	"c": cRules, "cpp": cRules,
	"lua": {
		{re: re(`(?:local\s+)?function\s+(?:\w+\.)*\w+:(\w+)`), kind: Method, shape: ended},
		{re: re(`(?:local\s+)?function\s+(?:\w+\.)*(\w+)`), kind: Function, shape: ended},
		{re: re(`(?:local\s+)?(?:\w+\.)*(\w+)\s*=\s*function\b`), kind: Function, shape: ended},
	},
}

// decorated is what may stand on the lines before a declaration and belongs to it.
var decorated = map[string]*regexp.Regexp{
	"typescript": re(`@[\w$.]+`), "typescriptreact": re(`@[\w$.]+`), "javascript": re(`@[\w$.]+`), "javascriptreact": re(`@[\w$.]+`),
	"python": re(`@[\w.]+`), "java": re(`@[\w.]+`), "rust": re(`#\[`), "cpp": re(`template\s*<[^{;()\n]*>|\[\[`),
}

// accessLabel is what C++ has in a class before members.
var accessLabel = re(`(?:public|private|protected)(?:\s+\w+)?\s*:[^:]?`)

// calls are words that look like the name of a function before a parenthesis.
var calls = map[string]bool{
	"if": true, "for": true, "while": true, "switch": true, "catch": true, "return": true, "function": true, "sizeof": true, "super": true,
	"assert": true, "defined": true, "static_assert": true, "elif": true,
}

// reserved are words that begin a statement and no declaration.
var reserved = map[string]bool{
	"if": true, "else": true, "for": true, "while": true, "do": true, "switch": true, "case": true, "return": true, "catch": true, "try": true,
	"throw": true, "new": true, "delete": true, "sizeof": true, "typeof": true, "await": true, "yield": true, "super": true, "this": true,
	"with": true, "assert": true, "using": true, "goto": true, "elif": true, "defined": true, "static_assert": true,
}

// arrow is the head of a value that is a function: (a, b) => or a => or function,
// also as the first argument of a call like memo(...).
var arrow = re(`(?:[\w$.]+(?:<[^\n(]*>)?\(\s*)?(?:async\s+)?(?:<[^\n(]*>\s*)?(?:function\b|[\w$]+\s*=>|\()`)
