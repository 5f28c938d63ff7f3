//go:build editors

// Package emacstest runs the real server in a real Emacs, whose eglot knows
// nothing of Hob: what standard messages can do is shown by it.
//
// It needs Emacs, so it is not part of a plain go test: see editors/Makefile.
package emacstest

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hob-ls/hob/editors/scripted"
)

func TestEglot(t *testing.T) {
	emacs, err := exec.LookPath("emacs")
	if err != nil {
		t.Fatalf("%v: `make -C editors test-emacs` installs it", err)
	}
	hob, done, err := scripted.Binary()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	script, err := filepath.Abs("eglot.el")
	if err != nil {
		t.Fatal(err)
	}
	scripted.NewSession(t, hob, 3*time.Minute).Run(nil, emacs, "--batch", "-l", script)
}
