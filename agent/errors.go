package agent

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/agent/scaffold"
	"github.com/hob-ls/hob/workspace"
)

// ErrorKind is the closed set of reasons for which a job fails.
type ErrorKind string

// The error kinds of the wire contract.
const (
	Cancelled        ErrorKind = "cancelled"
	Stale            ErrorKind = "stale"
	ModelUnreachable ErrorKind = "model_unreachable"
	ModelMissing     ErrorKind = "model_missing"
	ModelFailed      ErrorKind = "model_failed"
	IncompleteReply  ErrorKind = "incomplete_reply"
	NoEdit           ErrorKind = "no_edit"
	NoMatch          ErrorKind = "no_match"
	UnsafeEdit       ErrorKind = "unsafe_edit"
	RefusedPath      ErrorKind = "refused_path"
	TooLarge         ErrorKind = "too_large"
	Busy             ErrorKind = "busy"
	Timeout          ErrorKind = "timeout"
	Untrusted        ErrorKind = "untrusted"
	BadRequest       ErrorKind = "bad_request"
)

// Error is why a job did not happen: what is the matter and what to do next.
type Error struct {
	Kind    ErrorKind
	Message string
	Hint    string
	Err     error // the cause, for logs

	again string // what to tell the model whose reply it was, so that it does better; "" where that is pointless
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Err }

// ExplainError turns any error of a job, from whichever package, into the one form
// that users see. An *Error stays what it is; nil stays nil.
func ExplainError(err error) *Error {
	var (
		own     *Error
		refused *edit.Error
		plan    *scaffold.Error
		large   *prompt.ErrTooLarge
		served  *model.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own
	case errors.As(err, &refused):
		return &Error{Kind: ErrorKind(refused.Kind), Message: phrase(refused.Message), Hint: phrase(refused.Hint), Err: err}
	case errors.As(err, &plan):
		return &Error{Kind: ErrorKind(plan.Kind), Message: plan.Message, Hint: plan.Hint, Err: err}
	case errors.As(err, &large):
		return &Error{Kind: TooLarge, Message: large.Error(), Hint: "select less, or use a model with a larger context", Err: err}
	case errors.As(err, &served):
		return &Error{Kind: ErrorKind(served.Kind), Message: served.Message, Hint: served.Hint, Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return timeUp(err)
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Cancelled, Message: "cancelled", Err: err}
	}
	for _, f := range fileErrors {
		if errors.Is(err, f.is) {
			return &Error{Kind: f.kind, Message: err.Error(), Hint: f.hint, Err: err}
		}
	}
	return &Error{Kind: BadRequest, Message: err.Error(), Hint: "see the log for details", Err: err}
}

func timeUp(err error) *Error {
	return &Error{Kind: Timeout, Message: "the time for it was up", Hint: "use a smaller model or a smaller selection", Err: err}
}

// phrase is a sentence as part of a longer line: "message: hint".
func phrase(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + strings.TrimSuffix(s[n:], ".")
}

// fileErrors are what can be wrong with a path, as users are told.
var fileErrors = []struct {
	is   error
	kind ErrorKind
	hint string
}{
	{workspace.ErrOutside, RefusedPath, "open the folder that holds the file as a workspace folder"},
	{workspace.ErrExcluded, RefusedPath, "the file may hold secrets; change privacy.exclude in your own configuration file if it does not"},
	{workspace.ErrTooLarge, TooLarge, "raise index.max_file, or open the file in the editor and select a part of it"},
	{workspace.ErrBinary, BadRequest, "Hob edits text files only"},
	{workspace.ErrNotFound, BadRequest, "save the file in a workspace folder first"},
}
