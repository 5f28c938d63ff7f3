package lsp

import (
	"encoding/json"
	"strings"
	"testing"
)

var watchCaps = json.RawMessage(`{"workspace": {"workspaceFolders": true, "didChangeWatchedFiles": {"dynamicRegistration": true, "relativePatternSupport": true}}}`)

func nfs(string) string { return "nfs" }

// The editor is asked for the folders that are part of the workspace, as they come and go.
func TestWatchingFollowsFolders(t *testing.T) {
	one, two := project(t, map[string]string{"a.txt": ""}), project(t, map[string]string{"b.txt": ""})
	folder := func(dir string) any { return map[string]any{"uri": uriOf(dir), "name": "x"} }
	p := start(t, Options{Remote: nfs})
	p.initialize(one, watchCaps)
	asked := func(id string, dirs ...string) func(message) bool {
		return func(m message) bool {
			if m.Method != "client/registerCapability" || !strings.Contains(string(m.Params), `"id":"`+id+`"`) {
				return false
			}
			for _, dir := range dirs {
				if !strings.Contains(string(m.Params), `"baseUri":"`+uriOf(dir)+`","pattern":"**/*"`) {
					t.Errorf("%s is not in %s", dir, m.Params)
				}
			}
			if n := strings.Count(string(m.Params), "globPattern"); n != len(dirs) {
				t.Errorf("%d patterns, want %d", n, len(dirs))
			}
			return true
		}
	}
	p.await("a registration of one folder", asked("watch1", one))
	p.notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": []any{folder(two)}, "removed": []any{}}})
	p.await("a registration of both", asked("watch2", one, two))
	p.notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": []any{}, "removed": []any{folder(one), folder(two)}}})
	p.awaitCount("the end of both registrations", is("client/unregisterCapability"), 2)
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.stats"}); m.Error != nil {
		t.Errorf("stats: %+v", m.Error)
	}
	if n := p.count(is("client/registerCapability")); n != 2 {
		t.Errorf("%d registrations", n)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// An editor that offers it and refuses all the same costs nothing but what it would have told.
func TestWatchingRefused(t *testing.T) {
	root := project(t, map[string]string{"a.txt": ""})
	p := start(t, Options{Remote: nfs})
	p.on("client/registerCapability", func(json.RawMessage) any { return refused{Code: -32601, Message: "no"} })
	p.initialize(root, watchCaps)
	p.await("the question", is("client/registerCapability"))
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.stats"}); m.Error != nil || !strings.Contains(string(m.Result), "nfs") {
		t.Errorf("stats: %s %+v", m.Result, m.Error)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}
