// Package editors_test compares what the editors declare with what the server has.
package editors_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/lsp/config"
)

// serverTable is what a running server advertises: the ids of its commands and
// the actions among them, by name.
func serverTable(t *testing.T) (ids, actions []string) {
	t.Helper()
	here, there := net.Pipe()
	served := make(chan error, 1)
	root := t.TempDir()
	opts := lsp.Options{Config: config.Inputs{UserFile: emptyFile(t)}}
	go func() { served <- lsp.Serve(t.Context(), there, opts) }()
	c, err := client.Start(t.Context(), here, client.Options{Roots: []string{root}})
	if err != nil {
		t.Fatal(err)
	}
	var caps struct {
		CodeActionProvider     struct{ CodeActionKinds []string }
		ExecuteCommandProvider struct{ Commands []string }
	}
	if err := json.Unmarshal(c.Capabilities(), &caps); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	for _, kind := range caps.CodeActionProvider.CodeActionKinds {
		name := kind[strings.LastIndexByte(kind, '.')+1:]
		if kind == "quickfix.hob" {
			name = "fix"
		}
		actions = append(actions, name)
	}
	ids = slices.Sorted(slices.Values(caps.ExecuteCommandProvider.Commands))
	slices.Sort(actions)
	if len(actions) == 0 || len(ids) < len(actions) {
		t.Fatalf("commands %q, actions %q", ids, actions)
	}
	for _, a := range actions {
		if !slices.Contains(ids, "hob."+a) {
			t.Fatalf("action %s has no command: %q", a, ids)
		}
	}
	return ids, actions
}

