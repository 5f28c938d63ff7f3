package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// loader joins the sources.
type loader struct {
	config   Config
	origin   map[string]origin
	problems []Problem
}

// Load reads all sources.
func Load(in Inputs) *Loaded {
	l := &loader{config: Default(), origin: map[string]origin{}}

	settings, problems := userSettings(in)
	l.add(settings, problems, false)
	settings, problems = workspaceSettings(in.Roots)
	l.add(settings, problems, true)
	settings, problems = envSettings(in.Env, l.config.Providers)
	l.add(settings, problems, false)
	settings, problems = clientSettings(in.Client)
	l.add(settings, problems, false)
	l.add(flagSettings(in.Flags), nil, false)

	l.checkWhole()
	out := &Loaded{Config: l.config, Origin: map[string]string{}, Problems: l.problems}
	for key := range leaves(reflect.ValueOf(l.config), nil) {
		dotted := strings.Join(key, ".")
		out.Origin[dotted] = builtIn
		if from, ok := l.origin[dotted]; ok {
			out.Origin[dotted] = from.String()
		}
	}
	return out
}

// add applies the settings of one source.
func (l *loader) add(settings []setting, problems []Problem, workspace bool) {
	l.problems = append(l.problems, problems...)
	for _, s := range settings {
		if err := l.set(s, workspace); err != nil {
			l.problem(s.from, strings.Join(s.key, "."), err.Error())
		}
	}
}

func (l *loader) set(s setting, workspace bool) error {
	pattern, ok := patternOf(s.key)
	if !ok {
		return errors.New(unknown(s.key))
	}
	if workspace && !safe(pattern) {
		return errors.New("can't be set by a workspace: a repository may not redirect endpoints, start programs or widen what leaves the machine; set it in your own configuration file")
	}
	if len(s.key) > 1 && s.key[0] == "providers" && !validName(s.key[1]) {
		return fmt.Errorf("%s is not a name for a provider: use letters, digits, - and _", quoteShort(s.key[1]))
	}
	if len(s.key) > 2 && s.key[0] == "tools" && s.key[1] == "mcp" && !validName(s.key[2]) { // names of tools begin with it
		return fmt.Errorf("%s is not a name for a server: use letters, digits, - and _", quoteShort(s.key[2]))
	}
	if pattern == "privacy.exclude" {
		return l.exclude(s)
	}
	check := rules[pattern]
	if err := assign(reflect.ValueOf(&l.config).Elem(), s.key, s.value, check); err != nil {
		return err
	}
	l.origin[strings.Join(s.key, ".")] = s.from
	return nil
}

// exclude adds patterns to the list: it is the built-in one that protects, so a
// list of the user's own must not undo it unseen.
func (l *loader) exclude(s setting) error {
	list, err := listOf(s.value)
	if err != nil {
		return err
	}
	if err := globs(reflect.ValueOf(list)); err != nil {
		return err
	}
	now := slices.Clone(l.config.Privacy.Exclude)
	for _, p := range list {
		out, remove := strings.CutPrefix(p, "!")
		i := slices.Index(now, out)
		switch {
		case remove && i < 0:
			return fmt.Errorf("%q takes out a pattern that is not in the list; see hob config", p)
		case remove:
			now = slices.Delete(now, i, i+1)
		case i < 0:
			now = append(now, p)
		}
	}
	l.config.Privacy.Exclude = now
	l.origin["privacy.exclude"] = s.from
	return nil
}

func (l *loader) problem(from origin, key, message string) {
	l.problems = append(l.problems, Problem{Source: from.source, Line: from.line, Key: key, Message: message})
}

// from is where the value of key came from.
func (l *loader) from(key string) origin {
	if o, ok := l.origin[key]; ok {
		return o
	}
	return origin{source: builtIn}
}

// safe reports whether a workspace's file may set a key.
//
// Inv: no key below providers, tools, privacy or status, and none that names a server, is safe.
func safe(pattern string) bool {
	switch table, _, _ := strings.Cut(pattern, "."); table {
	case "models", "budgets", "prewarm", "index":
		return true
	}
	return pattern == "cache.memory" || pattern == "cache.ttl"
}

func validName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}
