//go:build ignore

// Command gen writes std.txt, the table of Go's standard library: a line for each
// package with its path, its name and what it exports.
package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// left out: what no editor should add by itself, or what is one long list of numbers.
var skip = []string{"cmd", "internal", "vendor", "testdata", "builtin", "syscall", "unsafe", "simd", "elf", "dwarf", "pe", "macho", "plan9obj"}

func main() {
	src := filepath.Join(build.Default.GOROOT, "src")
	var out []string
	err := filepath.WalkDir(src, func(dir string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() || dir == src {
			return err
		}
		if slices.Contains(skip, e.Name()) || strings.HasPrefix(e.Name(), "_") {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(src, dir)
		if err != nil {
			return err
		}
		if name, exported := read(dir); len(exported) > 0 {
			out = append(out, strings.Join(append([]string{filepath.ToSlash(rel), name}, exported...), " "))
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	slices.Sort(out)
	if err := os.WriteFile("std.txt", []byte(strings.Join(out, "\n")+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(out), "packages")
}

// read lists what the package in dir exports, wherever it is built.
func read(dir string) (pkg string, names []string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	add := func(id *ast.Ident) {
		if id.IsExported() && !slices.Contains(names, id.Name) {
			names = append(names, id.Name)
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil || f.Name.Name == "main" || f.Name.Name == "documentation" {
			continue
		}
		pkg = f.Name.Name
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						add(spec.Name)
					case *ast.ValueSpec:
						for _, id := range spec.Names {
							add(id)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return pkg, names
}
