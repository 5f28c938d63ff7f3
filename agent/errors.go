package agent

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
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Err }
