package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/lsp/config"
)

type doctorCmd struct {
	Dir  string `arg:"" optional:"" default:"." help:"The workspace to look at."`
	JSON bool   `name:"json" help:"Print the findings as JSON."`
}

// verdict is how a check ended.
type verdict string

const (
	fine verdict = "ok"
	note verdict = "note" // works, but could be better
	bad  verdict = "fail"
)

// finding is one check of the doctor.
type finding struct {
	Check  string  `json:"check"`
	Status verdict `json:"status"`
	Detail string  `json:"detail"`
	Remedy string  `json:"remedy,omitempty"`
}

// Run is `hob doctor`.
func (c *doctorCmd) Run(a *app) error {
	loaded, err := a.loadConfig(c.Dir)
	if err != nil {
		return err
	}
	findings := checkConfig(loaded)
	findings = append(findings, a.checkEndpoints(loaded)...)
	findings = append(findings, a.checkTiers(loaded.Config)...)
	findings = append(findings, a.checkMCP(loaded)...)
	findings = append(findings, a.checkWatching(c.Dir)...)
	findings = append(findings, a.checkGit())
	findings = append(findings, a.checkEditors()...)
	if err := c.print(a, findings); err != nil {
		return err
	}
	if slices.ContainsFunc(findings, func(f finding) bool { return f.Status == bad }) {
		return errReported
	}
	return nil
}

