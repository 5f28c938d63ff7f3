package agent

import "strings"

// shrinkVerbs are the words by which an instruction means that text shall go.
var shrinkVerbs = []string{
	"remove", "delete", "drop", "strip", "shorten", "shrink", "simplify", "simplif", "reduce", "collapse",
	"inline", "condense", "compact", "minify", "clean", "dedup", "merge", "replace", "extract", "empty", "clear", "cut",
}

// shrinks reports whether a much shorter text would be what was asked for.
func shrinks(req Request) bool {
	words := strings.FieldsFunc(strings.ToLower(req.Prompt), func(r rune) bool { return r < 'a' || r > 'z' })
	for _, w := range words {
		for _, verb := range shrinkVerbs {
			if strings.HasPrefix(w, verb) {
				return true
			}
		}
	}
	return false
}
