package model

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// maxLine bounds one line of a stream; a token with its frame has a few hundred bytes.
const maxLine = 8 << 20

// drain is how long the end of a stream may take to follow the last word of the
// reply; a connection read to its end serves the next request.
const drain = 50 * time.Millisecond

// tailWait is how long a server may take to add its figures to a complete reply.
const tailWait = 2 * time.Second

// overrun is how many tokens more than the limit a server may send, and how many
// bytes a token has at most, before we end the reply.
const (
	overrun    = 16
	tokenBytes = 256
)

// Progress is how far one line has brought a reply.
type Progress int

// The stages of a reply.
const (
	More     Progress = iota // there is more to come
	Complete                 // nothing is missing but figures, which may come or not
	Done                     // nothing more comes
)

// Exchange is one chat, as a provider writes and reads it.
type Exchange struct {
	Path string // of the request, as for Wire.Ask
	Body []byte
	// Line reads one line of the answer, puts what it tells into the Reply and
	// gives the piece of the text that it holds. The slice is only valid during the call.
	Line func(line []byte, reply *Reply) (Delta, Progress, error)
}

// Chat streams one reply. See Provider.
func (w *Wire) Chat(ctx context.Context, req Request, x Exchange, on func(Delta) error) (Reply, error) {
	sent := time.Now()
	s, err := w.open(ctx, x.Path, x.Body, req.Model)
	if err != nil {
		return Reply{}, err
	}
	c := chatting{Wire: w, req: req, sent: sent, on: on, reply: Reply{Usage: Usage{Cached: -1}}}
	at := More
	err = s.lines(func(b []byte) error {
		d, p, err := x.Line(b, &c.reply)
		if err != nil {
			return err
		}
		if err := c.take(d); err != nil {
			return err
		}
		switch at = max(at, p); at {
		case Done:
			return errDone
		case Complete:
			s.most = tailWait
		}
		return nil
	})
	c.reply.Wall = time.Since(sent)
	var cb callbackError
	switch {
	case errors.As(err, &cb) && errors.Is(cb.error, ErrStop):
		c.reply.Stopped = true
		c.measure(true)
		return c.reply, nil
	case errors.As(err, &cb):
		return Reply{}, cb.error
	case errors.Is(err, errOverrun) && ctx.Err() == nil:
		w.Log.Warn("a server ignores the output limit", "endpoint", w.Name, "model", req.Model, "limit", req.MaxTokens)
		c.reply.Length = true
		c.measure(true)
		return c.reply, nil
	case at >= Complete && ctx.Err() == nil:
		c.measure(false)
		return c.reply, nil
	}
	return Reply{}, s.diagnose(err)
}

// chatting is a reply while it comes in.
type chatting struct {
	*Wire
	req    Request
	sent   time.Time
	on     func(Delta) error
	reply  Reply
	deltas int
	tokens int    // of them, about
	size   int    // bytes
	late   bool   // the first delta was held back
	head   string // the first bytes of the text, while they may be those of a thought
	headed bool
}

// take gives a delta to the caller.
func (c *chatting) take(d Delta) error {
	if d.empty() {
		return nil
	}
	if c.deltas++; c.deltas == 1 {
		c.reply.First, c.late = time.Since(c.sent), d.late()
	}
	c.tokens += d.tokens()
	c.size += d.size()
	c.verify(d)
	if err := c.on(d); err != nil {
		return callbackError{err}
	}
	if n := c.req.MaxTokens; n > 0 && (c.deltas > n+overrun || c.size > (n+overrun)*tokenBytes) {
		return errOverrun
	}
	return nil
}

// verify looks in the first tokens for a thought, for no model is asked to think.
func (c *chatting) verify(d Delta) {
	if c.headed {
		return
	}
	const mark = "<think"
	c.head = strings.TrimLeftFunc(c.head+d.Text, unicode.IsSpace)
	if d.Thinking != "" || strings.HasPrefix(c.head, mark) {
		c.thinks(c.req.Model)
		c.headed = true
		return
	}
	c.headed = !strings.HasPrefix(mark, c.head)
}

