package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hob-ls/hob/agent"
)

// committed reads files of the last commit. It asks git for objects only, and only
// for those that are here: what compares with the working tree (diff, status) or
// fetches from a remote may start programs that a repository's own configuration
// names.
func committed(ctx context.Context, root string, differs func(rel, blob string) bool) (map[string]string, error) {
	var tree bytes.Buffer
	if err := git(ctx, root, nil, &tree, "ls-tree", "-r", "-z", "HEAD"); err != nil {
		return nil, err
	}
	var rels, blobs []string
	for entry := range strings.SplitSeq(tree.String(), "\x00") {
		head, rel, ok := strings.Cut(entry, "\t")
		fields := strings.Fields(head) // mode, type, name
		if ok && len(fields) == 3 && fields[1] == "blob" && differs(rel, fields[2]) {
			rels, blobs = append(rels, rel), append(blobs, fields[2])
		}
	}
	out := map[string]string{}
	if len(rels) == 0 {
		return out, nil
	}
	var objects bytes.Buffer
	if err := git(ctx, root, strings.NewReader(strings.Join(blobs, "\n")+"\n"), &objects, "cat-file", "--batch"); err != nil {
		return nil, err
	}
	r := bufio.NewReader(&objects)
	for _, rel := range rels {
		text, err := object(r)
		if err != nil {
			return nil, fmt.Errorf("reading the committed %s: %w", rel, err)
		}
		out[rel] = text
	}
	return out, nil
}

// object reads one object of cat-file --batch: "NAME blob SIZE\n", the content, "\n".
func object(r *bufio.Reader) (string, error) {
	head, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return "", fmt.Errorf("git says %q", strings.TrimSpace(head))
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil {
		return "", err
	}
	b := make([]byte, size+1)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", err
	}
	return string(b[:size]), nil
}

// outsideHooks is the environment without what git tells its hooks and the editor
// that it starts of its own repository, where root is another one: all of that goes
// before what lies in root.
func outsideHooks(root string) []string {
	env := os.Environ()
	if _, err := os.Lstat(filepath.Join(root, ".git")); err != nil {
		return env
	}
	return slices.DeleteFunc(env, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_NAMESPACE"}, name)
	})
}

// git runs one plumbing command.
func git(ctx context.Context, root string, in io.Reader, out io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", root, "--no-pager", "-c", "core.fsmonitor=false"}, args...)...)
	cmd.Env = append(outsideHooks(root), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none") // older versions know the second alone
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &said
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return &agent.Error{Kind: agent.BadRequest, Message: "git is not installed", Hint: "review a file or a selection instead"}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
	if strings.Contains(first, "not a git repository") {
		return &agent.Error{Kind: agent.BadRequest, Message: root + " is in no git repository", Hint: "go to one, or review a file or a selection", Err: err}
	}
	return &agent.Error{Kind: agent.BadRequest, Message: "git can't read the last commit: " + first, Hint: "commit once, or review a file or a selection", Err: err}
}
