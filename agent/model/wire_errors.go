package model

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// errSilent is the cause of a request's end when the server sent nothing for too long.
var errSilent = errors.New("the server was silent for too long")

func (w *Wire) fail(kind Kind, err error, hint, format string, args ...any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Hint: hint, Err: err}
}

// Failed is an error of the server's own.
func (w *Wire) Failed(format string, args ...any) error {
	return w.fail(Failed, nil, "the log of "+w.Product()+" says more"+doctor, format, args...)
}

// doctor ends a hint with the command that finds out more.
const doctor = "; `hob doctor` checks the server"

// Incomplete is the error for a reply that ended early.
func (w *Wire) Incomplete(name string, err error) error {
	return w.fail(Incomplete, err, "try again; the log of "+w.Product()+" says why it stopped",
		"the reply of %s ended before it was complete", name)
}

// Stranger is the error for answers that such a server does not give.
func (w *Wire) Stranger(err error) error {
	return w.fail(Failed, err, w.Address+doctor, "what answers at %s is not %s", w.Where(), w.Kind)
}

// Rejected maps an error that the server wrote: text says what, status is 0 in the
// middle of a stream. missing and denied are the hints for a model that it does
// not have and for a request that it does not allow.
func (w *Wire) Rejected(name string, status int, text, missing, denied string) error {
	lower := strings.ToLower(text)
	switch {
	case tooLong(lower):
		return w.fail(TooLarge, nil, "select less, or use a model with a longer context", "the prompt is too long for %s: %s", name, text)
	case noModel(status, lower):
		return w.fail(Missing, nil, missing, "%s at %s does not have the model %s", w.Name, w.Where(), name)
	case status != 0 && noTools(lower, strings.ToLower(name)):
		return w.fail(Failed, ErrNoTools, "use a model that can call tools; `hob doctor` lists what each can",
			"%s at %s takes no tools: %s", name, w.Where(), text)
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return w.fail(Busy, nil, "try again in a moment", "%s at %s is busy: %s", w.Name, w.Where(), text)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return w.fail(Failed, nil, denied, "%s at %s refused the request (%d): %s", w.Name, w.Where(), status, text)
	case status != 0 && name != "":
		return w.Failed("%s at %s answered %d for %s: %s", w.Name, w.Where(), status, name, text)
	case status != 0:
		return w.Failed("%s at %s answered %d: %s", w.Name, w.Where(), status, text)
	}
	return w.Failed("%s failed while it was writing: %s", name, text)
}

// tooLong reports whether an error text, in lower case, says that the prompt
// exceeds the context: every server has its own words.
func tooLong(lower string) bool {
	for _, s := range []string{
		"exceeds the context", "exceed context", "exceed_context", "exceeds the available context", // Ollama, llama.cpp
		"maximum context length", "context_length_exceeded", "longer than the maximum model length", // vLLM, LiteLLM
		"context the overflows", "context overflow", "greater than the context length", // LM Studio
	} {
		if strings.Contains(lower, s) {
			return true
		}
	}
	return false
}

// noModel reports whether an error says that the server does not have the model.
func noModel(status int, lower string) bool {
	return strings.Contains(lower, "try pulling it") || strings.Contains(lower, "invalid model name") ||
		status == http.StatusNotFound && (strings.Contains(lower, "not found") || strings.Contains(lower, "not exist")) ||
		status == http.StatusBadRequest && strings.Contains(lower, "model") && strings.Contains(lower, "not found")
}

// noTools reports whether an error says that the request must not offer tools; a
// model that has them in its name says nothing.
func noTools(lower, name string) bool {
	if strings.Contains(name, "tool") {
		lower = strings.ReplaceAll(lower, name, "")
	}
	for _, s := range []string{"tools param requires", "enable-auto-tool-choice", "support tool use"} { // llama-server, vLLM, OpenRouter
		if strings.Contains(lower, s) {
			return true
		}
	}
	for _, s := range []string{"not support", "unsupported", "not implemented", "not permitted", "not allowed", "unknown field", "unrecognized", "unexpected"} {
		if strings.Contains(lower, s) && strings.Contains(lower, "tools") {
			return true
		}
	}
	return false
}

// status maps an HTTP answer that is not 200.
func (w *Wire) status(name string, code int, body []byte) error {
	if err := w.Refuse(name, code, body); err != nil {
		return err
	}
	if code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests {
		return w.Rejected(name, code, http.StatusText(code), "", "") // a proxy before it, as it seems
	}
	return w.Stranger(fmt.Errorf("HTTP status %d", code))
}

// diagnose says why a request to the model name, "" if it was about none, ended
// without a reply: err broke it, nil means the stream ended early. caller is the
// context of who asked, own that of the request.
func (w *Wire) diagnose(caller, own context.Context, name string, err error) error {
	what := name
	if what == "" {
		what = w.Name
	}
	var dial *net.OpError
	switch {
	case errors.Is(caller.Err(), context.DeadlineExceeded):
		return w.fail(Timeout, caller.Err(), "a smaller model, or a smaller selection, answers sooner", "%s at %s did not finish in time", what, w.Where())
	case caller.Err() != nil:
		return caller.Err()
	case errors.Is(context.Cause(own), errSilent):
		return w.fail(Timeout, errSilent, "the log of "+w.Product()+" says what it is doing", "%s at %s sent nothing, or next to nothing, for too long", what, w.Where())
	case errors.Is(err, bufio.ErrTooLong):
		return w.fail(Failed, err, "try again; the log of "+w.Product()+" says what went wrong"+doctor, "%s at %s sent a line of more than %d MB", what, w.Where(), maxLine>>20)
	case errors.As(err, &dial) && dial.Op == "dial":
		return w.unreachable(err)
	case insecure(err):
		return w.fail(Unreachable, err, "check the URL: https needs a certificate that this machine trusts"+doctor, "no secure connection to %s at %s: %v", w.Name, w.Where(), err)
	case err != nil && strings.Contains(err.Error(), "malformed HTTP"):
		return w.Stranger(err)
	}
	return w.Incomplete(what, err)
}

func insecure(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "tls:") || strings.Contains(text, "x509:") || strings.Contains(text, "HTTP response to HTTPS client")
}

// Broke says why a question that err broke has no answer; ctx is that of who asked.
// Of a question no half answer is worth a word.
func (w *Wire) Broke(ctx context.Context, err error) error {
	err = w.diagnose(ctx, ctx, "", err)
	var e *Error
	if errors.As(err, &e) && e.Kind == Incomplete {
		return w.unreachable(e.Err)
	}
	return err
}

func (w *Wire) unreachable(err error) error {
	hint := w.Start
	if !loopback(w.Base.Hostname()) {
		hint = "start " + w.Product() + " there, or check the URL and the network"
	}
	return w.fail(Unreachable, err, hint, "%s does not answer at %s", w.Name, w.Where())
}
