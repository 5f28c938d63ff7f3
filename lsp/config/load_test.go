package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/lsp/config"
)

// sources are the inputs of one case; files are written to a temporary folder.
type sources struct {
	user, workspace string
	env             []string
	client          string
	flags           map[string]string
}

func load(t testing.TB, s sources) *config.Loaded {
	t.Helper()
	dir := t.TempDir()
	in := config.Inputs{Env: s.env, Flags: s.flags}
	if s.user != "" {
		in.UserFile = filepath.Join(dir, "user.toml")
		write(t, in.UserFile, s.user)
	}
	if s.workspace != "" {
		root := filepath.Join(dir, "root")
		write(t, filepath.Join(root, ".hob", "config.toml"), s.workspace)
		in.Roots = []string{filepath.Join(dir, "elsewhere"), root}
	}
	if s.client != "" {
		in.Client = json.RawMessage(s.client)
	}
	return config.Load(in)
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// problems are rendered with the base name of a file.
func problems(l *config.Loaded) []string {
	var out []string
	for _, p := range l.Problems {
		if filepath.IsAbs(p.Source) {
			p.Source = filepath.Base(p.Source)
		}
		out = append(out, p.String())
	}
	return out
}

// get is a value by dotted key, as text.
func get(l *config.Loaded, key string) string {
	c := l.Config
	ollama := c.Providers["ollama"]
	switch key {
	case "models.fast":
		return c.Models.Fast
	case "models.balanced":
		return c.Models.Balanced
	case "budgets.edit":
		return time.Duration(c.Budgets.Edit * 1e9).String()
	case "providers.ollama.url":
		return ollama.URL
	case "providers.ollama.kind":
		return ollama.Kind
	case "providers.ollama.keep_alive":
		return ollama.KeepAlive.String()
	case "index.max_file":
		return c.Index.MaxFile.String()
	case "index.ignore":
		return strings.Join(c.Index.Ignore, " ")
	case "prewarm.models":
		return strings.Join(c.Prewarm.Models, " ")
	case "prewarm.prefill":
		if c.Prewarm.Prefill {
			return "true"
		}
		return "false"
	case "cache.ttl":
		return c.Cache.TTL.String()
	case "cache.redis":
		return c.Cache.Redis
	case "providers":
		return strings.Join(keys(c.Providers), " ")
	case "mcp":
		return strings.Join(keys(c.Tools.MCP), " ")
	case "status.listen":
		return c.Status.Listen
	}
	panic("no such key in this test: " + key)
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	if len(out) > 1 && out[0] > out[1] {
		out[0], out[1] = out[1], out[0]
	}
	return out
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name     string
		in       sources
		want     map[string]string
		origin   map[string]string
		problems []string // each must occur in the problem of its place
	}{
		{name: "nothing", want: map[string]string{
			"models.fast": "auto", "providers": "ollama", "providers.ollama.url": "http://127.0.0.1:11434",
			"providers.ollama.keep_alive": "30m", "index.max_file": "1MiB", "prewarm.models": "fast", "prewarm.prefill": "true", "cache.ttl": "5m",
		}, origin: map[string]string{"models.fast": "built-in", "providers.ollama.url": "built-in"}},
		{
			name: "later wins", in: sources{
				user:      "[models]\nfast = \"ollama/a\"\nbalanced = \"ollama/user\"\n[budgets]\nedit = 1\n",
				workspace: "[models]\nfast = \"ollama/b\"\n",
				env:       []string{"HOB_MODELS_FAST=ollama/c"},
				client:    `{"models": {"fast": "ollama/d"}}`,
				flags:     map[string]string{"models.fast": "ollama/e"},
			}, want: map[string]string{"models.fast": "ollama/e", "models.balanced": "ollama/user", "budgets.edit": "1s"},
			origin: map[string]string{"models.fast": "flags", "models.balanced": "user.toml:3", "budgets.edit": "user.toml:5"},
		},
		{
			name: "environment over workspace over user", in: sources{
				user:      "[index]\nmax_file = \"2MiB\"\nignore = [\"a\"]\n[prewarm]\nmodels = []\n",
				workspace: "index.max_file = \"3MiB\"\nindex.ignore = [\"b\", \"c/**\"]",
				env:       []string{"HOB_INDEX_MAX_FILE=4000000", "HOB_PREWARM_PREFILL=off", "HOB_CACHE_TTL="},
			}, want: map[string]string{"index.max_file": "4MB", "index.ignore": "b c/**", "prewarm.models": "", "prewarm.prefill": "false", "cache.ttl": "5m"},
			origin: map[string]string{"index.max_file": "environment: HOB_INDEX_MAX_FILE", "index.ignore": "config.toml:2"},
		},
		{
			name: "a bad key costs only itself", in: sources{
				user: "[models]\nfst = \"ollama/a\"\nfast = 3\nbalanced = \"ollama/b\"\n",
			}, want: map[string]string{"models.fast": "auto", "models.balanced": "ollama/b"},
			problems: []string{"user.toml:2: models.fst: unknown key; did you mean models.fast?", "user.toml:3: models.fast: must be text in quotes, not the number 3"},
		},
		{
			name: "a syntax error costs its line", in: sources{
				user: "[models]\nfast = ollama/a\nbalanced = \"ollama/b\"\n[budgets\nedit = 4\n",
			}, want: map[string]string{"models.balanced": "ollama/b"},
			problems: []string{"user.toml:2: not TOML", "user.toml:4: not TOML"},
		},
		{
			name: "a broken header costs its table", in: sources{
				user: "[providers.ollama]\nurl = \"http://127.0.0.1:1\"\n [providers.lm\nkind = \"openai\"\nurl = \"http://127.0.0.1:2\"\n[models]\nfast = \"ollama/a\"\n",
			}, want: map[string]string{"models.fast": "ollama/a", "providers.ollama.url": "http://127.0.0.1:1", "providers.ollama.kind": "ollama"},
			problems: []string{"user.toml:3: not TOML"},
		},
		{
			name: "unknown section", in: sources{user: "[model]\nfast = \"ollama/a\"\n[colours]\nmenu = 1"},
			problems: []string{"did you mean models.fast?", "colours.menu: unknown key; the configuration has models, budgets, providers"},
		},
		{
			name: "a value where a table belongs", in: sources{user: "models = \"ollama/a\"\n[providers]\nollama = \"http://127.0.0.1:1\"\n"},
			problems: []string{"models is a table: write [models] and below it fast, balanced, quality", "providers.ollama is a table"},
		},
		{
			name: "list of tables", in: sources{user: "[[providers]]\nurl = \"http://127.0.0.1:1\"\n[models]\nfast = \"ollama/a\"\n"},
			want: map[string]string{"models.fast": "ollama/a"}, problems: []string{"user.toml:1: providers: is one table"},
		},
		{
			name: "set twice", in: sources{user: "models.fast = \"ollama/a\"\n[models]\nfast = \"ollama/b\"\n"},
			want: map[string]string{"models.fast": "ollama/a"}, problems: []string{"user.toml:3: models.fast: is set a second time; line 1 counts"},
		},
		{
			name: "inline tables and comments", in: sources{user: "models = {fast = \"ollama/a\", fst = 1} # x\n[tools]\nmcp = {}\n[prewarm]\nmodels = [\n  \"fast\", # one\n  \"balanced\",\n]\n"},
			want: map[string]string{"models.fast": "ollama/a", "prewarm.models": "fast balanced", "mcp": ""}, problems: []string{"user.toml:1: models.fst"},
		},
		{
			name: "durations and sizes", in: sources{user: "[providers.ollama]\nkeep_alive = -1\n[cache]\nttl = \"-5m\"\n[index]\nmax_file = \"many\"\nmax_memory = -5\n"},
			want:     map[string]string{"providers.ollama.keep_alive": "30m", "cache.ttl": "5m", "index.max_file": "1MiB"},
			problems: []string{":2: providers.ollama.keep_alive: must be a duration", ":4: cache.ttl: must be a duration", ":6: index.max_file: must be a size", ":7: index.max_memory: must be a size"},
		},
		{
			name: "out of range", in: sources{user: "budgets.edit = 0\nindex.max_file = 0\nproviders.ollama.parallel = 65\n"},
			problems: []string{"from 1 to 3600, not 0", "from 1B to 1GiB, not 0", "from 0 to 64, not 65"},
		},
		{
			name: "models need a provider", in: sources{user: "[models]\nfast = \"qwen\"\nbalanced = \"lmstudio/qwen\"\n"},
			want:     map[string]string{"models.fast": "auto", "models.balanced": "auto"},
			origin:   map[string]string{"models.balanced": "built-in"},
			problems: []string{`:2: models.fast: must be "auto" or PROVIDER/NAME`, `:3: models.balanced: there is no provider "lmstudio"; configured: ollama`},
		},
		{
			name: "model names with slashes", in: sources{user: "models.fast = \"ollama/hf.co/me/model:Q4_K_M\""},
			want: map[string]string{"models.fast": "ollama/hf.co/me/model:Q4_K_M"},
		},
		{
			name: "remote provider", in: sources{user: "[providers.box]\nurl = \"http://gpu.example:8000/v1\"\n[models]\nfast = \"box/m\"\n"},
			want:     map[string]string{"providers": "ollama", "models.fast": "auto"},
			problems: []string{"user.toml:2: providers.box.url: http://gpu.example:8000/v1 is on another machine and is not used", "user.toml:4: models.fast: its provider \"box\""},
		},
		{
			name: "remote provider allowed", in: sources{user: "privacy.allow_remote = true\n[providers.box]\nurl = \"http://gpu.example:8000/v1\"\n[models]\nfast = \"box/m\"\n"},
			want: map[string]string{"providers": "box ollama", "models.fast": "box/m"},
		},
		{
			name: "addresses that only look local", in: sources{user: "[providers]\na.url = \"http://127.0.0.1.evil.example/\"\nb.url = \"http://localhost@evil.example/\"\nc.url = \"http://2130706433/\"\nd.url = \"ftp://127.0.0.1/\"\ne.url = \"http://[::ffff:127.0.0.1]:1/\"\n"},
			want: map[string]string{"providers": "e ollama"}, problems: []string{":2: providers.a.url: http://127.0.0.1.evil.example/ is on another", ":4: providers.c.url", ":3: providers.b.url: must not hold a user", ":5: providers.d.url: must be an address"},
		},
		{name: "provider without url", in: sources{user: "[providers.lm]\nkind = \"openai\"\n"}, want: map[string]string{"providers": "ollama"}, problems: []string{":2: providers.lm: has no url"}},
		{
			name: "a workspace is somebody else's text", in: sources{workspace: "[providers.ollama]\nurl = \"http://127.0.0.1:1\"\n[privacy]\nallow_remote = true\nexclude = [\"!.env*\"]\n[tools.mcp.x]\ncommand = \"sh\"\n[status]\nlisten = \"127.0.0.1:0\"\n[cache]\nredis = \"redis://127.0.0.1\"\ns3 = \"s3://b\"\nttl = \"1m\"\n"},
			want:     map[string]string{"providers.ollama.url": "http://127.0.0.1:11434", "mcp": "", "status.listen": "", "cache.redis": "", "cache.ttl": "1m"},
			problems: []string{":2: providers.ollama.url: can't be set by a workspace", ":4: privacy.allow_remote: can't", ":5: privacy.exclude: can't", ":7: tools.mcp.x.command: can't", ":9: status.listen: can't", ":11: cache.redis: can't", ":12: cache.s3: can't"},
		},
		{
			name: "environment", in: sources{env: []string{"HOB_MODLES_FAST=ollama/x", "HOB_LOG=/x", "HOB_LOG_LEVEL=debug", "HOB_CONFIG=x", "HOB_DEBUG=1", "HOB_PROVIDERS_OLLAMA_KEEP_ALIVE=1h", "HOB_PROVIDERS_LM_URL=http://127.0.0.1:1234/v1", "HOB_BUDGETS_EDIT=soon", "NOISE", "=x"}},
			want:     map[string]string{"providers.ollama.keep_alive": "1h", "providers": "lm ollama"},
			problems: []string{"environment: HOB_MODLES_FAST: unknown key; did you mean HOB_MODELS_FAST?", "environment: HOB_BUDGETS_EDIT: budgets.edit: must be a whole number, not \"soon\""},
		},
		{name: "HOB wins over OLLAMA_HOST", in: sources{env: []string{"OLLAMA_HOST=127.0.0.1:1", "HOB_PROVIDERS_OLLAMA_URL=http://127.0.0.1:2"}}, want: map[string]string{"providers.ollama.url": "http://127.0.0.1:2"}},
		{
			name: "OLLAMA_HOST wins over files, url only", in: sources{user: "[providers.ollama]\nurl = \"http://127.0.0.1:1\"\nkeep_alive = \"1m\"\n", env: []string{"OLLAMA_HOST=:9"}},
			want: map[string]string{"providers.ollama.url": "http://127.0.0.1:9", "providers.ollama.keep_alive": "1m"}, origin: map[string]string{"providers.ollama.url": "environment: OLLAMA_HOST"},
		},
		{name: "remote OLLAMA_HOST", in: sources{env: []string{"OLLAMA_HOST=gpu.example"}}, want: map[string]string{"providers": ""}, problems: []string{"environment: OLLAMA_HOST: providers.ollama.url: http://gpu.example:11434 is on another machine"}},
		{
			name: "editor settings", in: sources{client: `{"hob.models.fast": "ollama/a", "models.balanced": "ollama/b", "budgets": {"edit": 12.0}, "prewarm": {"models": ["fast", "balanced"], "prefill": null}, "index": {"maxFile": 1}, "trace": {"server": "verbose"}, "cache": {"redis": "", "ttl": 5}, "hob": {"index": {"ignore": ["x"]}}}`},
			want:     map[string]string{"models.fast": "ollama/a", "models.balanced": "ollama/b", "budgets.edit": "12s", "prewarm.models": "fast balanced", "prewarm.prefill": "true", "index.ignore": "x"},
			origin:   map[string]string{"models.fast": "editor settings"},
			problems: []string{"editor settings: index.maxFile: unknown key; did you mean index.max_file?", "editor settings: cache.ttl: must be a duration"},
		},
		{name: "editor settings of the wrong shape", in: sources{client: `["x"]`}, problems: []string{"editor settings: must be an object"}},
		{name: "editor settings that are no JSON", in: sources{client: `{"models": `}, problems: []string{"editor settings: not JSON"}},
		{name: "editor settings null", in: sources{client: `null`}},
		{name: "bad patterns", in: sources{user: "index.ignore = [\"[\"]\nprivacy.exclude = [\"a[\", 3]\n"}, problems: []string{`"[" is not a pattern`, "must be a list of texts, but holds the number 3"}},
		{name: "status only here", in: sources{user: "status.listen = \"0.0.0.0.example:80\""}, want: map[string]string{"status.listen": ""}, problems: []string{"must be an address of this machine"}},
		{name: "status on every address", in: sources{user: "status.listen = \"[::ffff:0.0.0.0]:0\""}, want: map[string]string{"status.listen": ""}, problems: []string{"must be an address of this machine"}},
		{name: "status on a port that is none", in: sources{user: "status.listen = \"127.0.0.1:99999\""}, want: map[string]string{"status.listen": ""}, problems: []string{"must be an address of this machine"}},
		{
			name: "what nothing uses yet", in: sources{user: "cache.redis = \"redis://127.0.0.1:6379\"\ncache.s3 = \"s3://b?endpoint=http://127.0.0.1:9\"\nstatus.listen = \"[::1]:0\""},
			want:     map[string]string{"cache.redis": "redis://127.0.0.1:6379", "status.listen": "[::1]:0"},
			problems: []string{"user.toml:1: cache.redis: has no effect yet", "user.toml:2: cache.s3: has no effect yet", "user.toml:3: status.listen: has no effect yet"},
		},
		{name: "remote cache", in: sources{user: "cache.redis = \"redis://u:p@cache.example:6379\"\ncache.s3 = \"s3://b?endpoint=http://127.0.0.1:9\""}, want: map[string]string{"cache.redis": ""}, problems: []string{"cache.redis: is on another machine", "cache.s3: has no effect yet"}},
		{name: "api keys are named, not written", in: sources{user: "providers.ollama.api_key_env = \"sk-abc.def\""}, problems: []string{"must be the name of an environment variable"}},
		{name: "mcp", in: sources{user: "[tools.mcp.docs]\ncommand = \"docs\"\nargs = [\"-x\"]\nenv = {TOKEN = \"t\"}\n[tools.mcp.both]\ncommand = \"x\"\nurl = \"http://127.0.0.1:1\"\n"}, want: map[string]string{"mcp": "docs"}, problems: []string{"tools.mcp.both: needs either"}},
		{name: "mcp by another name", in: sources{user: "[tools.mcp.\"my.docs\"]\ncommand = \"docs\"\n"}, want: map[string]string{"mcp": ""}, problems: []string{`user.toml:2: tools.mcp.my.docs.command: "my.docs" is not a name for a server`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := load(t, tt.in)
			for key, want := range tt.want {
				if got := get(l, key); got != want {
					t.Errorf("%s = %q, want %q", key, got, want)
				}
			}
			for key, want := range tt.origin {
				got := l.Origin[key]
				if filepath.IsAbs(got) {
					got = filepath.Base(got)
				}
				if got != want {
					t.Errorf("origin of %s = %q, want %q", key, got, want)
				}
			}
			got := problems(l)
			if len(got) != len(tt.problems) {
				t.Fatalf("problems:\n%s\nwant %d", strings.Join(got, "\n"), len(tt.problems))
			}
			for _, want := range tt.problems {
				if !strings.Contains(strings.Join(got, "\n"), want) {
					t.Errorf("no problem says %q:\n%s", want, strings.Join(got, "\n"))
				}
			}
		})
	}
}

