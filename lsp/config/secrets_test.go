package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/hob-ls/hob/lsp/config"
)

// excluded applies the patterns as the workspace does: without a slash to the name.
func excluded(path string) bool {
	for _, p := range config.Default().Privacy.Exclude {
		name := path
		if !strings.Contains(p, "/") {
			name = filepath.Base(path)
		}
		if ok, err := doublestar.Match(p, name); err == nil && ok {
			return true
		}
	}
	return false
}

func TestSecrets(t *testing.T) {
	for _, path := range []string{
		".env", ".env.local", "web/.env.production", "prod.env", "tls/server.pem", "tls/server.key", "id_rsa", "home/.ssh/config", ".aws/credentials",
		"deploy/id_ed25519", "cert.p12", "cert.pfx", ".npmrc", ".netrc", ".pypirc", "credentials.json", "config/credentials.yml.enc", "secrets.yaml",
		"vault.kdbx", ".gnupg/private-keys-v1.d/x", "main.tfstate", "a/.kube/config", ".docker/config.json", ".cargo/credentials.toml", "service-account-prod.json",
	} {
		if !excluded(path) {
			t.Errorf("%s is a secret and would leave", path)
		}
	}
	for _, path := range []string{
		"credentials.go", "src/Credentials.tsx", "secrets.py", "secret.ts", "id_generator.go", "src/id_map.rs", "environment.ts", "env.go", "keys.ts",
		"tokens.json", "config.json", ".config/x.toml", "ssh/client.go", "docs/aws/README.md", "credentials/index.ts", "key.go", "monkey.ts", "config",
	} {
		if excluded(path) {
			t.Errorf("%s is ordinary source and would be hidden", path)
		}
	}
}
