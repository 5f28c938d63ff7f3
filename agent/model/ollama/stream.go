package ollama

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxLine bounds one line of a stream; a token with its frame has a few hundred bytes.
const maxLine = 8 << 20

// drain is how long the end of the stream may take to follow the done line; a
// connection read to its end serves the next request.
const drain = 50 * time.Millisecond

// errSilent is the cause of a request's end when the server sent nothing for too long.
var errSilent = errors.New("silent")

// stream is the answer to one request while it comes in.
//
// Its context ends with the caller's, when the watchdog finds the server silent,
// and when the stream is closed; each closes the connection, which tells the
// server to stop generating.
type stream struct {
	p      *Provider
	model  string
	caller context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc
	resp   *http.Response
	dog    *time.Timer   // ends ctx when it fires; runs only while we wait for bytes
	limit  time.Duration // that the dog is set to before a read
}

// open sends a request and returns its stream if the status is 200. The caller
// must call lines, which closes it.
func (p *Provider) open(ctx context.Context, path string, body []byte, name string) (*stream, error) {
	s := &stream{p: p, model: name, caller: ctx, limit: p.opts.First}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.dog = time.AfterFunc(s.limit, func() { s.cancel(errSilent) })
	req, err := p.request(s.ctx, http.MethodPost, path, body)
	if err != nil {
		s.close()
		return nil, err
	}
	if s.resp, err = p.http.Do(req); err != nil {
		defer s.close()
		return nil, s.diagnose(err)
	}
	s.dog.Stop()
	if s.resp.StatusCode != http.StatusOK {
		defer s.close()
		s.limit = time.Second
		return nil, p.status(s.resp.StatusCode, name, s.text())
	}
	if strings.HasPrefix(s.resp.Header.Get("Content-Type"), "text/html") {
		s.close()
		return nil, p.notOllama(nil)
	}
	return s, nil
}

// text is the body of an error answer, within bounds of size and time.
func (s *stream) text() []byte {
	b, _ := io.ReadAll(io.LimitReader(s, 64<<10)) // what could be read is all there is to say
	return b
}

// Read reads the body under the watchdog.
func (s *stream) Read(b []byte) (int, error) {
	s.dog.Reset(s.limit)
	n, err := s.resp.Body.Read(b)
	s.dog.Stop()
	return n, err
}

func (s *stream) close() {
	s.dog.Stop()
	s.cancel(nil)
	if s.resp != nil {
		_ = s.resp.Body.Close() // it was read, or is given up
	}
}

// lines calls f with every line that is not empty until f fails or the stream
// ends, and closes the stream. It returns f's error, or what broke the stream,
// or nil at its end. The slice is only valid during the call.
func (s *stream) lines(f func([]byte) error) error {
	defer s.close()
	sc := bufio.NewScanner(s)
	sc.Buffer(nil, maxLine) // grows from 4 KB
	for sc.Scan() {
		s.limit = s.p.opts.Stall
		b := bytes.TrimSpace(sc.Bytes())
		if len(b) == 0 {
			continue
		}
		if err := f(b); err != nil {
			if errors.Is(err, errDone) {
				s.limit = drain
				_, _ = io.Copy(io.Discard, io.LimitReader(s, 4<<10)) // the reply is complete whatever follows
			}
			return err
		}
	}
	return sc.Err()
}
