# Hob needs Go 1.26 and make; a C compiler gives better symbols, without one
# line patterns take its place. Everything else is fetched by the targets below.

SHELL   := /bin/bash
BIN     := bin/hob
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Tools are built once per machine, outside the tree.
CACHE   := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hob-tools
LINT    := $(CACHE)/golangci-lint-v2.15.0
FUMPT   := $(CACHE)/gofumpt-v0.12.0
FUZZ    := 10s

.PHONY: all build demo test bench lint format install clean vuln \
        test-format test-go test-nocgo test-editors test-mcp fuzz

all: build

build: ## build bin/hob
	go build -trimpath -ldflags "-X main.version=$(VERSION)" -o $(BIN) ./cmd/hob

demo: build ## the main job on a sample project, with a local model where one answers
	$(BIN) demo

install: ## install hob into GOBIN
	go install -trimpath -ldflags "-X main.version=$(VERSION)" ./cmd/hob

test: test-format lint test-go test-nocgo test-editors test-mcp ## everything
	@echo "all tests passed"

test-format: $(FUMPT)
	@out=$$($(FUMPT) -l . ) && if [ -n "$$out" ]; then echo "not formatted (run make format):"; echo "$$out"; exit 1; fi
	go mod verify
	go mod tidy -diff

lint: $(LINT)
	go vet ./...
	$(LINT) run ./...

format: $(FUMPT)
	$(FUMPT) -w .

# The real Ollama of the tests is built first, once per machine: it takes minutes.
test-go:
	go test -run '^TestBinary$$' -timeout 30m ./agent/model/modeltest/realollama
	go test -race -timeout 20m ./...

# Without a C compiler symbols are read in another way: all that reads any is tested
# once more, whatever the way.
SYNTAX := github.com/hob-ls/hob/workspace/syntax
test-nocgo: ## what reads symbols, without a C compiler
	CGO_ENABLED=0 go build ./...
	@set -o pipefail; pkgs=$$(go list -test -f '{{$$p := .ImportPath}}{{range .Deps}}{{if eq . "$(SYNTAX)"}}{{$$p}}{{"\n"}}{{end}}{{end}}' ./... \
	  | sed 's/ .*//; s/_test$$//; s/\.test$$//' | sort -u) && test "$$(wc -w <<<"$$pkgs")" -gt 10 && \
	  echo CGO_ENABLED=0 go test $(SYNTAX) $$pkgs && CGO_ENABLED=0 go test -timeout 20m $(SYNTAX) $$pkgs

# The tests above try every fuzz target on its kept corpus, and those of edits on
# thousands of inputs from a fixed seed as well, so that no run depends on luck.
# This looks for more, each target for a while: what it finds becomes part of the
# corpus.
fuzz:
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -h -o --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | sed 's/^func //'); do \
	    echo "fuzz $$dir $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZ) -fuzzminimizetime 20x $$dir; done; done

test-editors: build ## VS Code's extension is built and packaged; Neovim runs it for real
	$(MAKE) -C editors test

# MCP servers and a client of others, installed as their lock file says.
PEERS   := agent/tool/mcp/testdata/peers
MCPMODS := $(CACHE)/mcp-peers-$(shell cat $(PEERS)/package-lock.json 2>/dev/null | cksum | cut -d' ' -f1)
test-mcp: build $(MCPMODS)/installed ## Hob as MCP client and server, with the peers of others
	go vet -tags peers ./agent/tool/mcp ./lsp/lsptest
	@if grep -n '"resolved"' $(PEERS)/package-lock.json; then echo "the lock file names a registry"; exit 1; fi
	E2E_HOB=$(abspath $(BIN)) MCP_PEERS=$(MCPMODS) go test -tags peers -count=1 -timeout 10m ./agent/tool/mcp
	MCP_PEERS=$(MCPMODS) go test -tags peers -count=1 -timeout 10m -run TestRealMCPServer ./lsp/lsptest

$(MCPMODS)/installed: $(PEERS)/package.json $(PEERS)/package-lock.json
	@for tool in node npm; do command -v $$tool >/dev/null || { echo "$$tool is missing: apt-get install nodejs npm"; exit 1; }; done
	mkdir -p $(@D) && cp $^ $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-fund --no-audit && touch installed

bench: build ## figures of the README
	$(BIN) bench
	go test -run '^$$' -bench . -benchmem ./...

vuln:
	cd .ci/tools && go tool govulncheck -C ../.. ./...

clean:
	rm -rf bin

$(LINT):
	cd .ci/tools && go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(FUMPT):
	cd .ci/tools && go build -o $@ mvdan.cc/gofumpt
