package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hob-ls/hob/workspace/text"
)

// place is FILE[:L1[:C1][-L2[:C2]]]: lines and columns count from one, columns
// in bytes as compilers count them; the end is the place behind the last
// character. Numbers that are not given are zero.
type place struct {
	file           string
	l1, c1, l2, c2 int
}

var placePattern = regexp.MustCompile(`(?s)^(.+?)(?::(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?)?$`)

const placeForms = "a place is FILE, FILE:LINE, FILE:LINE-LINE, FILE:LINE:COLUMN or FILE:LINE:COLUMN-LINE:COLUMN, counted from 1"

// parsePlace reads a place. A name that ends like one but is a file is that file.
func parsePlace(arg string) (place, error) {
	if arg == "" {
		return place{}, usagef("the file is empty; %s", placeForms)
	}
	if _, err := os.Stat(arg); err == nil {
		return place{file: arg}, nil
	}
	m := placePattern.FindStringSubmatch(arg)
	p := place{file: m[1]}
	for i, to := range []*int{&p.l1, &p.c1, &p.l2, &p.c2} {
		if m[i+2] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+2], 10, 32)
		if err != nil || n == 0 {
			return place{}, usagef("%s: %s is not a line or column; %s", arg, m[i+2], placeForms)
		}
		*to = int(n)
	}
	if p.l2 != 0 && (p.l2 < p.l1 || p.l2 == p.l1 && p.c2 != 0 && p.c2 < p.c1) {
		return place{}, usagef("%s: the end comes before the beginning", arg)
	}
	return p, nil
}

// span is the place in src. Without a line it is the whole text, with a line the
// line without its indentation and line end, with one column an empty span.
func (p place) span(src string) (text.Span, error) {
	if p.l1 == 0 {
		return text.Span{End: len(src)}, nil
	}
	x := text.NewLineIndex(src)
	start, end, err := p.line(src, x, p.l1)
	if err != nil {
		return text.Span{}, err
	}
	if p.c1 != 0 {
		if start, err = p.column(src, x, p.l1, p.c1); err != nil {
			return text.Span{}, err
		}
		if p.l2 == 0 {
			return text.Span{Start: start, End: start}, nil
		}
	}
	switch {
	case p.c2 != 0:
		end, err = p.column(src, x, p.l2, p.c2)
	case p.l2 != 0:
		_, end, err = p.line(src, x, p.l2)
	}
	return text.Span{Start: start, End: max(start, end)}, err
}

// line is the span of a line from its first character that is no blank to its end.
func (p place) line(src string, x *text.LineIndex, line int) (start, end int, err error) {
	if line > x.Lines() {
		return 0, 0, usagef("%s has %d lines, there is no line %d", p.file, x.Lines(), line)
	}
	s := x.LineSpan(line - 1)
	content := strings.TrimRight(src[s.Start:s.End], "\r\n")
	return s.Start + len(content) - len(strings.TrimLeft(content, " \t")), s.Start + len(content), nil
}

func (p place) column(src string, x *text.LineIndex, line, column int) (int, error) {
	_, end, err := p.line(src, x, line)
	if err != nil {
		return 0, err
	}
	start := x.LineSpan(line - 1).Start
	off := start + column - 1
	if off > end {
		return 0, usagef("line %d of %s has %d columns, there is no column %d", line, p.file, end-start+1, column)
	}
	if off < len(src) && !utf8.RuneStart(src[off]) {
		return 0, usagef("column %d of line %d of %s is inside a character; columns count bytes", column, line, p.file)
	}
	return off, nil
}

// message is what a compiler prints: FILE:LINE[:COLUMN]: TEXT.
var messagePattern = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?:\s+(.+)$`)

// parseMessage finds the first message in what a compiler printed. A file narrows it to that file.
func parseMessage(output, file string) (place, string, error) {
	for line := range strings.Lines(output) {
		m := messagePattern.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil || file != "" && !sameFile(m[1], file) {
			continue
		}
		p := place{file: m[1]}
		var err1, err2 error
		p.l1, err1 = strconv.Atoi(m[2])
		if m[3] != "" {
			p.c1, err2 = strconv.Atoi(m[3])
		}
		if err1 == nil && err2 == nil && p.l1 > 0 {
			return p, m[4], nil
		}
	}
	what := "FILE:LINE:COLUMN: MESSAGE"
	if file != "" {
		what = fmt.Sprintf("%s:LINE:COLUMN: MESSAGE", file)
	}
	return place{}, "", usagef("no line of the input reads %s", what)
}

func sameFile(a, b string) bool {
	x, err1 := filepath.Abs(a)
	y, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && x == y
}
