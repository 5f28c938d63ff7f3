package edit

import (
	"path"
	"slices"
	"strings"
)

// fileOf is the path that a reply gives for a block: in the info string of its
// fence, on the line above it, or in a comment on its own first line.
func (p *Parser) fileOf(raw string, s *scanner, b block) string {
	if f := pathIn(b.info); f != "" {
		return f
	}
	above := ""
	for _, l := range s.lines {
		if l.end > b.start {
			break
		}
		if line := raw[l.start:l.end]; !blank(line) {
			above = line
		}
	}
	if f := pathIn(above); f != "" && b.start-strings.LastIndex(raw[:b.start], above) < len(above)+fileReach {
		return f
	}
	first, rest, _ := strings.Cut(strings.TrimLeft(raw[b.start:b.end], "\r\n"), "\n")
	if isCommentLine(strings.TrimSpace(first)) && !blank(rest) && !strings.Contains(p.t.Original, strings.TrimSpace(first)) {
		return pathIn(first)
	}
	return ""
}

// baseOf is the last part of a path, with slashes of either kind.
func baseOf(p string) string { return path.Base(strings.ReplaceAll(p, `\`, "/")) }

// fileReach is how far before a block its title may end: the fence and an empty line.
const fileReach = 100

// ownFile keeps, of blocks for several files, those for the target's: by its path, or
// by the one language that is the target's. It refuses where neither tells.
func (p *Parser) ownFile(raw string, s *scanner, blocks []block) ([]block, error) {
	if len(blocks) < 2 || p.t.Shape == Comment {
		return blocks, nil
	}
	names := make([]string, len(blocks))
	var named []string // of blocks that could be meant
	for i, b := range blocks {
		if f := p.fileOf(raw, s, b); f != "" && !blank(raw[b.start:b.end]) {
			names[i] = baseOf(f)
			if fits(b.info, p.t.Language) >= 0 && fits(names[i], p.t.Language) >= 0 && !slices.Contains(named, names[i]) {
				named = append(named, names[i])
			}
		}
	}
	own := baseOf(p.t.Path)
	if p.t.Path != "" && slices.Contains(named, own) {
		return slices.DeleteFunc(slices.Clone(blocks), func(b block) bool {
			n := names[slices.Index(blocks, b)]
			return n != "" && n != own
		}), nil
	}
	if len(named) > 1 {
		return nil, severalFiles(named)
	}
	return blocks, nil
}
