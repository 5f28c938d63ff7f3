package mcp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hob-ls/hob/agent/tool"
)

// offer is a tool of a server as it was listed. Immutable.
type offer struct {
	name   string // for models: SERVER_TOOL
	own    string // what the server calls it
	about  string
	schema json.RawMessage // for models
	in     *jsonschema.Resolved
	out    *jsonschema.Resolved // nil where nothing is promised
	mark   string               // changes with the server's command and with all that it says of the tool
}

const (
	maxName  = 64
	maxAbout = 300
	// confirmTime is how long a user may think about it.
	confirmTime = 5 * time.Minute
)

func newOffer(c Config, t *sdk.Tool) (*offer, error) {
	o := &offer{own: t.Name, about: clipLine(t.Description, maxAbout)}
	if t.Name == "" || len(t.Name) > 256 {
		return nil, errors.New("its name is empty or too long")
	}
	in, tree, err := readSchema(t.InputSchema)
	if err != nil {
		return nil, fmt.Errorf("the schema of its arguments is not usable: %w", err)
	}
	if tree["type"] != "object" {
		return nil, errors.New("its arguments are no object")
	}
	o.in = in
	if t.OutputSchema != nil {
		if o.out, _, err = readSchema(t.OutputSchema); err != nil {
			return nil, fmt.Errorf("the schema of its results is not usable: %w", err)
		}
	}
	model, err := shown(tree, tree, 0)
	if err != nil {
		return nil, err
	}
	if o.schema, err = json.Marshal(model); err != nil {
		return nil, err
	}
	all, err := json.Marshal([]any{c.Command, c.Args, c.URL, t.Name, t.Description, t.InputSchema, t.OutputSchema})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(all)
	o.mark = hex.EncodeToString(sum[:8])
	o.name = modelName(c.Name+"_"+t.Name, o.mark)
	return o, nil
}

// modelName is name in the letters that every provider takes.
func modelName(name, mark string) string {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
	if len(name) > maxName {
		name = name[:maxName-9] + "_" + mark[:8]
	}
	return name
}

// clipLine is s on one line and no longer than n bytes.
func clipLine(s string, n int) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "\uFFFD")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n-len("…")], "") + "…"
	}
	return s
}

// tool is o for the jobs of one workspace.
func (o *offer) tool(s *server, c *consent, workspace string) tool.Tool {
	return tool.Tool{
		Spec: tool.Spec{
			Name: o.name, Schema: o.schema,
			Description: "A tool of " + s.config.Name + ", a program that the user has added.",
		},
		About: o.about, Foreign: true,
		Timeout: s.opts.CallTimeout + confirmTime,
		Run: func(ctx context.Context, args json.RawMessage) (tool.Result, error) {
			fit, err := tool.CheckArgs(o.name, o.in, args)
			if err != nil {
				return tool.Result{}, err
			}
			if !nested(fit, 0) {
				return tool.Result{}, fmt.Errorf("%s: the arguments are nested too deeply", o.name)
			}
			if err := c.ask(ctx, workspace, s.config.Name, o, args); err != nil {
				return tool.Result{}, err
			}
			return s.call(ctx, o, fit)
		},
	}
}

// call has the server do it, if it is up and the tool is still what it was.
func (s *server) call(ctx context.Context, o *offer, args map[string]any) (tool.Result, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return tool.Result{}, ctx.Err()
	}
	s.mu.Lock()
	session := s.session
	now := ""
	for _, other := range s.list {
		if other.name == o.name {
			now = other.mark
		}
	}
	s.mu.Unlock()
	switch {
	case session == nil:
		return tool.Result{}, fmt.Errorf("%s is not up; go on without it", s.config.Name)
	case now != o.mark:
		return tool.Result{}, fmt.Errorf("%s does not offer %s any more", s.config.Name, o.name)
	}
	inner, cancel := context.WithTimeout(ctx, s.opts.CallTimeout)
	defer cancel()
	res, err := session.CallTool(inner, &sdk.CallToolParams{Name: o.own, Arguments: args})
	switch {
	case err != nil && ctx.Err() != nil:
		return tool.Result{}, ctx.Err()
	case err != nil && inner.Err() != nil:
		return tool.Result{}, fmt.Errorf("%s did not answer within %v", s.config.Name, s.opts.CallTimeout)
	case err != nil:
		return tool.Result{}, fmt.Errorf("%s: %s", s.config.Name, clipLine(err.Error(), maxAbout))
	}
	return readResult(s, o, res)
}
