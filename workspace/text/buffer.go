package text

import (
	"strings"
)

// Buffer is a text that changes a little at a time, as an open document does. It
// is in pieces of whole lines, so that an edit copies the pieces it touches and
// not the text. Immutable; the zero Buffer is the empty text.
//
// Inv: every piece but the last one ends in \n, so that what stands at the ends
// of two pieces never makes one line end or one rune; only the last piece may be
// empty.
type Buffer struct {
	pieces []piece
	size   int // bytes
	breaks int // line ends
}

type piece struct {
	text   string
	breaks int // line ends in text
}

// pieceSize is what the pieces are made of, about: the cost of an edit is some
// pieces of text and the list of all of them.
const pieceSize = 4 << 10

// NewBuffer is a Buffer over src, which it shares.
func NewBuffer(src string) *Buffer {
	b := &Buffer{size: len(src)}
	b.pieces = appendPieces(make([]piece, 0, len(src)/pieceSize+1), src)
	for _, p := range b.pieces {
		b.breaks += p.breaks
	}
	return b
}

// appendPieces cuts src into pieces.
func appendPieces(pieces []piece, src string) []piece {
	for len(src) > 2*pieceSize {
		end := strings.IndexByte(src[pieceSize-1:], '\n') + pieceSize
		if end < pieceSize || end == len(src) {
			break
		}
		pieces = append(pieces, newPiece(src[:end]))
		src = src[end:]
	}
	return append(pieces, newPiece(src))
}

func newPiece(src string) piece { return piece{src, countBreaks(src)} }

func countBreaks(src string) int {
	lf := strings.Count(src, "\n")
	if strings.IndexByte(src, '\r') < 0 {
		return lf
	}
	return lf + strings.Count(src, "\r") - strings.Count(src, "\r\n")
}

// Len is the size of the text in bytes.
func (b *Buffer) Len() int { return b.size }

// String is the whole text, put together anew.
func (b *Buffer) String() string {
	if len(b.pieces) == 1 {
		return b.pieces[0].text
	}
	var s strings.Builder
	s.Grow(b.size)
	for _, p := range b.pieces {
		s.WriteString(p.text)
	}
	return s.String()
}

// Over is b over src, which must be b.String(): it lets go of the memory of the
// texts that its pieces came from.
func (b *Buffer) Over(src string) *Buffer {
	if len(src) != b.size {
		return NewBuffer(src)
	}
	next := &Buffer{pieces: make([]piece, len(b.pieces)), size: b.size, breaks: b.breaks}
	at := 0
	for i, p := range b.pieces {
		next.pieces[i] = piece{src[at : at+len(p.text)], p.breaks}
		at += len(p.text)
	}
	return next
}

// ApplyRange does what the function of that name does, at the cost of the pieces
// touched.
func (b *Buffer) ApplyRange(r RangeEdit, enc Encoding) (*Buffer, Edit, error) {
	if r.Whole {
		e := Replacement(b.String(), r.New)
		return NewBuffer(r.New), e, nil
	}
	start, end := r.Start.Line, r.End.Line
	if start > end {
		start, end = end, start
	}
	if int64(end) > int64(b.breaks) {
		// Past the last line: mostly an error, and worded as such.
		next, _, e, err := ApplyRange(b.String(), nil, r, enc)
		if err != nil {
			return b, Edit{}, err
		}
		return NewBuffer(next), e, nil
	}
	first, line, off := b.find(int(start))
	last := first
	for seen := line; last < len(b.pieces)-1 && seen+b.pieces[last].breaks <= int(end); last++ {
		seen += b.pieces[last].breaks
	}
	local := Buffer{pieces: b.pieces[min(first, len(b.pieces)):min(last+1, len(b.pieces))]}
	for _, p := range local.pieces {
		local.size += len(p.text)
	}
	src := local.String()
	r.Start.Line -= uint32(line)
	r.End.Line -= uint32(line)
	x := NewLineIndex(src)
	e, err := x.rangeEdit(r, enc)
	if err != nil {
		return b, Edit{}, err
	}
	next := b.splice(first, last, replace(src, e))
	e.Span.Start += off
	e.Span.End += off
	return next, e, nil
}

// find is the piece that a line starts in, with the line and the offset that the
// piece starts at. The line after the last line end is in the last piece.
func (b *Buffer) find(want int) (i, line, off int) {
	for i, p := range b.pieces {
		if i == len(b.pieces)-1 || line+p.breaks > want {
			return i, line, off
		}
		line += p.breaks
		off += len(p.text)
	}
	return 0, 0, 0
}

// splice puts src in the place of the pieces first to last.
func (b *Buffer) splice(first, last int, src string) *Buffer {
	next := &Buffer{}
	next.pieces = make([]piece, 0, len(b.pieces)+2+len(src)/pieceSize)
	next.pieces = append(next.pieces, b.pieces[:min(first, len(b.pieces))]...)
	if len(src) < pieceSize/2 && last+1 < len(b.pieces) {
		// Deleting must not leave the text in crumbs.
		last++
		src += b.pieces[last].text
	}
	if src != "" || last+1 >= len(b.pieces) {
		next.pieces = appendPieces(next.pieces, src)
	}
	if last+1 < len(b.pieces) {
		next.pieces = append(next.pieces, b.pieces[last+1:]...)
	}
	for _, p := range next.pieces {
		next.size += len(p.text)
		next.breaks += p.breaks
	}
	return next
}
