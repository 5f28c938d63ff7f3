package client

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

// Whatever comes over the wire, reading it ends, and what was framed is read back.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("Content-Length: 17\r\n\r\n{\"jsonrpc\":\"2.0\"}"))
	f.Add([]byte("Content-Length: 2\r\nContent-Type: x\r\n\r\n{}Content-Length: 9"))
	f.Add([]byte("content-length: 4\r\n\r\nnull"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bufio.NewReader(bytes.NewReader(data))
		for range len(data) + 1 {
			m, err := readMessage(r)
			if err != nil {
				return
			}
			m.check()
			body, err := encode(m)
			if err != nil {
				t.Fatalf("%q is read as %+v, which can't be written: %v", data, m, err)
			}
			if _, err := readMessage(bufio.NewReader(bytes.NewReader(frame(body)))); err != nil {
				t.Fatalf("%q does not survive: %v", body, err)
			}
		}
		t.Fatalf("%q does not end", data)
	})
}

// A workspace edit that is accepted is the same whether it is applied change by
// change, as the server is told, or at once, as it was meant.
func FuzzEdit(f *testing.F) {
	const p = `{"documentChanges":[{"textDocument":{"uri":"file:///a","version":1},"edits":[`
	f.Add("a🦊b\r\nc\n", p+`{"range":{"start":{"line":0,"character":1},"end":{"line":0,"character":3}},"newText":"x"},{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"newText":"y"}]}]}`)
	f.Add("", p+`{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"newText":"x"}]}]}`)
	f.Add("a", p+`]},{"kind":"create","uri":"file:///b"}]}`)
	o, err := readOffers(BuiltinCapabilities(text.UTF16))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src, raw string) {
		c := &Client{offers: o}
		pl, err := c.readEdit(json.RawMessage(raw))
		if err != nil || strings.ContainsRune(src, '�') {
			return
		}
		lines := text.NewLineIndex(src)
		for _, ch := range pl.changes {
			edits, err := resolve(lines, ch.edits, text.UTF16)
			if err != nil {
				continue
			}
			step, x := src, lines
			once := make([]text.Edit, len(edits))
			for i, e := range edits {
				if step, x, _, err = text.ApplyRange(step, x, e, text.UTF16); err != nil {
					t.Fatal(err)
				}
				start, err1 := lines.Offset(e.Start, text.UTF16)
				end, err2 := lines.Offset(e.End, text.UTF16)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				once[len(edits)-1-i] = text.Edit{Span: text.Span{Start: start, End: end}, New: e.New}
			}
			whole, err := text.Apply(src, once)
			if err != nil || whole != step {
				t.Errorf("at once %q, step by step %q, %v", whole, step, err)
			}
		}
	})
}
