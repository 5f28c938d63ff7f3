package workspace

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of what is looked into for one file.
const (
	maxUsesText  = 128 << 10 // bytes of it whose words count
	maxBeside    = 64        // files of its package
	maxOfPackage = 64        // files of one that it imports
)

// goRelations ranks the files of imported packages, and those of f's own, by how
// many of the names that f uses they declare.
func (r *ranking) goRelations() {
	uses := usesOf(r.f.Text)
	for n, i := range r.f.importList() {
		to := r.goDir(r.dir, i.Path)
		if to == "" || to == r.dir {
			continue
		}
		r.goPackage(to, i.Path, i.Local, uses, n)
	}
	r.goBeside(uses)
}

// goPackage ranks the files of an imported package: those that declare what is
// used, or where none does the one that is called like the package.
func (r *ranking) goPackage(dir, importPath, local string, uses uses, n int) {
	files := r.goFiles(dir)
	slices.SortStableFunc(files, func(a, b string) int { // what is called like the package is its heart
		return compareBool(stem(b) == filepath.Base(dir), stem(a) == filepath.Base(dir))
	})
	files = files[:min(maxOfPackage, len(files))]
	any := false
	for _, p := range files {
		f := r.held(p)
		if f == nil {
			continue
		}
		d := f.goDeclared()
		name := local
		if name == "" {
			if name = d.pkg; name == "" {
				name = path.Base(importPath)
			}
		}
		names := uses.selected[name]
		if name == "." {
			names = uses.words
		}
		if count := countIn(d.names, names); count > 0 {
			any = true
			r.add(p, rankImport+min(80, 4*count)+max(0, 9-n), "imported here")
		}
	}
	if !any && len(files) > 0 {
		r.add(files[0], rankImport, "imported here")
	}
}

// goBeside ranks the neighbours of f.
func (r *ranking) goBeside(uses uses) {
	own := stem(r.f.Path)
	var files []string
	for _, p := range r.snap.Dir(r.dir) {
		if filepath.Ext(p) == ".go" && p != r.f.Path {
			files = append(files, p)
		}
	}
	slices.SortStableFunc(files, func(a, b string) int { return affinity(own, stem(b)) - affinity(own, stem(a)) })
	self := r.f.goDeclared()
	for _, name := range self.names {
		delete(uses.words, name)
	}
	test := strings.HasSuffix(r.f.Path, "_test.go")
	for n, p := range files {
		score := rankBeside + affinity(own, stem(p))
		if n < maxBeside && (test || !strings.HasSuffix(p, "_test.go")) {
			if f := r.held(p); f != nil {
				if d := f.goDeclared(); d.pkg == self.pkg || self.pkg == "" {
					if count := countIn(d.names, uses.words); count > 0 {
						score = rankHelpers + min(99, 4*count)
					}
				}
			}
		}
		r.add(p, score, "same package")
	}
}

func countIn(names []string, used map[string]bool) (n int) {
	for _, name := range names {
		if used[name] {
			n++
		}
	}
	return n
}

// uses are the words of a text: those that stand alone, and those after a dot by
// the word before it. Comments and strings are not told apart: a name that only
// stands there is as good a hint.
type uses struct {
	words    map[string]bool
	selected map[string]map[string]bool
}

func usesOf(src string) uses {
	src = src[:min(len(src), maxUsesText)]
	u := uses{words: map[string]bool{}, selected: map[string]map[string]bool{}}
	last := "" // the word right before a dot
	for i := 0; i < len(src); {
		if !isNameByte(src[i]) {
			if src[i] != '.' || i == 0 || !isNameByte(src[i-1]) {
				last = ""
			}
			i++
			continue
		}
		word := nameAtStart(src[i:])
		i += len(word)
		if last == "" {
			u.words[word] = true
		} else {
			if u.selected[last] == nil {
				u.selected[last] = map[string]bool{}
			}
			u.selected[last][word] = true
		}
		last = word
	}
	return u
}
