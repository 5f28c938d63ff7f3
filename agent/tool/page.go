package tool

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// page is a result being written, within its limits.
type page struct {
	Limits
	b     strings.Builder
	full  bool     // no more fits
	notes []string // what is missing
}

// noteRoom is kept free for notes.
const noteRoom = 320

func newPage(l Limits) *page { return &page{Limits: l} }

// line adds a line; false says that it did not fit and nothing will any more.
func (p *page) line(s string) bool {
	if p.full || p.b.Len()+len(s)+1 > p.Bytes-noteRoom {
		p.full = true
		return false
	}
	p.b.WriteString(s)
	p.b.WriteByte('\n')
	return true
}

// note says, after all lines, what is not among them.
func (p *page) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func (p *page) result() Result {
	for _, n := range p.notes {
		p.b.WriteString("[" + clip(n, noteRoom-20) + "]\n")
	}
	return Result{Text: p.b.String(), Cut: len(p.notes) > 0}
}

// empty says in words that there is nothing: an empty result confuses models.
func (p *page) empty(format string, args ...any) {
	if p.b.Len() == 0 && len(p.notes) == 0 {
		p.b.WriteString(fmt.Sprintf(format, args...) + "\n")
	}
}

// clip is s with at most n bytes, cut between runes and marked.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const mark = "…"
	n = max(0, n-len(mark))
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + mark
}

// maxLine is how much of a line is shown where lines stand for places.
const maxLine = 240

// excerpt is a line without its indentation, clipped around the bytes from start
// on, printable as UTF-8.
func excerpt(line string, start int) string {
	trimmed := strings.TrimLeft(line, " \t")
	start = max(0, start-(len(line)-len(trimmed)))
	line = strings.TrimRight(trimmed, " \t\r\n")
	if len(line) > maxLine && start > maxLine*2/3 {
		from := min(start-maxLine/3, len(line)-maxLine)
		for from < len(line) && !utf8.RuneStart(line[from]) {
			from++
		}
		line = "…" + line[from:]
	}
	return strings.ToValidUTF8(clip(line, maxLine), "\uFFFD")
}
