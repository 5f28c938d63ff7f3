package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	maxMessage = 4 << 20  // bytes of one message of a peer
	maxFlow    = 24 << 20 // bytes of a server within flowSpan
	flowSpan   = 10 * time.Second
	maxGarbage = 200 // lines that are no protocol, before a server is given up
)

var (
	errFlood   = fmt.Errorf("it sent more than %d MiB within %v", maxFlow>>20, flowSpan)
	errGarbage = errors.New("it writes other things than the protocol to stdout")
	errLarge   = fmt.Errorf("a message of it is larger than %d MiB", maxMessage>>20)
)

// meter ends a stream that carries more than anybody needs.
type meter struct {
	r     io.Reader
	n     int
	since time.Time
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if now := time.Now(); now.Sub(m.since) > flowSpan {
		m.n, m.since = 0, now
	}
	if m.n += n; m.n > maxFlow {
		return 0, errFlood
	}
	return n, err
}

// protocolLines passes on the lines of r that are JSON. Many servers print a
// banner, or what they log, to stdout: that goes to the log.
type protocolLines struct {
	in      *bufio.Reader
	log     func(line string)
	garbage int
	line    []byte // the line at hand
	rest    []byte // of it, not passed on yet
}

func newProtocolLines(r io.Reader, log func(string)) *protocolLines {
	return &protocolLines{in: bufio.NewReaderSize(&meter{r: r}, 64<<10), log: log}
}

func (l *protocolLines) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		if err := l.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// next reads a line. One that has no end is none.
func (l *protocolLines) next() error {
	if l.line = l.line[:0]; cap(l.line) > 1<<20 {
		l.line = nil
	}
	for {
		piece, err := l.in.ReadSlice('\n')
		l.line = append(l.line, piece...)
		switch {
		case len(l.line) > maxMessage:
			return errLarge
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return err
		}
		break
	}
	head := bytes.TrimSpace(l.line)
	switch {
	case len(head) == 0:
	case (head[0] == '{' || head[0] == '[') && json.Valid(head):
		l.rest = l.line
	default:
		l.log(string(head[:min(len(head), 400)]))
		if l.garbage++; l.garbage > maxGarbage {
			return errGarbage
		}
	}
	return nil
}

// lineLog writes what a server says, line by line, to the log: clipped, and not
// more than maxLogged lines in a minute.
type lineLog struct {
	log  *slog.Logger
	name string

	mu    sync.Mutex // guards what follows
	part  []byte
	count int
	since time.Time
}

const maxLogged = 100

// Write never fails: a server must not die of what it says.
func (l *lineLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if room := 400 - len(l.part); room > 0 {
			l.part = append(l.part, line[:min(room, len(line))]...)
		}
		if rest = after; whole {
			l.say(string(l.part))
			l.part = l.part[:0]
		}
	}
	return len(p), nil
}

// line logs one line.
func (l *lineLog) line(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.say(s[:min(len(s), 400)])
}

func (l *lineLog) say(s string) {
	if s = strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD"); s == "" {
		return
	}
	if now := time.Now(); now.Sub(l.since) > time.Minute {
		l.count, l.since = 0, now
	}
	switch l.count++; {
	case l.count <= maxLogged:
		l.log.Info("an MCP server says", "server", l.name, "text", s)
	case l.count == maxLogged+1:
		l.log.Warn("an MCP server says too much; the rest of this minute is dropped", "server", l.name)
	}
}

// boundedHTTP bounds what a server answers, and goes nowhere but where the user said.
type boundedHTTP struct{ next http.RoundTripper }

func (b boundedHTTP) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = boundedBody{Reader: &meter{r: res.Body}, Closer: res.Body}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		res.Body = boundedBody{Reader: &limit{r: res.Body, left: maxMessage}, Closer: res.Body}
	}
	return res, nil
}

type boundedBody struct {
	io.Reader
	io.Closer
}

// limit is a reader that fails past its end, where io.LimitReader would pretend
// that all was read.
type limit struct {
	r    io.Reader
	left int
}

func (l *limit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= n; l.left < 0 {
		return 0, errLarge
	}
	return n, err
}

func newHTTPClient() (client *http.Client, end func()) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = 64 << 10
	return &http.Client{
		Transport:     boundedHTTP{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, transport.CloseIdleConnections
}

// sleep waits; false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
