package realollama

import (
	"bytes"
	"strings"
	"testing"
)

func TestPieces(t *testing.T) {
	for _, text := range []string{
		"", "a", "abcd", "abcdabcd", "abcdabcdabcdabcdabcdabc", strings.Repeat("x", 100),
		"é🙂é🙂é🙂é🙂", "func main() {\n\tprintln(1)\n\tprintln(1)\n}\n",
	} {
		seen := map[string]bool{}
		ps := pieces(text, map[string]bool{})
		for _, p := range ps {
			if seen[p] || p == "" || strings.ToValidUTF8(p, "") != p {
				t.Errorf("%q: piece %q", ps, p)
			}
			seen[p] = true
		}
		if strings.Join(ps, "") != text {
			t.Errorf("%q of %q", ps, text)
		}
	}
}

func FuzzPieces(f *testing.F) {
	f.Add("abcdabcdabc")
	f.Add("ééééé")
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string]bool{}
		ps := pieces(text, map[string]bool{})
		for _, p := range ps {
			if seen[p] || p == "" {
				t.Fatalf("%q twice in %q", p, ps)
			}
			seen[p] = true
		}
		if strings.Join(ps, "") != text {
			t.Fatalf("%q of %q", ps, text)
		}
	})
}

func TestScripted(t *testing.T) {
	var b bytes.Buffer
	if err := Scripted(&b, "hello, world", 0); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("GGUF\x03\x00\x00\x00")) || b.Len() > 3<<20 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
	if err := Scripted(&b, "\n", 0); err == nil {
		t.Error("an answer of which no token can be made")
	}
	if err := scripted(&b, 0, "hell", "hell"); err == nil {
		t.Error("two answers of the same tokens")
	}
	if err := scripted(&b, 0, "hello, world", "what the world says: hello, world"); err != nil {
		t.Error(err)
	}
}
