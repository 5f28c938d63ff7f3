package patch

import (
	"cmp"
	"fmt"
	"strings"

	"znkr.io/diff/textdiff"
)

// File is the change of one file.
type File struct {
	From, To      string // its names before and after, with slashes; "" where it is not there
	Before, After string
}

// String is the diff of the file; "" if it does not change.
func (f File) String() string {
	if f.From == f.To && f.Before == f.After || f.From == "" && f.To == "" {
		return ""
	}
	return f.Head() + f.Hunks()
}

// Head is what stands before the hunks, one header a line.
func (f File) Head() string {
	from, to := cmp.Or(f.From, f.To), cmp.Or(f.To, f.From)
	var b strings.Builder
	fmt.Fprintf(&b, "diff --git %s %s\n", quoted("a/"+from), quoted("b/"+to))
	switch {
	case f.From == "":
		b.WriteString("new file mode 100644\n")
	case f.To == "":
		b.WriteString("deleted file mode 100644\n")
	case from != to:
		fmt.Fprintf(&b, "rename from %s\nrename to %s\n", quoted(from), quoted(to))
	}
	if f.Before != f.After { // else there are no hunks: an empty file, or only another name
		fmt.Fprintf(&b, "--- %s\n+++ %s\n", side("a/", f.From), side("b/", f.To))
	}
	return b.String()
}

func side(prefix, name string) string {
	if name == "" {
		return "/dev/null"
	}
	return quoted(prefix + name)
}

// quoted is a name as git and patch read it back: in quotes where it has what they
// would end it at or take for something else. What is no ASCII stays as it is.
func quoted(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '"' || r == '\\' }) {
		return name
	}
	b := []byte{'"'}
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c == 0x7f:
			b = fmt.Appendf(b, "\\%03o", c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

// Hunks are the hunks alone. The place of no lines at all is line 0 for patch and
// git, where the library writes 1.
func (f File) Hunks(opts ...textdiff.Option) string {
	out := textdiff.Unified(f.Before, f.After, append(opts, textdiff.IndentHeuristic())...)
	if f.Before == "" {
		out = strings.Replace(out, "@@ -1,0 +", "@@ -0,0 +", 1)
	}
	if f.After == "" {
		out = strings.Replace(out, " +1,0 @@", " +0,0 @@", 1)
	}
	return out
}
