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
// does not fit. Numbers and truth values that a model put into quotes are taken
// out of them.
func CheckArgs(name string, schema *jsonschema.Resolved, raw json.RawMessage) (map[string]any, error) {
	m, err := object(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	props := schema.Schema().Properties
	for key, value := range m {
		if p := props[key]; p != nil {
			m[key] = unquoted(p, value)
		}
	}
	if err := schema.Validate(m); err != nil {
		return nil, fmt.Errorf("%s: the arguments do not fit: %s", name, lastPart(err))
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
			return fmt.Errorf("%s has no argument %q; it has %s", name, clip(key, 60), strings.Join(slices.Sorted(maps.Keys(props)), ", "))
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := json.Unmarshal(b, to); err != nil {
		return fmt.Errorf("%s: the arguments do not fit: %w", name, err)
	}
	return nil
}
