package lsp

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// contentScheme is the scheme of documents that only Hob has: answers, and diffs
// of what could not be applied.
const contentScheme = "hob"

// maxContents bounds how many of them can still be opened.
const maxContents = 32

// contents are the hob: documents, oldest dropped first.
type contents struct {
	mu    sync.Mutex        // guards what follows
	byURI map[string]string // their texts
	order list.List         // of URIs, oldest first
}

func (c *contents) put(u, body string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byURI == nil {
		c.byURI = map[string]string{}
	}
	if _, known := c.byURI[u]; !known {
		c.order.PushBack(u)
	}
	c.byURI[u] = body
	for len(c.byURI) > maxContents {
		oldest := c.order.Remove(c.order.Front()).(string)
		delete(c.byURI, oldest)
	}
}

func (c *contents) get(u string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, ok := c.byURI[u]
	return body, ok
}

func (s *Server) textDocumentContent(_ context.Context, _ pinned, p *protocol.TextDocumentContentParams) (*protocol.TextDocumentContentResult, error) {
	body, ok := s.contents.get(string(p.URI))
	if !ok {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s is no longer there: ask again", p.URI)
	}
	return &protocol.TextDocumentContentResult{Text: body}, nil
}

// maxMessage bounds an answer that is shown as a message, in runes.
const maxMessage = 1000

// showAnswer shows Markdown to the user of a client that does not do it itself:
// as a document where it can open one, else as a message.
func (s *Server) showAnswer(ctx context.Context, job, body string) {
	if s.showsContent() {
		u := fmt.Sprintf("%s:/answers/%s.md", contentScheme, job)
		s.contents.put(u, body)
		if s.openContent(ctx, u, true) {
			return
		}
	}
	s.showMessage(protocol.MessageTypeInfo, shorten(body, maxMessage))
}

// showsContent reports whether the editor can open hob: documents.
func (s *Server) showsContent() bool { return s.client.content && s.client.showDocument }

// openContent opens a hob: document.
func (s *Server) openContent(ctx context.Context, u string, focus bool) bool {
	res, err := s.editor.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: uri.URI(u), TakeFocus: &focus})
	if err == nil && res != nil && res.Success {
		return true
	}
	s.log.Warn("the editor did not open the document", "uri", u, "err", err)
	return false
}

// shorten cuts s to at most n runes.
func shorten(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}
