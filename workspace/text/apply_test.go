package text

import (
	"errors"
	"strings"
	"testing"
)

func TestApply(t *testing.T) {
	tests := []struct {
		name, src string
		edits     []Edit
		want      string
		err       error
	}{
		{"none", "abc", nil, "abc", nil},
		{"insert into empty", "", []Edit{{Span{0, 0}, "x"}}, "x", nil},
		{"replace", "abc", []Edit{{Span{1, 2}, "BB"}}, "aBBc", nil},
		{"several", "abcdef", []Edit{{Span{0, 1}, ""}, {Span{2, 3}, "CC"}, {Span{6, 6}, "!"}}, "bCCdef!", nil},
		{"touching", "abcd", []Edit{{Span{0, 2}, "x"}, {Span{2, 4}, "y"}}, "xy", nil},
		{"two insertions at one place keep their order", "ab", []Edit{{Span{1, 1}, "1"}, {Span{1, 1}, "2"}}, "a12b", nil},
		{"insertion before a replacement at one place", "ab", []Edit{{Span{1, 1}, "1"}, {Span{1, 2}, "2"}}, "a12", nil},
		{"overlap", "abcd", []Edit{{Span{0, 2}, ""}, {Span{1, 3}, ""}}, "", ErrOrder},
		{"descending", "abcd", []Edit{{Span{2, 3}, ""}, {Span{0, 1}, ""}}, "", ErrOrder},
		{"past the end", "abc", []Edit{{Span{1, 4}, ""}}, "", ErrRange},
		{"negative", "abc", []Edit{{Span{-1, 1}, ""}}, "", ErrRange},
		{"reversed", "abc", []Edit{{Span{2, 1}, ""}}, "", ErrRange},
		{"second one past the end", "abc", []Edit{{Span{0, 1}, ""}, {Span{9, 9}, ""}}, "", ErrRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Apply(tt.src, tt.edits)
			if !errors.Is(err, tt.err) || got != tt.want {
				t.Fatalf("got %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
			if err != nil {
				return
			}
			seq := tt.src
			for _, e := range Sequential(tt.edits) {
				if seq, err = Apply(seq, []Edit{e}); err != nil {
					t.Fatal(err)
				}
			}
			if seq != tt.want {
				t.Errorf("one after the other: got %q, want %q", seq, tt.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	tests := []struct {
		a, b               Span
		overlaps, contains bool
	}{
		{Span{0, 5}, Span{5, 6}, false, false},
		{Span{0, 5}, Span{4, 6}, true, false},
		{Span{0, 5}, Span{2, 2}, true, true},
		{Span{0, 5}, Span{5, 5}, false, true},
		{Span{0, 5}, Span{0, 5}, true, true},
		{Span{3, 3}, Span{3, 3}, false, true},
	}
	for _, tt := range tests {
		if tt.a.Overlaps(tt.b) != tt.overlaps || tt.b.Overlaps(tt.a) != tt.overlaps {
			t.Errorf("%v overlaps %v: want %v both ways", tt.a, tt.b, tt.overlaps)
		}
		if tt.a.Contains(tt.b) != tt.contains {
			t.Errorf("%v contains %v: want %v", tt.a, tt.b, tt.contains)
		}
	}
}

func TestRebaseSpan(t *testing.T) {
	ins := func(at int, s string) Edit { return Edit{Span{at, at}, s} }
	rep := func(a, b int, s string) Edit { return Edit{Span{a, b}, s} }
	tests := []struct {
		name  string
		s     Span
		since []Edit
		want  Span
		err   error
	}{
		{"nothing", Span{2, 5}, nil, Span{2, 5}, nil},
		{"typing before", Span{2, 5}, []Edit{ins(0, "xx")}, Span{4, 7}, nil},
		{"typing right before", Span{2, 5}, []Edit{ins(2, "x")}, Span{3, 6}, nil},
		{"typing right after", Span{2, 5}, []Edit{ins(5, "x")}, Span{2, 5}, nil},
		{"typing after", Span{2, 5}, []Edit{ins(9, "x")}, Span{2, 5}, nil},
		{"typing inside", Span{2, 5}, []Edit{ins(3, "x")}, Span{}, ErrOverlap},
		{"deleting before", Span{2, 5}, []Edit{rep(0, 2, "")}, Span{0, 3}, nil},
		{"deleting across the start", Span{2, 5}, []Edit{rep(1, 3, "")}, Span{}, ErrOverlap},
		{"deleting across the end", Span{2, 5}, []Edit{rep(4, 6, "")}, Span{}, ErrOverlap},
		{"replacing exactly", Span{2, 5}, []Edit{rep(2, 5, "")}, Span{}, ErrOverlap},
		{"replacing around", Span{2, 5}, []Edit{rep(0, 9, "")}, Span{}, ErrOverlap},
		{"nothing inside", Span{2, 5}, []Edit{ins(3, "")}, Span{2, 5}, nil},
		{"sequence counts on itself", Span{2, 5}, []Edit{ins(0, "xxxx"), rep(0, 4, ""), ins(2, "y"), ins(6, "z")}, Span{3, 6}, nil},
		{"sequence that comes inside later", Span{2, 5}, []Edit{ins(0, "xx"), ins(5, "y")}, Span{}, ErrOverlap},
		{"empty, typing there", Span{3, 3}, []Edit{ins(3, "xy")}, Span{5, 5}, nil},
		{"empty, deleting up to it", Span{3, 3}, []Edit{rep(1, 3, "z")}, Span{2, 2}, nil},
		{"empty, deleting from it", Span{3, 3}, []Edit{rep(3, 5, "z")}, Span{3, 3}, nil},
		{"empty, swallowed", Span{3, 3}, []Edit{rep(2, 4, "z")}, Span{}, ErrOverlap},
		{"negative", Span{-1, 3}, nil, Span{}, ErrRange},
		{"reversed edit", Span{1, 3}, []Edit{rep(5, 4, "")}, Span{}, ErrRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := RebaseSpan(tt.s, tt.since)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Fatalf("got %v, %v; want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestRebase(t *testing.T) {
	src := "one two three four\n"
	edits := []Edit{{Span{0, 3}, "1"}, {Span{8, 13}, "3"}}
	since := []Edit{{Span{4, 7}, "zwei"}, {Span{19, 19}, " five"}, {Span{0, 0}, "> "}}
	now := src
	for _, e := range since {
		var err error
		if now, err = Apply(now, []Edit{e}); err != nil {
			t.Fatal(err)
		}
	}
	moved, err := Rebase(edits, since)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Apply(now, moved)
	if want := "> 1 zwei 3 four five\n"; got != want || err != nil {
		t.Fatalf("got %q, %v; want %q", got, err, want)
	}
	if _, err := Rebase(edits, []Edit{{Span{9, 9}, "x"}}); !errors.Is(err, ErrOverlap) {
		t.Errorf("an edit inside the second span: got %v", err)
	}
	if _, err := Rebase([]Edit{edits[1], edits[0]}, nil); !errors.Is(err, ErrOrder) {
		t.Errorf("edits out of order: got %v", err)
	}
	// Neighbours stay neighbours, whatever is typed between them.
	touching := []Edit{{Span{0, 3}, "a"}, {Span{3, 3}, "b"}, {Span{3, 4}, "c"}}
	moved, err = Rebase(touching, []Edit{{Span{3, 3}, "--"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Apply("one--.", moved); got != "a--bc" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// FuzzRebase replays edits of a user that stay outside a region and checks that the
// rebased edit does to the final text what it would have done before; an edit that
// reaches into the region has to be an overlap.
func FuzzRebase(f *testing.F) {
	f.Add("hello brave new world", 6, 5, "bold", []byte{0, 0, 3, 20, 2, 1})
	f.Add("a", 0, 1, "", []byte{1, 0, 1})
	f.Add("abc", 1, 0, "x", []byte{1, 0, 2, 0, 1, 0})
	f.Add("0123456789", 3, 4, "", []byte{4, 1, 1})
	f.Fuzz(func(t *testing.T, src string, at, size int, repl string, script []byte) {
		checkRebase(t, src, at, size, repl, script)
	})
}

// checkRebase plays the user of FuzzRebase, three bytes of script an edit.
func checkRebase(t *testing.T, src string, at, size int, repl string, script []byte) {
	t.Helper()
	if at < 0 || at > len(src) || size < 0 || size > len(src)-at {
		return
	}
	// Head, region and tail are kept apart, as the truth to compare with.
	head, region, tail := src[:at], src[at:at+size], src[at+size:]
	var since []Edit
	for ; len(script) >= 3; script = script[3:] {
		now := len(head) + len(region) + len(tail)
		start := int(script[0]) % (now + 1)
		end := start + int(script[1])%(min(now-start, 7)+1)
		text := strings.Repeat("é\n", int(script[2])%4)
		since = append(since, Edit{Span{start, end}, text})
		rs, re := len(head), len(head)+len(region)
		switch {
		case end <= rs:
			head = head[:start] + text + head[end:]
		case start >= re:
			tail = tail[:start-re] + text + tail[end-re:]
		case start == end && text == "":
		default:
			if _, err := RebaseSpan(Span{at, at + size}, since); !errors.Is(err, ErrOverlap) {
				t.Fatalf("edits %v over %d+%d: got %v, want ErrOverlap", since, at, size, err)
			}
			return
		}
	}
	moved, err := Rebase([]Edit{{Span{at, at + size}, repl}}, since)
	if err != nil {
		t.Fatalf("edits %v over %d+%d: %v", since, at, size, err)
	}
	got, err := Apply(head+region+tail, moved)
	if want := head + repl + tail; got != want || err != nil {
		t.Fatalf("edits %v over %d+%d: got %q, %v; want %q", since, at, size, got, err, want)
	}
}
