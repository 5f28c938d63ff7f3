package edit

import (
	"errors"
	"strings"
	"testing"
)

// Each refusal tells the model what was wrong with its reply, as far as trying
// again can help, and ends with the form that is wanted.
func TestAgain(t *testing.T) {
	long := "func Sum(xs []int) int {\n\ttotal := 0\n\tfor _, x := range xs {\n\t\ttotal += x\n\t}\n\tif total < 0 {\n\t\ttotal = 0\n\t}\n\treturn total\n}\n"
	region := Target{Language: "go", Before: "package shop\n\n", Original: long, After: "\nfunc Other() {}\n"}
	two := Target{Language: "go", Original: "package p\n\nfunc a() {}\n\nfunc b() {}\n"}
	for _, c := range []struct {
		name, reply string
		target      Target
		cut         bool
		want        string // "" for no second attempt
	}{
		{name: "placeholder", target: region, reply: "```go\nfunc Sum(xs []int) int {\n\t// ... rest of the code\n}\n```\n", want: `Line 2 of your code stands in for code that you left out: "// ... rest of the code".`},
		{name: "collapse", target: Target{Language: "go", Original: strings.Repeat("x = f(x)\n", 8)}, reply: "```go\nx = f(f(x))\n```\n", want: "Your code has too few lines: 1 where the region has 8"},
		{name: "conflict", target: region, reply: "```go\n" + strings.Replace(long, "\ttotal := 0\n", "<<<<<<< HEAD\n\ttotal := 0\n", 1) + "```\n", want: `Line 2 of your code is a conflict marker: "<<<<<<< HEAD".`},
		{name: "syntax", target: region, reply: "```go\n" + strings.Replace(long, "total := 0", "total := := 0", 1) + "```\n", want: `Line 2 of your code has a syntax error, or comes right after one: "total := := 0".`},
		{name: "dropped", target: two, reply: "```go\npackage p\n\nfunc b() { print() }\n```\n", want: "Your code leaves out a, "},
		{name: "package clause", target: two, reply: "```go\nfunc a() {}\n\nfunc b() { print() }\n```\n", want: "Your code leaves out the package clause, "},
		{name: "undeclared", target: region, reply: "```go\ntotal := 1\n```\n", want: "Your code does not declare Sum."},
		{name: "unclosed", target: region, reply: "```go\nfunc Sum(xs []int) int {\n\ttotal := 0\n", want: "Your code ends in the middle."},
		{name: "patch", target: region, reply: "```diff\n-foo()\n+bar()\n```\n", want: "The lines that change 1 of your reply replaces are not in the region like that, look at \"foo()\"."},
		{name: "prose", target: region, reply: "You should initialise the total with a bigger value here.\n", want: "Your reply is prose"},
		{name: "empty", target: region, reply: "", want: "Your reply holds no code."},
		{name: "thought", target: region, reply: "<think>\nWell.\n", want: "Do not think aloud now."},
		{name: "answer", target: Target{Shape: Answer}, reply: "\n", want: "Your reply holds no code. Write the answer now."},
		{name: "not found", target: region, reply: "```go\n<<<<<<< SEARCH\n\ttotal := 1\n=======\n\ttotal := 2\n>>>>>>> REPLACE\n```\n", want: `The lines that change 1 of your reply replaces are not in the region like that, look at "total := 1". Copy them exactly as they are.`},
		{name: "found twice", target: Target{Language: "python", Original: "x = 1\ny = 2\nx = 1\n"}, reply: "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n", want: `are 2 times in the region: "x = 1". Add lines before or after them`},
		{name: "outside", target: region, reply: "```diff\n-func Other() {}\n+func Other() { println() }\n```\n", want: `Change 1 of your reply is outside the region: "func Other() {}".`},
		{name: "empty search", target: region, reply: "<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n", want: "Change 1 of your reply does not say which lines it replaces."},
		{name: "overlap", target: Target{Language: "python", Original: "x = 1\ny = 2\n"}, reply: "<<<<<<< SEARCH\nx = 1\ny = 2\n=======\nx = 2\n>>>>>>> REPLACE\n<<<<<<< SEARCH\ny = 2\n=======\ny = 3\n>>>>>>> REPLACE\n", want: "Change 2 of your reply is about lines that another one replaces as well."},
		{name: "half a block", target: region, reply: "<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n", want: "A block of your reply lacks one of its three marks"},
		{name: "several files", target: region, reply: "a.go\n```go\n<<<<<<< SEARCH\n\ttotal := 0\n=======\n\ttotal := 2\n>>>>>>> REPLACE\n```\nb.go\n```go\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n", want: "Your reply holds several files."},
		{name: "another file", target: Target{Language: "go", Path: "/src/a.go", Original: "x := 1\n"}, reply: "```diff\n--- a/b.go\n+++ b/b.go\n@@ -1 +1 @@\n-x := 1\n+x := 2\n```\n", want: "Your reply changes b.go. Change the region of a.go, nothing else."},
		{name: "declined", target: region, reply: "I'm sorry, but I can't help with that.\n"},
		{name: "cut", target: region, cut: true, reply: "```go\nfunc Sum(xs []int) int {\n"},
		{name: "too long", target: Target{Language: "go", Original: "x\n", Limit: 10}, reply: "```go\n" + strings.Repeat("x++\n", 10) + "```\n"},
	} {
		_, _, err := chunked(c.target, []string{c.reply}, !c.cut)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		if c.want == "" {
			if e.Again != "" {
				t.Errorf("%s: %q", c.name, e.Again)
			}
			continue
		}
		if !strings.Contains(e.Again, c.want) || c.target.Shape == Region && !strings.HasSuffix(e.Again, " Reply again with only "+forms[Region].what+".") {
			t.Errorf("%s: %q, want …%s…", c.name, e.Again, c.want)
		}
	}
}
