package patch

import (
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
	from, to := f.From, f.To
	var b strings.Builder
	switch {
	case from == "":
		fmt.Fprintf(&b, "diff --git a/%s b/%s\nnew file mode 100644\n", to, to)
	case to == "":
		fmt.Fprintf(&b, "diff --git a/%s b/%s\ndeleted file mode 100644\n", from, from)
	case from != to:
		fmt.Fprintf(&b, "diff --git a/%s b/%s\nrename from %s\nrename to %s\n", from, to, from, to)
	default:
		fmt.Fprintf(&b, "diff --git a/%s b/%s\n", from, to)
	}
	if f.Before != f.After { // else there are no hunks: an empty file, or only another name
		fmt.Fprintf(&b, "--- %s\n+++ %s\n", side("a/", from), side("b/", to))
	}
	return b.String()
}

func side(prefix, name string) string {
	if name == "" {
		return "/dev/null"
	}
	return prefix + name
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
