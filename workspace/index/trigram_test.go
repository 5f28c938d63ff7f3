package index

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

func TestLiteralQuery(t *testing.T) {
	for _, c := range []struct {
		text, literal string
		fold, want    bool
	}{
		{"func Main() {}", "Main", false, true},
		{"func Main() {}", "main", false, true}, // a filter knows no case
		{"func Main() {}", "MAIN", true, true},
		{"func Main() {}", "xyzzy", false, false},
		{"func Main() {}", "xyzzy", true, false},
		{"func Main() {}", "zz", false, true}, // too short to tell
		{"straße", "straße", false, true},
		{"ünïcödé straße", "ÜNÏCÖDÉ STRA", true, true},
		{"maſt and more", "MAST", true, true},
		{"mast and more", "maſt", true, true},
		{"300 \u212aelvin", "kelvin", true, true},
		{"300 kelvin", "\u212aelvin", true, true},
		{"", "abc", false, false},
	} {
		f := NewTrigrams(c.text, nil)
		if got := LiteralQuery(c.literal, c.fold).MayMatch(f); got != c.want {
			t.Errorf("%q in %q, fold %v: %v", c.literal, c.text, c.fold, got)
		}
	}
}

func parse(t testing.TB, expr string) *syntax.Regexp {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		t.Skip("no expression") // of the fuzzer
	}
	return re
}

func TestRegexpQuery(t *testing.T) {
	text := NewTrigrams("package main\n\nfunc Search(ctx context.Context) error {\n\treturn nil\n}\n", nil)
	for expr, want := range map[string]bool{
		`func \w+\(`:                   true,
		`func \w+\(ctx.*struct`:        false,
		`(?i)SEARCH\(`:                 true,
		`(?i)research\(`:               false,
		`(apple|banana|cherry)pie`:     false,
		`(apple|context|cherry)`:       true,
		`.*`:                           true,
		`[^\x00-\x7f]+return`:          true,
		`\x{fffd}unction`:              false,
		`(?:Zoo|Qua)[0-9]+keeper`:      false,
		`[^a-z]`:                       true,
		strings.Repeat("(ab|cd)", 300): true, // not analyzed
	} {
		if got := RegexpQuery(parse(t, expr)).MayMatch(text); got != want {
			t.Errorf("%s: %v", expr, got)
		}
	}
}

// FuzzTrigrams: what a regular expression matches in, the query lets through.
func FuzzTrigrams(f *testing.F) {
	for _, s := range [][2]string{
		{`(?i)k[sS]+t`, "x ſ\u212aſt KSST"},
		{`a?b?cde`, "cde"},
		{`\x{fffd}bc`, "\xffbc\xf0\x9f"},
		{`(a|b*c)+def{2,}`, "bcdefff"},
		{`[a-f]{3}[^x]yz`, "ABC abcéyz"},
		{`(?i)[k-t]x{2}`, "ſxx"},
		{`É|(?i:étage)`, "ÉTAGE"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 200 {
			t.Skip("as long ones are no different")
		}
		tree := parse(t, expr)
		re, err := regexp.Compile(expr)
		if err != nil {
			t.Skip("no expression")
		}
		filter := NewTrigrams(text, nil)
		if re.MatchString(text) && !RegexpQuery(tree).MayMatch(filter) {
			t.Errorf("%q matches in %q: %q is kept out", expr, text, re.FindString(text))
		}
		if strings.Contains(text, expr) && !LiteralQuery(expr, false).MayMatch(filter) {
			t.Errorf("%q holds %q", text, expr)
		}
		fold, err := regexp.Compile("(?i)" + regexp.QuoteMeta(expr))
		if err == nil && !strings.Contains(expr, "\ufffd") && fold.MatchString(text) && !LiteralQuery(expr, true).MayMatch(filter) {
			t.Errorf("%q holds %q in some case", text, expr)
		}
	})
}

// goFiles are the Go files of the standard library, as something real.
func goFiles(tb testing.TB) []string {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		tb.Fatal(err)
	}
	var texts []string
	err = filepath.WalkDir(filepath.Join(strings.TrimSpace(string(root)), "src", "net"), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			var text []byte
			text, err = os.ReadFile(path)
			texts = append(texts, string(text))
		}
		return err
	})
	if err != nil || len(texts) < 100 {
		tb.Fatalf("%d files of the standard library: %v", len(texts), err)
	}
	return texts
}

// TestTrigramSize: filters cost little and tell much.
func TestTrigramSize(t *testing.T) {
	texts := goFiles(t)
	var scratch []uint64
	var size, total, through, tries int
	r := rand.New(rand.NewPCG(1, 2))
	for _, text := range texts {
		f := NewTrigrams(text, &scratch)
		size, total = size+f.Bytes(), total+len(text)
		for range 20 {
			word := fmt.Sprintf("q%dz%dw", r.IntN(1000), r.IntN(1000))
			tries++
			if LiteralQuery(word, false).MayMatch(f) {
				through++
			}
		}
	}
	if size*8 > total {
		t.Errorf("filters of %d bytes for %d bytes of text", size, total)
	}
	if through*50 > tries {
		t.Errorf("%d of %d words that are nowhere pass the filter", through, tries)
	}
	t.Logf("filters: %.1f %% of the text; %.2f %% of absent words pass", 100*float64(size)/float64(total), 100*float64(through)/float64(tries))
}

func BenchmarkTrigrams(b *testing.B) {
	text := strings.Join(goFiles(b), "\n")[:1<<20]
	b.Run("make", func(b *testing.B) {
		var scratch []uint64
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			NewTrigrams(text, &scratch)
		}
	})
	b.Run("ask", func(b *testing.B) {
		f, q := NewTrigrams(text[:8<<10], nil), LiteralQuery("QuickBrownFox", false)
		for b.Loop() {
			q.MayMatch(f)
		}
	})
}
