package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"go.lsp.dev/protocol"
)

// The buttons of the question whether a tool of an MCP server may be used. A
// client that decides by itself, as a terminal does, knows the question by them.
const (
	AllowButton = "Allow"
	DenyButton  = "Don't Allow"
)

// maxShownArgs is how much of the arguments of a tool a question shows, in characters.
const maxShownArgs = 200

var errNoAnswer = errors.New("the question was closed without an answer")

// asker is the mcp.Confirmer of a session.
type asker struct{ s *Server }

// Confirm asks the user. A job whose tool it is waits for the user meanwhile.
func (a asker) Confirm(ctx context.Context, server, tool string, args json.RawMessage) (bool, error) {
	where := "this workspace"
	if r := jobOf(ctx); r != nil {
		defer r.wait()()
		a.s.board.state(r.id, stateWaiting)
		r.bar.report("waiting for your decision")
		where = filepath.Base(a.s.folderOf(r.spec.req.Path))
	}
	question := fmt.Sprintf("Let %s's tool %s be used in %s? It would be called with %s", server, plainly(tool, 80), where, plainly(oneLineJSON(args), maxShownArgs))
	got, err := a.s.choose(ctx, protocol.MessageTypeInfo, question, AllowButton, DenyButton)
	if err == nil && got == "" {
		err = errNoAnswer
	}
	return got == AllowButton, err
}

// oneLineJSON is JSON without line ends; what is none is quoted.
func oneLineJSON(v json.RawMessage) string {
	var b bytes.Buffer
	switch err := json.Compact(&b, v); {
	case len(bytes.TrimSpace(v)) == 0:
		return "{}"
	case err != nil:
		return strconv.Quote(string(v))
	}
	return b.String()
}

// plainly is s with at most n characters, and none that are not seen or that turn
// others round: what a model or a server wrote can't pass for Hob's words.
func plainly(s string, n int) string {
	var b strings.Builder
	for _, r := range shorten(s, n) {
		if r == unicode.ReplacementChar || unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}

// jobInside is where the context of a job holds it, for what asks on its behalf
// from below the agent.
type jobInside struct{}

func withJob(ctx context.Context, r *jobRun) context.Context {
	return context.WithValue(ctx, jobInside{}, r)
}

func jobOf(ctx context.Context) *jobRun {
	r, _ := ctx.Value(jobInside{}).(*jobRun)
	return r
}
