//go:build unix

package realollama

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Server is a running Ollama server that belongs to this process.
type Server struct {
	URL string
	Log string // path of its log

	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	http *http.Client
}

// Start runs bin on a free port of the loopback with its state below dir, and
// returns when it answers. env adds settings such as "OLLAMA_NUM_PARALLEL=4".
// The caller must call Stop.
func Start(ctx context.Context, bin, dir string, env ...string) (*Server, error) {
	addr, err := free()
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "ollama.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own
	cmd := exec.Command(bin, "serve")
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + home,
		"OLLAMA_HOST=" + addr,
		"OLLAMA_MODELS=" + filepath.Join(dir, "models"),
		"OLLAMA_NO_CLOUD=1",
		"OLLAMA_NOPRUNE=1", // keeps blobs that no model names yet
		"OLLAMA_DEBUG=1",   // see Readings
	}, env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Stop ends its runners, too
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{URL: "http://" + addr, Log: log.Name(), cmd: cmd, done: make(chan struct{}), http: &http.Client{Transport: &http.Transport{}}}
	go func() {
		defer close(s.done)
		_ = cmd.Wait() // it is stopped by a signal
	}()
	if err := s.answers(ctx); err != nil {
		s.Stop()
		text, _ := os.ReadFile(s.Log) // as much as there is
		return nil, fmt.Errorf("%w\n%s", err, tail(text))
	}
	return s, nil
}

func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// answers waits until the server does.
func (s *Server) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/version", nil)
		if err != nil {
			return err
		}
		if resp, err := s.http.Do(req); err == nil {
			return resp.Body.Close()
		}
		select {
		case <-s.done:
			return errors.New("the Ollama server ended at once")
		case <-ctx.Done():
			return fmt.Errorf("the Ollama server does not answer: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond): // between two looks at a real process
		}
	}
}

// Kill ends the server and its runners at once, as a crash would.
func (s *Server) Kill() { s.signal(syscall.SIGKILL) }

// Stop ends the server and its runners.
func (s *Server) Stop() {
	s.http.CloseIdleConnections()
	s.signal(syscall.SIGINT)
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
	}
	s.signal(syscall.SIGKILL) // what is left of its group
}

// signal reaches the process group, and waits for the server if it can't refuse.
func (s *Server) signal(sig syscall.Signal) {
	_ = syscall.Kill(-s.cmd.Process.Pid, sig) // gone already: all the better
	if sig == syscall.SIGKILL {
		<-s.done
	}
}

// Create makes a model that answers every chat with that text. inner is as for
// Scripted.
func (s *Server) Create(ctx context.Context, name, answer string, inner int) error {
	return s.create(ctx, name, Template, inner, answer)
}

// CreateCaller makes a model that can call tools: it says first to every chat,
// and then once the result of a tool ends the messages. A call in it is said as
//
//	<tool_call>
//	{"name": "read", "arguments": {"path": "a.go"}}
//	</tool_call>
//
// and taken by Ollama for one if the request offers a tool of that name.
func (s *Server) CreateCaller(ctx context.Context, name, first, then string) error {
	return s.create(ctx, name, CallerTemplate, 0, first, then)
}

func (s *Server) create(ctx context.Context, name, template string, inner int, answers ...string) error {
	var gguf bytes.Buffer
	if err := scripted(&gguf, inner, answers...); err != nil {
		return err
	}
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(gguf.Bytes()))
	if err := s.post(ctx, "/api/blobs/"+digest, &gguf); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"model": name, "stream": false, "template": template,
		"files": map[string]string{"model.gguf": digest},
		// Threads wait for each other by spinning: two on a busy machine take a
		// hundred times as long as one.
		"parameters": map[string]any{"num_thread": 1},
	})
	if err != nil {
		return err
	}
	return s.post(ctx, "/api/create", bytes.NewReader(body))
}

func (s *Server) post(ctx context.Context, path string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, body)
	if err != nil {
		return err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, text)
	}
	return err
}
