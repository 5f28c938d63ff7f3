package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

func TestChangesAndDiff(t *testing.T) {
	disk := map[string]string{"/r/a.ts": "one\ntwü\nthree\n", "/r/old.ts": "gone\n", "/r/no-newline": "x"}
	read := func(path string) (string, error) {
		if s, ok := disk[path]; ok {
			return s, nil
		}
		return "", os.ErrNotExist
	}
	tests := []struct {
		name, edit, want, err string
		enc                   text.Encoding
	}{
		{name: "nothing", edit: `{}`},
		{
			name: "edit", enc: text.UTF8,
			edit: `{"documentChanges":[{"textDocument":{"uri":"file:///r/a.ts","version":3},"edits":[{"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":4}},"newText":"o"}]}]}`,
			want: "diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,3 @@\n one\n-twü\n+two\n three\n",
		},
		{
			name: "edit in UTF-16", enc: text.UTF16,
			edit: `{"changes":{"file:///r/a.ts":[{"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":3}},"newText":"o"}]}}`,
			want: "diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,3 @@\n one\n-twü\n+two\n three\n",
		},
		{
			name: "create", enc: text.UTF8,
			edit: `{"documentChanges":[{"kind":"create","uri":"file:///r/new/b.ts"},{"textDocument":{"uri":"file:///r/new/b.ts","version":null},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"newText":"b\n"}]}]}`,
			want: "diff --git a/new/b.ts b/new/b.ts\nnew file mode 100644\n--- /dev/null\n+++ b/new/b.ts\n@@ -0,0 +1,1 @@\n+b\n",
		},
		{name: "create an empty file", edit: `{"documentChanges":[{"kind":"create","uri":"file:///r/e"}]}`, want: "diff --git a/e b/e\nnew file mode 100644\n"},
		{
			name: "rename and delete", enc: text.UTF8,
			edit: `{"documentChanges":[{"kind":"rename","oldUri":"file:///r/old.ts","newUri":"file:///r/new.ts"}]}`,
			want: "diff --git a/old.ts b/old.ts\ndeleted file mode 100644\n--- a/old.ts\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-gone\ndiff --git a/new.ts b/new.ts\nnew file mode 100644\n--- /dev/null\n+++ b/new.ts\n@@ -0,0 +1,1 @@\n+gone\n",
		},
		{name: "created and taken back", edit: `{"documentChanges":[{"kind":"create","uri":"file:///r/e"},{"kind":"delete","uri":"file:///r/e"}]}`},
		{
			name: "no final line end", enc: text.UTF8,
			edit: `{"documentChanges":[{"textDocument":{"uri":"file:///r/no-newline"},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"newText":"y"}]}]}`,
			want: "diff --git a/no-newline b/no-newline\n--- a/no-newline\n+++ b/no-newline\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n",
		},
		{name: "outside the text", edit: `{"documentChanges":[{"textDocument":{"uri":"file:///r/a.ts"},"edits":[{"range":{"start":{"line":9,"character":0},"end":{"line":9,"character":0}},"newText":"x"}]}]}`, err: "outside the text"},
		{name: "unknown operation", edit: `{"documentChanges":[{"kind":"chmod","uri":"file:///r/a.ts"}]}`, err: `unknown operation "chmod"`},
		{name: "not JSON", edit: `[`, err: "can't be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changes, err := changesOf(json.RawMessage(tt.edit), tt.enc, read)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("%v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := writeDiff(&out, "/r", changes, false); err != nil {
				t.Fatal(err)
			}
			if out.String() != tt.want {
				t.Errorf("diff:\n%s\nwant:\n%s", out.String(), tt.want)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	added, removed := fileChange{before: "a\nb\nc\n", after: "a\nx\ny\nc\n"}.counts()
	if added != 2 || removed != 1 {
		t.Errorf("+%d -%d", added, removed)
	}
}

func TestDiffInColour(t *testing.T) {
	var out bytes.Buffer
	if err := writeDiff(&out, "/r", []fileChange{{path: "/r/a", before: "a\n", after: "b\n"}}, true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "\x1b[1m--- a/a\x1b[m\n") || strings.Count(out.String(), "\x1b[") < 8 {
		t.Errorf("%q", out.String())
	}
}
