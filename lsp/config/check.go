package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// rules say what a value may be beyond its type, by pattern. A value that breaks
// its rule is refused and the one below it stays.
var rules = map[string]func(reflect.Value) error{
	"models.fast":             modelID,
	"models.balanced":         modelID,
	"models.quality":          modelID,
	"budgets.edit":            between(1, 3600),
	"budgets.component":       between(1, 3600),
	"budgets.refactor":        between(1, 3600),
	"providers.*.kind":        oneOf("ollama", "openai"),
	"providers.*.url":         endpointURL,
	"providers.*.parallel":    between(0, 64),
	"providers.*.api_key_env": variableName,
	"prewarm.models":          eachOf("fast", "balanced", "quality"),
	"index.max_file":          between(1, 1<<30),
	"index.max_memory":        between(1<<20, 1<<42),
	"index.ignore":            globs,
	"cache.redis":             schemes("redis", "rediss"),
	"cache.s3":                schemes("s3"),
	"tools.mcp.*.url":         optional(endpointURL),
	"status.listen":           loopbackListen,
}

func modelID(v reflect.Value) error {
	provider, name, ok := strings.Cut(v.String(), "/")
	if v.String() == Auto || ok && validName(provider) && name != "" && strings.TrimSpace(name) == name {
		return nil
	}
	return fmt.Errorf(`must be "auto" or PROVIDER/NAME such as "ollama/qwen2.5-coder:3b", not %s`, quoteShort(v.String()))
}

func between(low, high int64) func(reflect.Value) error {
	return func(v reflect.Value) error {
		if n := v.Int(); n >= low && n <= high {
			return nil
		}
		if v.Type() == reflect.TypeFor[Size]() {
			return fmt.Errorf("must be from %v to %v, not %v", Size(low), Size(high), Size(v.Int()))
		}
		return fmt.Errorf("must be from %d to %d, not %d", low, high, v.Int())
	}
}

func oneOf(words ...string) func(reflect.Value) error {
	return func(v reflect.Value) error {
		if slices.Contains(words, v.String()) {
			return nil
		}
		return fmt.Errorf("must be one of %s, not %s", strings.Join(words, ", "), quoteShort(v.String()))
	}
}

func eachOf(words ...string) func(reflect.Value) error {
	one := oneOf(words...)
	return func(v reflect.Value) error {
		for i := range v.Len() {
			if err := one(v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	}
}

func globs(v reflect.Value) error {
	for i := range v.Len() {
		if p := v.Index(i).String(); strings.TrimPrefix(p, "!") == "" || !doublestar.ValidatePattern(p) {
			return fmt.Errorf("%s is not a pattern: * ? ** [a-z] and {a,b} may be used", quoteShort(p))
		}
	}
	return nil
}

func variableName(v reflect.Value) error {
	if s := v.String(); s == "" || validName(s) && !strings.Contains(s, "-") {
		return nil
	}
	return errors.New("must be the name of an environment variable that holds the key, not the key itself")
}

func endpointURL(v reflect.Value) error {
	u, err := url.Parse(v.String())
	switch {
	case v.String() == "":
		return errors.New(`must not be empty; write it like "http://127.0.0.1:1234/v1"`)
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf(`must be an address such as "http://127.0.0.1:11434", not %s`, quoteShort(v.String()))
	case u.User != nil:
		return errors.New("must not hold a user or password; put a key into an environment variable and name that in api_key_env")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("must end with its path, without ? or #")
	}
	return nil
}

func optional(rule func(reflect.Value) error) func(reflect.Value) error {
	return func(v reflect.Value) error {
		if v.IsZero() {
			return nil
		}
		return rule(v)
	}
}

func schemes(allowed ...string) func(reflect.Value) error {
	return func(v reflect.Value) error {
		u, err := url.Parse(v.String())
		if v.String() == "" || err == nil && slices.Contains(allowed, u.Scheme) && u.Host != "" {
			return nil
		}
		return fmt.Errorf("must be empty or an address that begins with %s://", strings.Join(allowed, ":// or "))
	}
}

func loopbackListen(v reflect.Value) error {
	if v.String() == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(v.String())
	if _, badPort := strconv.ParseUint(port, 10, 16); err != nil || badPort != nil || !loopbackHost(host) || unspecified(host) {
		return fmt.Errorf(`must be an address of this machine that no other one reaches, such as "127.0.0.1:0", not %s`, quoteShort(v.String()))
	}
	return nil
}

// loopbackHost reports whether what is sent to a host stays on this machine for
// certain, asking no name server.
func loopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || unspecified(host)
}

// unspecified reports whether a host is 0.0.0.0 or ::, which is this machine to
// those who dial it and every address of it to those who listen.
func unspecified(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsUnspecified()
}

// Loopback reports whether an endpoint's address is on this machine.
func Loopback(address string) bool {
	u, err := url.Parse(address)
	return err == nil && loopbackHost(u.Hostname())
}

const allowRemote = "if that is meant, add allow_remote = true below [privacy] in your own configuration file"

// checkWhole checks what no single key shows: endpoints against privacy, models
// against endpoints.
func (l *loader) checkWhole() {
	c := &l.config
	dropped := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(c.Providers)) {
		p := c.Providers[name]
		key := "providers." + name
		if p.Kind == "" {
			p.Kind = "openai"
			if name == "ollama" {
				p.Kind = "ollama"
			}
		}
		if _, set := l.origin[key+".keep_alive"]; !set && p.Kind == "ollama" {
			p.KeepAlive = Default().Providers["ollama"].KeepAlive
		}
		c.Providers[name] = p
		switch {
		case p.URL == "":
			l.problem(l.anyFrom(key), key, fmt.Sprintf(`has no url and is not used; add url = "http://127.0.0.1:PORT" below [%s]`, key))
		case !c.Privacy.AllowRemote && !Loopback(p.URL):
			l.problem(l.from(key+".url"), key+".url", p.URL+" is on another machine and is not used, for your code would leave this one; "+allowRemote)
		default:
			continue
		}
		dropped[name] = true
		delete(c.Providers, name)
	}
	l.checkModels(dropped)
	l.checkRemoteCache()
	for _, name := range slices.Sorted(maps.Keys(c.Tools.MCP)) {
		m, key := c.Tools.MCP[name], "tools.mcp."+name
		switch {
		case (m.Command == "") == (m.URL == ""):
			l.problem(l.anyFrom(key), key, "needs either a command or a url, and is not used")
		case m.URL != "" && !c.Privacy.AllowRemote && !Loopback(m.URL):
			l.problem(l.from(key+".url"), key+".url", "is on another machine and is not used; "+allowRemote)
		default:
			continue
		}
		delete(c.Tools.MCP, name)
	}
	l.checkIdle()
}