func TestOllamaHost(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1":                "http://127.0.0.1:11434",
		"localhost:5000":           "http://localhost:5000",
		"http://127.0.0.1:5000":    "http://127.0.0.1:5000",
		"http://127.0.0.1":         "http://127.0.0.1:80",
		"https://localhost":        "https://localhost:443",
		"https://localhost/ollama": "https://localhost:443/ollama",
		"0.0.0.0":                  "http://127.0.0.1:11434",
		"0.0.0.0:8080":             "http://127.0.0.1:8080",
		"[::]:8080":                "http://[::1]:8080",
		"::1":                      "http://[::1]:11434",
		"[::1]":                    "http://[::1]:11434",
		":8080":                    "http://127.0.0.1:8080",
		`"127.0.0.1:1"`:            "http://127.0.0.1:1",
	} {
		l := load(t, sources{env: []string{"OLLAMA_HOST=" + host}})
		if got := l.Config.Providers["ollama"].URL; got != want || len(l.Problems) > 0 {
			t.Errorf("OLLAMA_HOST=%s: %q, want %q %v", host, got, want, l.Problems)
		}
	}
	for _, host := range []string{"ftp://x", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:x", "a b", "user@host"} {
		l := load(t, sources{env: []string{"OLLAMA_HOST=" + host}})
		if got := l.Config.Providers["ollama"].URL; got != "http://127.0.0.1:11434" || len(l.Problems) != 1 {
			t.Errorf("OLLAMA_HOST=%s: %q %v", host, got, l.Problems)
		}
	}
}

