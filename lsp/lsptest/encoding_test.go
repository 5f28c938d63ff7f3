package lsptest

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
)

// A document whose file is in UTF-16 is edited like any other: what the editor has
// is text, and it writes the file in the encoding that it read.
func TestUTF16File(t *testing.T) {
	const content = "a = '🦊'\nb = 1\n"
	disk := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(content)) {
		disk = append(disk, byte(u), byte(u>>8))
	}
	f := newFixture(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "```python\na = '🦊🦊'\n```\n"}}}, nil)
	path := filepath.Join(filepath.Dir(f.main), "wide.py")
	if err := os.WriteFile(path, disk, 0o666); err != nil {
		t.Fatal(err)
	}
	text := content
	if err := f.Open(path, &text); err != nil {
		t.Fatal(err)
	}
	res, err := f.Job(t.Context(), "hob.edit", lsp.JobParams{
		URI: client.URI(path), Range: &lsp.Range{End: lsp.Position{Line: 0, Character: 8}}, Prompt: "another one", Wait: true,
	})
	if err != nil || res.Status != "applied" {
		t.Fatalf("%+v, %v", res, err)
	}
	if got, _, _ := f.Text(path); got != "a = '🦊🦊'\nb = 1\n" {
		t.Errorf("the document is %q", got)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(disk) {
		t.Errorf("the file is %q, %v", now, err)
	}
	f.end(t)
}