// measure fills in what the server did not tell; nothing that it would have told
// at the end if the reply was cut.
func (c *chatting) measure(cut bool) {
	r := &c.reply
	r.Usage.Output = cmp.Or(r.Usage.Output, c.tokens)
	if !c.late && (cut || r.Prefill == 0 && r.Decode == 0) {
		r.Prefill, r.Decode = r.First, r.Wall-r.First
	}
}

// callbackError is an error of the caller's own, not of the stream.
type callbackError struct{ error }

func (e callbackError) Unwrap() error { return e.error }

var (
	errDone    = errors.New("done")
	errOverrun = errors.New("more output than was asked for")
)

// Each sends a request and calls f with every line of the answer that is not
// empty until f says that it is done. It fails unless f did.
func (w *Wire) Each(ctx context.Context, path string, body []byte, name string, f func([]byte) (done bool, err error)) error {
	s, err := w.open(ctx, path, body, name)
	if err != nil {
		return err
	}
	err = s.lines(func(b []byte) error {
		done, err := f(b)
		if err == nil && done {
			err = errDone
		}
		return err
	})
	if errors.Is(err, errDone) && ctx.Err() == nil {
		return nil
	}
	return s.diagnose(err)
}

// stream is the answer to one request while it comes in.
//
// Its context ends with the caller's, when the watchdog finds the server silent,
// and when the stream is closed; each closes the connection, which tells the
// server to stop generating.
type stream struct {
	w      *Wire
	model  string
	caller context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc
	resp   *http.Response
	dog    *time.Timer   // ends ctx when it fires; runs only while we wait for bytes
	limit  time.Duration // how long we wait for a line; a server that trickles is no better than a silent one
	most   time.Duration // for limit after the first line
	left   time.Duration // of limit, for the line that is coming
	began  bool          // a byte of the answer came
}

// open sends a request and returns its stream if the status is 200. The caller
// must call lines, which closes it.
func (w *Wire) open(ctx context.Context, path string, body []byte, name string) (*stream, error) {
	s := &stream{w: w, model: name, caller: ctx, limit: w.First, left: w.First, most: w.Stall}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.dog = time.AfterFunc(s.limit, func() { s.cancel(errSilent) })
	req, err := w.request(s.ctx, http.MethodPost, path, body)
	if err != nil {
		s.close()
		return nil, err
	}
	if s.resp, err = w.Client.Do(req); err != nil { //nolint:bodyclose // stream.close does
		defer s.close()
		return nil, s.diagnose(err)
	}
	s.dog.Stop()
	if s.resp.StatusCode != http.StatusOK {
		defer s.close()
		s.wait(time.Second)
		return nil, w.status(name, s.resp.StatusCode, s.text())
	}
	if strings.HasPrefix(s.resp.Header.Get("Content-Type"), "text/html") {
		s.close()
		return nil, w.Stranger(nil)
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
	began := time.Now()
	s.dog.Reset(max(s.left, time.Millisecond))
	n, err := s.resp.Body.Read(b)
	s.dog.Stop()
	s.left -= time.Since(began)
	if n > 0 && !s.began { // it answers, so it has loaded and read
		s.began, s.left = true, min(s.left, s.most)
	}
	return n, err
}

// wait sets how long the next line may take.
func (s *stream) wait(limit time.Duration) { s.limit, s.left = limit, limit }

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
		if err := sc.Err(); err != nil {
			return err // the stream broke in the middle of this line
		}
		s.wait(s.most)
		b := bytes.TrimSpace(sc.Bytes())
		if len(b) == 0 {
			continue
		}
		if err := f(b); err != nil {
			if errors.Is(err, errDone) {
				s.wait(drain)
				_, _ = io.Copy(io.Discard, io.LimitReader(s, 4<<10)) // the reply is complete whatever follows
			}
			return err
		}
		s.wait(s.most) // f may have changed it
	}
	return sc.Err()
}

// diagnose says why a request ended without a reply: err broke it, nil means the
// stream ended early. An error that is an *Error stays as it is.
func (s *stream) diagnose(err error) error {
	var e *Error
	if errors.As(err, &e) && s.caller.Err() == nil {
		return e
	}
	return s.w.diagnose(s.caller, s.ctx, s.model, err)
}
