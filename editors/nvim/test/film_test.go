//go:build editors

package nvimtest

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// film is a sequence of screens, each shown for a while, that becomes an SVG
// which plays in a loop. The screens are text with SGR escapes.
type film struct {
	columns, rows int
	frames        []frame
}

type frame struct {
	seconds float64
	screen  string
}

// add appends a screen, or prolongs the last one where nothing changed.
func (f *film) add(seconds float64, screen string) {
	if n := len(f.frames); n > 0 && f.frames[n-1].screen == screen {
		f.hold(seconds)
		return
	}
	f.frames = append(f.frames, frame{seconds, screen})
}

func (f *film) hold(seconds float64) { f.frames[len(f.frames)-1].seconds += seconds }

// Sizes in pixels, and the colours of a terminal that sets none.
const (
	cellWidth, cellHeight = 8.4, 18.0
	margin                = 12.0
	defaultInk            = "#e0e2ea"
	defaultPaper          = "#14161b"
)

func (f *film) svg() string {
	total := 0.0
	for _, fr := range f.frames {
		total += fr.seconds
	}
	width, height := float64(f.columns)*cellWidth+2*margin, float64(f.rows)*cellHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f">`+"\n", width, height, width, height)
	b.WriteString("<title>Neovim: lines are selected, an action is picked, the model writes in place, the changes are accepted and undone</title>\n")
	b.WriteString("<style>text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}.b{font-weight:bold}.i{font-style:italic}\n")
	at := 0.0
	for i, fr := range f.frames {
		// One frame is shown at a time; the steps make no transition between them.
		from, to := 100*at/total, 100*(at+fr.seconds)/total
		fmt.Fprintf(&b, "@keyframes f%d{0%%{visibility:hidden}%.3f%%{visibility:visible}%.3f%%,100%%{visibility:hidden}}", i, from, to)
		fmt.Fprintf(&b, "#f%d{visibility:hidden;animation:f%d %.2fs step-end infinite}\n", i, i, total)
		at += fr.seconds
	}
	b.WriteString("</style>\n<defs>\n")
	// Most lines are the same in many frames: each is drawn once. A line goes on in
	// the look with which the one above it ended.
	type shown struct {
		line string
		from look
	}
	drawn := map[shown]int{}
	var frames strings.Builder
	for i, fr := range f.frames {
		fmt.Fprintf(&frames, "<g id=\"f%d\">\n", i)
		var l look
		y := margin
		for line := range strings.SplitSeq(strings.TrimRight(fr.screen, "\n"), "\n") {
			part, next := drawLine(line, l)
			id, again := drawn[shown{line, l}]
			if !again {
				id = len(drawn)
				drawn[shown{line, l}] = id
				fmt.Fprintf(&b, "<g id=\"l%d\">\n%s</g>\n", id, part)
			}
			if part != "" {
				fmt.Fprintf(&frames, "<use href=\"#l%d\" y=\"%g\"/>\n", id, y)
			}
			l, y = next, y+cellHeight
		}
		frames.WriteString("</g>\n")
	}
	fmt.Fprintf(&b, "</defs>\n<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n%s</svg>\n", defaultPaper, frames.String())
	return b.String()
}

// look is how a run of characters looks.
type look struct {
	ink, paper            string
	bold, italic, reverse bool
}

func (l look) colours() (ink, paper string) {
	ink, paper = l.ink, l.paper
	if ink == "" {
		ink = defaultInk
	}
	if paper == "" {
		paper = defaultPaper
	}
	if l.reverse {
		ink, paper = paper, ink
	}
	return ink, paper
}

