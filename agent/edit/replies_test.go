package edit

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// reply is one case of testdata/replies: what a model wrote for a target, and
// what becomes of it.
//
// The comment of the archive says what the case shows, then come "key: value"
// lines: shape (region, newfile, answer, comment, blocks), language (go if missing), path, complete,
// shrinks, limit; crlf, trim and bom name the sections that get CRLF line ends,
// lose their final line end, or start with a byte order mark.
type reply struct {
	name     string
	target   Target
	complete bool
	text     string
	want     string
	inexact  string // the rung by which it was fitted
	class    string // of the failure
	source   string // where such replies were seen
	kind     string // of the error, "" if there is none
	message  string // part of it
}

func loadReplies(t testing.TB) []reply {
	t.Helper()
	files, err := filepath.Glob("testdata/replies/*.txtar")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d replies, %v", len(files), err)
	}
	var out []reply
	for _, f := range files {
		a, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r := reply{name: strings.TrimSuffix(filepath.Base(f), ".txtar"), complete: true}
		r.target.Language = "go"
		section := map[string]string{}
		for _, s := range a.Files {
			section[s.Name] = string(s.Data)
		}
		for l := range strings.SplitSeq(string(a.Comment), "\n") {
			key, value, ok := strings.Cut(l, ": ")
			if !ok || strings.Contains(key, " ") {
				continue
			}
			switch key {
			case "shape":
				r.target.Shape = map[string]Shape{"region": Region, "newfile": NewFile, "answer": Answer, "comment": Comment, "blocks": Blocks}[value]
			case "class":
				r.class = value
			case "source":
				r.source = value
			case "inexact":
				r.inexact = value
			case "path":
				r.target.Path = value
			case "language":
				r.target.Language = value
			case "complete":
				r.complete = value == "true"
			case "shrinks":
				r.target.Shrinks = value == "true"
			case "limit":
				if r.target.Limit, err = strconv.Atoi(value); err != nil {
					t.Fatal(err)
				}
			case "crlf", "trim", "bom":
				for s := range strings.FieldsSeq(value) {
					switch key {
					case "crlf":
						section[s] = strings.ReplaceAll(section[s], "\n", "\r\n")
					case "trim":
						section[s] = strings.TrimSuffix(section[s], "\n")
					case "bom":
						section[s] = "\ufeff" + section[s]
					}
				}
			default:
				t.Fatalf("%s: unknown key %q", f, key)
			}
		}
		r.target.Before, r.target.Original, r.target.After = section["before"], section["original"], section["after"]
		r.text, r.want = section["reply"], section["want"]
		if e, ok := section["error"]; ok {
			r.kind, r.message, _ = strings.Cut(strings.TrimSpace(e), ": ")
		}
		out = append(out, r)
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
