package syntax

// lexis is what is needed of a language to tell code from comments and strings.
type lexis struct {
	line   []string // what starts a comment to the end of the line
	block  [2]string
	nested bool    // block comments nest
	quotes []quote // the first that fits wins, so longer ones come first
	tricks tricks
}

type quote struct {
	open, end string
	escape    bool // a backslash takes the next byte with it
	lines     bool // may hold line ends
}

// tricks are the peculiarities of one language or family.
type tricks struct {
	template bool // `...${code}...` and regular expression literals
	tick     bool // ' quotes one character, or it is no quote: a lifetime, a transpose, an apostrophe
	rust     bool // r#"..."#
	cpp      bool // R"x(...)x", 1'000
	lua      bool // [==[...]==] as string and as comment
	csharp   bool // @"...""..."
	zig      bool // \\ to the end of the line
	url      bool // url(...) without quotes
	slashes  bool // /.../ where a value may start
	heredoc  bool // <<EOT and lines up to EOT
	grave    bool // ` takes the next byte with it, not a backslash
}

var (
	dq = quote{`"`, `"`, true, false}
	sq = quote{`'`, `'`, true, false}

	dq3    = quote{`"""`, `"""`, true, true}
	sq3    = quote{"'''", "'''", true, true}
	cLike  = &lexis{line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq, sq}}
	ticked = &lexis{line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq, sq}, tricks: tricks{tick: true}}
	styles = &lexis{line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq, sq}, tricks: tricks{url: true}}
	cpp    = &lexis{line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq, sq}, tricks: tricks{cpp: true}}
	script = &lexis{line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq, sq}, tricks: tricks{template: true}}
	hashed = &lexis{line: []string{"#"}, quotes: []quote{dq, sq}}
)

// lexes lists the languages whose text can be told from their code.
var lexes = map[string]*lexis{
	"go":         {line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{{"`", "`", false, true}, dq, sq}},
	"typescript": script, "typescriptreact": script, "javascript": script, "javascriptreact": script,
	"python": {line: []string{"#"}, quotes: []quote{dq3, sq3, dq, sq}},
	"rust": {
		line: []string{"//"}, block: [2]string{"/*", "*/"}, nested: true,
		quotes: []quote{{`"`, `"`, true, true}, sq}, tricks: tricks{rust: true, tick: true},
	},
	"java": {line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq3, dq, sq}},
	"c":    cpp, "cpp": cpp, "objective-c": ticked, "proto": cLike, "php": cLike,
	"csharp": {line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{{`"""`, `"""`, false, true}, dq, sq}, tricks: tricks{csharp: true, tick: true}},
	"dart": {line: []string{"//"}, block: [2]string{"/*", "*/"}, nested: true, quotes: []quote{
		{`r"""`, `"""`, false, true}, {"r'''", "'''", false, true}, {`r"`, `"`, false, false}, {"r'", "'", false, false}, dq3, sq3, dq, sq,
	}},
	"groovy": {line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq3, sq3, dq, sq}, tricks: tricks{slashes: true}},
	"zig":    {line: []string{"//"}, quotes: []quote{dq, sq}, tricks: tricks{zig: true, tick: true}},
	"kotlin": {line: []string{"//"}, block: [2]string{"/*", "*/"}, nested: true, quotes: []quote{{`"""`, `"""`, false, true}, dq, sq}, tricks: tricks{tick: true}},
	"swift":  {line: []string{"//"}, block: [2]string{"/*", "*/"}, nested: true, quotes: []quote{{`#"`, `"#`, false, true}, dq3, dq}},
	"scala":  {line: []string{"//"}, block: [2]string{"/*", "*/"}, nested: true, quotes: []quote{{`"""`, `"""`, false, true}, dq, sq}, tricks: tricks{tick: true}},
	"lua":    {line: []string{"--"}, quotes: []quote{dq, sq}, tricks: tricks{lua: true}},
	"json":   {quotes: []quote{dq}}, "jsonc": {line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq}}, "json5": cLike,
	"css": {block: [2]string{"/*", "*/"}, quotes: []quote{dq, sq}, tricks: tricks{url: true}}, "scss": styles, "less": styles,
	"toml": {line: []string{"#"}, quotes: []quote{dq3, {"'''", "'''", false, true}, dq, {"'", "'", false, false}}},
	"sql":  {line: []string{"--"}, block: [2]string{"/*", "*/"}, quotes: []quote{{`"`, `"`, false, true}, {"'", "'", false, true}}},
	"powershell": {line: []string{"#"}, block: [2]string{"<#", "#>"}, quotes: []quote{
		{`@"`, "\n\"@", true, true}, {"@'", "\n'@", false, true}, {`"`, `"`, true, true}, {"'", "'", false, true},
	}, tricks: tricks{grave: true}},
	"cmake": {line: []string{"#"}, quotes: []quote{{"[[", "]]", false, true}, {`"`, `"`, true, true}}}, "prisma": {line: []string{"//"}, quotes: []quote{dq}},
	"graphql": {line: []string{"#"}, quotes: []quote{dq3, dq}}, "r": hashed,
	"terraform": {line: []string{"#", "//"}, block: [2]string{"/*", "*/"}, quotes: []quote{dq}, tricks: tricks{heredoc: true}},
	"julia":     {line: []string{"#"}, block: [2]string{"#=", "=#"}, nested: true, quotes: []quote{dq3, {`"`, `"`, true, true}, sq}, tricks: tricks{tick: true}},
}
