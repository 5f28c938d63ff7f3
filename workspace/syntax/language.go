package syntax

import (
	"path"
	"strings"
)

// extensions maps the lower-case extension of a file to its LSP language id.
var extensions = map[string]string{
	".go": "go", ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "typescriptreact",
	".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascriptreact",
	".py": "python", ".pyi": "python", ".pyw": "python", ".rs": "rust", ".java": "java",
	".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".c++": "cpp", ".hh": "cpp", ".hpp": "cpp", ".hxx": "cpp", ".ipp": "cpp",
	".lua": "lua", ".rb": "ruby", ".php": "php", ".cs": "csharp", ".kt": "kotlin", ".kts": "kotlin", ".swift": "swift", ".scala": "scala",
	".dart": "dart", ".zig": "zig", ".hs": "haskell", ".ex": "elixir", ".exs": "elixir", ".erl": "erlang", ".clj": "clojure", ".ml": "ocaml",
	".pl": "perl", ".pm": "perl", ".r": "r", ".jl": "julia", ".m": "objective-c", ".fs": "fsharp", ".groovy": "groovy", ".gradle": "groovy",
	".sh": "shellscript", ".bash": "shellscript", ".zsh": "shellscript", ".fish": "fish", ".ps1": "powershell", ".bat": "bat",
	".json": "json", ".jsonc": "jsonc", ".json5": "json5", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".ini": "ini", ".cfg": "ini",
	".xml": "xml", ".svg": "xml", ".html": "html", ".htm": "html", ".vue": "vue", ".svelte": "svelte", ".css": "css", ".scss": "scss", ".less": "less",
	".md": "markdown", ".markdown": "markdown", ".mdx": "mdx", ".rst": "restructuredtext", ".tex": "latex", ".txt": "plaintext",
	".sql": "sql", ".graphql": "graphql", ".gql": "graphql", ".proto": "proto", ".tf": "terraform", ".diff": "diff", ".patch": "diff",
	".vim": "vim", ".el": "emacs-lisp", ".cmake": "cmake", ".mk": "makefile", ".nix": "nix", ".prisma": "prisma",
}

// names maps whole lower-case file names.
var names = map[string]string{
	"makefile": "makefile", "gnumakefile": "makefile", "dockerfile": "dockerfile", "containerfile": "dockerfile", "cmakelists.txt": "cmake",
	"go.mod": "go.mod", "go.sum": "go.sum", "go.work": "go.work", "jenkinsfile": "groovy", "gemfile": "ruby", "rakefile": "ruby",
	".bashrc": "shellscript", ".bash_profile": "shellscript", ".zshrc": "shellscript", ".profile": "shellscript",
	".gitignore": "ignore", ".dockerignore": "ignore", ".hobignore": "ignore", ".editorconfig": "ini", ".babelrc": "jsonc", ".eslintrc": "jsonc",
	"tsconfig.json": "jsonc", "jsconfig.json": "jsonc", "pipfile": "toml", "cargo.lock": "toml",
}

// LanguageOf is the LSP language id of a path by its name ("go", "typescript",
// "typescriptreact", "javascript", "javascriptreact", "python", "rust", "java",
// "c", "cpp", "lua", and the ids of common text formats), "" if unknown.
// A .h file counts as C.
func LanguageOf(name string) string {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	if id, ok := names[base]; ok {
		return id
	}
	if strings.HasPrefix(base, "dockerfile.") {
		return "dockerfile"
	}
	return extensions[path.Ext(base)]
}

// Comment is how language writes a line comment: ("//", ""), ("#", ""), ("<!--", "-->").
// Both are empty where it has none.
func Comment(language string) (open, end string) {
	switch language {
	case "go", "go.mod", "go.work", "typescript", "typescriptreact", "javascript", "javascriptreact", "rust", "java", "c", "cpp",
		"csharp", "kotlin", "swift", "scala", "dart", "zig", "php", "objective-c", "fsharp", "groovy", "jsonc", "json5", "scss", "less", "proto", "prisma":
		return "//", ""
	case "python", "ruby", "shellscript", "fish", "powershell", "elixir", "perl", "r", "julia", "yaml", "toml", "makefile", "dockerfile",
		"cmake", "graphql", "terraform", "nix", "ignore":
		return "#", ""
	case "lua", "haskell", "sql":
		return "--", ""
	case "ini", "clojure", "emacs-lisp":
		return ";", ""
	case "erlang", "latex":
		return "%", ""
	case "html", "xml", "markdown", "vue", "svelte":
		return "<!--", "-->"
	case "mdx":
		return "{/*", "*/}"
	case "css":
		return "/*", "*/"
	case "ocaml":
		return "(*", "*)"
	case "restructuredtext":
		return "..", ""
	case "bat":
		return "REM", ""
	case "vim":
		return `"`, ""
	}
	return "", ""
}
