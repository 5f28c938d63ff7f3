package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
)

const (
	// maxFrame bounds one message. Larger ones can only be a broken peer: the
	// largest honest one is a document, and those are refused from 1 MiB on.
	maxFrame = 256 << 20
	// maxQueued bounds what waits to be written. An editor that is so far behind
	// has stopped reading; writers wait then.
	maxQueued = 64 << 20
)

// wire stands between the editor's stream and the connection. The connection
// ends a session on the first message it can't decode, blocks its reader on a
// slow writer and can't be closed while it reads; wire does none of this:
//
//	editor ─▶ pump: frame, check ─▶ frames ─▶ Read ─▶ connection ─▶ Write ─▶ queue ─▶ flush ─▶ editor
//	                   └── an answer with ParseError ─────────────────────────▲
//
// A message that is no JSON is answered here and never reaches the connection.
// Write never waits for the editor, so a handler that notifies inline can't
// deadlock with an editor that writes before it reads.
type wire struct {
	rwc io.ReadWriteCloser
	log *slog.Logger

	frames chan []byte // whole messages with their header
	rest   []byte      // what Read has not given out yet; only Read uses it

	ended   chan struct{} // closed when all messages were handed on and no more come
	endOnce sync.Once
	stop    chan struct{} // closed by Close
	stopped sync.Once
	pumped  chan struct{} // closed when pump has returned
	wrote   chan struct{} // closed when flush has returned

	outMu   sync.Mutex // guards the fields below
	out     bytes.Buffer
	outErr  error // the editor no longer reads
	replies int   // answers to the editor's requests that were queued so far
	closing bool  // write what is queued, then end
	more    *sync.Cond
	less    *sync.Cond
	inErr   error // why pump ended, nil at a clean end
}

func newWire(rwc io.ReadWriteCloser, log *slog.Logger) *wire {
	w := &wire{
		rwc: rwc, log: log,
		frames: make(chan []byte, 64),
		ended:  make(chan struct{}), stop: make(chan struct{}),
		pumped: make(chan struct{}), wrote: make(chan struct{}),
	}
	w.more, w.less = sync.NewCond(&w.outMu), sync.NewCond(&w.outMu)
	go w.pump()
	go w.flush()
	return w
}

// pump reads messages until the stream ends.
func (w *wire) pump() {
	defer close(w.pumped)
	defer close(w.frames)
	in := bufio.NewReaderSize(w.rwc, 64<<10)
	for {
		frame, body, err := readFrame(in)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
				w.outMu.Lock()
				w.inErr = err
				w.outMu.Unlock()
			}
			return
		}
		if code, problem := checkMessage(body); problem != "" {
			w.log.Warn("message refused", "problem", problem, "bytes", len(body))
			w.refuse(code, problem)
			continue
		}
		select {
		case w.frames <- frame:
		case <-w.stop:
			return
		}
	}
}

// readFrame reads one message; body is its part of frame.
func readFrame(in *bufio.Reader) (frame, body []byte, err error) {
	length := -1
	for first := true; ; first = false {
		slice, err := in.ReadSlice('\n')
		switch {
		case err == nil:
		case first && len(slice) == 0:
			return nil, nil, err
		case errors.Is(err, bufio.ErrBufferFull): // whatever it is, it does not end
			return nil, nil, fmt.Errorf("reading a message header: a line is longer than %d bytes: %.80q", in.Size(), slice)
		default:
			return nil, nil, fmt.Errorf("reading a message header: %w", noEOF(err))
		}
		line := strings.TrimRight(string(slice), "\r\n")
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, nil, fmt.Errorf("reading a message header: %.80q is no header", line)
		}
		if !strings.EqualFold(strings.TrimSpace(name), "content-length") {
			continue
		}
		if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > maxFrame {
			return nil, nil, fmt.Errorf("reading a message header: Content-Length %.40q is not between 0 and %d", value, maxFrame)
		}
	}
	if length < 0 {
		return nil, nil, errors.New("reading a message header: no Content-Length")
	}
	head := "Content-Length: " + strconv.Itoa(length) + "\r\n\r\n"
	// The buffer grows with what arrives, not with what the header promises.
	var buf bytes.Buffer
	buf.Grow(len(head) + min(length, 1<<20))
	buf.WriteString(head)
	if _, err := io.CopyN(&buf, in, int64(length)); err != nil {
		return nil, nil, fmt.Errorf("reading a message of %d bytes: %w", length, noEOF(err))
	}
	return buf.Bytes(), buf.Bytes()[len(head):], nil
}

// noEOF turns an end in the middle of a message into an error of its own.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// checkMessage says why body is no message that the connection could take, ""
// if it is one.
func checkMessage(body []byte) (jsonrpc2.Code, string) {
	if !json.Valid(body) {
		return jsonrpc2.ParseError, "the message is not valid JSON"
	}
	if b := bytes.TrimLeft(body, " \t\r\n"); b[0] == '[' {
		return jsonrpc2.InvalidRequest, "batches are not part of the language server protocol"
	}
	if _, err := jsonrpc2.DecodeMessage(body); err != nil {
		return jsonrpc2.InvalidRequest, "the message is neither a request nor a notification nor a response"
	}
	return 0, ""
}

