package config

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
)

// leaves walks the keys of v that hold values, in the order of the struct and
// sorted within maps, with their dotted names.
func leaves(v reflect.Value, prefix []string) iter.Seq2[[]string, reflect.Value] {
	return func(yield func([]string, reflect.Value) bool) { walk(v, prefix, yield) }
}

func walk(v reflect.Value, at []string, yield func([]string, reflect.Value) bool) bool {
	at = slices.Clip(at)
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !walk(v.Field(i), append(at, v.Type().Field(i).Tag.Get("toml")), yield) {
				return false
			}
		}
	case reflect.Map:
		names := v.MapKeys()
		slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, name := range names {
			if !walk(v.MapIndex(name), append(at, name.String()), yield) {
				return false
			}
		}
	default:
		return yield(at, v)
	}
	return true
}

// patterns are all keys there are; "*" stands for a name that the user chooses.
var patterns = func() [][]string {
	c := Default()
	c.Providers = map[string]Provider{"*": {}}
	c.Tools.MCP = map[string]MCP{"*": {Env: map[string]string{"*": ""}}}
	var all [][]string
	for key := range leaves(reflect.ValueOf(c), nil) {
		all = append(all, key)
	}
	return all
}()

// patternOf is the pattern that key is an instance of.
func patternOf(key []string) (string, bool) {
	for _, p := range patterns {
		if len(p) == len(key) && under(p, key) {
			return strings.Join(p, "."), true
		}
	}
	return "", false
}

// under reports whether p begins with table, "*" standing for any name.
func under(p, table []string) bool {
	if len(p) < len(table) {
		return false
	}
	for i, part := range table {
		if p[i] != "*" && p[i] != part {
			return false
		}
	}
	return true
}

// assign converts value for key and stores it in v, which is addressable, once
// check agrees. Nothing changes when it fails.
func assign(v reflect.Value, key []string, value any, check func(reflect.Value) error) error {
	switch {
	case v.Kind() == reflect.Struct && len(key) > 0:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("toml") == key[0] {
				return assign(v.Field(i), key[1:], value, check)
			}
		}
		return fmt.Errorf("is not a key")
	case v.Kind() == reflect.Map && len(key) > 0:
		elem := reflect.New(v.Type().Elem()).Elem()
		name := reflect.ValueOf(strings.Clone(key[0]))
		if old := v.MapIndex(name); old.IsValid() {
			elem.Set(old)
			if elem.Kind() == reflect.Struct {
				unshare(elem)
			}
		}
		if err := assign(elem, key[1:], value, check); err != nil {
			return err
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		v.SetMapIndex(name, elem)
		return nil
	case len(key) > 0:
		return fmt.Errorf("is not a key")
	}
	to := reflect.New(v.Type()).Elem()
	if err := convert(to, value); err != nil {
		return err
	}
	if check != nil {
		if err := check(to); err != nil {
			return err
		}
	}
	v.Set(to)
	return nil
}

// unshare copies the maps of a struct that is itself a copy of a map's element.
func unshare(v reflect.Value) {
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Map && !f.IsNil() {
			fresh := reflect.MakeMap(f.Type())
			for it := f.MapRange(); it.Next(); {
				fresh.SetMapIndex(it.Key(), it.Value())
			}
			f.Set(fresh)
		}
	}
}

// isTable reports whether key names a table and not a value.
func isTable(key []string) bool { return len(children(key)) > 0 }

// unknown is the message for a key that does not exist: the nearest one that
// does, else what there is.
func unknown(key []string) string {
	if isTable(key) {
		name := strings.Join(key, ".")
		return fmt.Sprintf("%s is a table: write [%s] and below it %s", name, name, strings.Join(children(key), ", "))
	}
	best, least := "", 0
	dotted := strings.Join(key, ".")
	for _, p := range patterns {
		candidate := slices.Clone(p)
		for i := range candidate {
			if candidate[i] != "*" {
				continue
			}
			if i >= len(key) {
				candidate = nil // a name of the user's own that is not there to be guessed
				break
			}
			candidate[i] = key[i]
		}
		if candidate == nil {
			continue
		}
		name := strings.Join(candidate, ".")
		d := distance(dotted, name)
		if key[len(key)-1] == candidate[len(candidate)-1] {
			d = min(d, 2) // the right key in the wrong table
		}
		if best == "" || d < least {
			best, least = name, d
		}
	}
	if best != "" && least <= max(2, len(dotted)/4) {
		return fmt.Sprintf("unknown key; did you mean %s?", best)
	}
	for n := len(key) - 1; n >= 0; n-- {
		if names := children(key[:n]); len(names) > 0 {
			where := "the configuration"
			if n > 0 {
				where = "[" + strings.Join(key[:n], ".") + "]"
			}
			return fmt.Sprintf("unknown key; %s has %s", where, strings.Join(names, ", "))
		}
	}
	return "unknown key"
}

// children are the names that may follow table, in order; "NAME" for one of the user's own.
func children(table []string) []string {
	var names []string
	for _, p := range patterns {
		if len(p) == len(table) || !under(p, table) {
			continue
		}
		name := p[len(table)]
		if name == "*" {
			name = "NAME"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// distance is the Levenshtein distance of a and b, cut short for long keys.
func distance(a, b string) int {
	const limit = 80
	a, b = a[:min(len(a), limit)], b[:min(len(b), limit)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
