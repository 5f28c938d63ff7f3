package mcp

import (
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/goleak"

	"github.com/hob-ls/hob/agent/tool/mcp/mcptest"
	"github.com/hob-ls/hob/workspace"
)

func TestMain(m *testing.M) {
	mcptest.Main()
	goleak.VerifyTestMain(m)
}

// waitFor polls until cond holds.
func waitFor(tb testing.TB, what string, cond func() bool) {
	tb.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !cond() {
		if time.Now().After(deadline) {
			tb.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// duplex is one end of two pipes.
type duplex struct {
	io.ReadCloser
	io.WriteCloser
}

func (d duplex) Close() error {
	_ = d.WriteCloser.Close()
	return d.ReadCloser.Close()
}

func pipes() (a, b duplex) {
	ar, bw := io.Pipe()
	br, aw := io.Pipe()
	return duplex{ar, aw}, duplex{br, bw}
}

// serving is a running Serve and its end.
type serving struct {
	peer  duplex
	ended chan error
}

func serve(tb testing.TB, ctx context.Context, opts ServeOptions) *serving {
	tb.Helper()
	opts.Workspace = workspace.New(context.Background(), workspace.Options{Exclude: []string{".env"}})
	here, there := pipes()
	s := &serving{peer: here, ended: make(chan error, 1)}
	go func() { s.ended <- Serve(ctx, there, opts) }()
	tb.Cleanup(func() {
		_ = here.Close()
		_ = opts.Workspace.Close()
	})
	return s
}

func (s *serving) wait(tb testing.TB) error {
	tb.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(time.Minute):
		tb.Fatal("Serve does not end")
		return nil
	}
}

// connect is a client of s.
func (s *serving) connect(tb testing.TB, opts *sdk.ClientOptions, version string, roots ...string) (*sdk.Client, *sdk.ClientSession) {
	tb.Helper()
	c := sdk.NewClient(&sdk.Implementation{Name: "test"}, opts)
	for _, r := range roots {
		c.AddRoots(&sdk.Root{URI: "file://" + r})
	}
	session, err := c.Connect(tb.Context(), &sdk.IOTransport{Reader: s.peer.ReadCloser, Writer: s.peer.WriteCloser}, &sdk.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = session.Close() })
	return c, session
}

// ask calls a tool and gives its text.
func ask(tb testing.TB, c *sdk.ClientSession, name, args string) (text string, failed bool) {
	tb.Helper()
	res, err := c.CallTool(tb.Context(), &sdk.CallToolParams{Name: name, Arguments: json.RawMessage(args)})
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	for _, part := range res.Content {
		text += part.(*sdk.TextContent).Text
	}
	return text, res.IsError
}
