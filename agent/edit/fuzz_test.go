package edit

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

func FuzzParser(f *testing.F) {
	for i, r := range loadReplies(f) {
		f.Add(r.text, r.target.Before, r.target.Original, r.target.After, r.target.Language, byte(r.target.Shape), r.complete, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text, before, original, after, language string, shape byte, complete bool, seed uint64) {
		checkParser(t, text, Target{Shape: Shape(shape % 6), Language: language, Before: before, Original: original, After: after, Shrinks: seed%2 == 0}, complete, seed)
	})
}

// The same on a fixed number of replies that are made from those of the corpus in
// always the same way, so that each run of the tests looks past the corpus and
// none looks at anything else.
func TestParserMutated(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	replies := loadReplies(t)
	for i := range 3000 {
		c := replies[r.IntN(len(replies))]
		other := replies[r.IntN(len(replies))]
		text := mutate(r, c.text, other.text)
		target := c.target
		if r.IntN(4) == 0 {
			target = other.target // a reply to another question
		}
		if r.IntN(8) == 0 {
			target.Original = mutate(r, target.Original, other.text)
		}
		if r.IntN(4) == 0 {
			target.Shape = Shape(r.IntN(6))
		}
		checkParser(t, text, target, r.IntN(8) > 0, uint64(i))
		if t.Failed() {
			t.Fatalf("input %d: %q for %+v", i, text, target)
		}
	}
}

// scraps are what replies have between their lines of code.
var scraps = []string{
	"```\n", "```go\n", "````\n", "~~~\n", "<think>\n", "</think>\n", "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "@@ -1,2 +1,3 @@\n", "--- a/x.go\n+++ b/x.go\n",
	"Here is the code:\n", "// ... rest unchanged\n", "\r\n", "\n", "\t", "  ", "+", "-", "\\n", "&lt;", "1 | ", "<|im_end|>", "x.go\n", "\ufeff", "\xff", "’", "{", "}", "\"",
}

// mutate cuts, doubles, moves and inserts whole lines and scraps, as models do and
// as networks do.
func mutate(r *rand.Rand, s, other string) string {
	for range 1 + r.IntN(4) {
		lines, others := strings.SplitAfter(s, "\n"), strings.SplitAfter(other, "\n")
		at := r.IntN(len(lines))
		switch r.IntN(7) {
		case 0:
			lines[at] = ""
		case 1:
			lines[at] += lines[at]
		case 2:
			to := r.IntN(len(lines))
			lines[at], lines[to] = lines[to], lines[at]
		case 3:
			lines[at] += others[r.IntN(len(others))]
		case 4:
			lines = lines[:at+1]
		case 5:
			i := r.IntN(len(lines[at]) + 1)
			lines[at] = lines[at][:i] + scraps[r.IntN(len(scraps))] + lines[at][i:]
		default:
			lines[at] += scraps[r.IntN(len(scraps))]
		}
		s = strings.Join(lines, "")
	}
	return s
}

// checkParser holds what is true of every reply: it ends in a text or in an error
// that says what to do, the size of the pieces changes nothing, and nothing is made up.
func checkParser(t *testing.T, reply string, target Target, complete bool, seed uint64) {
	p, got, err := chunked(target, []string{reply}, complete)
	if err != nil {
		e, ok := err.(*Error)
		if !ok || e.Message == "" || e.Hint == "" || e.Kind != KindNoEdit && e.Kind != KindIncomplete && e.Kind != KindNoMatch && e.Kind != KindUnsafe {
			t.Fatalf("error %#v", err)
		}
		if got != "" && target.Shape != Answer {
			t.Fatalf("a text %q beside the error %v", got, err)
		}
	}
	q, again, err2 := chunked(target, pieces(rand.New(rand.NewPCG(seed, 1)), reply), complete)
	if got != again || !sameError(err, err2) || p.Inexact() != q.Inexact() {
		t.Fatalf("in pieces %q, %v; at once %q, %v", again, err2, got, err)
	}
	// Every line is the reply's, or the original's where it says what changes.
	known := append(readings(reply), target.Original)
	for _, l := range significant(strings.ReplaceAll(got, "\r", "\n")) {
		l = strings.Trim(l, "\ufeff \t")
		found := false
		for _, k := range known {
			found = found || strings.Contains(k, l)
		}
		if !found {
			t.Fatalf("line %q is from nowhere: %q", l, got)
		}
	}
}

