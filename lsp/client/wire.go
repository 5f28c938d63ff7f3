package client

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Error codes of JSON-RPC and LSP that this side sends.
const (
	codeMethodNotFound   = -32601
	codeInvalidParams    = -32602
	codeRequestCancelled = -32800
	codeContentModified  = -32801
)

// maxMessage bounds what is read at once, so that a broken header can't take the
// memory of the machine.
const maxMessage = 256 << 20

// Error is a ResponseError.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// message is any JSON-RPC message.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *Error          `json:"error,omitempty"`
}

// check says what is wrong with the form of m, "" if nothing is.
func (m *message) check() string {
	switch {
	case m.Version != "2.0":
		return fmt.Sprintf("jsonrpc is %q", m.Version)
	case m.Method == "" && m.ID == nil:
		return "neither method nor id"
	case m.Method != "" && (m.Result != nil || m.Error != nil):
		return "both a method and a result or error"
	case m.Method == "" && (m.Result != nil) == (m.Error != nil):
		return "a response needs either result or error"
	case m.Params != nil && m.Params[0] != '{' && m.Params[0] != '[':
		return "params are neither object nor array"
	case m.Method != "" && m.ID != nil && m.ID[0] != '"' && !isInteger(m.ID):
		return "id is neither string nor integer"
	}
	return ""
}

func isInteger(raw json.RawMessage) bool {
	_, err := strconv.ParseInt(string(raw), 10, 64)
	return err == nil
}

// readMessage reads one message; its error ends the stream. io.EOF comes alone
// only between two messages.
func readMessage(r *bufio.Reader) (*message, error) {
	length := -1
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err != nil {
			if first && line == "" {
				return nil, err
			}
			return nil, fmt.Errorf("in a header: %w", noEOF(err))
		}
		line, ok := strings.CutSuffix(line, "\r\n")
		if !ok {
			return nil, fmt.Errorf("header line %q does not end with CR LF", line)
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ": ")
		switch {
		case ok && strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.Atoi(value); err != nil || length < 0 || length > maxMessage {
				return nil, fmt.Errorf("header %q", line)
			}
		case ok && strings.EqualFold(name, "Content-Type"):
		default:
			return nil, fmt.Errorf("header %q", line)
		}
	}
	if length < 0 {
		return nil, errors.New("header without Content-Length")
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("in a body: %w", noEOF(err))
	}
	m := new(message)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("body %.80q: %w", body, err)
	}
	return m, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// frame puts the header before a body.
func frame(body []byte) []byte {
	return append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(body)), body...)
}

// encode is JSON without HTML escapes. nil becomes no value at all.
func encode(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return v, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// strict decodes raw into v and refuses fields that v does not have.
func strict(raw json.RawMessage, v any) error {
	if raw == nil {
		return errors.New("no params")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}
