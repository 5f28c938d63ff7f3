package edit

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// What the instructions show as the form of the answer is read by the parser.
func TestInstructionsAreParsed(t *testing.T) {
	for _, shape := range []Shape{Region, NewFile, Comment, Insertion, Blocks} {
		for _, language := range []string{"go", "typescriptreact", "javascriptreact", "python", "markdown", "plaintext", "shellscript", "nosuch", ""} {
			text := Instructions(shape, language)
			i := strings.Index(text, "```")
			if i < 0 || len(text) > 520 {
				t.Fatalf("%d %q: %q", shape, language, text)
			}
			if shape == Blocks {
				got, err := closed(Target{Shape: shape, Language: language, Original: "first\nOLD LINES\nlast\n"}, text[i:])
				if err != nil || got != "first\nNEW LINES\nlast\n" {
					t.Errorf("%q: %q, %v", language, got, err)
				}
				continue
			}
			p := NewParser(Target{Shape: shape, Language: language, Original: "one\n"})
			p.Write(text[i:])
			p.finish()
			c, err := p.choose()
			if err != nil || !c.fenced || !c.closed || strings.Trim(c.text, "\"\n") != map[Shape]string{Region: "NEW TEXT", NewFile: "FILE", Comment: "COMMENT", Insertion: "NEW CODE"}[shape] {
				t.Errorf("%d %q: %+v, %v", shape, language, c, err)
			}
			if fits(c.info, language) < 0 {
				t.Errorf("the tag %q does not fit %q", c.info, language)
			}
		}
	}
	if text := Instructions(Answer, "go"); strings.Contains(text, "```") || text == "" {
		t.Errorf("answer: %q", text)
	}
}

func TestEarlyStop(t *testing.T) {
	goFile := Target{Language: "go", Before: "package a\n\n", Original: "func One() int { return 0 }\n"}
	answer := "```go\nfunc One() int { return 1 }\n```\n"
	change := "```go\n<<<<<<< SEARCH\nfunc One() int { return 0 }\n=======\nfunc One() int { return 1 }\n>>>>>>> REPLACE\n```\n"
	patch := "```diff\n-func One() int { return 0 }\n+func One() int { return 1 }\n```\n"
	for _, c := range []struct {
		name, reply string
		target      Target
		done        bool
	}{
		{"fence closed", answer, goFile, true},
		{"fence open", "```go\nfunc One() int { return 1 }\n", goFile, false},
		{"closing fence without its line end", strings.TrimSuffix(answer, "\n"), goFile, false},
		{"another language", "```bash\ngo mod tidy\n```\n", goFile, false},
		{"the original quoted", "```go\nfunc One() int { return 0 }\n```\n", goFile, false},
		{"in place of a request", "```go\nfor i := range 3 {\n\tprint(i)\n}\n```\n", Target{Language: "go", Original: "\t// hob: print the numbers from zero to two\n"}, true},
		{"nothing in common", "```go\nimport \"errors\"\n```\n", Target{Language: "go", Original: "func Check(total, limit int) error { return total }\n"}, false},
		{"a draft while thinking", "<think>\n" + answer, goFile, false},
		{"after thinking", "<think>\n" + answer + "</think>\n" + answer, goFile, true},
		{"unfenced, then prose", "func One() int {\n\treturn 1\n}\n\nThis function returns one now.\n", goFile, true},
		{"unfenced, bracket open", "func One() int {\n\treturn 1\n\nThis function returns one now.\n", goFile, false},
		{"unfenced, going on", "func One() int {\n\treturn 1\n}\n\nfunc Two() int { return 2 }\n", goFile, false},
		{"answer", answer, Target{Shape: Answer}, false},
		{"new file", "```tsx\nexport const A = 1;\nexport const B = 2;\n```\n", Target{Shape: NewFile, Language: "typescriptreact"}, true},
		{"new file, one line", "```tsx\nimport x from 'x';\n```\n", Target{Shape: NewFile, Language: "typescriptreact"}, false},
		{"comment, one line", "```go\n// One returns one.\n```\n", Target{Shape: Comment, Language: "go"}, true},
		{"blocks, one fence", change, goFile, false},
		{"blocks, then talk", change + "I made it return one.\nThat is what was asked.\n", goFile, true},
		{"blocks, then a lead to others", change + "I made it return one.\nThen the caller:\n", goFile, false},
		{"blocks, talk and others", change + "Now the next one.\n" + change + "That is all.\n", goFile, false},
		{"blocks without a fence, then talk", strings.ReplaceAll(change, "```", "") + "I made it return one.\nThat is what was asked.\n", goFile, true},
		{"a block without its end", "```go\n<<<<<<< SEARCH\na\n=======\nb\n```\nI made it return one.\nThat is what was asked.\n", goFile, false},
		{"blocks while thinking", "<think>\n" + change + "One thing.\nAnother thing.\n", goFile, false},
		{"the region where blocks were asked", answer, Target{Shape: Blocks, Language: "go", Before: goFile.Before, Original: goFile.Original}, true},
		{"a patch", patch, goFile, false},
		{"a patch, then talk", patch + "I made it return one.\nThat is what was asked.\n", goFile, true},
		{"another file first", "`b.go`\n" + answer, Target{Language: "go", Path: "a.go", Before: goFile.Before, Original: goFile.Original}, false},
		{"markdown, three ticks", "```markdown\n# A\n```\n", Target{Language: "markdown", Original: "# B\n"}, false},
		{"markdown, four ticks", "````markdown\n# A\n````\n", Target{Language: "markdown", Original: "# B\n"}, true},
	} {
		p := NewParser(c.target)
		done := false
		for _, piece := range pieces(rand.New(rand.NewPCG(3, 4)), c.reply) {
			done = p.Write(piece)
		}
		if done != c.done {
			t.Errorf("%s: done %v", c.name, done)
		}
	}
}

