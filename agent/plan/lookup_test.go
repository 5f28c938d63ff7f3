package plan

import (
	"path/filepath"
	"testing"
)

func TestSplit(t *testing.T) {
	for name, want := range map[string][2]string{
		"<T> ) save":            {"", "save"},
		"[key] ) => x":          {"", "x"},
		"V::operator>=":         {"V", "operator>="},
		"operator<":             {"", "operator<"},
		"Save":                  {"", "Save"},
		"Save()":                {"", "Save"},
		"Store.Save":            {"Store", "Save"},
		"Store::save(id: u8)":   {"Store", "save"},
		"(*Store).Save":         {"Store", "Save"},
		"(Store).Save(ctx, o)":  {"Store", "Save"},
		"(*Store[K, V]).Save":   {"Store", "Save"},
		"Store<Map<K, V>>.save": {"Store", "save"},
		"func (s *Store[T]) Save(n int) (a, error)": {"Store", "Save"},
		"func NewStore[T any](n int) *Store":        {"", "NewStore"},
		"export async function load(id) {":          {"", "load"},
		"class Store":                               {"", "Store"},
		"type":                                      {"", "type"},
		"":                                          {"", ""},
		"(":                                         {"", "("},
		")":                                         {"", ")"},
		"()":                                        {"", ""},
		"a.b.c":                                     {"a.b", "c"},
		"[":                                         {"", ""},
	} {
		if outer, own := split(name); outer != want[0] || own != want[1] {
			t.Errorf("%q: %q, %q", name, outer, own)
		}
	}
}

// What the outline calls a symbol finds it, and so does its line; nothing finds another one.
func TestLookUp(t *testing.T) {
	snap, root := project(t, `
-- v.cpp --
struct V {
  V &operator=(const V &o);
  int area(int x) { return x; }
};
-- a.ts --
export class Shop extends Base {
  private static open(at: number) { return at; }
  #count() { return 1; }
}
export const twice = (x: number) => 2 * x;
-- a.go --
package a

type Saver interface {
	Save() error
}

func (s *Store[T]) Load(n int) (string, error) { return "", nil }
`)
	for _, c := range []struct{ file, name, want string }{
		{"v.cpp", "int area(int x)", "area"},
		{"v.cpp", "V::area", "area"},
		{"a.ts", "export class Shop extends Base", "Shop"},
		{"a.ts", "private static open(at: number) { return at; }", "open"},
		{"a.ts", "Shop.open", "open"},
		{"a.ts", "#count", "#count"},
		{"a.ts", "export const twice = (x: number) => 2 * x;", "twice"},
		{"a.go", "type Saver interface", "Saver"},
		{"a.go", "func (s *Store[T]) Load(n int) (string, error)", "Load"},
		{"a.go", "func (s *Store[T]) Load(n int) (string, error) { return \"\", nil }  [Store 2×]", "Load"},
		{"a.go", "(*Store[K, V]).Load", "Load"},
		{"a.go", "Other.Load", ""},
		{"v.cpp", "operator>=", ""},
	} {
		f, err := snap.File(filepath.Join(root, c.file))
		if err != nil {
			t.Fatal(err)
		}
		if sym, err := lookUp(f, c.name); sym.Name != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s, %q: %q, %v", c.file, c.name, sym.Name, err)
		}
	}
}
