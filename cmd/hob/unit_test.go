package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace"
)

func TestVerdicts(t *testing.T) {
	for first, want := range map[string]verdict{
		"NVIM v0.12.4": fine, "NVIM v0.11.0-dev-1": fine, "NVIM v1.0.0": fine, "NVIM v0.10.4": note, "NVIM v0.7.2": note, "vim 9": note, "": note,
	} {
		if f := nvimVerdict(first); f.Status != want || f.Status != fine && f.Detail == "" {
			t.Errorf("%q: %+v", first, f)
		}
	}
	for _, tt := range []struct {
		folders, limit int
		want           verdict
	}{{10, 8192, fine}, {4096, 8192, fine}, {4097, 8192, note}, {8193, 8192, bad}} {
		f := watchVerdict(tt.folders, tt.limit)
		if f.Status != tt.want || (f.Remedy == "") != (tt.want == fine) {
			t.Errorf("%d of %d: %+v", tt.folders, tt.limit, f)
		}
	}
	if n := folderCount("/r", slices.Values([]string{"/r/a", "/r/b/c/d", "/r/b/e"})); n != 3 {
		t.Errorf("%d folders", n)
	}
}

func TestMillis(t *testing.T) {
	for ms, want := range map[float64]string{0: "0.00 ms", 0.04: "0.04 ms", 0.25: "0.2 ms", 9.94: "9.9 ms", 210: "210 ms", 2620: "2.62 s", 61000: "61.0 s"} {
		if got := millis(ms); got != want {
			t.Errorf("%v: %q, want %q", ms, got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	r := &lsp.JobResult{
		Model: "ollama/m", Tier: "fast", Why: "one symbol", Usage: &lsp.JobUsage{PromptTokens: 812, OutputTokens: 143, Calls: 1},
		Timing: &lsp.JobTiming{Total: 2620, Overhead: 9},
	}
	if got, want := summary(r), "ollama/m (fast): one symbol, 812 + 143 tokens, 2.62 s in all, of them Hob 9.0 ms"; got != want {
		t.Errorf("%q", got)
	}
	if got, want := summary(&lsp.JobResult{Tier: "instant", Why: "no model"}), "instant tier: no model"; got != want {
		t.Errorf("%q", got)
	}
}

func TestStatusLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		var off statusLine
		off.show("a", "nobody sees this")
		off.clear()
		l := statusLine{w: &out}
		l.clear()
		l.show("reading", "one")
		l.show("reading", "too soon")
		time.Sleep(redraw)
		l.show("reading", "two")
		l.show("writing", strings.Repeat("ü", 100))
		l.clear()
		l.clear()
		want := "\r\x1b[Kone\r\x1b[Ktwo\r\x1b[K" + strings.Repeat("ü", 77) + "…\r\x1b[K"
		if out.String() != want {
			t.Errorf("%q", out.String())
		}
	})
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := statusLine{w: &out}
		var opts client.Options
		l.watch(&opts)
		opts.Progress(client.Progress{Kind: "begin", Title: "Hob: edit a.ts", Message: "loading ollama/m"})
		opts.JobProgress(lsp.JobProgress{State: "loading"})
		opts.JobProgress(lsp.JobProgress{State: "looking", Calls: []string{"search x", "read a.ts"}})
		opts.JobProgress(lsp.JobProgress{State: "writing", OutputTokens: 1})
		opts.Progress(client.Progress{Kind: "report", Message: "writing, 1 tokens"})
		opts.JobProgress(lsp.JobProgress{State: "checking"})
		opts.Progress(client.Progress{Kind: "report", Message: "checking"})
		opts.Progress(client.Progress{Kind: "end", Message: "done"})
		if want := "\r\x1b[Kloading ollama/m\r\x1b[Klooking: search x, read a.ts\r\x1b[Kwriting, 1 token\r\x1b[Kchecking"; out.String() != want {
			t.Errorf("%q", out.String())
		}
		if got := writingText(lsp.JobProgress{OutputTokens: 7, TokensPerSecond: 41.6}); got != "writing, 7 tokens, 42 a second" {
			t.Error(got)
		}
	})
}

func TestStyle(t *testing.T) {
	if s := (style{}); s.red("x") != "x" {
		t.Error("colour where none is wanted")
	}
	if s := (style{on: true}); s.red("x") != "\x1b[31mx\x1b[m" || s.bold("") != "" {
		t.Error("no colour where it is wanted")
	}
	if colours(new(bytes.Buffer)) || isTerminal(io.Discard) {
		t.Error("a buffer is no terminal")
	}
}

