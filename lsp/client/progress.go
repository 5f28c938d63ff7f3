package client

import (
	"context"
	"encoding/json"
	"fmt"
)

type tokenState uint8

const (
	tokenCreated  tokenState = iota // our answer is not out yet
	tokenAnswered                   // the server may begin
	tokenBegun
	tokenEnded
)

// token is one work-done progress. Guarded by Client.mu.
type token struct {
	raw         json.RawMessage
	state       tokenState
	cancellable bool
	percentage  *uint32 // of the last message; nil if begin named none
}

// Progress is one $/progress of kind begin, report or end.
type Progress struct {
	Token, Kind, Title, Message string
	Percentage                  *uint32
	Cancellable                 bool
}

func (c *Client) createProgress(k *call) {
	var p struct {
		Token json.RawMessage `json:"token"`
	}
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	name := tokenName(p.Token)
	c.mu.Lock()
	twice := c.tokens[name] != nil
	t := &token{raw: p.Token}
	c.tokens[name] = t
	c.mu.Unlock()
	if twice {
		c.violation("%s: token %s was created before", k.method, name)
	}
	// Right before the answer is written: whoever begins earlier did not wait for it.
	c.out.push(func() {
		c.mu.Lock()
		t.state = max(t.state, tokenAnswered)
		c.mu.Unlock()
	})
	k.reply(nil)
}

// tokenName is the string of a token, be it a string or an integer.
func tokenName(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

type progressValue struct {
	Kind        string  `json:"kind"`
	Title       *string `json:"title"`
	Cancellable *bool   `json:"cancellable"`
	Message     *string `json:"message"`
	Percentage  *uint32 `json:"percentage"`
}

func (c *Client) progress(params json.RawMessage) error {
	var p struct {
		Token json.RawMessage `json:"token"`
		Value progressValue   `json:"value"`
	}
	if err := strict(params, &p); err != nil {
		return err
	}
	name, v := tokenName(p.Token), p.Value
	c.mu.Lock()
	err := c.tokens[name].advance(v)
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("token %s: %w", name, err)
	}
	if c.opts.Progress != nil {
		out := Progress{Token: name, Kind: v.Kind, Percentage: v.Percentage}
		if v.Title != nil {
			out.Title = *v.Title
		}
		if v.Message != nil {
			out.Message = *v.Message
		}
		if v.Cancellable != nil {
			out.Cancellable = *v.Cancellable
		}
		c.opts.Progress(out)
	}
	return nil
}

// advance checks v against what came before it.
func (t *token) advance(v progressValue) error {
	switch {
	case t == nil:
		return fmt.Errorf("%s of a token that nobody created", v.Kind)
	case t.state == tokenEnded:
		return fmt.Errorf("%s after the end", v.Kind)
	case v.Percentage != nil && *v.Percentage > 100:
		return fmt.Errorf("percentage %d", *v.Percentage)
	}
	switch v.Kind {
	case "begin":
		return t.begin(v)
	case "report":
		return t.report(v)
	case "end":
		if t.state != tokenBegun {
			return fmt.Errorf("end without begin")
		}
		t.state = tokenEnded
		if v.Title != nil || v.Percentage != nil || v.Cancellable != nil {
			return fmt.Errorf("end has more than a message")
		}
		return nil
	}
	return fmt.Errorf("kind %q", v.Kind)
}

func (t *token) begin(v progressValue) error {
	before := t.state
	t.state, t.percentage = tokenBegun, v.Percentage
	t.cancellable = v.Cancellable != nil && *v.Cancellable
	switch {
	case before == tokenBegun:
		return fmt.Errorf("a second begin")
	case before == tokenCreated:
		return fmt.Errorf("begin before the client answered its creation")
	case v.Title == nil:
		return fmt.Errorf("begin without title")
	}
	return nil
}

func (t *token) report(v progressValue) error {
	if t.state != tokenBegun {
		return fmt.Errorf("report without begin")
	}
	if v.Title != nil {
		return fmt.Errorf("report with a title")
	}
	if v.Cancellable != nil {
		t.cancellable = *v.Cancellable
	}
	if v.Percentage == nil {
		return nil
	}
	last := t.percentage
	switch {
	case last == nil:
		return fmt.Errorf("a percentage, which begin did not announce")
	case *v.Percentage < *last:
		return fmt.Errorf("the percentage falls from %d to %d", *last, *v.Percentage)
	}
	t.percentage = v.Percentage
	return nil
}

// CancelProgress sends window/workDoneProgress/cancel. It is an error where an
// editor would show no button: a progress that does not run or can't be cancelled.
func (c *Client) CancelProgress(name string) error {
	c.mu.Lock()
	t := c.tokens[name]
	var raw json.RawMessage
	if t != nil && t.state == tokenBegun && t.cancellable {
		raw = t.raw
	}
	c.mu.Unlock()
	if raw == nil {
		return fmt.Errorf("progress %q does not run or can't be cancelled", name)
	}
	return c.Notify(context.Background(), "window/workDoneProgress/cancel", map[string]json.RawMessage{"token": raw})
}
