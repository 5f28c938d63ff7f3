package main

import (
	"os"
	"path/filepath"

	"github.com/hob-ls/hob/agent/tool/mcp"
	"github.com/hob-ls/hob/workspace"
)

type mcpCmd struct {
	Dirs []string `arg:"" optional:"" name:"dir" help:"The folders; none means the roots that the client offers, else the project that hob was started in. The first one with a .hob/config.toml has it count for all, as in an editor."`
}

// Run is `hob mcp`. Like `hob serve` it ends without an error when the client
// leaves or a signal comes.
func (c *mcpCmd) Run(a *app) error {
	opts := mcp.ServeOptions{Version: versionText(), Log: a.log, Fallback: startFolder()}
	for _, name := range c.Dirs {
		dir, err := existing(name)
		if err != nil {
			return err
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return usagef("%s is not a folder", name)
		}
		opts.Roots = append(opts.Roots, dir)
	}
	at := opts.Roots
	if len(at) == 0 {
		at = []string{"."}
	}
	l, err := a.loadConfig(at...)
	if err != nil {
		return err
	}
	for _, p := range l.Problems {
		a.log.Warn("configuration", "problem", p.String())
	}
	index := a.indexOptions(l.Config)
	index.Notice = func(text string) { a.log.Warn(text) }
	opts.Workspace = workspace.New(a.ctx, index)
	defer func() { _ = opts.Workspace.Close() }() // what it read is on the disk
	err = mcp.Serve(a.ctx, plainStdio{}, opts)
	if a.ctx.Err() != nil {
		return nil
	}
	return err
}

// startFolder is the project that hob was started in; "" where that would be all
// of a disk or of somebody's home, as with clients that start servers anywhere.
func startFolder() string {
	here, err := existing(".")
	if err != nil {
		return ""
	}
	root := projectRoot(here)
	home, err := os.UserHomeDir()
	if root == filepath.Dir(root) || err == nil && root == home {
		return ""
	}
	return root
}

// plainStdio is stdin and stdout. A read of stdin can't be woken: Serve leaves it
// behind when it is cancelled, and it ends with the process.
type plainStdio struct{}

func (plainStdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (plainStdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }

// Close leaves both open: the last answers are on their way.
func (plainStdio) Close() error { return nil }
