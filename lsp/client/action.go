package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hob-ls/hob/lsp"
)

// Action is one entry of the code action menu.
type Action struct {
	Title, Kind string
	Command     string
	Arguments   []json.RawMessage
	Preferred   bool
	Tags        []int
	Disabled    string // why it can't be used now; "" if it can
}

// Diagnostic is one diagnostic of a code action's context.
type Diagnostic struct {
	Range    lsp.Range `json:"range"`
	Severity int       `json:"severity,omitempty"`
	Source   string    `json:"source,omitempty"`
	Code     string    `json:"code,omitempty"`
	Message  string    `json:"message"`
	Related  []Related `json:"relatedInformation,omitempty"`
}

// Related is another place that a diagnostic speaks of.
type Related struct {
	Location struct {
		URI   string    `json:"uri"`
		Range lsp.Range `json:"range"`
	} `json:"location"`
	Message string `json:"message"`
}

// wireAction is a CodeAction, or a Command, whose command is a string.
type wireAction struct {
	Title       string            `json:"title"`
	Kind        string            `json:"kind"`
	Diagnostics []Diagnostic      `json:"diagnostics"`
	IsPreferred *bool             `json:"isPreferred"`
	Disabled    *disabledReason   `json:"disabled"`
	Edit        json.RawMessage   `json:"edit"`
	Command     json.RawMessage   `json:"command"`
	Arguments   []json.RawMessage `json:"arguments"` // of a Command
	Data        json.RawMessage   `json:"data"`
	Tags        []int             `json:"tags"`
}

type disabledReason struct {
	Reason string `json:"reason"`
}

type wireCommand struct {
	Title     string            `json:"title"`
	Tooltip   *string           `json:"tooltip"`
	Command   string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments"`
}

// CodeActions opens the menu. only filters kinds, invoked says that the user asked for it.
func (c *Client) CodeActions(ctx context.Context, path string, r lsp.Range, only []string, invoked bool, diags []Diagnostic) ([]Action, error) {
	type actionContext struct {
		Diagnostics []Diagnostic `json:"diagnostics"`
		Only        []string     `json:"only,omitempty"`
		TriggerKind int          `json:"triggerKind"`
	}
	params := struct {
		TextDocument docID         `json:"textDocument"`
		Range        lsp.Range     `json:"range"`
		Context      actionContext `json:"context"`
	}{docID{URI: URI(path)}, r, actionContext{Diagnostics: diags, Only: only, TriggerKind: 2}}
	if diags == nil {
		params.Context.Diagnostics = []Diagnostic{}
	}
	if invoked {
		params.Context.TriggerKind = 1
	}
	var answer []json.RawMessage
	if err := c.Call(ctx, "textDocument/codeAction", params, &answer); err != nil {
		return nil, err
	}
	actions := make([]Action, 0, len(answer))
	for _, raw := range answer {
		a, err := c.readAction(raw, only)
		if err != nil {
			c.violation("code action %s: %v", raw, err)
			continue
		}
		actions = append(actions, a)
	}
	return actions, nil
}

func (c *Client) readAction(raw json.RawMessage, only []string) (Action, error) {
	var w wireAction
	if err := strict(raw, &w); err != nil {
		return Action{}, err
	}
	a := Action{Title: w.Title, Kind: w.Kind, Tags: w.Tags, Preferred: w.IsPreferred != nil && *w.IsPreferred}
	if w.Title == "" {
		return a, errors.New("no title")
	}
	if json.Unmarshal(w.Command, &a.Command) == nil && a.Command != "" {
		a.Arguments = w.Arguments
		return a, nil
	}
	if missing := c.offers.action(&w); missing != "" {
		c.violation("code action %q without the client's %s", w.Title, missing)
	}
	if len(only) > 0 && !kindIn(w.Kind, only) {
		c.violation("code action %q of kind %q though only %v was asked for", w.Title, w.Kind, only)
	}
	if w.Disabled != nil {
		a.Disabled = w.Disabled.Reason
	}
	if w.Command != nil {
		var cmd wireCommand
		if err := strict(w.Command, &cmd); err != nil {
			return a, err
		}
		a.Command, a.Arguments = cmd.Command, cmd.Arguments
	}
	return a, nil
}

// kindIn reports whether kind is one of the kinds or below one of them.
func kindIn(kind string, kinds []string) bool {
	for _, k := range kinds {
		if k == "" || kind == k || strings.HasPrefix(kind, k+".") {
			return true
		}
	}
	return false
}

// Execute runs workspace/executeCommand. A refusal is *Error.
func (c *Client) Execute(ctx context.Context, command string, args ...any) (json.RawMessage, error) {
	var result json.RawMessage
	err := c.Call(ctx, "workspace/executeCommand", executeParams(command, args), &result)
	return result, err
}

func executeParams(command string, args []any) any {
	if args == nil {
		args = []any{}
	}
	return map[string]any{"command": command, "arguments": args}
}

// jobGrace is how long a job whose context ended may take to say how it ended.
const jobGrace = 2 * time.Second

// Job runs a job command and waits for its result, also when it failed: only a
// session that broke, or a refusal before a job existed, is an error. When ctx
// ends, the job is cancelled and its result awaited for a moment.
func (c *Client) Job(ctx context.Context, command string, p lsp.JobParams) (*lsp.JobResult, error) {
	p.Wait = true
	r, err := c.Begin("workspace/executeCommand", executeParams(command, []any{p}))
	if err != nil {
		return nil, err
	}
	res, err := r.Job(ctx)
	if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return res, err
	}
	if err := r.Cancel(); err != nil {
		return nil, err
	}
	grace, stop := context.WithTimeout(context.WithoutCancel(ctx), jobGrace)
	defer stop()
	if res, err := r.Job(grace); err == nil {
		return res, nil
	}
	return nil, ctx.Err()
}

// Job waits for the result of a job command that was begun with wait.
func (r *Request) Job(ctx context.Context) (*lsp.JobResult, error) {
	var raw json.RawMessage
	err := r.Wait(ctx, &raw)
	var refused *Error
	if errors.As(err, &refused) && len(refused.Data) > 0 {
		var res lsp.JobResult
		if strict(refused.Data, &res) == nil && res.Job != "" {
			return &res, nil
		}
	}
	if err != nil {
		return nil, err
	}
	var res lsp.JobResult
	if err := strict(raw, &res); err != nil {
		return nil, fmt.Errorf("the answer to %s is no job result: %w", r.method, err)
	}
	return &res, nil
}
