package config

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// WriteTOML writes the configuration as a TOML file that gives it again, each
// value with where it came from. Secrets (passwords in addresses, the
// environment of MCP servers) are written as "***".
func (l *Loaded) WriteTOML(w io.Writer) error {
	out := bufio.NewWriter(w)
	table := ""
	for key, v := range leaves(reflect.ValueOf(l.Config), nil) {
		if t := strings.Join(quoteKeys(key[:len(key)-1]), "."); t != table {
			if table != "" {
				_, _ = out.WriteString("\n") // a bufio.Writer keeps its first error for Flush
			}
			_, _ = fmt.Fprintf(out, "[%s]\n", t)
			table = t
		}
		value := literal(v)
		if key[0] == "tools" && len(key) == 5 {
			value = `"***"`
		}
		if key[0] == "privacy" && v.Kind() == reflect.Slice {
			value = list(excludeAsWritten(v.Interface().([]string)))
		}
		if key[0] == "cache" && v.Kind() == reflect.String {
			value = quote(withoutPassword(v.String()))
		}
		name := quoteKeys(key[len(key)-1:])[0]
		_, _ = fmt.Fprintf(out, "%-28s # %s\n", name+" = "+value, comment(l.Origin[strings.Join(key, ".")]))
	}
	return out.Flush()
}

// excludeAsWritten is a list that gives effective when it is added to the built-in one.
func excludeAsWritten(effective []string) []string {
	var out []string
	for _, p := range secrets {
		if !slices.Contains(effective, p) {
			out = append(out, "!"+p)
		}
	}
	return append(out, effective...)
}

// literal writes a value as TOML.
func literal(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case Duration:
		return quote(x.String())
	case Size:
		return quote(x.String())
	case string:
		return quote(x)
	case []string:
		return list(x)
	case bool:
		return strconv.FormatBool(x)
	}
	return fmt.Sprint(v.Interface())
}

// list writes short lists on one line and long ones wrapped.
func list(items []string) string {
	const width = 100
	var b, line strings.Builder
	for i, s := range items {
		if i > 0 {
			line.WriteByte(',')
		}
		q := quote(s)
		if line.Len() > 0 && line.Len()+len(q) > width {
			b.WriteString(line.String() + "\n  ")
			line.Reset()
		} else if i > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(q)
	}
	one := b.String() + line.String()
	if b.Len() > 0 {
		return "[\n  " + one + ",\n]"
	}
	return "[" + one + "]"
}

func quoteKeys(key []string) []string {
	out := make([]string, len(key))
	for i, k := range key {
		if out[i] = k; !validName(k) {
			out[i] = quote(k)
		}
	}
	return out
}

// quote writes a TOML basic string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// comment makes a source fit on one line.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	if _, has := u.User.Password(); !has {
		return address
	}
	user := u.User.Username()
	u.User = nil
	return u.Scheme + "://" + user + ":***@" + strings.TrimPrefix(u.String(), u.Scheme+"://")
}