func (c *doctorCmd) print(a *app, findings []finding) error {
	if c.JSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(findings)
	}
	s := style{colours(a.out)}
	mark := map[verdict]string{fine: s.green("ok  "), note: s.yellow("note"), bad: s.red("fail")}
	for _, f := range findings {
		if _, err := fmt.Fprintf(a.out, "%s  %-14s %s\n", mark[f.Status], a.shown(f.Check), a.shown(f.Detail)); err != nil {
			return err
		}
		if f.Remedy != "" {
			if _, err := fmt.Fprintf(a.out, "      %-14s %s\n", "", s.bold("-> ")+a.shown(f.Remedy)); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkConfig(l *config.Loaded) []finding {
	if len(l.Problems) == 0 {
		return []finding{{"configuration", fine, "every value is usable; hob config prints them", ""}}
	}
	var out []finding
	for _, p := range l.Problems {
		if p.Idle {
			out = append(out, finding{"configuration", note, p.String(), ""})
			continue
		}
		message := p.Message
		p.Message = "is not used"
		out = append(out, finding{"configuration", bad, p.String(), message})
	}
	return out
}

// checkEndpoints asks every endpoint who it is.
func (a *app) checkEndpoints(l *config.Loaded) []finding {
	var out []finding
	for _, name := range slices.Sorted(maps.Keys(l.Config.Providers)) {
		p := l.Config.Providers[name]
		f := finding{Check: "endpoint " + name}
		provider, err := a.newProvider(name, p)
		if err != nil {
			f.Status, f.Detail, f.Remedy = bad, err.Error(), "remove [providers."+name+"] or change it"
			out = append(out, f)
			continue
		}
		if p.Kind == "openai" {
			out = append(out, a.checkOpenAI(f, provider))
			continue
		}
		version, err := ollamaVersion(a.ctx, p.URL)
		switch {
		case err == nil:
			f.Status, f.Detail = fine, fmt.Sprintf("Ollama %s at %s", version, p.URL)
		case l.Origin["providers."+name+".url"] == "built-in":
			f.Status, f.Detail = bad, fmt.Sprintf("nothing answers at %s: %v", p.URL, err)
			f.Remedy = "start it with `ollama serve` (https://ollama.com/download installs it), or say where it runs in OLLAMA_HOST or [providers." + name + "] url"
		default:
			f.Status, f.Detail = bad, fmt.Sprintf("nothing answers at %s: %v", p.URL, err)
			f.Remedy = "start it with `ollama serve`, or correct the address that " + l.Origin["providers."+name+".url"] + " sets"
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		out = append(out, finding{"endpoints", bad, "none is configured that may be used", "see the problems of the configuration above"})
	}
	return out
}

// checkOpenAI asks an OpenAI-compatible server what it has.
func (a *app) checkOpenAI(f finding, p model.Provider) finding {
	ctx, cancel := context.WithTimeout(a.ctx, 3*time.Second)
	defer cancel()
	models, err := p.List(ctx)
	if err != nil {
		told := agent.ExplainError(err)
		f.Status, f.Detail, f.Remedy = bad, told.Message, told.Hint
		return f
	}
	f.Status, f.Detail = fine, fmt.Sprintf("OpenAI-compatible, %d models at %s", len(models), p.URL())
	return f
}

// ollamaVersion asks an Ollama server for its version.
func ollamaVersion(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(url, "/")+"/api/version", nil)
	if err != nil {
		return "", err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	plain := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := plain.Do(req)
	if err != nil {
		return "", unwrapped(err)
	}
	defer func() { _ = res.Body.Close() }() // only read from
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return "", err
	}
	var v struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(body, &v); res.StatusCode != http.StatusOK || err != nil || v.Version == "" {
		return "", fmt.Errorf("something answers there, but it is no Ollama (%s)", res.Status)
	}
	return v.Version, nil
}

// unwrapped is the innermost cause: the outer ones repeat method and address.
func unwrapped(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || u.Unwrap() == nil {
			return err
		}
		err = u.Unwrap()
	}
}

// checkWatching compares the system's limit of watches with the folders there are.
func (a *app) checkWatching(dir string) []finding {
	path, err := existing(dir)
	if err != nil {
		return []finding{{"watching", bad, err.Error(), ""}}
	}
	root := projectRoot(path)
	ws, err := a.openWorkspace(root)
	if err != nil {
		return []finding{{"workspace", bad, err.Error(), "run hob in a folder that can be read"}}
	}
	stats, folders := ws.Stats(), folderCount(root, ws.Snapshot().Paths())
	_ = ws.Close() // read-only work, and it is done
	out := []finding{{"workspace", fine, fmt.Sprintf("%s: %d files in %d folders, scanned in %s", root, stats.Files, folders, stats.Scan.Round(time.Millisecond)), ""}}
	if runtime.GOOS != "linux" {
		return out
	}
	limit, err := readNumber("/proc/sys/fs/inotify/max_user_watches")
	if err != nil {
		return append(out, finding{"watching", note, "the limit of inotify can't be read: " + err.Error(), ""})
	}
	return append(out, watchVerdict(folders, limit))
}

// watchVerdict judges a limit that is shared by all programs of the user.
func watchVerdict(folders, limit int) finding {
	f := finding{Check: "watching", Status: fine, Detail: fmt.Sprintf("%d folders to watch, the system allows %d", folders, limit)}
	remedy := fmt.Sprintf("sudo sysctl fs.inotify.max_user_watches=%d (and in /etc/sysctl.d to keep it)", max(524288, 4*folders))
	switch {
	case folders > limit:
		f.Status, f.Remedy = bad, remedy
	case folders > limit/2:
		f.Status, f.Remedy = note, remedy
	}
	return f
}

func folderCount(root string, paths func(func(string) bool)) int {
	seen := map[string]bool{root: true}
	for path := range paths {
		for dir := filepath.Dir(path); len(dir) > len(root) && !seen[dir]; dir = filepath.Dir(dir) {
			seen[dir] = true
		}
	}
	return len(seen)
}

func readNumber(path string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

func (a *app) checkGit() finding {
	out, err := a.output("git", "--version")
	if err != nil {
		return finding{"git", note, "not found: hob can't review what differs from the last commit; all else works without it", "install git"}
	}
	return finding{"git", fine, out, ""}
}

// checkEditors looks for the editors that Hob has a plugin for.
func (a *app) checkEditors() []finding {
	var out []finding
	if first, err := a.output("nvim", "--version"); err == nil {
		out = append(out, nvimVerdict(first))
	}
	for _, name := range []string{"code", "codium", "code-server"} {
		if path, err := exec.LookPath(name); err == nil {
			out = append(out, finding{"editor", fine, "VS Code: " + path, ""})
			break
		}
	}
	if len(out) == 0 {
		out = append(out, finding{"editor", note, "neither Neovim nor VS Code is in the PATH", "any editor that speaks LSP can start `hob serve`; hob run works without one"})
	}
	return out
}

var nvimVersion = regexp.MustCompile(`^NVIM v(\d+)\.(\d+)`)

func nvimVerdict(first string) finding {
	m := nvimVersion.FindStringSubmatch(first)
	if m == nil {
		return finding{"editor", note, "nvim does not say its version: " + first, ""}
	}
	major, err1 := strconv.Atoi(m[1])
	minor, err2 := strconv.Atoi(m[2])
	if err1 == nil && err2 == nil && (major > 0 || minor >= 11) {
		return finding{"editor", fine, first, ""}
	}
	return finding{"editor", note, first + " is too old for the plugin", "install Neovim 0.11 or newer"}
}

// output is the first line that a program prints.
func (a *app) output(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(a.ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).Output()
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(first), err
}
