package lsp

import (
	"context"
	"errors"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
)

// codeRequestFailed is LSP's RequestFailed: well formed, but could not be done.
const codeRequestFailed jsonrpc2.Code = -32803

// wireCode is the code under which an error kind travels.
func wireCode(kind agent.ErrorKind) jsonrpc2.Code {
	switch kind {
	case agent.Cancelled:
		return protocol.CodeRequestCancelled
	case agent.Stale:
		return protocol.CodeContentModified
	}
	return codeRequestFailed
}

// jobFailure is a failed command with its result, which travels as the data of
// the ResponseError.
type jobFailure struct{ result *JobResult }

func (f *jobFailure) Error() string { return tell(f.result.Error) }

// wireError is the one place where an error becomes what the editor receives.
func wireError(err error) *jsonrpc2.Error {
	var (
		wire    *jsonrpc2.Error
		failure *jobFailure
		job     *agent.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failure):
		e := jsonrpc2.NewError(wireCode(agent.ErrorKind(failure.result.Error.Kind)), failure.Error())
		e.Data = raw(failure.result)
		return e
	case errors.As(err, &job):
		return jsonrpc2.NewError(wireCode(job.Kind), tell(jobError(job)))
	case errors.As(err, &wire):
		return &jsonrpc2.Error{Code: wire.Code, Message: err.Error(), Data: wire.Data}
	case errors.Is(err, context.Canceled):
		return jsonrpc2.NewError(protocol.CodeRequestCancelled, "cancelled")
	case errors.Is(err, context.DeadlineExceeded):
		return jsonrpc2.NewError(codeRequestFailed, "timed out")
	}
	return jsonrpc2.NewError(jsonrpc2.InternalError, err.Error())
}

// jobError is an error in the words of the wire contract.
func jobError(err error) *JobError {
	if err == nil {
		return nil
	}
	e := agent.ExplainError(err)
	return &JobError{Kind: string(e.Kind), Message: e.Message, Hint: e.Hint}
}

// tell is a JobError as one line for people: what happened and what to do next.
func tell(e *JobError) string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + ": " + e.Hint
}

// badRequest is a refusal of a command whose parameters can't be used.
func badRequest(message, hint string) error {
	return &agent.Error{Kind: agent.BadRequest, Message: message, Hint: hint}
}

// stale is a refusal because the text is no longer what the request was about.
func stale(message, hint string) error {
	return &agent.Error{Kind: agent.Stale, Message: message, Hint: hint}
}
