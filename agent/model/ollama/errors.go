package ollama

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/hob-ls/hob/agent/model"
)

func (p *Provider) fail(kind model.Kind, err error, hint, format string, args ...any) error {
	return &model.Error{Kind: kind, Message: fmt.Sprintf(format, args...), Hint: hint, Err: err}
}

func (p *Provider) failed(format string, args ...any) error {
	return p.fail(model.Failed, nil, "the log of Ollama says more", format, args...)
}

func (p *Provider) missing(name string) error {
	return p.fail(model.Missing, nil, "`ollama pull "+name+"`", "%s at %s does not have the model %s", p.Name(), p.URL(), name)
}

func (p *Provider) incomplete(name string, err error) error {
	return p.fail(model.Incomplete, err, "try again; the log of Ollama says why it stopped",
		"the reply of %s ended before it was complete", name)
}

func (p *Provider) notOllama(err error) error {
	return p.fail(model.Failed, err, "set providers."+p.Name()+".url to the address of an Ollama server", "what answers at %s is not Ollama", p.URL())
}

// refused maps an error that the server wrote; status is 0 in the middle of a stream.
func (p *Provider) refused(name string, status int, text string) error {
	lower := strings.ToLower(text)
	switch {
	case strings.Contains(lower, "exceeds the context") || strings.Contains(lower, "exceed context"):
		return p.fail(model.TooLarge, nil, "select less, or use a model with a longer context", "the prompt is too long for %s: %s", name, text)
	case strings.Contains(lower, "try pulling it") || status == http.StatusNotFound && strings.Contains(lower, "not found"):
		return p.missing(name)
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return p.fail(model.Busy, nil, "try again in a moment", "%s at %s is busy: %s", p.Name(), p.URL(), text)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return p.fail(model.Failed, nil, "check that this server may be used from here", "%s at %s refused the request (%d): %s", p.Name(), p.URL(), status, text)
	case status != 0:
		return p.failed("%s at %s answered %d for %s: %s", p.Name(), p.URL(), status, name, text)
	}
	return p.failed("%s failed while it was writing: %s", name, text)
}

// status maps an HTTP answer that is not 200.
func (p *Provider) status(code int, name string, body []byte) error {
	var e struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil || e.Error == "" {
		if code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests {
			return p.refused(name, code, http.StatusText(code)) // a proxy before it, as it seems
		}
		return p.notOllama(fmt.Errorf("HTTP status %d", code))
	}
	return p.refused(name, code, e.Error)
}

// diagnose says why a request ended without a reply: err broke it, nil means the
// stream ended early. An error that is a *model.Error stays as it is.
func (s *stream) diagnose(err error) error {
	var e *model.Error
	if errors.As(err, &e) && s.caller.Err() == nil {
		return e
	}
	return s.p.diagnose(s.caller, s.ctx, s.model, err)
}

func (p *Provider) diagnose(caller, own context.Context, name string, err error) error {
	var dial *net.OpError
	switch {
	case errors.Is(caller.Err(), context.DeadlineExceeded):
		return p.fail(model.Timeout, caller.Err(), "a smaller model, or a smaller selection, answers sooner", "%s at %s did not finish in time", p.what(name), p.URL())
	case caller.Err() != nil:
		return caller.Err()
	case errors.Is(context.Cause(own), errSilent):
		return p.fail(model.Timeout, errSilent, "the log of Ollama says what it is doing", "%s at %s sent nothing for too long", p.what(name), p.URL())
	case errors.Is(err, bufio.ErrTooLong):
		return p.notOllama(err)
	case errors.As(err, &dial) && dial.Op == "dial":
		return p.unreachable(err)
	case strings.Contains(errText(err), "tls:") || strings.Contains(errText(err), "x509:") || strings.Contains(errText(err), "HTTP response to HTTPS client"):
		return p.fail(model.Unreachable, err, "check the URL: https needs a certificate that this machine trusts", "no secure connection to %s at %s: %v", p.Name(), p.URL(), err)
	case strings.Contains(errText(err), "malformed HTTP"):
		return p.notOllama(err)
	}
	return p.incomplete(p.what(name), err)
}

func (p *Provider) unreachable(err error) error {
	hint := "start Ollama: `ollama serve`"
	if !loopback(p.base.Hostname()) {
		hint = "start Ollama there, or check the URL and the network"
	}
	return p.fail(model.Unreachable, err, hint, "%s does not answer at %s", p.Name(), p.URL())
}

func (p *Provider) what(name string) string {
	if name == "" {
		return p.Name()
	}
	return name
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
