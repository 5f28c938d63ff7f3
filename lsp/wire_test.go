package lsp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"
)

func TestReadFrame(t *testing.T) {
	for _, c := range []struct{ in, body, problem string }{
		{"Content-Length: 2\r\n\r\n{}", "{}", ""},
		{"content-length: 2\nContent-Type: x; charset=utf-8\n\n{}", "{}", ""},
		{"Content-Length: 0\r\n\r\n", "", ""},
		{"", "", "EOF"},
		{"Content-Length: 5\r\n\r\n{}", "", "unexpected EOF"},
		{"Content-Length: 2", "", "unexpected EOF"},
		{"Content-Length: -1\r\n\r\n", "", "is not between"},
		{"Content-Length: x\r\n\r\n", "", "is not between"},
		{"Content-Length: 99999999999\r\n\r\n", "", "is not between"},
		{"Content-Type: x\r\n\r\n{}", "", "no Content-Length"},
		{"nonsense\r\n\r\n{}", "", "is no header"},
		{"Content-Length: 2\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n{}", "", "a line is longer than"},
	} {
		_, body, err := readFrame(bufio.NewReader(strings.NewReader(c.in)))
		switch {
		case c.problem == "" && (err != nil || string(body) != c.body):
			t.Errorf("%.80q: got %q, %v", c.in, body, err)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%.80q: error %v, want %q", c.in, err, c.problem)
		}
	}
}

// A header that promises much must not cost memory before it is there.
func TestReadFrameTrustsNoPromise(t *testing.T) {
	in := fmt.Sprintf("Content-Length: %d\r\n\r\n{", maxFrame)
	if got := testing.AllocsPerRun(1, func() {
		if _, _, err := readFrame(bufio.NewReader(strings.NewReader(in))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error %v", err)
		}
	}); got > 100 {
		t.Errorf("%v allocations", got)
	}
}

// A writer never waits for an editor that does not read, and what it wrote comes
// in order when it does.
func TestWireWriteDoesNotBlock(t *testing.T) {
	near, far := net.Pipe()
	w := newWire(far, slog.New(slog.DiscardHandler))
	for i := range 1000 {
		if _, err := fmt.Fprintf(w, "%04d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	in := bufio.NewReader(near)
	for i := range 1000 {
		if line, err := in.ReadString('\n'); err != nil || line != fmt.Sprintf("%04d\n", i) {
			t.Fatalf("line %d is %q, %v", i, line, err)
		}
	}
	never := make(chan struct{})
	w.finish(never)
	if _, err := near.Read(make([]byte, 1)); err == nil {
		t.Error("the stream is still open")
	}
}

// An editor that vanished while there is much to write ends the wire.
func TestWireEditorGone(t *testing.T) {
	near, far := net.Pipe()
	w := newWire(far, slog.New(slog.DiscardHandler))
	_ = near.Close()
	if _, err := w.Read(make([]byte, 8)); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
	select {
	case <-w.ended:
	case <-time.After(patience):
		t.Error("not ended")
	}
	_, _ = w.Write([]byte("x"))
	w.finish(make(chan struct{}))
}

func FuzzCheckMessage(f *testing.F) {
	for _, s := range []string{
		`{"jsonrpc":"2.0","method":"x"}`, `{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}`, `[]`, `[1]`, `1`, `null`, ` `, `{`,
		`{"jsonrpc":"2.0","id":1,"result":null}`, `{"id":1}`, `{"jsonrpc":"2.0","id":{},"method":1}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		code, problem := checkMessage(body)
		if (code == 0) != (problem == "") {
			t.Errorf("%q: code %d with problem %q", body, code, problem)
		}
	})
}
