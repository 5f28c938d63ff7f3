package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Names of the sources that are no files.
const (
	builtIn    = "built-in"
	fromClient = "editor settings"
	fromFlags  = "flags"
)

// UserFile is where the user's configuration is looked for, from the variables
// in env; "" when they do not say.
func UserFile(env []string) string {
	vars := environ(env)
	dir := vars["XDG_CONFIG_HOME"]
	if !filepath.IsAbs(dir) { // so the XDG specification
		dir = vars["APPDATA"]
	}
	if !filepath.IsAbs(dir) {
		home := vars["HOME"]
		if !filepath.IsAbs(home) {
			return ""
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "hob", "config.toml")
}

// WorkspaceFile is the path of the workspace's file below a root.
const WorkspaceFile = ".hob/config.toml"

// userFile is the absolute path of the user's file; "" for none.
func userFile(in Inputs) string {
	path := in.UserFile
	if path == "" {
		path = UserFile(in.Env)
	}
	if abs, err := filepath.Abs(path); err == nil && path != "" {
		path = abs
	}
	return path
}

func userSettings(in Inputs) ([]setting, []Problem) {
	path := userFile(in)
	if path == "" {
		return nil, nil
	}
	doc, err := readFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if errors.Is(err, fs.ErrNotExist) {
		if in.UserFile == "" {
			return nil, nil
		}
		return nil, []Problem{{Source: path, Message: "there is no such file; create it, or leave the option away"}}
	}
	if err != nil {
		return nil, []Problem{{Source: path, Message: "can't be read: " + cause(err)}}
	}
	return parseTOML(path, doc)
}

// workspaceSettings reads the first workspace file there is. A root confines its
// own file: a symbolic link out of it is not followed.
func workspaceSettings(roots []string) ([]setting, []Problem) {
	for _, dir := range roots {
		root, err := os.OpenRoot(dir)
		if err != nil {
			continue // a folder that is not there has no file either
		}
		doc, err := readFile(root.FS(), WorkspaceFile)
		_ = root.Close() // only read from
		path := filepath.Join(dir, filepath.FromSlash(WorkspaceFile))
		switch {
		case err == nil:
			return parseTOML(path, doc)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, []Problem{{Source: path, Message: "can't be read: " + cause(err)}}
		}
	}
	return nil, nil
}

// cause is err without the path that its message repeats.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func environ(env []string) map[string]string {
	vars := make(map[string]string, len(env))
	for _, kv := range env {
		if k, v, ok := strings.Cut(kv, "="); ok && k != "" {
			vars[k] = v
		}
	}
	return vars
}

// commandLineVars are variables that the command line reads, not the configuration.
var commandLineVars = []string{"HOB_CONFIG", "HOB_LOG", "HOB_LOG_LEVEL", "HOB_DEBUG"}

