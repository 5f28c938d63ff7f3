package modeltest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// wireRequest is a chat or generate request in JSON.
type wireRequest struct {
	Model     string          `json:"model"`
	Messages  []Message       `json:"messages"`
	Prompt    string          `json:"prompt"`
	Options   map[string]any  `json:"options"`
	KeepAlive json.RawMessage `json:"keep_alive"`
	Think     json.RawMessage `json:"think"`
	Format    json.RawMessage `json:"format"`
	Tools     []Tool          `json:"tools"`
	Stream    *bool           `json:"stream"`
	Truncate  *bool           `json:"truncate"`
}

// line is one line of a stream.
type line struct {
	Model      string    `json:"model"`
	CreatedAt  time.Time `json:"created_at"`
	Message    *message  `json:"message,omitempty"`  // chat
	Response   *string   `json:"response,omitempty"` // generate
	Done       bool      `json:"done"`
	DoneReason string    `json:"done_reason,omitempty"`

	TotalDuration      time.Duration `json:"total_duration,omitempty"`
	LoadDuration       time.Duration `json:"load_duration,omitempty"`
	PromptEvalCount    int           `json:"prompt_eval_count,omitempty"`
	PromptEvalDuration time.Duration `json:"prompt_eval_duration,omitempty"`
	EvalCount          int           `json:"eval_count,omitempty"`
	EvalDuration       time.Duration `json:"eval_duration,omitempty"`
}

type message struct {
	Role     string     `json:"role"`
	Content  string     `json:"content"`
	Thinking string     `json:"thinking,omitempty"`
	Calls    []wireCall `json:"tool_calls,omitempty"`
}

// serve answers /api/chat and /api/generate.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	var wire wireRequest
	if err := json.NewDecoder(r.Body).Decode(&wire); err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	s.handle(w, r, native{}, wire.request(r.URL.Path))
}

// handle answers a request, whose body was decoded.
func (s *Server) handle(w http.ResponseWriter, r *http.Request, f face, req Request) {
	// To its end: only then does net/http watch the connection for its closing.
	_, _ = io.Copy(io.Discard, r.Body)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()

	x := &exchange{s: s, w: w, ctx: ctx, face: f, rec: &Record{Request: req, Arrived: time.Now()}}
	s.change(func() {
		s.stats.Requests++
		x.rec.Seq = s.stats.Requests
		s.records = append(s.records, x.rec)
	})
	defer x.end()
	x.run()
	if s.ctx.Err() != nil {
		panic(http.ErrAbortHandler) // closed: an unfinished answer must not look like an empty one
	}
}

func (w *wireRequest) request(path string) Request {
	req := Request{
		Path: path, Model: w.Model, Messages: w.Messages, Options: w.Options,
		KeepAlive: string(w.KeepAlive), Think: string(w.Think), Format: string(w.Format), Tools: w.Tools,
		Stream:   w.Stream == nil || *w.Stream,
		Truncate: w.Truncate == nil || *w.Truncate,
	}
	if w.Prompt != "" {
		req.Messages = []Message{{Role: "user", Content: w.Prompt}}
	}
	return req
}

// keep is keep_alive as a time, 5 minutes if absent.
func (r Request) keep() time.Duration {
	var v any
	_ = json.Unmarshal([]byte(cmp.Or(r.KeepAlive, "null")), &v) // it was part of valid JSON
	d := 5 * time.Minute
	switch v := v.(type) {
	case float64:
		d = time.Duration(v * float64(time.Second))
	case string:
		d, _ = time.ParseDuration(v) // 0 for what is no duration
	}
	if d < 0 {
		d = 1000 * time.Hour
	}
	return d
}

// exchange is one request being answered.
type exchange struct {
	s     *Server
	w     http.ResponseWriter
	face  face
	ctx   context.Context // ends with the client's connection or the server
	rec   *Record         // s.mu guards what changes in it
	model Model
	reply *Reply
	total int  // chunks that the reply has
	spent int  // tokens written
	broke bool // a write failed: the client is gone
}

func (x *exchange) note(f func(*Record)) { x.s.change(func() { f(x.rec) }) }

// end closes the record. It runs when a fault aborts the handler, too.
func (x *exchange) end() {
	x.note(func(r *Record) {
		r.Ended = time.Now()
		if (x.broke || x.ctx.Err() != nil) && !r.Complete && x.s.ctx.Err() == nil {
			r.Cancelled = true
			x.s.stats.Cancelled++
		}
		if r.Complete {
			x.s.stats.Complete++
		}
	})
}

func (x *exchange) fail(status int, format string, args ...any) {
	x.note(func(r *Record) { r.Status = status })
	x.face.fail(x.w, status, fmt.Sprintf(format, args...))
}

func (x *exchange) run() {
	req := x.rec.Request
	var ok bool
	if x.model, ok = x.s.model(req.Model); !ok {
		x.fail(http.StatusNotFound, "model '%s' not found", req.Model)
		return
	}
	if x.face == (native{}) && !slices.Contains(x.model.Capabilities, "thinking") && !slices.Contains([]string{"", "null", "false"}, req.Think) {
		x.fail(http.StatusBadRequest, "%q does not support thinking", req.Model)
		return
	}
	if !slices.Contains(x.model.Capabilities, "completion") {
		x.fail(http.StatusBadRequest, "%q does not support %s", req.Model, strings.TrimPrefix(req.Path, "/api/"))
		return
	}
	if no := x.s.noTools(x.model, x.face == native{}); no != "" && len(req.Tools) > 0 && !slices.Contains(x.model.Capabilities, "tools") {
		x.fail(http.StatusBadRequest, "%s", no)
		return
	}
	load := len(req.Messages) == 0
	if load && req.keep() == 0 {
		x.unload()
		return
	}
	if !load && !x.choose() {
		return
	}
	t := &ticket{model: x.model, numCtx: cmp.Or(req.Int("num_ctx"), x.s.script.NumCtx), keep: req.keep()}
	if err := x.s.slot(x.ctx, t); errors.Is(err, errFull) {
		x.fail(http.StatusServiceUnavailable, "%v", err)
		return
	} else if err != nil {
		return
	}
	defer x.s.leave(t)
	x.note(func(r *Record) { r.Started, r.Loaded = time.Now(), t.loads })
	if load {
		x.note(func(r *Record) { r.Status, r.Complete = http.StatusOK, true })
		reply(x.w, http.StatusOK, native{}.line(x, chunk{}, func(l *line) { l.Done, l.DoneReason = true, "load" }))
		return
	}
	x.answer(t)
}

