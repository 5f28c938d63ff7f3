package syntax

import (
	"strings"
	"unicode/utf8"
)

// verbatim reads @"..." of C#, also as @$"...", in which two quotes are one.
func (l *lexer) verbatim(start int) int {
	i := start + 1
	if strings.HasPrefix(l.src[i:], "$") {
		i++
	}
	if !strings.HasPrefix(l.src[i:], `"`) {
		return start
	}
	for i++; i < len(l.src); i++ {
		if l.src[i] != '"' {
			continue
		}
		if i+1 == len(l.src) || l.src[i+1] != '"' {
			return l.stringTo(start, i+1)
		}
		i++
	}
	l.out.open.add(start)
	return l.stringTo(start, len(l.src))
}

// address reads what stands in url() without quotes; the parentheses stay code.
func (l *lexer) address(start int) int {
	n := strings.IndexAny(l.src[start+1:], "\r\n\"')")
	if n <= 0 || l.src[start+1+n] != ')' {
		return start
	}
	return l.stringTo(start+1, start+1+n)
}

// raw reads r"...", r#"..."# of Rust and R"x(...)x" of C++.
func (l *lexer) raw(start int) int {
	if start > 0 && isWord(l.src[start-1]) && strings.IndexByte("bcuUL8", l.src[start-1]) < 0 {
		return start
	}
	rest := l.src[start+1:]
	var end string
	var head int
	if l.tricks.rust {
		hashes := len(rest) - len(strings.TrimLeft(rest, "#"))
		if !strings.HasPrefix(rest[hashes:], `"`) {
			return start
		}
		head, end = hashes+1, `"`+rest[:hashes]
	} else {
		paren := strings.IndexByte(rest, '(')
		if !strings.HasPrefix(rest, `"`) || paren < 0 || paren > 17 {
			return start
		}
		head, end = paren+1, ")"+rest[1:paren]+`"`
	}
	i := strings.Index(rest[head:], end)
	if i < 0 {
		l.out.open.add(start)
		return l.stringTo(start, len(l.src))
	}
	return l.stringTo(start, start+1+head+i+len(end))
}

// luaLong reads [[...]], [=[...]=] and the comments --[[...]].
func (l *lexer) luaLong(start int) int {
	i, isComment := start, false
	if strings.HasPrefix(l.src[i:], "--") {
		i, isComment = i+2, true
	}
	rest := l.src[i:]
	if !strings.HasPrefix(rest, "[") {
		return start
	}
	level := len(rest[1:]) - len(strings.TrimLeft(rest[1:], "="))
	if !strings.HasPrefix(rest[1+level:], "[") {
		return start
	}
	stop := "]" + rest[1:1+level] + "]"
	end := strings.Index(rest, stop)
	if end < 0 {
		l.out.open.add(start)
		end = len(rest) - len(stop)
	}
	end = i + end + len(stop)
	if isComment {
		return l.comment(start, end)
	}
	return l.stringTo(start, end)
}

// heredoc reads <<EOT or <<-EOT and the lines up to one that is EOT.
func (l *lexer) heredoc(start int) int {
	head, ok := strings.CutPrefix(l.src[start:], "<<")
	if !ok {
		return start
	}
	head = strings.TrimPrefix(head, "-")
	name := head
	if end := strings.IndexAny(head, "\r\n"); end >= 0 {
		name = head[:end]
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf || !isWord(byte(r)) && r != '-' }) {
		return start
	}
	at := len(l.src) - len(head)
	for line := range strings.Lines(head) {
		if strings.TrimSpace(line) == name && at > len(l.src)-len(head) {
			return l.stringTo(start, at+len(strings.TrimRight(line, "\r\n")))
		}
		at += len(line)
	}
	l.out.open.add(start)
	return l.stringTo(start, len(l.src))
}
