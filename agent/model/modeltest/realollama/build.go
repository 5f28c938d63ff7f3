//go:build unix

package realollama

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const module = "github.com/ollama/ollama"

// flags of the C and C++ compilers: without the instruction set of this machine
// the CPU backend computes with the oldest one.
const flags = "-O3 -march=native"

// include stands in for headers that the module's archive lacks, because
// archives of Go modules leave out folders named "vendor".
//
//go:embed include
var include embed.FS

// Binary is the path of the server, built if this machine has not built it
// before: minutes, and a C++ compiler, then. It needs to run inside the module
// whose go.mod pins Ollama. Processes that ask at the same time build it once.
func Binary(ctx context.Context) (string, error) {
	version, err := run(ctx, nil, "go", "list", "-m", "-f", "{{.Version}}", module)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cpu, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		cpu = nil // no such file on this system: machines do not share the cache anyway
	}
	dir := filepath.Join(cache, "hob-test", fmt.Sprintf("ollama-%s-%.4x", version, sha256.Sum256(append([]byte(flags), features(cpu)...))))
	bin := filepath.Join(dir, "ollama")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	if err := build(ctx, dir, version); err != nil {
		return "", fmt.Errorf("building Ollama %s: %w", version, err)
	}
	return bin, nil
}

// features is the line of /proc/cpuinfo that says what the CPU can.
func features(cpuinfo []byte) []byte {
	for line := range bytes.Lines(cpuinfo) {
		if bytes.HasPrefix(line, []byte("flags")) || bytes.HasPrefix(line, []byte("Features")) {
			return line
		}
	}
	return nil
}

// lock waits for the file to be ours; the system frees it if the process dies.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing unlocks
}

func build(ctx context.Context, dir, version string) error {
	headers := filepath.Join(dir, "include")
	sub, err := fs.Sub(include, "include")
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(headers), os.CopyFS(headers, sub)); err != nil {
		return err
	}
	paths := "-I" + headers
	json, err := jsonHeaders(ctx, filepath.Join(dir, "json"))
	if err != nil {
		return err
	}
	if json != "" {
		paths += " -I" + json
	}
	stage := filepath.Join(dir, "stage")
	env := []string{
		"GOFLAGS=", "GOBIN=" + stage, "CGO_ENABLED=1", "GOWORK=off",
		"CGO_CPPFLAGS=" + paths, "CGO_CFLAGS=" + flags, "CGO_CXXFLAGS=" + flags,
	}
	// With its version the command builds in Ollama's own module, with the
	// dependencies that it pins. What is there already needs no network.
	args := []string{"install", "-trimpath", "-ldflags", "-s -w -X " + module + "/version.Version=" + strings.TrimPrefix(version, "v"), module + "@" + version}
	if _, offline := run(ctx, append(env, "GOPROXY=off"), "go", args...); offline != nil {
		if _, err := run(ctx, env, "go", args...); err != nil {
			return errors.Join(err, offline)
		}
	}
	return os.Rename(filepath.Join(stage, "ollama"), filepath.Join(dir, "ollama"))
}

// jsonHeaders is a folder with nlohmann/json.hpp, "" if the compiler finds it by
// itself. It is another library that the archive lacks; Debian has it, and to
// unpack a package takes no privileges.
func jsonHeaders(ctx context.Context, dir string) (string, error) {
	cxx := cmp.Or(os.Getenv("CXX"), "c++")
	try := exec.CommandContext(ctx, cxx, "-fsyntax-only", "-x", "c++", "-")
	try.Stdin = strings.NewReader("#include <nlohmann/json.hpp>\n")
	if try.Run() == nil {
		return "", nil
	}
	found := filepath.Join(dir, "usr", "include")
	if _, err := os.Stat(filepath.Join(found, "nlohmann", "json.hpp")); err == nil {
		return found, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	const download = "apt-get -q download nlohmann-json3-dev"
	// A new machine has no package lists yet.
	for _, sh := range []string{download + " || { apt-get -q update && " + download + "; }", "dpkg -x nlohmann-json3-dev_*.deb ."} {
		if _, err := run(ctx, nil, "sh", "-c", "cd '"+dir+"' && "+sh); err != nil {
			return "", fmt.Errorf("install the headers of nlohmann-json 3 (Debian: nlohmann-json3-dev) and a C++ compiler: %w", err)
		}
	}
	return found, nil
}

// run is the output of a command, which its error carries when it fails.
func run(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, args[0], err, tail(errs.Bytes()))
	}
	return strings.TrimSpace(out.String()), nil
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }
