package syntax

import "strings"

// faults counts what is wrong with a text and remembers where it begins.
type faults struct {
	count int
	first int // offset of the first one; nothing if count is 0
}

func (f *faults) add(at int) {
	if f.count == 0 || at < f.first {
		f.first = at
	}
	f.count++
}

// unbalanced finds the brackets without a partner and the strings and comments
// without an end; in Lua also the blocks without an end.
func unbalanced(language, src string) faults {
	if lexes[language] == nil || language == "php" && (strings.Contains(src, "?>") || strings.Contains(src, "<<<")) {
		return faults{} // in PHP, text of any kind stands between the code
	}
	x := lex(language, src)
	f := x.open
	var open []int // offsets
	for i, c := range x.mask {
		switch c {
		case '(', '[', '{':
			open = append(open, i)
		case ')', ']', '}':
			if k := len(open); k > 0 && x.mask[open[k-1]] == partner(c) {
				open = open[:k-1]
				continue
			}
			f.add(i)
			// An opening one was forgotten to be closed: go on after its level.
			if k := len(open); k > 1 && x.mask[open[k-2]] == partner(c) {
				open = open[:k-2]
			}
		}
	}
	for _, at := range open {
		f.add(at)
	}
	if language == "lua" {
		for range max(luaDepth(x.mask), -luaDepth(x.mask)) {
			f.add(len(src))
		}
	}
	return f
}

// partner is the opening bracket of a closing one.
func partner(c byte) byte {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}

// luaDepth is how many blocks of masked Lua code are opened and not ended.
func luaDepth(mask []byte) int {
	depth := 0
	for word := range words(mask, 0) {
		depth += luaStep(string(mask[word.Start:word.End]))
	}
	return depth
}

// luaStep is what a word does to the depth of blocks.
func luaStep(word string) int {
	switch word {
	case "function", "do", "if", "repeat":
		return 1
	case "end", "until":
		return -1
	}
	return 0
}
