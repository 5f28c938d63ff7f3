package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// A schema of a server is not trusted: one that refers to itself would have its
// check run forever or take the whole process with it.
const (
	maxSchema = 64 << 10 // bytes
	maxNodes  = 5000     // with everything that is referred to written out
	maxDepth  = 32
)

var errRecursive = errors.New("it refers to itself, or is too large")

// readSchema takes a schema that a server sent, if it can be checked safely.
func readSchema(v any) (*jsonschema.Resolved, map[string]any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, nil, err
	}
	if len(b) > maxSchema {
		return nil, nil, fmt.Errorf("it takes %d bytes", len(b))
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, nil, errors.New("it is no JSON object")
	}
	left := maxNodes
	if err := expand(tree, tree, 0, &left); err != nil {
		return nil, nil, err
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, nil, err
	}
	r, err := s.Resolve(nil)
	if err != nil {
		return nil, nil, err
	}
	// A draft that is not known shows only when something is checked.
	if err := r.Validate(map[string]any{}); err != nil && strings.Contains(err.Error(), "cannot validate version") {
		return nil, nil, err
	}
	return r, tree, nil
}

// expand walks a schema with all it refers to written out.
func expand(root map[string]any, node any, depth int, left *int) error {
	if *left--; *left < 0 || depth > maxDepth {
		return errRecursive
	}
	switch n := node.(type) {
	case []any:
		for _, e := range n {
			if err := expand(root, e, depth+1, left); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, value := range n {
			switch key {
			case "$dynamicRef", "$recursiveRef":
				return errRecursive
			case "$defs", "definitions", "enum", "const", "default", "examples":
				continue // only what is referred to counts, and data is no schema
			case "$ref":
				target, err := pointed(root, value)
				if err != nil {
					return err
				}
				value = target
			}
			if err := expand(root, value, depth+1, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// pointed is what a reference within a schema leads to.
func pointed(root map[string]any, ref any) (any, error) {
	s, ok := ref.(string)
	if !ok || !strings.HasPrefix(s, "#/") {
		return nil, fmt.Errorf("its reference %.80q leads out of it or to all of it", fmt.Sprint(ref))
	}
	var at any = root
	for part := range strings.SplitSeq(s[2:], "/") {
		m, ok := at.(map[string]any)
		if ok {
			at, ok = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		}
		if !ok {
			return nil, fmt.Errorf("its reference %.80q leads nowhere", s)
		}
	}
	return at, nil
}

// plainWord is a name or value that can hold no message to a model.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.:/$@*+-]{1,48}$`)

// shown is a schema as a model sees it: what the arguments are called and of
// which type, and none of the server's sentences. A tool whose arguments have
// names that are sentences is an error.
func shown(root, node map[string]any, depth int) (map[string]any, error) {
	out := map[string]any{}
	if depth > 6 {
		return out, nil
	}
	if target, err := pointed(root, node["$ref"]); err == nil {
		if m, ok := target.(map[string]any); ok {
			node = m
		}
	}
	for _, key := range []string{"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"} {
		if f, ok := node[key].(float64); ok {
			out[key] = f
		}
	}
	for _, key := range []string{"type", "required", "enum"} {
		if words, ok := plainWords(node[key]); ok {
			out[key] = words
		}
	}
	if items, ok := node["items"].(map[string]any); ok {
		s, err := shown(root, items, depth+1)
		if err != nil {
			return nil, err
		}
		out["items"] = s
	}
	if props, ok := node["properties"].(map[string]any); ok {
		all := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(props)) {
			if !plainWord.MatchString(name) {
				return nil, fmt.Errorf("an argument is called %.80q", name)
			}
			prop, _ := props[name].(map[string]any) // true and false say nothing
			s, err := shown(root, prop, depth+1)
			if err != nil {
				return nil, err
			}
			all[name] = s
		}
		out["properties"] = all
	}
	return out, nil
}

// plainWords is a word, or a short list of words and numbers.
func plainWords(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, plainWord.MatchString(v)
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok && !plainWord.MatchString(s) {
				return nil, false
			} else if _, list := e.([]any); list {
				return nil, false
			} else if _, object := e.(map[string]any); object {
				return nil, false
			}
		}
		return v, len(v) <= 64
	}
	return nil, false
}

// nested reports whether v, read from JSON, is no deeper than maxDepth.
func nested(v any, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch v := v.(type) {
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !nested(e, depth+1) })
	case map[string]any:
		for _, e := range v {
			if !nested(e, depth+1) {
				return false
			}
		}
	}
	return true
}
