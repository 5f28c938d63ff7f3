package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hob-ls/hob/lsp/config"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

type configCmd struct {
	Dir string `arg:"" optional:"" default:"." help:"The workspace whose .hob/config.toml counts."`
}

// Run is `hob config`. Problems are printed and no failure: what is shown is what holds.
func (c *configCmd) Run(a *app) error {
	l, err := a.loadConfig(c.Dir)
	if err != nil {
		return err
	}
	if path := config.UserFile(os.Environ()); a.common.UserFile == "" && path != "" {
		if _, err := fmt.Fprintf(a.out, "# your configuration: %s\n\n", path); err != nil {
			return err
		}
	}
	if err := l.WriteTOML(a.out); err != nil {
		return err
	}
	s := style{colours(a.err)}
	for _, p := range l.Problems {
		_, _ = fmt.Fprintf(a.err, "%s %s\n", s.yellow("problem:"), plain(p.String()))
	}
	return nil
}

// loadConfig is what a server started in these folders would have, without an editor.
func (a *app) loadConfig(dirs ...string) (*config.Loaded, error) {
	in := a.inputs()
	for _, dir := range dirs {
		path, err := existing(dir)
		if err != nil {
			return nil, err
		}
		in.Roots = append(in.Roots, projectRoot(path))
	}
	return config.Load(in), nil
}

type indexCmds struct {
	Build   indexCmd   `cmd:"" default:"withargs" help:"Index a folder and print the figures (the default)."`
	Search  searchCmd  `cmd:"" help:"Find text in all files: path:line:column:text."`
	Symbols symbolsCmd `cmd:"" help:"The outline of one file."`
}

type indexCmd struct {
	Dir   string `arg:"" optional:"" default:"." help:"The folder."`
	Files bool   `help:"List the files, one path a line, sorted."`
	JSON  bool   `name:"json" help:"Print the figures as JSON."`
}

// openFolder opens the folder that the user named as a workspace, whose first
// scan is done. The caller must close it.
func (a *app) openFolder(name string) (dir string, ws *workspace.Workspace, err error) {
	if dir, err = existing(name); err != nil {
		return "", nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", nil, usagef("%s is not a folder", name)
	}
	ws, err = a.openWorkspace(dir)
	return dir, ws, err
}

// Run is `hob index`.
func (c *indexCmd) Run(a *app) error {
	dir, ws, err := a.openFolder(c.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = ws.Close() }() // read-only work, and it is done
	snap, stats := ws.Snapshot(), ws.Stats()
	if c.Files {
		for path := range snap.Paths() {
			if _, err := fmt.Fprintln(a.out, a.shown(relative(dir, path))); err != nil {
				return err
			}
		}
		return nil
	}
	if c.JSON {
		return json.NewEncoder(a.out).Encode(map[string]any{
			"files": stats.Files, "held": stats.Held, "bytes": stats.Bytes, "scan_ms": toMillis(stats.Scan),
		})
	}
	_, err = fmt.Fprintf(a.out, "%-10s %s\n%-10s %d, of which %d are held in memory\n%-10s %s\n%-10s %s\n",
		"folder", dir, "files", stats.Files, stats.Held, "text", bytesText(stats.Bytes),
		"scan", stats.Scan.Round(10*time.Microsecond))
	return err
}

// indexOptions are those of a workspace that a configuration decides on.
func (a *app) indexOptions(c config.Config) workspace.Options {
	return workspace.Options{
		MaxFile: int64(c.Index.MaxFile), MaxMemory: int64(c.Index.MaxMemory),
		Ignore: c.Index.Ignore, Exclude: c.Privacy.Exclude, Log: a.log,
	}
}

// openWorkspace indexes dir and waits for the first scan.
func (a *app) openWorkspace(dir string) (*workspace.Workspace, error) {
	l, err := a.loadConfig(dir)
	if err != nil {
		return nil, err
	}
	var line statusLine
	if isTerminal(a.err) {
		line.w = a.err
	}
	defer line.clear()
	opts := a.indexOptions(l.Config)
	opts.NoWatch = true
	opts.Progress = func(p workspace.Progress) { line.show("scan", scanText(p)) }
	ws := workspace.New(a.ctx, opts)
	if err := ws.Apply(workspace.Change{Kind: workspace.RootAdd, Path: dir}); err != nil {
		_ = ws.Close() // its first error is the one to tell
		return nil, err
	}
	select {
	case <-ws.Ready():
		return ws, nil
	case <-a.ctx.Done():
		_ = ws.Close() // interrupted
		return nil, a.ctx.Err()
	}
}

// scanText is a progress bar for a scan. How much is to come grows while the
// folder is walked, so the bar may step back a little; the figures don't.
func scanText(p workspace.Progress) string {
	const width = 24
	full := 0
	if p.Found > 0 {
		full = width * p.Done / p.Found
	}
	return fmt.Sprintf("[%s%s] %d of %d files, %s", strings.Repeat("#", full), strings.Repeat(".", width-full), p.Done, p.Found, bytesText(p.Bytes))
}

type symbolsCmd struct {
	File string `arg:"" help:"The file."`
}

// Run is `hob index symbols`.
func (c *symbolsCmd) Run(a *app) error {
	path, err := existing(c.File)
	if err != nil {
		return err
	}
	src, err := readText(path)
	if err != nil {
		return err
	}
	language := syntax.LanguageOf(path)
	outline := syntax.Outline(language, src)
	if len(outline) == 0 {
		_, _ = fmt.Fprintf(a.err, "hob: no symbols found in %s (language %q)\n", filepath.Base(path), language)
	}
	x := text.NewLineIndex(src)
	depth := make([]int, len(outline))
	for i, s := range outline {
		if s.Parent >= 0 {
			depth[i] = depth[s.Parent] + 1
		}
		at, end := x.Position(s.Span.Start, text.UTF8), x.Line(max(s.Span.Start, s.Span.End-1))
		if _, err := fmt.Fprintf(a.out, "%s:%d-%d:%*s %s %s\n", c.File, at.Line+1, end+1, 2*depth[i], "", s.Kind, s.Name); err != nil {
			return err
		}
	}
	return nil
}

// bytesText writes a number of bytes for people.
func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
