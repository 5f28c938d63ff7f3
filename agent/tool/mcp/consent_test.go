package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

func TestConsent(t *testing.T) {
	state := t.TempDir()
	use := func(s *Servers, workspace string) string {
		out := tool.NewExecutor(s.Tools(workspace), tool.Options{}).Do(t.Context(), tool.Call{Name: "good_echo", Args: json.RawMessage(`{"text": "a"}`)})
		return out.Text
	}
	const done = `echo {"text":"a"}`
	u := &user{}
	s := startPeers(t, Options{Confirm: u, StateDir: state}, peerConfig(t, "good"))
	for range 3 {
		if text := use(s, "/one"); text != done {
			t.Error(text)
		}
	}
	if u.count() != 1 || u.asked[0] != `good/echo {"text": "a"}` {
		t.Errorf("asked %q", u.asked)
	}
	if use(s, "/two"); u.count() != 2 {
		t.Errorf("another workspace: asked %d times", u.count())
	}
	if info, err := os.Stat(filepath.Join(state, "mcp-allowed.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}

	// Another session remembers; one of another command does not.
	no := &user{no: true}
	again := startPeers(t, Options{Confirm: no, StateDir: state}, peerConfig(t, "good"))
	if text := use(again, "/one"); text != done || no.count() != 0 {
		t.Errorf("%s, asked %d times", text, no.count())
	}
	changed := peerConfig(t, "good")
	changed.Args = []string{"--other"}
	other := startPeers(t, Options{Confirm: no, StateDir: state}, changed)
	for range 2 {
		if text := use(other, "/one"); !strings.Contains(text, "does not want good_echo") {
			t.Error(text)
		}
	}
	if no.count() != 1 {
		t.Errorf("asked %d times", no.count())
	}

	// Nobody to ask, and one who can't.
	if text := use(startPeers(t, Options{Confirm: &user{err: errors.New("no window")}}, peerConfig(t, "good")), "/one"); !strings.Contains(text, "no window") {
		t.Error(text)
	}
	alone := newConsent(Options{}.filled())
	if err := alone.ask(t.Context(), "/one", "good", &offer{name: "good_echo"}, nil); err == nil {
		t.Error("used without asking")
	}
}

// A file that can't be read or is none of ours allows nothing and stays.
func TestConsentBadFile(t *testing.T) {
	for name, content := range map[string]string{"torn": `{"version": 1, "allow`, "newer": `{"version": 2}`, "large": strings.Repeat(" ", maxConsent+1)} {
		t.Run(name, func(t *testing.T) {
			path := workspacetest.Put(t, filepath.Join(t.TempDir(), "mcp-allowed.json"), content)
			u := &user{}
			c := newConsent(Options{Confirm: u, StateDir: filepath.Dir(path)}.filled())
			for range 2 {
				if err := c.ask(t.Context(), "/w", "s", &offer{own: "t"}, nil); err != nil || u.count() != 1 {
					t.Errorf("%v, asked %d times", err, u.count())
				}
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != content {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}

// slow is a user who thinks until told.
type slow struct {
	begun, answer chan struct{}
	asked         int
}

func (s *slow) Confirm(ctx context.Context, _, _ string, _ json.RawMessage) (bool, error) {
	s.asked++
	close(s.begun)
	select {
	case <-s.answer:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Ten calls at once are one question.
func TestConsentTogether(t *testing.T) {
	u := &slow{begun: make(chan struct{}), answer: make(chan struct{})}
	c := newConsent(Options{Confirm: u}.filled())
	var wg sync.WaitGroup
	ask := func() {
		if err := c.ask(t.Context(), "/w", "s", &offer{own: "t"}, nil); err != nil {
			t.Error(err)
		}
	}
	for range 10 {
		wg.Go(ask)
	}
	<-u.begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.ask(ctx, "/w", "s", &offer{own: "t"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(u.answer)
	wg.Wait()
	if u.asked != 1 {
		t.Errorf("asked %d times", u.asked)
	}
}
