package config

import (
	"encoding/json"
	"fmt"
)

// Config is the effective configuration; its TOML and JSON names are the public keys.
type Config struct {
	Models    Models              `toml:"models"`
	Budgets   Budgets             `toml:"budgets"`
	Providers map[string]Provider `toml:"providers"`
	Prewarm   Prewarm             `toml:"prewarm"`
	Index     Index               `toml:"index"`
	Cache     Cache               `toml:"cache"`
	Tools     Tools               `toml:"tools"`
	Privacy   Privacy             `toml:"privacy"`
	Status    Status              `toml:"status"`
}

// Models names a model by tier, "auto" or "PROVIDER/NAME".
type Models struct {
	Fast     string `toml:"fast"`
	Balanced string `toml:"balanced"`
	Quality  string `toml:"quality"`
}

// Budgets are the seconds the router aims for, by scope.
type Budgets struct {
	Edit      int `toml:"edit"`
	Component int `toml:"component"`
	Refactor  int `toml:"refactor"`
}

// Provider is one endpoint.
type Provider struct {
	Kind      string   `toml:"kind"` // "ollama", "openai"; by default "ollama" for the name ollama
	URL       string   `toml:"url"`
	KeepAlive Duration `toml:"keep_alive"`
	APIKeyEnv string   `toml:"api_key_env"`
	Parallel  int      `toml:"parallel"` // requests at once; 0 finds out
}

// Prewarm says what is loaded at start.
type Prewarm struct {
	Models  []string `toml:"models"`
	Prefill bool     `toml:"prefill"`
}

// Index bounds the workspace index.
type Index struct {
	MaxFile   Size     `toml:"max_file"`
	MaxMemory Size     `toml:"max_memory"`
	Ignore    []string `toml:"ignore"`
}

// Cache bounds the response cache.
type Cache struct {
	Memory Size     `toml:"memory"`
	TTL    Duration `toml:"ttl"`
	Redis  string   `toml:"redis"`
	S3     string   `toml:"s3"`
}

// Tools are the model's tools.
type Tools struct {
	MCP map[string]MCP `toml:"mcp"`
}

// MCP is one MCP server: a command or a url.
type MCP struct {
	Command string            `toml:"command"`
	Args    []string          `toml:"args"`
	Env     map[string]string `toml:"env"`
	URL     string            `toml:"url"`
}

// Privacy says what may leave.
type Privacy struct {
	AllowRemote bool     `toml:"allow_remote"`
	Exclude     []string `toml:"exclude"` // what a source lists adds to the built-in list; "!PATTERN" takes one out
}

// Status is the status page.
type Status struct {
	Listen string `toml:"listen"`
}

// Inputs are the sources of a configuration.
type Inputs struct {
	UserFile string            // path; "" means $XDG_CONFIG_HOME/hob/config.toml; a named file that is missing is a Problem
	Roots    []string          // workspace folders; the first .hob/config.toml found counts
	Env      []string          // "K=V"; HOB_* and OLLAMA_HOST
	Client   json.RawMessage   // the editor's section "hob"
	Flags    map[string]string // dotted key to value
}

// Problem is a key or value that can't be used, or that nothing uses, and where it
// stands.
type Problem struct {
	Source  string // a path, "environment: NAME", "editor settings", "flags"
	Line    int    // 1-based; 0 where there is none
	Key     string // dotted
	Message string // what is wrong and what is allowed
	Idle    bool   // the value is as it should be, but nothing uses it yet
}

// String is "SOURCE:LINE: KEY: MESSAGE" without the parts that are missing.
func (p Problem) String() string {
	s := p.Source
	if p.Line > 0 {
		s = fmt.Sprintf("%s:%d", s, p.Line)
	}
	if p.Key != "" {
		s += ": " + p.Key
	}
	return s + ": " + p.Message
}

// Loaded is a configuration and how it came about.
type Loaded struct {
	Config   Config
	Origin   map[string]string // dotted key to source, with ":LINE" for a file; "built-in" where nothing set it
	Problems []Problem
}