func TestUserFile(t *testing.T) {
	home := t.TempDir()
	write(t, filepath.Join(home, ".config", "hob", "config.toml"), "models.fast = \"ollama/home\"")
	xdg := t.TempDir()
	write(t, filepath.Join(xdg, "hob", "config.toml"), "models.fast = \"ollama/xdg\"")
	for _, tt := range []struct {
		env  []string
		want string
	}{
		{[]string{"HOME=" + home}, "ollama/home"},
		{[]string{"HOME=" + home, "XDG_CONFIG_HOME=" + xdg}, "ollama/xdg"},
		{[]string{"HOME=" + home, "XDG_CONFIG_HOME=relative"}, "ollama/home"},
		{[]string{"HOME=" + xdg}, "auto"},
		{nil, "auto"},
	} {
		l := config.Load(config.Inputs{Env: tt.env})
		if l.Config.Models.Fast != tt.want || len(l.Problems) > 0 {
			t.Errorf("%v: %s %v", tt.env, l.Config.Models.Fast, l.Problems)
		}
	}
	if l := config.Load(config.Inputs{UserFile: filepath.Join(home, "missing.toml")}); len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Message, "no such file") {
		t.Errorf("a named file that is missing: %v", l.Problems)
	}
	if l := config.Load(config.Inputs{UserFile: home}); len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Message, "not a regular file") {
		t.Errorf("a folder: %v", l.Problems)
	}
}

