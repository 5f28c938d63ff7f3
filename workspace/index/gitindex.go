package index

import (
	"encoding/binary"
	"encoding/hex"
	"iter"
	"path/filepath"
	"strings"
)

// tracked lists the paths in git's index, relative to the top of the working
// tree; links to other repositories (submodules) are left out. An index that
// can't be understood tracks nothing.
func (r repo) tracked(c *gitConfig) []string {
	hash := 20
	if v := c.objectFormat(); strings.EqualFold(v, "sha256") {
		hash = 32
	}
	src, _, err := readFile(filepath.Join(r.gitDir, "index"), 1<<30)
	if err != nil {
		return nil
	}
	x, ok := parseIndex(src, hash)
	if !ok {
		return nil
	}
	if x.base != "" {
		name := "sharedindex." + x.base
		src, _, err := readFile(filepath.Join(r.gitDir, name), 1<<30)
		if err != nil {
			src, _, _ = readFile(filepath.Join(r.common, name), 1<<30)
		}
		if base, ok := parseIndex(src, hash); ok {
			x = x.over(base)
		}
	}
	return x.paths()
}

// objectFormat is extensions.objectFormat.
func (c *gitConfig) objectFormat() string {
	v, _ := c.get("extensions", "objectformat")
	return v
}

// indexFile is one file of git's index.
type indexFile struct {
	entries []indexEntry
	base    string // of a split index: names the shared one, in hex
	deleted bitmap // of the entries of the shared index
	replace bitmap
}

type indexEntry struct {
	path string // "" where an entry takes the place of one in the shared index
	link bool   // to another repository, or a whole folder of a sparse checkout
}

func (x indexFile) paths() []string {
	paths := make([]string, 0, len(x.entries))
	for _, e := range x.entries {
		if e.path != "" && !e.link && !leadsOut(e.path) {
			paths = append(paths, e.path)
		}
	}
	return paths
}

// leadsOut reports whether a path is none that git tracks: what it names may lie
// outside of the working tree.
func leadsOut(path string) bool {
	for elem := range strings.SplitSeq(path, "/") {
		if elem == "" || elem == "." || elem == ".." {
			return true
		}
	}
	return false
}

// over is the index that a split one and its shared one make together.
func (x indexFile) over(base indexFile) indexFile {
	gone := map[int]bool{}
	for i := range x.deleted.all() {
		gone[i] = true
	}
	next := 0 // of x's entries that replace
	for i := range x.replace.all() {
		for next < len(x.entries) && x.entries[next].path != "" {
			next++
		}
		if i >= len(base.entries) || next >= len(x.entries) {
			break
		}
		base.entries[i].link = x.entries[next].link
		next++
	}
	var all indexFile
	for i, e := range base.entries {
		if !gone[i] {
			all.entries = append(all.entries, e)
		}
	}
	all.entries = append(all.entries, x.entries...)
	return all
}

func u32(src string, off int) uint32 {
	return uint32(src[off])<<24 | uint32(src[off+1])<<16 | uint32(src[off+2])<<8 | uint32(src[off+3])
}

// parseIndex reads versions 2 to 4 of git's index format, whose object names
// have hash bytes.
func parseIndex(src string, hash int) (indexFile, bool) {
	if len(src) < 12 || src[:4] != "DIRC" {
		return indexFile{}, false
	}
	version, count := u32(src, 4), int(u32(src, 8))
	if version < 2 || version > 4 {
		return indexFile{}, false
	}
	const modeAt, modeType, gitlink = 24, 0xF000, 0xE000
	var x indexFile
	pos, prev := 12, ""
	for range count {
		head := pos + 40 + hash + 2
		if head > len(src) {
			return indexFile{}, false
		}
		mode := u32(src, pos+modeAt)
		if version >= 3 && src[head-2]&0x40 != 0 {
			head += 2 // extended flags
		}
		path, next, ok := entryPath(src, pos, head, version, prev)
		if !ok {
			return indexFile{}, false
		}
		x.entries = append(x.entries, indexEntry{path, mode&modeType == gitlink || strings.HasSuffix(path, "/")})
		pos, prev = next, path
	}
	x.extensions(src[min(pos, len(src)):], hash)
	return x, true
}

// entryPath reads the path at head of the entry that starts at pos.
func entryPath(src string, pos, head int, version uint32, prev string) (path string, next int, ok bool) {
	if version == 4 {
		// A varint says how much of the previous path's end to cut.
		cut := 0
		for i := 0; ; i++ {
			if head >= len(src) || i > 4 {
				return "", 0, false
			}
			c := src[head]
			head++
			if i > 0 {
				cut++
			}
			cut = cut<<7 | int(c&0x7f)
			if c&0x80 == 0 {
				break
			}
		}
		if cut > len(prev) {
			return "", 0, false
		}
		prev = prev[:len(prev)-cut]
	} else {
		prev = ""
	}
	if head > len(src) {
		return "", 0, false
	}
	n := strings.IndexByte(src[head:], 0)
	if n < 0 {
		return "", 0, false
	}
	path = prev + src[head:head+n]
	if version == 4 {
		return path, head + n + 1, true
	}
	// Entries are padded with 1 to 8 NULs to a multiple of eight.
	return path, pos + (head+n-pos+8)&^7, true
}

// extensions looks for the link to a shared index.
func (x *indexFile) extensions(src string, hash int) {
	for len(src) >= 8+hash {
		name, size := src[:4], int(u32(src, 4))
		if size > len(src)-8 {
			return
		}
		data := src[8 : 8+size]
		src = src[8+size:]
		if name != "link" || size < hash {
			continue
		}
		if strings.Trim(data[:hash], "\x00") == "" {
			return // shares nothing
		}
		x.base = hex.EncodeToString([]byte(data[:hash]))
		if deleted, rest, ok := readBitmap(data[hash:]); ok {
			x.deleted = deleted
			x.replace, _, _ = readBitmap(rest)
		}
		return
	}
}

// bitmap is a compressed set of small numbers as git stores it (EWAH): words of
// 64 bits, of which some say how many words of equal bits follow, and how many
// that stand for themselves.
type bitmap struct {
	size  int
	words []uint64
}

// readBitmap reads one from the start of src.
func readBitmap(src string) (b bitmap, rest string, ok bool) {
	if len(src) < 12 {
		return bitmap{}, "", false
	}
	b.size = int(u32(src, 0))
	n := int(u32(src, 4))
	if n > (len(src)-12)/8 {
		return bitmap{}, "", false
	}
	for i := range n {
		b.words = append(b.words, binary.BigEndian.Uint64([]byte(src[8+8*i:16+8*i])))
	}
	return b, src[12+8*n:], true // behind the words is where the last run starts
}

// all yields the members, ascending.
func (b bitmap) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		at := 0
		for i := 0; i < len(b.words) && at < b.size; {
			head := b.words[i]
			i++
			run, literals := int(head>>1&(1<<32-1)), int(head>>33)
			for range run {
				for bit := 0; head&1 != 0 && bit < 64 && at+bit < b.size; bit++ {
					if !yield(at + bit) {
						return
					}
				}
				if at += 64; at >= b.size {
					return
				}
			}
			for ; literals > 0 && i < len(b.words); literals, i, at = literals-1, i+1, at+64 {
				for bit := range 64 {
					if b.words[i]>>bit&1 != 0 && at+bit < b.size && !yield(at+bit) {
						return
					}
				}
			}
		}
	}
}