// A model that repeats itself for ever is stopped when nothing good can come of it.
func TestRunaway(t *testing.T) {
	for _, reply := range []string{"```go\n" + strings.Repeat("x++\n", 20000), strings.Repeat("a", 80000)} {
		p := NewParser(Target{Language: "go", Original: "x++\n", Limit: 1000})
		n := 0
		for i := 0; i < len(reply); i += 10 {
			n += 10
			if p.Write(reply[i : i+10]) {
				break
			}
		}
		if n > 20000 {
			t.Errorf("stopped after %d bytes", n)
		}
		if got, err := p.Close(true); got != "" || err == nil || err.(*Error).Kind != KindUnsafe {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestPreview(t *testing.T) {
	target := Target{Language: "go", Before: "package a\n\n", Original: "func One() int { return 0 }\n"}
	p := NewParser(target)
	for _, step := range []struct{ write, want string }{
		{"Here it is:\n", ""},
		{"\n``", ""},
		{"`go\n", ""},
		{"func One() int {\n\tret", "func One() int {\n\tret"},
		{"urn 1\n}\n", "func One() int {\n\treturn 1\n}\n"},
		{"``", "func One() int {\n\treturn 1\n}\n"},
		{"`\n", "func One() int {\n\treturn 1\n}\n"},
		{"more", "func One() int {\n\treturn 1\n}\n"},
	} {
		p.Write(step.write)
		if got := p.Preview(); got != step.want {
			t.Fatalf("after %q: %q, want %q", step.write, got, step.want)
		}
	}
	if got := p.Raw(); strings.Contains(got, "more") || !strings.HasPrefix(got, "Here it is") {
		t.Errorf("raw %q", got)
	}
}

// A comment of dashes is no patch.
func TestPreviewOfDashes(t *testing.T) {
	p := NewParser(Target{Language: "lua", Original: "local a = 1\n"})
	for _, step := range []struct{ write, want string }{
		{"```lua\n--- Fin", ""},
		{"d it\n", ""},
		{"loc", "--- Find it\nloc"},
		{"al a = 2\n", "--- Find it\nlocal a = 2\n"},
	} {
		p.Write(step.write)
		if got := p.Preview(); got != step.want {
			t.Fatalf("after %q: %q, want %q", step.write, got, step.want)
		}
	}
}

// What only says what changes is not shown as if it were the new text.
func TestNoPreviewOfChanges(t *testing.T) {
	for _, reply := range []string{
		"```go\n<<<<<<< SEARCH\nfunc One() int { return 0 }\n=======\nfunc One() int { return 1 }\n>>>>>>> REPLACE\n```\nDone.\n",
		"<<<<<<< SEARCH\nfunc One() int { return 0 }\n=======\nfunc One() int { return 1 }\n>>>>>>> REPLACE\n",
		"```diff\n--- a/a.go\n+++ b/a.go\n@@ -1 +1 @@\n-func One() int { return 0 }\n+func One() int { return 1 }\n```\n",
		"```go\n@@ -1 +1 @@\n-func One() int { return 0 }\n+func One() int { return 1 }\n```\n",
	} {
		p := NewParser(Target{Language: "go", Before: "package a\n\n", Original: "func One() int { return 0 }\n"})
		for i := range len(reply) {
			p.Write(reply[i : i+1])
			if got := p.Preview(); got != "" {
				t.Fatalf("%q after %q", got, reply[:i+1])
			}
		}
	}
}

// The preview only grows, but for its last line.
func TestPreviewGrows(t *testing.T) {
	for _, r := range loadReplies(t) {
		if strings.HasPrefix(r.name, "think-no-start") {
			continue // the documented exception
		}
		p := NewParser(r.target)
		last := ""
		for i := range len(r.text) {
			if p.Write(r.text[i : i+1]) {
				break
			}
			now := p.Preview()
			if whole := last[:strings.LastIndexByte(last, '\n')+1]; !strings.HasPrefix(now, whole) {
				t.Fatalf("%s: %q after %q", r.name, now, last)
			}
			last = now
		}
	}
}

// bigReply is about 100 KB of code and the target it is for.
func bigReply() (string, Target) {
	var b strings.Builder
	b.WriteString("Here is the rewritten region:\n\n```go\n")
	for b.Len() < 100<<10 {
		b.WriteString("// Item holds a name and a price; see the \"shop\" package.\nfunc process(items []string) (total int, err error) {\n\tfor i, item := range items {\n" +
			"\t\tif item == \"\" {\n\t\t\tcontinue\n\t\t}\n\t\ttotal += i * len(item)\n\t}\n\treturn total, nil\n}\n\n")
	}
	b.WriteString("```\n")
	return b.String(), Target{Language: "nosuch", Before: "package a\n\n", Original: strings.Repeat("func old(items []string) int { return total }\n", 2000)}
}

// BenchmarkParse is the whole life of a 100 KB reply in pieces of four bytes,
// about a token, with a preview after each; syntax (a package of its own) is left out.
func BenchmarkParse(b *testing.B) {
	reply, target := bigReply()
	b.SetBytes(int64(len(reply)))
	for b.Loop() {
		p := NewParser(target)
		for i := 0; i < len(reply); i += 4 {
			done := p.Write(reply[i:min(i+4, len(reply))])
			_ = p.Preview()
			if done {
				break
			}
		}
		if _, err := p.Close(true); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClose is what a job pays after the last token of a usual edit in a
// file of 500 lines, syntax included: in one function among others, and at worst,
// where the file is one function.
func BenchmarkClose(b *testing.B) {
	line := "\tif total, err := sum(items); err != nil { return total }\n"
	body := strings.Repeat(line, 8)
	funcs := strings.Repeat("func f(items []int) int {\n"+body+"\treturn 0\n}\n\n", 21)
	for name, target := range map[string]Target{
		"function": {Language: "go", Before: "package a\n\n" + funcs + "func g(items []int) int {\n", Original: body, After: "\treturn 0\n}\n\n" + funcs},
		"file":     {Language: "go", Before: "package a\n\nfunc f(items []int) int {\n" + strings.Repeat(body, 30), Original: body, After: strings.Repeat(body, 30) + "\treturn 0\n}\n"},
	} {
		b.Run(name, func(b *testing.B) {
			reply := "```go\n" + strings.ReplaceAll(body, "sum", "add") + "```\n"
			for b.Loop() {
				p := NewParser(target)
				p.Write(reply)
				if _, err := p.Close(true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
