package index

import (
	"strings"
)

// rule is one line of an ignore file.
type rule struct {
	glob    string // without the leading ! and /, and the trailing /
	negate  bool
	dirOnly bool
	base    bool // no slash inside: matches the last element, at any depth
	literal int  // bytes at the start of glob that are no wildcard
	suffix  bool // "*" and then nothing but literal bytes: compare the end
}

// parseRules reads an ignore file as git does: CRLF and a byte order mark are
// tolerated, trailing spaces go unless escaped, # starts a comment.
func parseRules(src string) []rule {
	var rules []rule
	src = strings.TrimPrefix(src, "\uFEFF")
	for line := range strings.SplitSeq(src, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		if r, ok := parseRule(trimSpaces(line)); ok {
			rules = append(rules, r)
		}
	}
	return rules
}

// trimSpaces cuts trailing spaces, but not one behind a backslash.
func trimSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
		case '\\':
			i++
			if i == len(s) {
				return s
			}
			end = i + 1
		default:
			end = i + 1
		}
	}
	return s[:end]
}

func parseRule(s string) (rule, bool) {
	var r rule
	if strings.HasPrefix(s, "!") {
		r.negate, s = true, s[1:]
	}
	if strings.HasSuffix(s, "/") {
		r.dirOnly, s = true, s[:len(s)-1]
	}
	r.base = !strings.Contains(s, "/")
	s = strings.TrimPrefix(s, "/")
	if s == "" {
		return rule{}, false
	}
	r.glob = s
	r.literal = literalLen(s)
	r.suffix = r.base && s[0] == '*' && literalLen(s[1:]) == len(s)-1
	return r, true
}

func literalLen(s string) int {
	if i := strings.IndexAny(s, `*?[\`); i >= 0 {
		return i
	}
	return len(s)
}

// match reports whether the rule is about rel, a path relative to the folder of
// the ignore file; base is its last element.
func (r *rule) match(rel, base string, dir, fold bool) bool {
	if r.dirOnly && !dir {
		return false
	}
	var flags wmFlags
	if fold {
		flags = wmFold
	}
	if r.base {
		switch {
		case r.literal == len(r.glob):
			return sameText(base, r.glob, fold)
		case r.suffix:
			end := r.glob[1:]
			return len(base) >= len(end) && sameText(base[len(base)-len(end):], end, fold)
		}
		return wildmatch(r.glob, base, flags)
	}
	// Like git, compare the literal head first and hand over the rest: a **
	// right behind the head counts as standing at the start.
	if len(rel) < r.literal || !sameText(rel[:r.literal], r.glob[:r.literal], fold) {
		return false
	}
	return wildmatch(r.glob[r.literal:], rel[r.literal:], flags|wmPath)
}

// sameText compares; with fold letters of ASCII in any case.
func sameText(a, b string, fold bool) bool {
	if !fold || a == b {
		return a == b
	}
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if wmFold.fold(a[i]) != wmFold.fold(b[i]) {
			return false
		}
	}
	return true
}

// ruleSet is the rules of one place with the folder they are relative to.
type ruleSet struct {
	dir   string // slash path relative to the top, "" for the top itself
	rules []rule
	fold  bool // letters match in any case
}

// decide returns the verdict of the last rule that matches rel (relative to the
// top), if any does.
func (s *ruleSet) decide(rel string, dir bool) (ignored, decided bool) {
	if s.dir != "" {
		rel = rel[len(s.dir)+1:]
	}
	base := rel[strings.LastIndexByte(rel, '/')+1:]
	for i := len(s.rules) - 1; i >= 0; i-- {
		if s.rules[i].match(rel, base, dir, s.fold) {
			return !s.rules[i].negate, true
		}
	}
	return false, false
}

// level is the ignore rules that hold inside one folder: its own and, through
// parent, those of the folders above. Immutable; folders without ignore files
// share the level of their parent.
type level struct {
	parent *level
	git    *ruleSet // nil where there is none
	hob    *ruleSet
	border bool // git's rules of the levels above do not reach here
	fold   bool // of the rules here and below
}

// ignored reports whether git, respectively a .hobignore, leaves rel out. The
// folders above rel must be known not to be ignored. Paths are relative to the
// top of l's chain.
func (l *level) ignored(rel string, dir bool) (git, hob bool) {
	for at, open := l, true; at != nil && open; at = at.parent {
		if at.git != nil {
			if ignored, ok := at.git.decide(rel, dir); ok {
				git = ignored
				break
			}
		}
		open = !at.border
	}
	for ; l != nil; l = l.parent {
		if l.hob != nil {
			if ignored, ok := l.hob.decide(rel, dir); ok {
				return git, ignored
			}
		}
	}
	return git, false
}

// down is the level inside dir (relative to the top), given the texts of its
// ignore files; l itself where it has none.
func (l *level) down(dir, gitignore, hobignore string) *level {
	git, hob := parseRules(gitignore), parseRules(hobignore)
	if len(git)+len(hob) == 0 {
		return l
	}
	next := &level{parent: l, fold: l != nil && l.fold}
	if len(git) > 0 {
		next.git = &ruleSet{dir, git, next.fold}
	}
	if len(hob) > 0 {
		next.hob = &ruleSet{dir, hob, next.fold}
	}
	return next
}

// lowerASCII is s with the letters of ASCII made small.
func lowerASCII(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = wmFold.fold(b[i])
	}
	return string(b)
}