func TestWorkspaceFileStaysInItsRoot(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, "models.fast = \"ollama/outside\"")
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, ".hob"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, ".hob", "config.toml")); err != nil {
		t.Fatal(err)
	}
	l := config.Load(config.Inputs{Roots: []string{root}})
	if l.Config.Models.Fast != "auto" || len(l.Problems) != 1 {
		t.Errorf("%s %v", l.Config.Models.Fast, l.Problems)
	}
}

func TestExclude(t *testing.T) {
	l := load(t, sources{user: "[privacy]\nexclude = [\"*.private\", \"!*.gpg\", \".env*\"]\n"})
	want := append([]string{}, config.Default().Privacy.Exclude...)
	want = append(want[:indexOf(want, "*.gpg")], want[indexOf(want, "*.gpg")+1:]...)
	want = append(want, "*.private")
	if d := cmp.Diff(want, l.Config.Privacy.Exclude); d != "" || len(l.Problems) > 0 {
		t.Error(d, l.Problems)
	}
	var out bytes.Buffer
	if err := l.WriteTOML(&out); err != nil {
		t.Fatal(err)
	}
	if again := load(t, sources{user: out.String()}); !cmp.Equal(want, again.Config.Privacy.Exclude) {
		t.Errorf("printed and read again: %v %s", again.Problems, cmp.Diff(want, again.Config.Privacy.Exclude))
	}
	l = load(t, sources{user: "privacy.exclude = [\"!*.nothing\"]"})
	if len(l.Problems) != 1 || len(l.Config.Privacy.Exclude) != len(config.Default().Privacy.Exclude) {
		t.Errorf("%v", l.Problems)
	}
}

