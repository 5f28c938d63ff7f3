package lsptest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/workspace/text"
)

// A scenario is only worth something if it fails when it should.
func TestScenariosThatFail(t *testing.T) {
	const model = "-- model --\nmodel m\nreply text=\"```go\\nfunc a() {\\n\\tb()\\n}\\n```\"\n"
	const file = "-- main.go --\npackage main\n\n«func a() {\n}»\n"
	for _, tc := range []struct{ name, script, rest, want string }{
		{"another status", "run hob.edit prompt=x wait\nawait status=declined", model + file, `want status="declined"`},
		{"another field", "run hob.edit prompt=x wait\nawait status=applied model~^openai/", model + file, "want model~"},
		{"a field that results lack", "run hob.edit prompt=x wait\nawait colour=red", model + file, `no field "colour"`},
		{"a reply left over", "actions", model + file, "1 replies of the model were never asked for"},
		{"a request too many", "run hob.edit prompt=x wait\nawait status=failed", "-- model --\nmodel m\n" + file, "the model has no reply"},
		{"too many edits", "run hob.edit prompt=x wait\nawait status=applied\nexpect edits 0", model + file, "got 1"},
		{"a message that must not come", "run hob.edit prompt=x\nawait status=failed\nexpect no message ~pull", "-- model --\nmodel m\nfallback fault=404\n" + file, "there was"},
		{"not in the menu", "actions\npick \"Fly\"", model + file, "the menu has"},
		{"in the menu", "actions\nexpect no action \"Explain a\"", model + file, "the menu has it"},
		{"not in the prompt", "run hob.edit prompt=x wait\nawait status=applied\nexpect no prompt ~func", model + file, "the model was sent"},
		{"a place that is not there", "select main.go over \"func b\"", model + file, "0 times, want once"},
		{"a late setup", "actions\nencoding utf-8", model + file, "too late"},
		{"an unknown profile", "profile ed", model + file, `no profile "ed"`},
		{"a capability that is not there", "without workspace.magic", model + file, "have no workspace.magic"},
		{"no job", "await status=applied", model + file, "no job"},
		{"exit in disorder", "exit\nexpect served ok", file, "exit without shutdown"},
		{"nothing to undo", "undo main.go", file, "nothing to undo"},
		{"a bad model section", "actions", "-- model --\nnodel m\n" + file, "section model"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			open := "open main.go\n"
			if v := verbs[strings.Fields(tc.script)[0]]; v.setup {
				open = ""
			}
			s, err := Parse([]byte("A scenario.\n\n-- script --\n" + open + tc.script + "\n" + tc.rest))
			if err != nil {
				t.Fatal(err)
			}
			_, err = Run(t.Context(), s, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

// What changed on the way is seen: in the editor, on disk, made and gone.
func TestChangedFiles(t *testing.T) {
	s, err := Parse([]byte("A scenario.\n\n-- script --\nopen a.txt\ntype a.txt end \"more\"\nwrite b.txt \"b\"\nwrite new/c.txt \"c\"\nrm d.txt\n" +
		"-- a.txt --\na\n-- b.txt --\nB\n-- d.txt --\nd\n-- e.txt --\ne\n"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out, err := Run(t.Context(), s, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a.txt": "a\nmore", "b.txt": "b", "new/c.txt": "c"}
	if diff := cmp.Diff(want, out.Want); diff != "" {
		t.Errorf("changed files (-want +got):\n%s", diff)
	}
	r := &run{Scenario: s, dir: filepath.Join(dir, "work"), removed: map[string]bool{}}
	if err := os.Remove(r.path("e.txt")); err != nil {
		t.Fatal(err)
	}
	if got, _, err := r.changed(); err != nil || got["e.txt"] != gone || got["d.txt"] != gone {
		t.Errorf("%v, %v", got, err)
	}
}

func TestParse(t *testing.T) {
	s, err := Parse([]byte("What it shows.\n\n-- script --\n# a remark\n\nopen dir/a.go\nrun hob.edit prompt=\"a b\\n\" wait as=one x~`\\d+ \"q\"`\nsettings {\"a b\": 1}\n" +
		"-- model --\nmodel m\n-- config.toml --\n[models]\n-- dir/a.go --\nab«cd»ef␍\n-- b --\nx␄\n-- empty --\n-- want/b --\ny␄\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Comment != "What it shows." || s.Model != "model m\n" || s.Config != "[models]\n" {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff(map[string]string{"dir/a.go": "abcdef\r\n", "b": "x", "empty": ""}, s.Files); diff != "" {
		t.Error(diff)
	}
	if s.Marks["dir/a.go"] != (text.Span{Start: 2, End: 4}) || s.Want["b"] != "y" {
		t.Errorf("marks %v, want %v", s.Marks, s.Want)
	}
	wantArgs := []Field{{"", "", "hob.edit"}, {"prompt", "=", "a b\n"}, {"", "", "wait"}, {"as", "=", "one"}, {"x", "~", `\d+ "q"`}}
	if diff := cmp.Diff(wantArgs, s.Script[1].Args); diff != "" {
		t.Error(diff)
	}
	if got := s.Script[2].arg(0); got != `{"a b": 1}` || s.Script[2].Number != 5 {
		t.Errorf("%q in line %d", got, s.Script[2].Number)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"-- script --\nactions\n", "no comment"},
		{"x\n-- a --\n", "no script"},
		{"x\n-- --\n", "without a name"},
		{"x\n-- script --\nfly\n", `unknown verb "fly"`},
		{"x\n-- script --\ninput \"a\n", "bad quotes"},
		{"x\n-- script --\nexpect message ~(\n", "missing closing"},
		{"x\n-- script --\nactions\n-- a --\n«\n", "want one of each"},
		{"x\n-- script --\nactions\n-- a --\n»«\n", "comes before"},
		{"x\n-- script --\nactions\n-- ../a --\n", "relative path"},
		{"x\n-- script --\nactions\n-- /a --\n", "relative path"},
		{"x\n-- script --\nactions\n-- a --\n-- a --\n", "two sections"},
	} {
		if _, err := Parse([]byte(tc.in)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("Parse(%q): %v, want %q", tc.in, err, tc.want)
		}
	}
}

func TestUpdate(t *testing.T) {
	const in = "x\n-- script --\nactions\n-- want/old --\nold\n-- a --\na\n-- want/b --\nB\n"
	s, err := Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	got := string(s.Update(map[string]string{"b": "b\r\n", "c": "c"}, []string{"b", "c"}))
	const want = "x\n-- script --\nactions\n-- a --\na\n-- want/b --\nb␍\n-- want/c --\nc␄\n"
	if got != want {
		t.Errorf("updated to %q, want %q", got, want)
	}
	again, err := Parse([]byte(got))
	if err != nil || again.Want["b"] != "b\r\n" || again.Want["c"] != "c" {
		t.Errorf("%v, %v", again.Want, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("x\n-- script --\nrun hob.edit prompt=\"a\" x~`b`\n-- a --\n«b»␍\n␄\n-- want/a --\nb\n")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := Parse([]byte(in))
		if err != nil {
			return
		}
		order := make([]string, 0, len(s.Want))
		for name, content := range s.Want {
			order = append(order, name)
			if strings.ContainsAny(content, "␍␄") || strings.Contains(content, "-- ") || strings.Contains(name, " ") {
				return // marks and separators inside a text are beyond the format
			}
		}
		again, err := Parse(s.Update(s.Want, order))
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		if diff := cmp.Diff(s.Want, again.Want); diff != "" {
			t.Errorf("%q (-first +again):\n%s", in, diff)
		}
	})
}
