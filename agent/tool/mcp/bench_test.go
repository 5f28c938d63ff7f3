package mcp

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/workspacetest"
)

// BenchmarkServeRead is a read through the whole server, without processes.
func BenchmarkServeRead(b *testing.B) {
	dir := project(b)
	workspacetest.Put(b, filepath.Join(dir, "file.go"), strings.Repeat("// A line of some length, as there are many.\n", 200))
	s := serve(b, b.Context(), ServeOptions{Roots: []string{dir}})
	out := bufio.NewReaderSize(s.peer, 1<<20)
	call := func(text string) {
		if _, err := io.WriteString(s.peer, text); err != nil {
			b.Fatal(err)
		}
		if _, err := out.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
	first, second, _ := strings.Cut(hello, "\n")
	call(first + "\n")
	if _, err := io.WriteString(s.peer, second); err != nil {
		b.Fatal(err)
	}
	id := 1
	for b.Loop() {
		id++
		call(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"read","arguments":{"path":"file.go"}}}`+"\n", id))
	}
}
