//go:build !unix

package mcp

import "os/exec"

func ownGroup(*exec.Cmd) {}

// killGroup ends a server. What it started has to notice that its pipes are closed.
func killGroup(cmd *exec.Cmd, force bool) {
	if force {
		_ = cmd.Process.Kill() // it may be gone
	}
}
