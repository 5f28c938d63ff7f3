package edit

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLadder(t *testing.T) {
	const body = "func f() {\n\tif a {\n\t\tb(“x”)\n\t}\n\tend() \n}\n"
	for _, c := range []struct {
		name, body, search string
		at, count          int
		rung               rung
	}{
		{"exact", body, "\tif a {\n\t\tb(“x”)\n", 1, 1, exact},
		{"exact before the others", "x \nx\n", "x\n", 1, 1, exact},
		{"trailing", body, "\tend()\n}\n", 4, 1, trailing},
		{"trailing, twice", "x \nx  \n", "x\n", 0, 2, trailing},
		{"deeper", body, "\t\tif a {\n\t\t\tb(“x”)\n", 1, 1, indented},
		{"at the margin", body, "if a {\n\tb(“x”)\n", 1, 1, indented},
		{"first line alone", body, "if a {\n\t\tb(“x”)\n", 1, 1, indented},
		{"not alike in all lines", body, "\tif a {\n\tb(“x”)\n", 0, 0, exact},
		{"punctuation", body, "\tif a {\n\t\tb(\"x\")\n\t}\n", 1, 1, punctuated},
		{"similar", "begin()\nthe quick brown fox jumps\nfinish()\n", "begin()\nthe quick brown fix jumps\nfinish()\n", 0, 1, alike},
		{"too short for one letter", "begin()\nx = 1\nfinish()\n", "begin()\nx = 2\nfinish()\n", 0, 0, exact},
		{"without anchors", "begin()\nthe quick brown fox jumps\nfinish()\n", "started()\nthe quick brown fox jumps\nfinish()\n", 0, 0, exact},
		{"two lines hold no third", "the quick brown fox jumps\nfinish()\n", "the quick brown fix jumps\nfinish()\n", 0, 0, exact},
		{"longer than the text", "x\n", "x\ny\n", 0, 0, exact},
		{"at the end", "x\ny", "y\n", 1, 1, exact},
	} {
		p, n := newLadder(c.body).find([][]string{splitLines(c.search)}, 0, alike)
		if n != c.count || n == 1 && (p.at != c.at || p.rung != c.rung) {
			t.Errorf("%s: %d places, %+v", c.name, n, p)
		}
	}
	if _, n := newLadder("x\ny\nx\n").find([][]string{{"x"}}, 1, alike); n != 1 {
		t.Errorf("from the second line on: %d places", n)
	}
}

// The distance within a band is Levenshtein's, by the whole table.
func TestDistanceWithin(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	word := func() []rune {
		w := make([]rune, r.IntN(12))
		for i := range w {
			w[i] = rune('a' + r.IntN(3))
		}
		return w
	}
	for range 20000 {
		x, y := word(), word()
		if len(x) < len(y) {
			x, y = y, x
		}
		table := make([][]int, len(x)+1)
		for i := range table {
			table[i] = make([]int, len(y)+1)
			for j := range table[i] {
				switch {
				case i == 0:
					table[i][j] = j
				case j == 0:
					table[i][j] = i
				default:
					cost := 1
					if x[i-1] == y[j-1] {
						cost = 0
					}
					table[i][j] = min(table[i-1][j]+1, table[i][j-1]+1, table[i-1][j-1]+cost)
				}
			}
		}
		most := r.IntN(6)
		budget := similarBudget
		if len(x)-len(y) > most {
			continue // similar sees that before
		}
		if got, want := distanceWithin(x, y, most, &budget), table[len(x)][len(y)] <= most; got != want {
			t.Fatalf("%q and %q within %d: %v, the distance is %d", string(x), string(y), most, got, table[len(x)][len(y)])
		}
	}
}

// A text in which everything is like everything is given up on, not searched for ever.
func TestSimilarBudget(t *testing.T) {
	line := strings.Repeat("abcdefghij", 40)
	l := newLadder(strings.Repeat("begin()\n"+line+"x\n"+line+"y\nend()\n", 4000))
	var need []string
	for range 50 {
		need = append(need, "begin()", line+"z", line+"z", "end()")
	}
	if _, n := l.find([][]string{need}, 0, alike); n == 1 || n > 300 {
		t.Errorf("%d places", n)
	}
}

// BenchmarkLadder looks for twenty lines in a file of 10,000, which are there with a
// typing error: every rung is gone through.
func BenchmarkLadder(b *testing.B) {
	file, search := bigFile()
	for name, need := range map[string][]string{
		"exact":   splitLines(search),
		"similar": splitLines(strings.Replace(search, "the total of all prices", "the totel of all prices", 1)),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, n := newLadder(file).find([][]string{need}, 0, alike); n != 1 {
					b.Fatalf("%d places", n)
				}
			}
		})
	}
}

// bigFile is 10,000 lines of functions that differ by their number, and twenty
// of the lines.
func bigFile() (file, search string) {
	var b strings.Builder
	for i := range 1000 {
		n := strings.Repeat("i", i%7+1) + string(rune('a'+i/7%26)) + string(rune('a'+i/182))
		b.WriteString("// sum" + n + " is the total of all prices.\nfunc sum" + n + "(items []item) (total int) {\n\tfor _, it := range items {\n" +
			"\t\tif it.price < 0 {\n\t\t\tcontinue\n\t\t}\n\t\ttotal += it.price\n\t}\n\treturn total\n}\n")
	}
	file = b.String()
	lines := strings.SplitAfter(file, "\n")
	return file, strings.Join(lines[7001:7021], "")
}