func emptyFile(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// found are the first groups of all matches, sorted, each once.
func found(text, pattern string) []string {
	set := map[string]bool{}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		set[m[1]] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

type property struct {
	Scope                string
	AdditionalProperties struct{ Properties map[string]json.RawMessage }
}

type manifest struct {
	Contributes struct {
		Commands      []struct{ Command, Title, Category string }
		Menus         map[string][]struct{ Command string }
		Keybindings   []struct{ Command, Key string }
		Configuration struct{ Properties map[string]property }
	}
}

func readManifest(t *testing.T) manifest {
	var m manifest
	if err := json.Unmarshal([]byte(read(t, "vscode/package.json")), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNeovimCommands(t *testing.T) {
	ids, actions := serverTable(t)
	want := append(slices.Clone(actions), "cancel", "revert", "status")
	lua := read(t, "nvim/lua/hob/commands.lua")
	used := found(lua, `id = 'hob\.(\w+)'`)
	same(t, "subcommands of :Hob", used, want)
	for _, name := range used {
		if !slices.Contains(ids, "hob."+name) {
			t.Errorf(":Hob %s: the server has no hob.%s", name, name)
		}
		if !strings.Contains(lua, "  "+name+" = {") {
			t.Errorf("hob.%s is not the command of the subcommand %s", name, name)
		}
	}
	list := regexp.MustCompile(`(?s)in ipairs\(\{(.*?)\}\)`).FindStringSubmatch(read(t, "nvim/plugin/hob.lua"))
	if list == nil {
		t.Fatal("plugin/hob.lua: no list of <Plug> maps")
	}
	same(t, "<Plug> maps", found(list[1], `'(\w+)'`), want)
	help := read(t, "nvim/doc/hob.txt")
	same(t, "subcommands in the help", found(help, `\*:Hob-(\w+)\*`), append(want, "accept", "reject", "hunk", "retry", "plan", "diff"))
}

func TestVSCodeCommands(t *testing.T) {
	ids, actions := serverTable(t)
	m, ts := readManifest(t), read(t, "vscode/src/commands.ts")
	var declared []string
	for _, c := range m.Contributes.Commands {
		declared = append(declared, c.Command)
		if slices.Contains(ids, c.Command) {
			t.Errorf("%s is the server's, which the library registers itself", c.Command)
		}
		if c.Title == "" || c.Category != "Hob" {
			t.Errorf("%s: title %q, category %q", c.Command, c.Title, c.Category)
		}
	}
	same(t, "commands registered and declared", found(ts, `register\('([\w.]+)'`), declared)
	want := []string{
		"hob.ui.cancel", "hob.ui.revert", "hob.ui.status", "hob.ui.log", "hob.ui.restart", "hob.ui.start", "hob.ui.pull", "hob.ui.sample",
		"hob.ui.accept", "hob.ui.reject", "hob.ui.acceptHunk", "hob.ui.rejectHunk", "hob.ui.next", "hob.ui.previous",
		"hob.ui.retry", "hob.ui.diff",
	}
	for _, a := range actions {
		want = append(want, "hob.ui."+a)
	}
	same(t, "commands", declared, want)
	for where, items := range m.Contributes.Menus {
		for _, i := range items {
			if i.Command != "" && !slices.Contains(declared, i.Command) {
				t.Errorf("menu %s: %s is not declared", where, i.Command)
			}
		}
	}
	for _, k := range m.Contributes.Keybindings {
		if !slices.Contains(declared, k.Command) {
			t.Errorf("key %s: %s is not declared", k.Key, k.Command)
		}
	}
	used := found(ts, `'(hob\.[a-z]+)'`)
	for _, id := range used {
		if !slices.Contains(ids, id) {
			t.Errorf("commands.ts sends %s, which the server does not have", id)
		}
	}
	for _, a := range actions {
		if !slices.Contains(used, "hob."+a) {
			t.Errorf("commands.ts never sends hob.%s", a)
		}
	}
}

// leaves are the dotted keys of the configuration; a map ends its key.
func leaves(v reflect.Type, prefix string) []string {
	if v.Kind() != reflect.Struct {
		return []string{strings.TrimSuffix(prefix, ".")}
	}
	var keys []string
	for i := range v.NumField() {
		keys = append(keys, leaves(v.Field(i).Type, prefix+v.Field(i).Tag.Get("toml")+".")...)
	}
	return keys
}

func TestVSCodeSettings(t *testing.T) {
	properties := readManifest(t).Contributes.Configuration.Properties
	want := []string{"hob.announce", "hob.path", "hob.preview", "hob.trace.server"}
	keys := leaves(reflect.TypeFor[config.Config](), "")
	for _, key := range keys {
		want = append(want, "hob."+key)
	}
	same(t, "settings", slices.Collect(maps.Keys(properties)), want)
	for key, v := range map[string]reflect.Type{"hob.providers": reflect.TypeFor[config.Provider](), "hob.tools.mcp": reflect.TypeFor[config.MCP]()} {
		same(t, "fields of "+key, slices.Collect(maps.Keys(properties[key].AdditionalProperties.Properties)), leaves(v, ""))
	}
	for _, key := range keys {
		if got, want := properties["hob."+key].Scope == "machine", !workspaceMay(t, key); got != want {
			t.Errorf("hob.%s: scope %q, but a workspace may set it: %v", key, properties["hob."+key].Scope, !want)
		}
	}
}

// workspaceMay reports whether the server takes a key from a workspace's file.
func workspaceMay(t *testing.T, key string) bool {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, ".hob"), 0o700); err != nil {
		t.Fatal(err)
	}
	line := key + " = \"x\"\n" // of whatever type: who may set it is looked at first
	switch key {
	case "providers", "tools.mcp":
		line = key + ".x.url = \"http://127.0.0.1:1\"\n"
	}
	if err := os.WriteFile(filepath.Join(root, ".hob", "config.toml"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range config.Load(config.Inputs{UserFile: emptyFile(t), Roots: []string{root}}).Problems {
		if strings.Contains(p.Message, "can't be set by a workspace") {
			return false
		}
		if strings.Contains(p.Message, "unknown key") {
			t.Fatal(fmt.Sprint(p))
		}
	}
	return true
}
