package tool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// maxArgs bounds what a model may hand to a tool.
const maxArgs = 64 << 10

var errArgs = errors.New("the arguments are no JSON object")

// Misuse is the error of a call that the model should have written otherwise: it
// can't be read, its tool is not there, or its arguments do not fit. What goes
// wrong with a call that was written well is no Misuse.
type Misuse struct{ err error }

func (m *Misuse) Error() string { return m.err.Error() }
func (m *Misuse) Unwrap() error { return m.err }

func misuse(format string, args ...any) error { return &Misuse{fmt.Errorf(format, args...)} }

// object reads arguments: an object, one inside a string (as some models double
// it), or nothing.
func object(raw json.RawMessage) (map[string]any, error) {
	if len(raw) > maxArgs {
		return nil, fmt.Errorf("the arguments take %d bytes, at most %d may", len(raw), maxArgs)
	}
	raw = bytes.TrimSpace(raw)
	var inner string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &inner) == nil {
		raw = bytes.TrimSpace([]byte(inner))
	}
	if len(raw) == 0 || string(raw) == "null" {
		return map[string]any{}, nil
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, errArgs
	}
	return m, nil
}

// CheckArgs gives arguments that fit a schema, or says in words for a model what
// does not fit: a *Misuse. Numbers and truth values that a model put into quotes are taken
// out of them.
func CheckArgs(name string, schema *jsonschema.Resolved, raw json.RawMessage) (map[string]any, error) {
	m, err := object(raw)
	if err != nil {
		return nil, misuse("%s: %w", name, err)
	}
	props := schema.Schema().Properties
	for key, value := range m {
		if p := props[key]; p != nil {
			m[key] = unquoted(p, value)
		}
	}
	if err := schema.Validate(m); err != nil {
		return nil, misuse("%s: the arguments do not fit: %s", name, lastPart(err))
	}
	return m, nil
}

// lastPart is what a validation found, without the path of schemas to it.
func lastPart(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return strings.TrimPrefix(err.Error(), "validating root: ")
}

// unquoted is value as its schema wants it, where it is in quotes and should not be.
func unquoted(schema *jsonschema.Schema, value any) any {
	s, ok := value.(string)
	if !ok {
		return value
	}
	switch schema.Type {
	case "integer", "number":
		if f, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil {
			return f
		}
	case "boolean":
		if b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(s))); err == nil {
			return b
		}
	}
	return value
}

// decodeArgs reads the arguments of a tool of ours.
func decodeArgs(name string, schema *jsonschema.Resolved, raw json.RawMessage, to any) error {
	m, err := CheckArgs(name, schema, raw)
	if err != nil {
		return err
	}
	props := schema.Schema().Properties
	for key := range m {
		if props[key] == nil {
			return misuse("%s has no argument %q; it has %s", name, clip(key, 60), strings.Join(slices.Sorted(maps.Keys(props)), ", "))
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := json.Unmarshal(b, to); err != nil {
		return misuse("%s: the arguments do not fit: %w", name, err)
	}
	return nil
}

// Key is the same for calls that ask for the same.
func (c Call) Key() string {
	m, err := object(c.Args)
	if err != nil {
		return c.Name + " " + string(c.Args)
	}
	b, _ := json.Marshal(m) // of what was JSON a moment before; keys come sorted
	return c.Name + " " + string(b)
}

// Words is the call in a few words for people: "read store/store.go".
func (c Call) Words() string {
	if c.Bad != "" {
		return "a call that can't be read"
	}
	const most = 60 // bytes
	words := clip(oneLine(c.Name), most)
	m, _ := object(c.Args) // what can't be read is not told
	for _, key := range slices.Concat(telling, slices.Sorted(maps.Keys(m))) {
		if s, ok := m[key].(string); ok && strings.TrimSpace(s) != "" {
			return words + " " + strings.ToValidUTF8(clip(oneLine(s), most), "\uFFFD")
		}
	}
	return words
}

// telling are the arguments that say most about a call.
var telling = []string{"pattern", "query", "name", "path"}
