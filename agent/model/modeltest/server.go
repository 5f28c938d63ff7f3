package modeltest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

var errClosed = errors.New("the model server is closed")

// Server is a running scripted model server. Safe for concurrent use.
type Server struct {
	// URL is its address: "http://127.0.0.1:PORT".
	URL string

	script Script
	http   *http.Server
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	served chan struct{} // closed when the listener's loop has ended
	wg     sync.WaitGroup

	mu      sync.Mutex    // guards all below
	changed chan struct{} // closed and replaced at every change
	replies []*Reply      // those of the script that are left
	records []*Record
	stats   Stats
	gates   map[string]*gate
	memory  memory
	line    []*ticket // requests waiting for a slot, oldest first
}

// New starts a server.
func New(script Script) (*Server, error) {
	l, err := script.listen()
	if err != nil {
		return nil, fmt.Errorf("scripted model server: %w", err)
	}
	script.Slots = cmp.Or(script.Slots, 1)
	script.Queue = cmp.Or(script.Queue, 512)
	script.NumCtx = cmp.Or(script.NumCtx, 4096)
	script.Surface = cmp.Or(script.Surface, Ollama)
	script.Version = cmp.Or(script.Version, "0.17.4")
	s := &Server{
		URL:     "http://" + l.Addr().String(),
		script:  script,
		served:  make(chan struct{}),
		changed: make(chan struct{}),
		gates:   map[string]*gate{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.Script(script.Replies...)
	mux := http.NewServeMux()
	s.v1(mux)
	if script.Surface == Ollama {
		s.api(mux)
	}
	s.http = &http.Server{Handler: s.track(mux), ConnState: s.connState, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(l) // always ErrServerClosed
	}()
	return s, nil
}

func (s Script) listen() (net.Listener, error) {
	if s.Net != nil {
		return s.Net, nil
	}
	return net.Listen("tcp", cmp.Or(s.Addr, "127.0.0.1:0"))
}

// api is Ollama's own.
func (s *Server) api(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("Ollama is running")) // the client may be gone: nothing to do
	})
	mux.HandleFunc("GET /api/version", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"version": s.script.Version})
	})
	mux.HandleFunc("GET /api/tags", s.tags)
	mux.HandleFunc("GET /api/ps", s.ps)
	mux.HandleFunc("POST /api/show", s.show)
	mux.HandleFunc("POST /api/chat", s.serve)
	mux.HandleFunc("POST /api/generate", s.serve)
}

// Close cuts every connection and waits until no handler runs.
func (s *Server) Close() {
	s.mu.Lock()
	s.cancel() // under the lock: see track
	s.mu.Unlock()
	_ = s.http.Close() // closing a listener twice is all that can fail
	<-s.served
	s.wg.Wait()
}

// Script adds replies after those that are left.
func (s *Server) Script(replies ...Reply) {
	s.change(func() {
		for _, r := range replies {
			s.replies = append(s.replies, &r)
		}
	})
}

// Left counts the replies that were not used yet, those with Keep aside: a
// scenario that ends with some left did not ask what it meant to ask.
func (s *Server) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.replies {
		if !r.Keep {
			n++
		}
	}
	return n
}

// track lets Close wait for the handlers, which http.Server.Close does not.
func (s *Server) track(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.ctx.Err() != nil {
			s.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		s.wg.Add(1) // before s.ctx ends, so before Close waits
		s.mu.Unlock()
		defer s.wg.Done()
		h.ServeHTTP(w, r)
	})
}

func (s *Server) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.change(func() { s.stats.Connections++; s.stats.Dialed++ })
	case http.StateClosed, http.StateHijacked:
		s.change(func() { s.stats.Connections-- })
	}
}

// take is the reply for a request, nil if none suits.
func (s *Server) take(req Request) *Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.replies {
		if r.suits(req) {
			if !r.Keep {
				s.replies = append(s.replies[:i:i], s.replies[i+1:]...)
			}
			return r
		}
	}
	switch f := s.script.Fallback; {
	case f != nil && f.suits(req):
		return f
	case req.Ahead():
		return &Reply{Text: "x"}
	}
	return nil
}

func (s *Server) model(name string) (Model, bool) {
	for _, m := range s.script.Models {
		if canonical(m.Name) == canonical(name) {
			m.Params = cmp.Or(m.Params, "1.5B")
			m.Family = cmp.Or(m.Family, "qwen2")
			m.Context = cmp.Or(m.Context, 32768)
			m.Bytes = cmp.Or(m.Bytes, int64(parameters(m.Params)*0.6))
			if m.Capabilities == nil {
				m.Capabilities = []string{"completion"}
			}
			return m, true
		}
	}
	return Model{}, false
}

// parameters reads "3.1B" or "494.03M".
func parameters(s string) float64 {
	unit := 1.0
	switch {
	case strings.HasSuffix(s, "B"):
		unit = 1e9
	case strings.HasSuffix(s, "M"):
		unit = 1e6
	case strings.HasSuffix(s, "K"):
		unit = 1e3
	}
	n, _ := strconv.ParseFloat(strings.TrimRight(s, "BMK"), 64) // 0 for what is no number
	return n * unit
}

// reply sends v as JSON.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone: nothing to do
}

func fail(w http.ResponseWriter, status int, format string, args ...any) {
	reply(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}
