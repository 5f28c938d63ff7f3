package client

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const watchMethod = "workspace/didChangeWatchedFiles"

// registration is something that the server asked for while the session runs.
type registration struct {
	ID      string          `json:"id"`
	Method  string          `json:"method"`
	Options json.RawMessage `json:"registerOptions"`
}

func (c *Client) register(k *call) {
	var p struct {
		Registrations    []registration `json:"registrations"`
		Unregisterations []registration `json:"unregisterations"` // the protocol's own spelling
	}
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	for _, r := range append(p.Registrations, p.Unregisterations...) {
		if !c.offers.dynamic(r.Method) {
			c.violation("%s of %s, which the client does not register dynamically", k.method, r.Method)
		}
	}
	for _, r := range p.Registrations {
		c.mu.Lock()
		_, twice := c.registered[r.ID]
		c.registered[r.ID] = r
		c.mu.Unlock()
		if twice {
			c.violation("a second registration with the id %q", r.ID)
		}
		if r.Method == watchMethod {
			if _, err := c.watchedDirs(r); err != nil {
				c.violation("%s of %s: %v", k.method, r.Method, err)
			}
		}
	}
	for _, r := range p.Unregisterations {
		c.mu.Lock()
		_, known := c.registered[r.ID]
		delete(c.registered, r.ID)
		c.mu.Unlock()
		if !known {
			c.violation("%s of %q, which is not registered", k.method, r.ID)
		}
	}
	k.reply(nil)
}

// watchedDirs are the folders that a registration wants to be told about, all of what is in
// them: other patterns this client does not know.
func (c *Client) watchedDirs(r registration) ([]string, error) {
	var p struct {
		Watchers []struct {
			Glob json.RawMessage `json:"globPattern"`
			Kind *int            `json:"kind"`
		} `json:"watchers"`
	}
	if err := strict(r.Options, &p); err != nil {
		return nil, err
	}
	var dirs []string
	for _, w := range p.Watchers {
		var glob string
		var relative struct {
			Base    string `json:"baseUri"`
			Pattern string `json:"pattern"`
		}
		if json.Unmarshal(w.Glob, &glob) == nil {
			dirs = append(dirs, c.opts.Roots...)
		} else if err := strict(w.Glob, &relative); err != nil {
			return nil, err
		} else if !c.offers.has("workspace.didChangeWatchedFiles.relativePatternSupport") {
			return nil, fmt.Errorf("relative patterns were not announced")
		} else {
			glob = relative.Pattern
			dir, err := Path(relative.Base)
			if err != nil {
				return nil, err
			}
			dirs = append(dirs, dir)
		}
		if glob != "**/*" || w.Kind != nil && *w.Kind != 7 {
			return nil, fmt.Errorf("pattern %q is none that is needed", glob)
		}
	}
	return dirs, nil
}

// Changed tells the server that a file was created (existed is false), written or
// removed on disk, if it asked to be told. It says whether it did.
func (c *Client) Changed(path string, existed bool) (told bool, err error) {
	typ := 1
	if _, err := os.Lstat(path); err != nil {
		typ = 3
	} else if existed {
		typ = 2
	}
	c.mu.Lock()
	var all []registration
	for _, r := range c.registered {
		if r.Method == watchMethod {
			all = append(all, r)
		}
	}
	c.mu.Unlock()
	for _, r := range all {
		dirs, err := c.watchedDirs(r)
		if err != nil {
			return false, err
		}
		for _, dir := range dirs {
			if strings.HasPrefix(path, dir+string(filepath.Separator)) {
				event := map[string]any{"uri": URI(path), "type": typ}
				return true, c.Notify(context.Background(), watchMethod, map[string]any{"changes": []any{event}})
			}
		}
	}
	return false, nil
}