// refuse answers a message that has no readable id.
func (w *wire) refuse(code jsonrpc2.Code, message string) {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":null,"error":{"code":%d,"message":%q}}`, code, message)
	// An error means that the editor is gone, which Read will report.
	_ = w.queue(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n%s", len(body), body), false)
}

// Read gives the connection the next bytes; io.EOF when no message is left.
func (w *wire) Read(p []byte) (int, error) {
	if len(w.rest) == 0 {
		select {
		case <-w.stop:
			return 0, w.end()
		default:
		}
		select {
		case frame, ok := <-w.frames:
			if !ok {
				return 0, w.end()
			}
			w.rest = frame
		case <-w.stop:
			return 0, w.end()
		}
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

func (w *wire) end() error {
	w.endOnce.Do(func() { close(w.ended) })
	return io.EOF
}

// Write queues p, one whole message.
func (w *wire) Write(p []byte) (int, error) {
	if err := w.queue(p, isReply(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// isReply reports whether a message of the connection answers a request: its
// envelope begins with the version and the id, and names no method.
func isReply(p []byte) bool {
	_, body, _ := bytes.Cut(p, []byte("\r\n\r\n"))
	head := body[:min(len(body), 256)]
	method := bytes.Index(head, []byte(`"method":`))
	for _, key := range []string{`"result":`, `"error":`} {
		if at := bytes.Index(head, []byte(key)); at >= 0 && (method < 0 || at < method) {
			return true
		}
	}
	return false
}

// replied waits until n requests were answered, the reader has ended (after
// which the connection sends no answers) or the deadline.
func (w *wire) replied(n int, deadline <-chan struct{}) {
	wake := make(chan struct{})
	defer close(wake)
	go func() {
		select {
		case <-deadline:
		case <-w.ended:
		case <-wake:
		}
		w.outMu.Lock()
		defer w.outMu.Unlock()
		w.less.Broadcast()
	}()
	w.outMu.Lock()
	defer w.outMu.Unlock()
	for w.replies < n && w.outErr == nil && !isClosed(deadline) && !isClosed(w.ended) {
		w.less.Wait()
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (w *wire) queue(p []byte, reply bool) error {
	w.outMu.Lock()
	defer w.outMu.Unlock()
	for w.outErr == nil && !w.closing && w.out.Len() > maxQueued {
		w.less.Wait()
	}
	if w.outErr != nil {
		return w.outErr
	}
	if w.closing {
		return io.ErrClosedPipe
	}
	w.out.Write(p)
	w.more.Signal()
	if reply {
		w.replies++
		w.less.Broadcast()
	}
	return nil
}

// flush writes what is queued until it is told to end.
func (w *wire) flush() {
	defer close(w.wrote)
	var batch bytes.Buffer
	for {
		w.outMu.Lock()
		for w.out.Len() == 0 && !w.closing && w.outErr == nil {
			w.more.Wait()
		}
		if w.out.Len() == 0 || w.outErr != nil {
			w.outMu.Unlock()
			return
		}
		batch, w.out = w.out, batch
		w.less.Broadcast()
		w.outMu.Unlock()

		_, err := w.rwc.Write(batch.Bytes())
		if batch.Cap() > 1<<20 {
			batch = bytes.Buffer{} // one large message must not stay for ever
		}
		batch.Reset()
		if err != nil {
			w.outMu.Lock()
			w.outErr = fmt.Errorf("writing to the editor: %w", err)
			w.less.Broadcast()
			w.outMu.Unlock()
			w.log.Info("the editor no longer reads", "err", err)
			_ = w.Close() // an editor that does not read is gone
			return
		}
	}
}

// Close ends reading: the connection sees the end of the stream. The stream
// itself is left open; what is queued is still written.
func (w *wire) Close() error {
	w.stopped.Do(func() { close(w.stop) })
	return nil
}

// finish writes what is queued and closes the stream, but gives up at the
// deadline: a reader parked on a terminal can't always be woken.
func (w *wire) finish(deadline <-chan struct{}) {
	_ = w.Close()
	w.outMu.Lock()
	w.closing = true
	w.more.Broadcast()
	w.less.Broadcast()
	w.outMu.Unlock()
	select {
	case <-w.wrote:
	case <-deadline:
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		if err := w.rwc.Close(); err != nil {
			w.log.Debug("closing the stream", "err", err)
		}
	}()
	select {
	case <-closed:
	case <-deadline:
		return
	}
	woken := time.NewTimer(wakeTime)
	defer woken.Stop()
	select {
	case <-w.pumped:
	case <-woken.C:
	case <-deadline:
	}
}

// wakeTime is how long a reader may take to notice that its stream was closed;
// one that does not is parked for good.
const wakeTime = 50 * time.Millisecond

// err is why the stream ended, nil at a clean end.
func (w *wire) err() error {
	w.outMu.Lock()
	defer w.outMu.Unlock()
	return errors.Join(w.inErr, w.outErr)
}
