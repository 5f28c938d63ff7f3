package lsptest

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed testdata/capabilities/*.json
var profiles embed.FS

// Profile is what a real editor says of itself in initialize: its name and its
// capabilities. There are "coc", "eglot", "eglot-1.9", "helix", "neovim", "vscode".
func Profile(name string) (clientName string, capabilities json.RawMessage, err error) {
	data, err := profiles.ReadFile("testdata/capabilities/" + name + ".json")
	if err != nil {
		return "", nil, fmt.Errorf("no profile %q", name)
	}
	var p struct {
		ClientInfo struct {
			Name string `json:"name"`
		} `json:"clientInfo"`
		Capabilities json.RawMessage `json:"capabilities"`
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return "", nil, fmt.Errorf("profile %q: %w", name, err)
	}
	return p.ClientInfo.Name, p.Capabilities, nil
}

// with sets the flags at dotted paths of a JSON object; their parents must be there.
func with(raw json.RawMessage, paths []string) (json.RawMessage, error) {
	return change(raw, paths, func(at map[string]any, key string) bool {
		at[key] = true
		return true
	})
}

// without removes the values at dotted paths from a JSON object.
func without(raw json.RawMessage, paths []string) (json.RawMessage, error) {
	return change(raw, paths, func(at map[string]any, key string) bool {
		_, ok := at[key]
		delete(at, key)
		return ok
	})
}

// change does something to the objects that hold the last keys of dotted paths.
func change(raw json.RawMessage, paths []string, do func(at map[string]any, key string) bool) (json.RawMessage, error) {
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	for _, path := range paths {
		at, ok := tree, true
		keys := strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			if at, ok = at[key].(map[string]any); !ok {
				break
			}
		}
		if !ok || !do(at, keys[len(keys)-1]) {
			return nil, fmt.Errorf("the capabilities have no %s", path)
		}
	}
	return json.Marshal(tree)
}
