package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration written "30m".
type Duration time.Duration

// String is the shortest way to write d: "30m", "1h30m", "90s" as "1m30s".
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Size is a number of bytes written "1MiB".
type Size int64

// units of Size, largest first; a binary unit is tried before the decimal one of its kind.
var units = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40},
	{"TB", 1e12},
	{"GiB", 1 << 30},
	{"GB", 1e9},
	{"MiB", 1 << 20},
	{"MB", 1e6},
	{"KiB", 1 << 10},
	{"KB", 1e3},
	{"B", 1},
}

// String is s in the largest unit that divides it.
func (s Size) String() string {
	if s == 0 {
		return "0"
	}
	for _, u := range units {
		if int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

var (
	errDuration = errors.New(`must be a duration of zero or more with its unit, such as "30m", "1h30m" or "90s"`)
	errSize     = errors.New(`must be a size of zero or more, such as "1MiB", "500KB" or a number of bytes`)
)

func parseDuration(s string) (Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(s))
	if err != nil || d < 0 {
		return 0, errDuration
	}
	return Duration(d), nil
}

func parseSize(s string) (Size, error) {
	s = strings.TrimSpace(s)
	unit := int64(1)
	for _, u := range units {
		if n := len(s) - len(u.name); n > 0 && strings.EqualFold(s[n:], u.name) {
			s, unit = strings.TrimSpace(s[:n]), u.bytes
			break
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f*float64(unit) >= math.MaxInt64 {
		return 0, errSize
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil { // exact where a float would round
		return Size(n * unit), nil
	}
	return Size(f * float64(unit)), nil
}

// word is a value that came as bare text, from the environment or a flag, and is
// read as whatever type its key has.
type word string

// convert stores in, a value as a source gave it, in dst. Its errors say what is allowed.
func convert(dst reflect.Value, in any) error {
	switch dst.Interface().(type) {
	case Duration:
		s, ok := textOf(in)
		if !ok {
			return errDuration
		}
		d, err := parseDuration(s)
		dst.SetInt(int64(d))
		return err
	case Size:
		s, ok := textOf(in)
		if !ok {
			n, isInt := intOf(in)
			if !isInt || n < 0 {
				return errSize
			}
			dst.SetInt(n)
			return nil
		}
		n, err := parseSize(s)
		dst.SetInt(int64(n))
		return err
	}
	switch dst.Kind() {
	case reflect.String:
		s, ok := textOf(in)
		if !ok {
			return fmt.Errorf("must be text in quotes, not %s", describe(in))
		}
		if strings.ContainsRune(s, 0) {
			return errors.New("must not hold a NUL byte")
		}
		dst.SetString(strings.Clone(s))
	case reflect.Int:
		n, ok := intOf(in)
		if !ok || n != int64(int32(n)) {
			return fmt.Errorf("must be a whole number, not %s", describe(in))
		}
		dst.SetInt(n)
	case reflect.Bool:
		b, ok := boolOf(in)
		if !ok {
			return fmt.Errorf("must be true or false, not %s", describe(in))
		}
		dst.SetBool(b)
	case reflect.Slice:
		list, err := listOf(in)
		if err != nil {
			return err
		}
		dst.Set(reflect.ValueOf(list))
	default:
		return fmt.Errorf("is a table with keys of its own, not %s", describe(in))
	}
	return nil
}

func textOf(in any) (string, bool) {
	switch v := in.(type) {
	case string:
		return v, true
	case word:
		return string(v), true
	}
	return "", false
}

func intOf(in any) (int64, bool) {
	switch v := in.(type) {
	case int64:
		return v, true
	case word:
		n, err := strconv.ParseInt(strings.TrimSpace(string(v)), 10, 64)
		return n, err == nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, true
		}
		f, err := v.Float64() // 9.0 and 1e3 are whole numbers too
		if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return 0, false
		}
		return int64(f), true
	}
	return 0, false
}

func boolOf(in any) (value, ok bool) {
	switch v := in.(type) {
	case bool:
		return v, true
	case word:
		switch strings.ToLower(strings.TrimSpace(string(v))) {
		case "1", "true", "yes", "on":
			return true, true
		case "0", "false", "no", "off":
			return false, true
		}
	}
	return false, false
}

// listOf reads a list of texts; a word is split at its commas.
func listOf(in any) ([]string, error) {
	list := []string{}
	switch v := in.(type) {
	case word:
		for part := range strings.SplitSeq(string(v), ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	case []any:
		for _, e := range v {
			s, ok := e.(string)
			if !ok || strings.ContainsRune(s, 0) {
				return nil, fmt.Errorf("must be a list of texts, but holds %s", describe(e))
			}
			list = append(list, strings.Clone(s))
		}
	default:
		return nil, fmt.Errorf(`must be a list of texts such as ["a", "b"], not %s`, describe(in))
	}
	return list, nil
}

// describe names a value for a message, shortened.
func describe(in any) string {
	switch v := in.(type) {
	case string:
		return quoteShort(v)
	case word:
		return quoteShort(string(v))
	case bool:
		return strconv.FormatBool(v)
	case int64, float64, json.Number:
		return fmt.Sprintf("the number %v", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	case raw:
		return string(v)
	case nil:
		return "nothing"
	}
	return fmt.Sprintf("%v", in)
}

func quoteShort(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return strconv.Quote(s)
}
