package config_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/lsp/config"
)

func FuzzLoad(f *testing.F) {
	f.Add("[models]\nfast = \"ollama/a\"\n", "index.max_file = 3", "HOB_MODELS_FAST=x", `{"models.fast":"ollama/b"}`)
	f.Add("a = [1, 2\nb = {x = 1979-05-27}\n[[c]]\n", "\ufeff[", "OLLAMA_HOST=[::", `{"":{"":[null]}}`)
	f.Add("x = \"\"\"\n", "a.b.c.d.e = 1", "HOB_PROVIDERS__URL=1", `{"hob":1}`)
	dir := f.TempDir()
	user, workspace := filepath.Join(dir, "u.toml"), filepath.Join(dir, "root", ".hob", "config.toml")
	f.Fuzz(func(t *testing.T, u, w, env, client string) {
		write(t, user, u)
		write(t, workspace, w)
		l := config.Load(config.Inputs{UserFile: user, Roots: []string{filepath.Join(dir, "root")}, Env: strings.Split(env, "\n"), Client: json.RawMessage(client)})
		c := l.Config
		if c.Models.Fast == "" || c.Budgets.Edit < 1 || c.Index.MaxFile < 1 || c.Index.MaxMemory < 1 || c.Cache.TTL < 0 {
			t.Errorf("a default got lost: %+v", c)
		}
		for name, p := range c.Providers {
			if !c.Privacy.AllowRemote && !config.Loopback(p.URL) || p.Kind == "" {
				t.Errorf("provider %s: %+v", name, p)
			}
		}
		for _, p := range l.Problems {
			if p.Source == "" || p.Message == "" {
				t.Errorf("a problem without place or text: %+v", p)
			}
		}
		var out bytes.Buffer
		if err := l.WriteTOML(&out); err != nil {
			t.Fatal(err)
		}
		write(t, user, out.String())
		again := config.Load(config.Inputs{UserFile: user})
		if len(c.Tools.MCP) == 0 && len(c.Providers) > 0 && !strings.Contains(out.String(), "***") { // secrets are not printed
			slices.Sort(c.Privacy.Exclude)
			slices.Sort(again.Config.Privacy.Exclude)
			again.Config.Tools, c.Tools = config.Tools{}, config.Tools{}
			if _, ok := c.Providers["ollama"]; ok && !cmp.Equal(c, again.Config) {
				t.Errorf("printed and read again: %s\n%s\n%v", cmp.Diff(c, again.Config), out.String(), again.Problems)
			}
		}
	})
}