func TestSeries(t *testing.T) {
	s := newSeries()
	s.add(-time.Second)
	for range 98 {
		s.add(time.Millisecond)
	}
	s.add(time.Second)
	b := &benchRun{}
	b.series("x", "y", s, promise{p50: 2, p99: 500})
	f := b.figures[0]
	if f.N != 100 || f.P50 < 0.99 || f.P50 > 1.01 || f.Max < 999 || f.Met == nil || !*f.Met || f.Target != "p50 < 2.00 ms, p99 < 500 ms" {
		t.Errorf("%+v", f)
	}
	b.series("x", "y", s, promise{p50: 0.5})
	if *b.figures[1].Met {
		t.Errorf("%+v", b.figures[1])
	}
}

func TestDebugPage(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "example.com:80", "127.0.0.1"} {
		a := &app{common: Common{Debug: addr}, log: slog.New(slog.DiscardHandler)}
		if _, err := a.openDebug(); err == nil {
			t.Errorf("%s was taken", addr)
		}
	}
	s := httptest.NewServer(localOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })))
	defer s.Close()
	for host, want := range map[string]int{"": http.StatusNoContent, "localhost:1": http.StatusNoContent, "evil.example": http.StatusForbidden, "10.0.0.1:80": http.StatusForbidden} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
		}
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // it has none
		if res.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, res.StatusCode, want)
		}
	}
}

// Every bench runs and gives figures; what they say depends on the machine.
func TestBenches(t *testing.T) {
	var out bytes.Buffer
	a := &app{ctx: t.Context(), out: &out, err: io.Discard, log: slog.New(slog.DiscardHandler)}
	c := benchCmd{What: []string{"overhead", "menu", "change", "jobs"}, N: 5, JSON: true}
	if err := c.Run(a); err != nil {
		t.Fatal(err)
	}
	var got struct{ Figures []figure }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	byName := map[string]figure{}
	for _, f := range got.Figures {
		byName[f.Bench+" "+f.Name] = f
	}
	if f := byName["jobs lost, of 10"]; f.Met == nil || !*f.Met {
		t.Errorf("jobs were lost: %+v", f)
	}
	for _, name := range []string{"overhead hob.edit, command to applied edit", "overhead the same request by plain HTTP", "menu code actions, ten jobs running"} {
		if f := byName[name]; f.N < 5 || f.P50 <= 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	out.Reset()
	if err := (&benchRun{app: a, figures: got.Figures}).print(); err != nil || strings.Count(out.String(), "\n") != len(got.Figures)+1 {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// The demo project is what its package says: it must have a component to learn from.
func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	n, err := unpack(dir)
	if err != nil || n < 5 {
		t.Fatal(n, err)
	}
	for _, name := range []string{"package.json", "tsconfig.json", demoDocument, "src/components/Card.tsx"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestCancelledContextEndsCommands(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := &app{ctx: ctx, out: io.Discard, err: io.Discard, log: slog.New(slog.DiscardHandler)}
	done := make(chan error, 1)
	go func() { done <- (&benchCmd{N: 3, What: []string{"jobs"}}).Run(a) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a bench whose context has ended claims to be done")
		}
	case <-time.After(time.Minute):
		t.Error("it does not end")
	}
}

func TestReadJobText(t *testing.T) {
	dir := t.TempDir()
	big, err := os.Create(filepath.Join(dir, "big"))
	if err == nil {
		err = errors.Join(big.Truncate(maxSource+1), big.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"utf16": "\xff\xfea\x00b\x00", "latin1": "caf\xe9\n", "nul": "a\x00b", "text": "caf\u00e9 \U0001f600\r\n", "empty": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := readJobText(filepath.Join(dir, name))
		if ok := name == "text" || name == "empty"; ok != (err == nil) || ok && got != content {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, path := range []string{big.Name(), dir, filepath.Join(dir, "none")} {
		if _, err := readJobText(path); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}

// Nothing comes from a terminal that nobody types into; the signal ends the wait.
func TestReadAllEndsWithItsContext(t *testing.T) {
	r, w := io.Pipe()
	defer func() { _ = w.Close() }() // never fails
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readAll(ctx, r); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestScanText(t *testing.T) {
	for _, tt := range []struct {
		p    workspace.Progress
		want string
	}{
		{workspace.Progress{}, "[........................] 0 of 0 files, 0 bytes"},
		{workspace.Progress{Found: 4000, Done: 1000, Bytes: 3 << 20}, "[######..................] 1000 of 4000 files, 3.0 MiB"},
		{workspace.Progress{Found: 7, Done: 7, Bytes: 10, End: true}, "[########################] 7 of 7 files, 10 bytes"},
	} {
		if got := scanText(tt.p); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.p, got, tt.want)
		}
	}
}
