package syntax

// unbalanced counts the brackets without a partner and the strings and comments
// without an end; in Lua also the blocks without an end.
func unbalanced(language, src string) int {
	if lexes[language] == nil {
		return 0
	}
	x := lex(language, src)
	n := x.open
	var open []byte
	for _, c := range x.mask {
		switch c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if k := len(open); k > 0 && open[k-1] == partner(c) {
				open = open[:k-1]
				continue
			}
			n++
			// An opening one was forgotten to be closed: go on after its level.
			if k := len(open); k > 1 && open[k-2] == partner(c) {
				open = open[:k-2]
			}
		}
	}
	n += len(open)
	if language == "lua" {
		n += max(luaDepth(x.mask), -luaDepth(x.mask))
	}
	return n
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