// envSettings reads OLLAMA_HOST and, winning over it, HOB_*. An empty variable is one that is not set.
func envSettings(env []string, providers map[string]Provider) ([]setting, []Problem) {
	var settings []setting
	var problems []Problem
	vars := environ(env)
	if host := strings.Trim(vars["OLLAMA_HOST"], " \t\"'"); host != "" {
		const source = "environment: OLLAMA_HOST"
		if url, err := ollamaURL(host); err != nil {
			problems = append(problems, Problem{Source: source, Message: err.Error()})
		} else {
			settings = append(settings, setting{[]string{"providers", "ollama", "url"}, word(url), origin{source: source}})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if !strings.HasPrefix(name, "HOB_") || vars[name] == "" || slices.Contains(commandLineVars, name) {
			continue
		}
		source := "environment: " + name
		if key := envKey(strings.TrimPrefix(name, "HOB_"), providers); key != nil {
			settings = append(settings, setting{key, word(vars[name]), origin{source: source}})
			continue
		}
		guess := strings.Split(strings.ToLower(strings.TrimPrefix(name, "HOB_")), "_")
		if len(guess) > 2 {
			guess = []string{guess[0], strings.Join(guess[1:], "_")}
		}
		message := unknown(guess)
		if message == "unknown key" {
			continue // nothing like ours: HOB_ is short enough to be somebody else's, too
		}
		if before, meant, ok := strings.Cut(message, "did you mean "); ok {
			message = before + "did you mean HOB_" + envName(strings.TrimSuffix(meant, "?")) + "?"
		}
		problems = append(problems, Problem{Source: source, Message: message})
	}
	return settings, problems
}

func envName(key string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// envKey is the key that a variable means; the name of a provider is one that
// is configured, else the variable's own in lower case.
func envKey(name string, providers map[string]Provider) []string {
	for _, p := range patterns {
		if envName(strings.Join(p, ".")) == name {
			return p
		}
		if len(p) != 3 || p[0] != "providers" {
			continue
		}
		middle, ok := strings.CutPrefix(name, "PROVIDERS_")
		if !ok {
			continue
		}
		if middle, ok = strings.CutSuffix(middle, "_"+envName(p[2])); !ok || middle == "" {
			continue
		}
		key := []string{"providers", strings.ToLower(middle), p[2]}
		for configured := range providers {
			if envName(configured) == middle {
				key[1] = configured
			}
		}
		return key
	}
	return nil
}

// ollamaURL is the address that Ollama's own programs would use for a host.
func ollamaURL(host string) (string, error) {
	scheme, rest, ok := strings.Cut(host, "://")
	var port string // the default
	switch {
	case !ok:
		scheme, rest, port = "http", host, "11434"
	case scheme == "http":
		port = "80"
	case scheme == "https":
		port = "443"
	default:
		return "", fmt.Errorf(`has the scheme %q; write "HOST", "HOST:PORT" or "http://HOST:PORT"`, scheme)
	}
	rest, path, _ := strings.Cut(rest, "/")
	if strings.Contains(rest, "@") { // never shown: it may be a password
		return "", errors.New(`holds a user name or a password, which Ollama does not take; write "HOST:PORT"`)
	}
	name, given, err := net.SplitHostPort(rest)
	if err != nil {
		name, given = strings.Trim(rest, "[]"), port
	}
	if given == "" {
		given = port
	}
	if n, err := strconv.ParseUint(given, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("has the port %q; a port is a number from 1 to 65535", given)
	}
	switch ip, err := netip.ParseAddr(name); {
	case name == "" || err == nil && ip.Is4() && ip.IsUnspecified():
		name = "127.0.0.1" // what a server listens on is not what a client dials
	case err == nil && ip.IsUnspecified():
		name = "::1"
	case err != nil && strings.ContainsAny(name, " @?#%:\\"):
		return "", fmt.Errorf(`is not a host: %q; write "HOST", "HOST:PORT" or "http://HOST:PORT"`, host)
	}
	url := scheme + "://" + net.JoinHostPort(name, given)
	if path = strings.Trim(path, "/"); path != "" {
		url += "/" + path
	}
	return url, nil
}

// editorOnly are keys of the section "hob" that the extension reads itself.
var editorOnly = []string{"trace", "server", "path", "enable"}

// clientSettings reads the editor's section: nested objects, dotted keys, with
// or without "hob." in front. What is null or empty is not set.
func clientSettings(doc json.RawMessage) ([]setting, []Problem) {
	if len(bytes.TrimSpace(doc)) == 0 {
		return nil, nil
	}
	var top any
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&top); err != nil {
		return nil, []Problem{{Source: fromClient, Message: "not JSON: " + err.Error()}}
	}
	switch top := top.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return flatten(top, nil, nil), nil
	}
	return nil, []Problem{{Source: fromClient, Message: `must be an object such as {"models": {"fast": "auto"}}, not ` + describe(top)}}
}

func flatten(object map[string]any, at []string, settings []setting) []setting {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		key := append(slices.Clone(at), strings.Split(name, ".")...)
		if key[0] == "hob" {
			key = key[1:]
		}
		switch v := object[name].(type) {
		case nil:
		case map[string]any:
			settings = flatten(v, key, settings)
		default:
			if s, ok := v.(string); ok && s == "" {
				continue
			}
			if list, ok := v.([]any); ok && len(list) == 0 {
				continue
			}
			if len(key) == 0 || slices.Contains(editorOnly, key[0]) {
				continue
			}
			settings = append(settings, setting{key, v, origin{source: fromClient}})
		}
	}
	return settings
}

func flagSettings(flags map[string]string) []setting {
	var settings []setting
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		if flags[name] != "" {
			settings = append(settings, setting{strings.Split(name, "."), word(flags[name]), origin{source: fromFlags}})
		}
	}
	return settings
}
