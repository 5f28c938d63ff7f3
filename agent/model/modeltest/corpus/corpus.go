package corpus

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Case is one case of a corpus of replies: what a model wrote for a region of a
// file, and what becomes of it.
//
// It is a txtar file. Its comment says what the case shows, then come "key: value" lines: class
// (of the failure), source (where such replies were seen, or "by construction"), shape
// (region, insertion, blocks, newfile, answer, comment), language (go if missing),
// path, complete, shrinks, limit, inexact; crlf, trim and bom name the sections
// that get CRLF line ends, lose their final line end, or start with a byte order
// mark. Its sections are before, original, after (the file), reply, and want or
// error ("kind: part of the message").
type Case struct {
	Name, Class, Source     string
	Shape, Language, Path   string
	Before, Original, After string
	Complete, Shrinks       bool
	Limit                   int
	Reply                   string
	Want                    string
	Inexact                 string // the rung by which the reply is fitted
	Kind, Message           string // of the error; "" if there is none
}

// Load reads the cases of a folder, in the order of their names.
func Load(dir string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no replies in %s", dir)
	}
	if err != nil {
		return nil, err
	}
	out := make([]Case, len(files))
	for i, file := range files {
		if out[i], err = loadCase(file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return out, nil
}

func loadCase(file string) (Case, error) {
	c := Case{Name: strings.TrimSuffix(filepath.Base(file), ".txtar"), Shape: "region", Language: "go", Complete: true}
	a, err := txtar.ParseFile(file)
	if err != nil {
		return c, err
	}
	section := map[string]string{}
	for _, f := range a.Files {
		section[f.Name] = string(f.Data)
	}
	keys := map[string]*string{
		"class": &c.Class, "source": &c.Source, "shape": &c.Shape, "language": &c.Language, "path": &c.Path, "inexact": &c.Inexact,
	}
	for l := range strings.Lines(string(a.Comment)) {
		key, value, ok := strings.Cut(strings.TrimSuffix(l, "\n"), ": ")
		if !ok || strings.Contains(key, " ") {
			continue
		}
		switch key {
		case "complete":
			c.Complete, err = strconv.ParseBool(value)
		case "shrinks":
			c.Shrinks, err = strconv.ParseBool(value)
		case "limit":
			c.Limit, err = strconv.Atoi(value)
		case "crlf", "trim", "bom":
			for s := range strings.FieldsSeq(value) {
				section[s] = styled(section[s], key)
			}
		default:
			if keys[key] == nil {
				return c, fmt.Errorf("unknown key %q", key)
			}
			*keys[key] = value
		}
		if err != nil {
			return c, fmt.Errorf("%s: %w", key, err)
		}
	}
	c.Before, c.Original, c.After, c.Reply, c.Want = section["before"], section["original"], section["after"], section["reply"], section["want"]
	_, wanted := section["want"]
	refused, failed := section["error"]
	c.Kind, c.Message, _ = strings.Cut(strings.TrimSpace(refused), ": ")
	switch {
	case wanted == failed:
		err = fmt.Errorf("it needs either want or error")
	case c.Class == "" || c.Source == "":
		err = fmt.Errorf("it needs class and source")
	}
	return c, err
}

// styled gives a section what its archive can't hold.
func styled(s, how string) string {
	switch how {
	case "crlf":
		return strings.ReplaceAll(s, "\n", "\r\n")
	case "trim":
		return strings.TrimSuffix(s, "\n")
	}
	return "\ufeff" + s
}
