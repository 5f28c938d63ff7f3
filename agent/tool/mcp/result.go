package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hob-ls/hob/agent/tool"
)

// readResult turns what a server returned into text, if it is what was promised.
func readResult(s *server, o *offer, res *sdk.CallToolResult) (tool.Result, error) {
	text, cut := contentText(res.Content, s.opts.Limits.Bytes-cutRoom)
	if res.IsError {
		if strings.TrimSpace(text) == "" {
			text = "it failed and does not say why"
		}
		return tool.Result{}, fmt.Errorf("%s: %s", o.name, strings.TrimSpace(text))
	}
	if res.NeedsInput() {
		return tool.Result{}, fmt.Errorf("%s asks for more than its arguments, and gets nothing", o.name)
	}
	if o.out != nil {
		if err := fits(o, res.StructuredContent); err != nil {
			return tool.Result{}, fmt.Errorf("%s returned something else than it promises, which is not used: %w", o.name, err)
		}
	}
	if strings.TrimSpace(text) == "" && res.StructuredContent != nil {
		b, err := json.Marshal(res.StructuredContent)
		if err != nil {
			return tool.Result{}, fmt.Errorf("%s: %w", o.name, err)
		}
		text, cut = clipText(string(b), s.opts.Limits.Bytes-cutRoom)
	}
	if cut {
		text += fmt.Sprintf("\n[cut: the result has more than %d bytes]\n", s.opts.Limits.Bytes)
	}
	if strings.TrimSpace(text) == "" {
		text = "(nothing)\n"
	}
	return tool.Result{Text: text, Cut: cut}, nil
}

// cutRoom is for the note that something was cut.
const cutRoom = 80

func fits(o *offer, value any) error {
	if value == nil {
		return errors.New("there is no structured content")
	}
	// What the client decoded may be of any Go type; the check is for plain JSON.
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(b, &plain); err != nil {
		return err
	}
	if !nested(plain, 0) {
		return errors.New("it is nested too deeply")
	}
	if err := o.out.Validate(plain); err != nil {
		return errors.New(clipLine(err.Error(), maxAbout))
	}
	return nil
}

// contentText is the text of a result within most bytes; what is none is named.
func contentText(parts []sdk.Content, most int) (text string, cut bool) {
	var b strings.Builder
	for _, c := range parts {
		var piece string
		switch c := c.(type) {
		case *sdk.TextContent:
			piece = c.Text
		case *sdk.ImageContent:
			piece = fmt.Sprintf("[an image, %d bytes]", len(c.Data))
		case *sdk.AudioContent:
			piece = fmt.Sprintf("[a recording, %d bytes]", len(c.Data))
		case *sdk.ResourceLink:
			piece = fmt.Sprintf("[a link to %s]", clipLine(c.URI, 200))
		case *sdk.EmbeddedResource:
			if r := c.Resource; r != nil && r.Text != "" {
				piece = r.Text
			} else if r != nil {
				piece = fmt.Sprintf("[%s, %d bytes]", clipLine(r.URI, 200), len(r.Blob))
			}
		}
		if piece == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		piece, cut := clipText(piece, most-b.Len())
		if b.WriteString(piece); cut {
			return b.String(), true
		}
	}
	return b.String(), false
}

// clipText is the beginning of s, valid UTF-8, at most n bytes.
func clipText(s string, n int) (string, bool) {
	cut := len(s) > n
	if cut {
		s = s[:max(0, n)]
	}
	if cut {
		return strings.ToValidUTF8(s, ""), true
	}
	return strings.ToValidUTF8(s, "?"), false
}
