package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/google/renameio/v2/maybe"
)

// consent asks the user before a tool is used in a workspace for the first time,
// and remembers that they agreed. It is for what the tool was then: a server that
// describes it otherwise, or another command, is asked about anew.
type consent struct {
	confirm Confirmer
	path    string // of the file; "" for none
	log     *slog.Logger

	mu      sync.Mutex          // guards what follows
	allowed map[string][]string // marks by workspace
	refused map[string]bool     // workspace + mark: not asked again in this session
	asking  map[string]chan struct{}
}

// consentFile is what is kept.
type consentFile struct {
	Version int                 `json:"version"`
	Allowed map[string][]string `json:"allowed"` // "server/tool mark" by workspace
}

const (
	consentVersion = 1
	maxConsent     = 1 << 20 // bytes
)

func newConsent(opts Options) *consent {
	c := &consent{confirm: opts.Confirm, log: opts.Log, allowed: map[string][]string{}, refused: map[string]bool{}, asking: map[string]chan struct{}{}}
	if opts.StateDir != "" {
		c.path = filepath.Join(opts.StateDir, "mcp-allowed.json")
	}
	return c
}

// ask returns nil once the user agrees or has agreed before. Calls that come
// while they are asked wait for the same answer.
func (c *consent) ask(ctx context.Context, workspace, server string, o *offer, args json.RawMessage) error {
	entry := server + "/" + o.own + " " + o.mark
	key := workspace + "\x00" + entry
	for {
		c.mu.Lock()
		if slices.Contains(c.known(workspace), entry) {
			c.mu.Unlock()
			return nil
		}
		if c.refused[key] {
			c.mu.Unlock()
			return errDeclined(o)
		}
		wait := c.asking[key]
		if wait == nil {
			wait = make(chan struct{})
			c.asking[key] = wait
			c.mu.Unlock()
			return c.put(ctx, workspace, server, entry, key, o, args)
		}
		c.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func errDeclined(o *offer) error {
	return fmt.Errorf("the user does not want %s to be used here", o.name)
}

// put asks and keeps the answer. An answer that never came is none.
func (c *consent) put(ctx context.Context, workspace, server, entry, key string, o *offer, args json.RawMessage) error {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(c.asking[key])
		delete(c.asking, key)
	}()
	if c.confirm == nil {
		return fmt.Errorf("the user can't be asked whether %s may be used here", o.name)
	}
	yes, err := c.confirm.Confirm(ctx, server, o.own, args)
	if err != nil {
		return fmt.Errorf("the user could not be asked whether %s may be used: %w", o.name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !yes {
		c.refused[key] = true
		return errDeclined(o)
	}
	c.allowed[workspace] = append(c.known(workspace), entry)
	if err := c.save(workspace, entry); err != nil {
		c.log.Warn("what the user allowed is kept for this session only", "file", c.path, "error", err)
	}
	return nil
}

// known are the entries of a workspace; mu is held.
func (c *consent) known(workspace string) []string {
	if list, ok := c.allowed[workspace]; ok {
		return list
	}
	f, err := c.read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.log.Warn("what the user allowed before can't be read; they are asked again", "file", c.path, "error", err)
	}
	c.allowed[workspace] = f.Allowed[workspace]
	return c.allowed[workspace]
}

func (c *consent) read() (consentFile, error) {
	f := consentFile{Version: consentVersion}
	if c.path == "" {
		return f, nil
	}
	info, err := os.Stat(c.path)
	if err != nil {
		return f, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxConsent {
		return f, fmt.Errorf("not a file of at most %d bytes", maxConsent)
	}
	b, err := os.ReadFile(c.path)
	if err != nil {
		return f, err
	}
	var got consentFile
	if err := json.Unmarshal(b, &got); err != nil {
		return f, err
	}
	if got.Version != consentVersion {
		return f, fmt.Errorf("its version is %d, not %d", got.Version, consentVersion)
	}
	return got, nil
}

// save adds an entry to what the file holds now: other sessions write it, too.
func (c *consent) save(workspace, entry string) error {
	if c.path == "" {
		return nil
	}
	f, err := c.read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // not ours to overwrite
	}
	if f.Allowed == nil {
		f.Allowed = map[string][]string{}
	}
	if list := f.Allowed[workspace]; !slices.Contains(list, entry) {
		f.Allowed[workspace] = append(list, entry)
	}
	b, err := json.MarshalIndent(f, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	return maybe.WriteFile(c.path, append(b, '\n'), 0o600)
}