func (x *exchange) unload() {
	x.note(func(r *Record) {
		if res := x.s.memory.find(canonical(r.Model)); res != nil && res.users == 0 {
			x.s.memory.drop(res)
		}
		r.Status, r.Complete = http.StatusOK, true
	})
	reply(x.w, http.StatusOK, native{}.line(x, chunk{}, func(l *line) { l.Done, l.DoneReason = true, "unload" }))
}

// choose takes the reply of the script; false if it is an HTTP status, sent.
func (x *exchange) choose() bool {
	x.reply = x.s.take(x.rec.Request)
	if x.reply == nil {
		x.note(func(r *Record) { r.Unmatched = true })
		x.fail(http.StatusInternalServerError, "the script has no reply for this request")
		return false
	}
	switch x.reply.Fault {
	case NotFound:
		x.fail(http.StatusNotFound, "model '%s' not found", x.rec.Model)
	case Unauthorized:
		x.fail(http.StatusUnauthorized, "unauthorized")
	case ServerError:
		x.fail(http.StatusInternalServerError, "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check ollama server logs for details")
	case Busy:
		x.fail(http.StatusServiceUnavailable, "%v", errFull)
	case TooLong:
		x.fail(http.StatusBadRequest, "the input length exceeds the context length")
	case NoTools:
		x.fail(http.StatusBadRequest, "%q does not support tools", x.rec.Model)
	case HTML:
		x.note(func(r *Record) { r.Status = http.StatusOK })
		x.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(x.w, "<!doctype html>\n<title>Sign in</title>\n<p>Welcome to the router.</p>\n")
	default:
		if !x.rec.Stream {
			x.fail(http.StatusBadRequest, "the scripted server only streams")
			return false
		}
		return true
	}
	return false
}

// answer evaluates the prompt and writes the stream.
func (x *exchange) answer(t *ticket) {
	req := x.rec.Request
	loaded := time.Now()
	prompt := req.rendered()
	total := tokens(prompt) + 4*len(req.Messages)
	if total > t.numCtx && !req.Truncate {
		x.fail(http.StatusBadRequest, "the input length exceeds the context length")
		return
	}
	total = min(total, t.numCtx)
	fresh := max(1, total-x.s.evaluate(t.res, prompt)/4) // the last token is always evaluated
	x.note(func(r *Record) { r.Cached = total - fresh })
	chunks, reason := x.chunks()
	x.total = len(chunks)
	rate := cmp.Or(x.reply.Prefill, x.s.script.Prefill)
	if !x.sleep(loaded, fresh, rate) {
		return
	}
	prefilled := time.Now()
	reading := prefilled.Sub(loaded)
	if rate > 0 {
		reading = during(fresh, rate) // what a busy machine adds is not the model's
	}
	for i, c := range chunks {
		x.spent += 1 + c.more
		if x.fault(i) || !x.gates(i) || !x.sleep(prefilled, x.spent, cmp.Or(x.reply.Decode, x.s.script.Decode)) {
			return
		}
		if !x.write(c) {
			return
		}
	}
	if x.fault(len(chunks)) || !x.gates(len(chunks)) {
		return
	}
	if x.reply.Fault == NoReason {
		reason = ""
	}
	x.note(func(r *Record) { r.Complete = reason != "" }) // before the write: who has read it may look
	x.raw(x.face.end(x, figures{
		reason: reason, prompt: total, cached: total - fresh, output: x.spent,
		load: loaded.Sub(x.rec.Arrived), prefill: reading, decode: time.Since(prefilled),
	}))
}

// chunk is what one event of a stream brings.
type chunk struct {
	content, thinking string

	call  *Call // the beginning or a piece of a call, or all of it
	index int   // of the call in the reply
	more  int   // tokens beyond the first
	mute  bool  // it was generated and is not sent
}

// chunks is what to send, after stop sequences and output limit: one token each,
// but for calls that are held back until they are whole.
func (x *exchange) chunks() (out []chunk, reason string) {
	r, req := x.reply, x.rec.Request
	reason = cmp.Or(r.Reason, "stop")
	if slices.Contains(x.model.Capabilities, "thinking") && req.Think != "false" || r.Always {
		for _, c := range cut(r.Thinking, r.Chunk) {
			out = append(out, chunk{thinking: c})
		}
	}
	text := r.Text
	stops, _ := req.Options["stop"].([]any)
	for _, s := range stops {
		if s, ok := s.(string); ok && s != "" {
			text, _, _ = strings.Cut(text, s)
		}
	}
	for _, c := range cut(text, r.Chunk) {
		out = append(out, chunk{content: c})
	}
	for i, c := range r.Calls {
		out = append(out, x.pieces(i, c)...)
	}
	if n := req.Int("num_predict"); n > 0 && len(out) > n && r.Fault != Endless {
		out, reason = out[:n], "length"
	}
	if x.face.holds() {
		out = held(req, out)
	}
	return out, reason
}