func indexOf(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return -1
}

// What is printed is a file that gives the same configuration again.
func TestWriteTOML(t *testing.T) {
	l := load(t, sources{
		user: "privacy.allow_remote = true\n[providers.lm]\nurl = \"http://127.0.0.1:1234/v1\"\n[models]\nfast = \"lm/a \\\"b\\\" \\\\ ü\"\n[tools.mcp.docs]\ncommand = \"docs\"\nargs = [\"a\\nb\", \"\\u0007\"]\n[cache]\nttl = \"90s\"\nmemory = 1234567\n",
		env:  []string{"HOB_BUDGETS_EDIT=11"},
	})
	if len(l.Problems) > 0 {
		t.Fatal(l.Problems)
	}
	var out bytes.Buffer
	if err := l.WriteTOML(&out); err != nil {
		t.Fatal(err)
	}
	again := load(t, sources{user: out.String()})
	if d := cmp.Diff(l.Config, again.Config); d != "" || len(again.Problems) > 0 {
		t.Errorf("%s\n%v\n%s", d, again.Problems, out.String())
	}
	for _, want := range []string{"# built-in", "# environment: HOB_BUDGETS_EDIT", "user.toml:3"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestWriteTOMLHidesSecrets(t *testing.T) {
	l := load(t, sources{user: "privacy.allow_remote = true\ncache.redis = \"redis://me:pa@ss@cache.example:1/0\"\n[tools.mcp.x]\ncommand = \"x\"\nenv = {TOKEN = \"hush\"}\n"})
	var out bytes.Buffer
	if err := l.WriteTOML(&out); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, "hush") || strings.Contains(s, "pa@") || strings.Contains(s, "ss@") || !strings.Contains(s, "redis://me:***@cache.example:1/0") {
		t.Errorf("%s", s)
	}
}

func TestEveryKeyHasAnOrigin(t *testing.T) {
	l := config.Load(config.Inputs{})
	if len(l.Origin) != 23 {
		t.Errorf("%d keys: %v", len(l.Origin), l.Origin)
	}
	if d := cmp.Diff(config.Default(), l.Config); d != "" {
		t.Error(d)
	}
	l.Config.Privacy.Exclude[0] = "changed"
	l.Config.Providers["ollama"] = config.Provider{}
	if reflect.DeepEqual(config.Default(), l.Config) || config.Default().Privacy.Exclude[0] == "changed" {
		t.Error("a loaded configuration shares memory with the defaults")
	}
}

func TestOllamaHostKeepsPasswords(t *testing.T) {
	for _, host := range []string{"http://me:hunter2@example.com:11434", "me:hunter2@localhost", "me:hunter2@:x"} {
		l := config.Load(config.Inputs{Env: []string{"OLLAMA_HOST=" + host}})
		if len(l.Problems) != 1 || strings.Contains(l.Problems[0].String(), "hunter2") {
			t.Errorf("%s: %v", host, l.Problems)
		}
	}
}