// checkIdle tells of what was set and does nothing: nobody should wait for it.
func (l *loader) checkIdle() {
	c := &l.config
	for _, k := range []struct{ key, value, message string }{
		{"cache.redis", c.Cache.Redis, "has no effect yet: replies are kept in memory only"},
		{"cache.s3", c.Cache.S3, "has no effect yet: replies are kept in memory only"},
		{"status.listen", c.Status.Listen, "has no effect yet: there is no status page"},
	} {
		if k.value == "" {
			continue
		}
		from := l.from(k.key)
		l.problems = append(l.problems, Problem{Source: from.source, Line: from.line, Key: k.key, Message: k.message, Idle: true})
	}
}

func (l *loader) checkModels(dropped map[string]bool) {
	c := &l.config
	names := slices.Sorted(maps.Keys(c.Providers))
	for _, tier := range []struct {
		key   string
		model *string
	}{{"models.fast", &c.Models.Fast}, {"models.balanced", &c.Models.Balanced}, {"models.quality", &c.Models.Quality}} {
		key, model := tier.key, tier.model
		provider, _, ok := strings.Cut(*model, "/")
		if !ok {
			continue
		}
		if _, configured := c.Providers[provider]; configured {
			continue
		}
		message := fmt.Sprintf(`there is no provider %q; configured: %s. Write PROVIDER/NAME or "auto"`, provider, strings.Join(names, ", "))
		if dropped[provider] {
			message = fmt.Sprintf(`its provider %q can't be used (see the problem with providers.%s); "auto" is used instead`, provider, provider)
		}
		l.problem(l.from(key), key, message)
		*model = Auto
		delete(l.origin, key)
	}
}

func (l *loader) checkRemoteCache() {
	c := &l.config.Cache
	if l.config.Privacy.AllowRemote {
		return
	}
	if c.Redis != "" && !Loopback(c.Redis) {
		l.remoteCache("cache.redis", &c.Redis)
	}
	if c.S3 == "" {
		return
	}
	if u, err := url.Parse(c.S3); err != nil || !Loopback(u.Query().Get("endpoint")) {
		l.remoteCache("cache.s3", &c.S3)
	}
}

func (l *loader) remoteCache(key string, address *string) {
	l.problem(l.from(key), key, "is on another machine and is not used; "+allowRemote)
	*address = ""
	delete(l.origin, key)
}

// anyFrom is where some key below table was set.
func (l *loader) anyFrom(table string) origin {
	for _, key := range slices.Sorted(maps.Keys(l.origin)) {
		if strings.HasPrefix(key, table+".") {
			return l.origin[key]
		}
	}
	return origin{source: builtIn}
}
