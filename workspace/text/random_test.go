package text

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The fuzz targets on a fixed number of inputs, always the same ones: each run of the
// tests looks past the kept corpora, and none looks at anything else.

// scraps make texts in which lines and runes of all kinds meet.
var scraps = []string{"a", "bc ", "\n", "\r\n", "\r", "\t", "é", "😀", "\u2028", "\xff", "\xf0\x9f", "\ufeff", "long line of words "}

func randomText(r *rand.Rand, most int) string {
	var b strings.Builder
	for range r.IntN(most) {
		b.WriteString(scraps[r.IntN(len(scraps))])
	}
	return b.String()
}

func TestRebaseRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		src := randomText(r, 30)
		at := r.IntN(len(src) + 1)
		script := make([]byte, 3*r.IntN(8))
		for i := range script {
			script[i] = byte(r.IntN(256))
		}
		checkRebase(t, src, at, r.IntN(len(src)-at+1), randomText(r, 5), script)
	}
}

func TestLineIndexRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 10000 {
		src := randomText(r, 30)
		at := r.IntN(len(src) + 1)
		checkLineIndex(t, src, at, r.IntN(len(src)-at+1), randomText(r, 5))
	}
}

func TestDiffRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 10000 {
		a := randomText(r, 40)
		at := r.IntN(len(a) + 1)
		checkDiff(t, a, a[:at]+randomText(r, 8)+a[at+r.IntN(len(a)-at+1):])
	}
}
