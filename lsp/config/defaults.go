package config

import (
	"slices"
	"time"
)

// Default is the configuration that holds where no source says otherwise.
func Default() Config {
	return Config{
		Models:  Models{Fast: Auto, Balanced: Auto, Quality: Auto},
		Budgets: Budgets{Edit: 9, Component: 9, Refactor: 20},
		Providers: map[string]Provider{"ollama": {
			Kind: "ollama", URL: "http://127.0.0.1:11434", KeepAlive: Duration(30 * time.Minute), Parallel: 1,
		}},
		Prewarm: Prewarm{Models: []string{"fast"}, Prefill: true},
		Index:   Index{MaxFile: 1 << 20, MaxMemory: 512 << 20, Ignore: []string{}},
		Cache:   Cache{Memory: 64 << 20, TTL: Duration(5 * time.Minute)},
		Tools:   Tools{MCP: map[string]MCP{}},
		Privacy: Privacy{Exclude: slices.Clone(secrets)},
	}
}

// Auto as a model means: chosen from what the endpoints have.
const Auto = "auto"

// secrets are names of files that hold keys, passwords or tokens by convention.
// A pattern without a slash is matched against the name of a file in any folder.
//
// Inv: no pattern matches ordinary source code. So "id_*" and "credentials*",
// which would hide id_generator.go and credentials.ts, are spelled out.
var secrets = []string{
	// environment files
	".env*", "*.env",
	// private keys and key stores
	"*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.ppk", "*.jks", "*.keystore", "*.kdb", "*.kdbx", "*.gpg",
	"id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_xmss", "ssh_host_*_key",
	// tokens of tools
	".npmrc", ".yarnrc", ".yarnrc.yml", ".netrc", "_netrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd",
	".git-credentials", ".dockercfg", ".dockerconfigjson", ".vault-token", ".boto", ".s3cfg", ".terraformrc", "terraform.rc",
	"*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json", "kubeconfig", "service-account*.json", "service_account*.json",
	"application_default_credentials.json", "**/.gem/credentials", "**/.cargo/credentials*", "**/.kube/config",
	"**/.docker/config.json",
	// whatever calls itself so, as data
	"credentials.json", "credentials.yml", "credentials.yaml", "credentials.toml", "credentials.xml", "credentials.ini",
	"credentials.csv", "credentials.txt", "credentials.properties", "credentials.enc", "credentials.*.enc", ".credentials*",
	"secrets.json", "secrets.yml", "secrets.yaml", "secrets.toml", "secrets.xml", "secrets.ini", "secrets.txt",
	"secrets.properties", "secrets.*.json", "secrets.*.yml", "secrets.*.yaml", "secret.json", "secret.yml", "secret.yaml", ".secrets*",
	// folders of keys
	"**/.aws/**", "**/.azure/**", "**/.config/gcloud/**", "**/.gnupg/**", "**/.password-store/**", "**/.ssh/**",
}
