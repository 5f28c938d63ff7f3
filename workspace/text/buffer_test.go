package text

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// checkBuffer holds the invariant.
func checkBuffer(t *testing.T, b *Buffer) {
	t.Helper()
	size, breaks := 0, 0
	for i, p := range b.pieces {
		if i < len(b.pieces)-1 && !strings.HasSuffix(p.text, "\n") {
			t.Fatalf("piece %d of %d does not end its line", i, len(b.pieces))
		}
		if n := NewLineIndex(p.text).Lines() - 1; n != p.breaks {
			t.Fatalf("piece %d has %d line ends, not %d", i, n, p.breaks)
		}
		size += len(p.text)
		breaks += p.breaks
	}
	if size != b.size || breaks != b.breaks {
		t.Fatalf("%d bytes and %d line ends, not %d and %d", size, breaks, b.size, b.breaks)
	}
}

// sameAs applies one change to a Buffer and to the plain text it holds.
func sameAs(t *testing.T, b *Buffer, src string, r RangeEdit, enc Encoding) (*Buffer, string) {
	t.Helper()
	want, _, wantEdit, wantErr := ApplyRange(src, nil, r, enc)
	next, e, err := b.ApplyRange(r, enc)
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		t.Fatalf("%+v: %v, want %v", r, err, wantErr)
	}
	if next.String() != want || e != wantEdit {
		t.Fatalf("%+v: edit %+v, want %+v", r, e, wantEdit)
	}
	checkBuffer(t, next)
	return next, want
}

// TestBuffer types, pastes and deletes at random and compares each step with the
// plain text.
func TestBuffer(t *testing.T) {
	units := []string{"a", "b ", "\n", "\n", "\r\n", "\r", "é", "🙂", "\xff", "", strings.Repeat("long ", 50), "\t// a comment\n"}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			some := func(n int) string {
				var s strings.Builder
				for range n {
					s.WriteString(units[r.IntN(len(units))])
				}
				return s.String()
			}
			src := some(r.IntN(3000))
			b := NewBuffer(src)
			checkBuffer(t, b)
			for range 300 {
				lines := NewLineIndex(src).Lines()
				e := RangeEdit{
					Start: Position{uint32(r.IntN(lines + 1)), uint32(r.IntN(12))},
					New:   some(r.IntN(4)), Whole: r.IntN(40) == 0,
				}
				e.End = Position{e.Start.Line + uint32(r.IntN(3)), uint32(r.IntN(12))}
				switch r.IntN(12) {
				case 0:
					e.New = some(r.IntN(2000))
				case 1:
					e.End.Line = uint32(r.IntN(lines + 2))
				}
				b, src = sameAs(t, b, src, e, Encoding(r.IntN(3)))
				if r.IntN(10) == 0 {
					b = b.Over(b.String())
					checkBuffer(t, b)
				}
			}
		})
	}
}

// TestBufferShares: typing into a large text leaves most of it alone.
func TestBufferShares(t *testing.T) {
	src := strings.Repeat("a line of some length, as they come\n", 20_000)
	b := NewBuffer(src)
	e := RangeEdit{Start: Position{10_000, 3}, End: Position{10_000, 4}, New: "x"}
	allocated := testing.Benchmark(func(tb *testing.B) {
		tb.ReportAllocs()
		for tb.Loop() {
			if _, _, err := b.ApplyRange(e, UTF16); err != nil {
				tb.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
	if limit := int64(len(src) / 16); allocated > limit {
		t.Errorf("an edit of one byte allocates %d bytes of %d", allocated, len(src))
	}
}

// FuzzBuffer: a Buffer and the plain text agree on any change of any text.
func FuzzBuffer(f *testing.F) {
	f.Add("one\ntwo\r\nthree\rfour", uint32(1), uint32(1), uint32(2), uint32(0), "x\r", uint8(0))
	f.Add("🙂\n🙂", uint32(0), uint32(1), uint32(1), uint32(1), "", uint8(0))
	f.Add("", uint32(0), uint32(0), uint32(1), uint32(0), "a\n", uint8(1))
	f.Fuzz(func(t *testing.T, src string, l1, c1, l2, c2 uint32, ins string, enc uint8) {
		if len(src) > 1<<16 {
			t.Skip("larger than it takes to have pieces")
		}
		// Repeated, so that small inputs come in several pieces.
		for n := 1; n*len(src) <= 20_000 && n < 1<<14; n *= 100 {
			text := strings.Repeat(src, n)
			r := RangeEdit{Start: Position{l1, c1}, End: Position{l2, c2}, New: ins}
			b, after := sameAs(t, NewBuffer(text), text, r, Encoding(enc%3))
			sameAs(t, b, after, RangeEdit{Start: r.End, End: r.Start, New: ins}, Encoding(enc%3))
		}
	})
}

// BenchmarkBuffer is a keystroke in 10,000 lines.
func BenchmarkBuffer(b *testing.B) {
	buf := NewBuffer(strings.Repeat("\tx := compute(7) // a line of 40 bytes.\n", 10_000))
	e := RangeEdit{Start: Position{5000, 3}, End: Position{5000, 4}, New: "x"}
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, _, err = buf.ApplyRange(e, UTF16); err != nil {
			b.Fatal(err)
		}
	}
}
