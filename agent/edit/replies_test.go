package edit

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model/modeltest/corpus"
)

// reply is one case of testdata/replies.
type reply struct {
	name     string
	target   Target
	complete bool
	text     string
	want     string
	inexact  string // the rung by which it was fitted
	kind     string // of the error, "" if there is none
	message  string // part of it
}

var shapes = map[string]Shape{"region": Region, "newfile": NewFile, "answer": Answer, "comment": Comment, "insertion": Insertion, "blocks": Blocks}

func loadReplies(t testing.TB) []reply {
	t.Helper()
	cases, err := corpus.Load("testdata/replies")
	if err != nil || len(cases) < 150 {
		t.Fatalf("%d replies, %v", len(cases), err)
	}
	out := make([]reply, len(cases))
	for i, c := range cases {
		shape, ok := shapes[c.Shape]
		if !ok {
			t.Fatalf("%s: there is no shape %q", c.Name, c.Shape)
		}
		out[i] = reply{
			name: c.Name, complete: c.Complete, text: c.Reply, want: c.Want, inexact: c.Inexact, kind: c.Kind, message: c.Message,
			target: Target{
				Shape: shape, Language: c.Language, Path: c.Path, Before: c.Before, Original: c.Original, After: c.After,
				Shrinks: c.Shrinks, Limit: c.Limit,
			},
		}
	}
	return out
}

// chunked writes a reply in pieces and closes it. It stops at done, as a caller does.
func chunked(target Target, pieces []string, complete bool) (*Parser, string, error) {
	p := NewParser(target)
	for _, c := range pieces {
		if p.Write(c) {
			break
		}
	}
	got, err := p.Close(complete)
	return p, got, err
}

// closed is the outcome of a whole reply.
func closed(target Target, reply string) (string, error) {
	_, got, err := chunked(target, []string{reply}, true)
	return got, err
}

// pieces cuts s at random places.
func pieces(r *rand.Rand, s string) []string {
	var out []string
	for s != "" {
		n := min(1+r.IntN(12), len(s))
		out, s = append(out, s[:n]), s[n:]
	}
	return out
}

func TestReplies(t *testing.T) {
	for _, r := range loadReplies(t) {
		t.Run(r.name, func(t *testing.T) {
			p, got, err := chunked(r.target, []string{r.text}, r.complete)
			if r.kind != "" {
				var e *Error
				if !errors.As(err, &e) || e.Kind != r.kind || !strings.Contains(e.Message, r.message) || e.Hint == "" {
					t.Fatalf("got %q, error %#v; want %s: …%s…", got, err, r.kind, r.message)
				}
			} else if err != nil {
				t.Fatalf("error %v (%#v)", err, err)
			} else if got != r.want {
				t.Fatalf("(-want +got)\n%s", cmp.Diff(r.want, got))
			}
			if p.Inexact() != r.inexact {
				t.Errorf("fitted by %q, want %q", p.Inexact(), r.inexact)
			}
			rnd := rand.New(rand.NewPCG(1, 2))
			for i := range 20 {
				cut := pieces(rnd, r.text)
				if i == 0 {
					cut = strings.Split(r.text, "")
				}
				if _, again, err2 := chunked(r.target, cut, r.complete); again != got || !sameError(err, err2) {
					t.Fatalf("in pieces %q: %q, %v; at once: %q, %v", cut, again, err2, got, err)
				}
			}
		})
	}
}

func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	var x, y *Error
	return errors.As(a, &x) && errors.As(b, &y) && *x == *y
}
