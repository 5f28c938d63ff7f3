//go:build !unix

package lsp

import "os"

// alive reports whether a process exists: where there is no signal 0, opening it says so.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release() // only a handle
	return true
}