// drawLine draws one line that begins in a look, and reports in which it ends:
// what lies behind it, then its runs of equal look.
func drawLine(line string, l look) (string, look) {
	var b strings.Builder
	column := 0
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' })
			if end < 0 {
				break
			}
			if rest[end] == 'm' {
				l.set(rest[:end])
			}
			line = rest[end+1:]
			continue
		}
		run, rest := line, ""
		if i := strings.IndexByte(line, '\x1b'); i == 0 {
			line = line[1:] // an escape that is none of colour
			continue
		} else if i > 0 {
			run, rest = line[:i], line[i:]
		}
		line = rest
		n := utf8.RuneCountInString(run)
		x, w := margin+float64(column)*cellWidth, float64(n)*cellWidth
		column += n
		ink, paper := l.colours()
		if paper != defaultPaper {
			fmt.Fprintf(&b, `<rect x="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, w+0.4, cellHeight+0.4, paper)
		}
		if strings.TrimSpace(run) == "" {
			continue
		}
		class := ""
		if l.bold {
			class = ` class="b"`
		} else if l.italic {
			class = ` class="i"`
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="13.5" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
			x, w, ink, class, html.EscapeString(strings.ReplaceAll(run, " ", "\u00a0")))
	}
	return b.String(), l
}

// set applies the parameters of one SGR escape.
func (l *look) set(params string) {
	p := strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ':' })
	if len(p) == 0 {
		*l = look{}
	}
	for i := 0; i < len(p); i++ {
		n, _ := strconv.Atoi(p[i]) // 0 resets, as an empty one does
		switch {
		case n == 0:
			*l = look{}
		case n == 1:
			l.bold = true
		case n == 3:
			l.italic = true
		case n == 7:
			l.reverse = true
		case n == 22:
			l.bold = false
		case n == 23:
			l.italic = false
		case n == 27:
			l.reverse = false
		case n == 39:
			l.ink = ""
		case n == 49:
			l.paper = ""
		case n == 38 || n == 48:
			colour, used := extended(p[i+1:])
			i += used
			if n == 38 {
				l.ink = colour
			} else {
				l.paper = colour
			}
		case n >= 30 && n <= 37:
			l.ink = palette(n - 30)
		case n >= 40 && n <= 47:
			l.paper = palette(n - 40)
		case n >= 90 && n <= 97:
			l.ink = palette(n - 90 + 8)
		case n >= 100 && n <= 107:
			l.paper = palette(n - 100 + 8)
		}
	}
}

// extended reads "2;R;G;B" or "5;N" and says how many parameters that were.
func extended(p []string) (colour string, used int) {
	at := func(i int) int {
		if i >= len(p) {
			return 0
		}
		n, _ := strconv.Atoi(p[i]) // what is no number is black
		return n
	}
	if at(0) == 2 {
		return fmt.Sprintf("#%02x%02x%02x", at(1), at(2), at(3)), min(4, len(p))
	}
	return palette(at(1)), min(2, len(p))
}

// palette is one of the 256 colours.
func palette(n int) string {
	base := []string{
		"#14161b", "#ffc0b9", "#b3f6c0", "#fce094", "#a6dbff", "#ffcaff", "#8cf8f7", "#e0e2ea",
		"#4f5258", "#ffc0b9", "#b3f6c0", "#fce094", "#a6dbff", "#ffcaff", "#8cf8f7", "#eef1f8",
	}
	switch {
	case n < 16:
		return base[max(0, n)]
	case n < 232:
		level := func(v int) int {
			if v == 0 {
				return 0
			}
			return 55 + 40*v
		}
		n -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	}
	grey := min(238, 8+10*(n-232))
	return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
}

func TestFilm(t *testing.T) {
	f := &film{columns: 10, rows: 2}
	f.add(1, "a \x1b[1;38;2;255;0;16m<b>\x1b[0m\n\x1b[7mrev\x1b[27m\x1b[48;5;196mred\n")
	f.add(1, "\x1b[31mnext\ngoes on\n")
	f.add(1, "\x1b[31mnext\ngoes on\n")
	svg := f.svg()
	for _, part := range []string{
		`fill="#ff0010" class="b">&lt;b&gt;</text>`, `fill="` + defaultInk + `"/>`, `fill="#ff0000"/>`, ">next</text>", "f1 3.00s",
		"fill=\"#ffc0b9\">goes\u00a0on</text>",
	} {
		if !strings.Contains(svg, part) {
			t.Errorf("%s is not in\n%s", part, svg)
		}
	}
	if len(f.frames) != 2 {
		t.Errorf("%d frames", len(f.frames))
	}
}