var jsonRune = regexp.MustCompile(`(\\u[0-9a-fA-F]{4})+`)

// readings are what a reply may say if parts of it are escaped.
func readings(s string) []string {
	quoted := strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "", `\b`, "\b", `\f`, "\f", `\"`, `"`, `\'`, "'", `\\`, `\`, `\/`, "/", "\\`", "`").Replace(s)
	quoted = jsonRune.ReplaceAllStringFunc(quoted, func(e string) string {
		var out string
		json.Unmarshal([]byte(`"`+e+`"`), &out)
		return out
	})
	marks := unquoteMarks(s)
	return []string{s, quoted, marks, entities.Replace(s), entities.Replace(quoted), entities.Replace(marks), unquoteMarks(quoted), entities.Replace(unquoteMarks(quoted))}
}

func FuzzLadder(f *testing.F) {
	for _, r := range loadReplies(f) {
		f.Add(r.target.Original, r.want, "")
		f.Add(r.target.Original, r.target.Original, "x")
	}
	f.Fuzz(func(t *testing.T, file, search, replace string) { checkLadder(t, file, search, replace) })
}

func TestLadderMutated(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	file, _ := bigFile()
	file = lastLines(file, 60)
	replies := loadReplies(t)
	exactly := 0
	for range 3000 {
		lines := strings.SplitAfter(file, "\n")
		at := r.IntN(len(lines) - 1)
		search := strings.Join(lines[at:min(len(lines), at+1+r.IntN(8))], "")
		if r.IntN(3) > 0 {
			search = mutate(r, search, replies[r.IntN(len(replies))].text)
		}
		if checkLadder(t, file, search, mutate(r, search, file)) {
			exactly++
		}
	}
	if exactly < 500 {
		t.Errorf("only %d texts were found exactly", exactly)
	}
}

// checkLadder holds what is true of every search: the place that is found is the only
// one of its rung and none is on a higher one, what comes into it leaves the
// rest of the file alone, and where all is exact it is what strings.Replace gives.
func checkLadder(t *testing.T, file, search, replace string) (exactly bool) {
	for _, s := range []*string{&file, &search, &replace} {
		*s = text.WithEOL(*s, "\n")
	}
	need, l := splitLines(search), newLadder(file)
	at, n := l.find([][]string{need}, 0, alike)
	if n == 0 {
		return false
	}
	if at.at < 0 || at.at+len(need) > len(l.lines) {
		t.Fatalf("lines %d to %d of %d", at.at, at.at+len(need), len(l.lines))
	}
	for i, line := range need {
		if at.rung < alike && at.rung.form(line) != at.rung.form(l.lines[at.at+i]) {
			t.Fatalf("%q is not %q at rung %d", line, l.lines[at.at+i], at.rung)
		}
	}
	if at.rung > exact && n == 1 && strings.Contains("\n"+strings.Join(l.lines, "\n")+"\n", "\n"+strings.Join(need, "\n")+"\n") {
		t.Fatalf("%q is in %q and was found at rung %d", need, file, at.rung)
	}
	p := NewParser(Target{Language: "nosuch", Original: file, Shrinks: true})
	got, err := p.apply([]piece{{search: need, replace: splitLines(replace)}})
	if err != nil || n > 1 {
		if n > 1 && err == nil && !blank(search) && !slices.Equal(need, splitLines(replace)) {
			t.Fatalf("%q was found %d times and replaced", need, n)
		}
		return false
	}
	now := splitLines(got)
	for i := range min(at.at, len(now)) {
		if now[i] != l.lines[i] {
			t.Fatalf("line %d before the place became %q", i, now[i])
		}
	}
	for i := 1; i <= len(l.lines)-at.at-len(need) && i <= len(now); i++ {
		if have := l.lines[len(l.lines)-i]; now[len(now)-i] != have {
			t.Fatalf("line %q behind the place became %q", have, now[len(now)-i])
		}
	}
	return at.rung == exact
}
