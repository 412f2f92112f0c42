# Every task that a person or CI runs. `make` lists them.
#
# Wants Go, Node, make and git, nothing else; tests bring what they need (deploy/tasks/packages.sh).

GO_WANTED   := 1.26
NODE_WANTED := 20.19

PORT     ?= 8080
ARGS     ?=
FUZZTIME ?= 30s
TURNS    ?= 3
SEEDS    ?= 3000
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Race detection needs a C compiler; RACE= runs the Go tests without.
RACE     ?= -race

TASKS := deploy/tasks
NPM   := npm --prefix ui

# -buildvcs=false: the version comes from VERSION, so that a checkout without git (an archive, an
# image, another owner's files) builds too. Without C and build id: one static file, the same bytes wherever it is built.
GO_BUILD := CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -buildid= -X main.version=$(VERSION)"
# Not `go list`: it leaves out files of other platforms. Not `.`: node_modules brings Go files.
GO_FILES := find api cmd crdt deploy pkg ui -name node_modules -prune -o -name '*.go' -print

UI_CONFIG  := $(wildcard ui/package.json ui/package-lock.json ui/index.html ui/*.config.ts ui/*.config.js ui/tsconfig*.json)
# Directories are listed too: their time changes when a file in them goes away.
UI_SOURCES := $(UI_CONFIG) $(shell find ui/src ui/public ui/vite -name '*.test.*' -prune -o -print 2>/dev/null)
UI_MODULES := ui/node_modules/.installed
UI_DIST    := ui/dist/index.html
NOTICES    := cmd/parley/notices/notices.json
PEERS        := cmd/parley-bench/peers
PEER_MODULES := $(PEERS)/node_modules/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-valkey build release check-deploy runtimes dev check lint fmt fuzz nightly gen golden bench bench-parts bench-engine e2e picture clean \
	ui-modules test-go test-ui go-wanted node-wanted

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build all, serve on http://localhost:8080 (PORT=8081, ARGS="--access open")
	bin/parley serve --addr :$(PORT) $(ARGS)

test: test-go test-ui e2e ## everything: Go with -race, the client's units, the browser end to end

test-valkey: | go-wanted ## the tests that need Redis, over Valkey in its place (VALKEY=path of valkey-server; else from PyPI)
	@VALKEY="$(VALKEY)" $(TASKS)/valkey.sh ./pkg/store/redistest ./pkg/store/redisstore ./pkg/nodes ./pkg/internal/faults

build: $(UI_DIST) runtimes $(NOTICES) | go-wanted ## bin/parley with the client and the language runtimes inside (RUNTIMES=python,sqlite for these alone)
	$(GO_BUILD) -o bin/parley ./cmd/parley

release: $(UI_DIST) runtimes $(NOTICES) | go-wanted ## bin/release: programs for Linux and macOS, SBOM, licences, checksums (VERSION=v1.2.3)
	@$(TASKS)/release.sh "$(VERSION)"

check-deploy: | go-wanted ## what needs tools from the module proxy: helm lint and template, Kubernetes' types, systemd, govulncheck, npm audit
	@$(TASKS)/check-deploy.sh

runtimes: $(UI_MODULES) | go-wanted ## the language runtimes, into ui/runtimes/dist (OUT=dir: elsewhere, for --runtimes-dir)
	@node ui/runtimes/build.mjs $(if $(RUNTIMES),--only $(RUNTIMES)) $(if $(OUT),--out $(OUT))

dev: $(UI_MODULES) ## the client by Vite with hot reload, to go with a `make run` in another terminal
	$(NPM) run dev

check: lint ## everything that needs no test run: gofmt, vet, staticcheck, eslint, prettier, tsc
lint: $(UI_MODULES) | go-wanted
	@unformatted=$$($(GO_FILES) | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "parley: not gofmt'ed (make fmt):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	$(NPM) run --silent lint -- --max-warnings 0
	$(NPM) run --silent format:check -- --log-level warn
	$(NPM) run --silent typecheck
	cd ui && npx --no-install tsc -p e2e

fmt: $(UI_MODULES) | go-wanted ## put every file into its form: gofmt, prettier, eslint --fix
	$(GO_FILES) | xargs gofmt -w
	$(NPM) run --silent format -- --log-level warn
	$(NPM) run --silent lint -- --fix

fuzz: | go-wanted ## every native fuzz target for FUZZTIME (30s) each
	@$(TASKS)/fuzz.sh $(FUZZTIME)

gen: | go-wanted ## make anew what is made from code: the settings in README.md and deploy/parley.yaml, the dashboards
	go test ./cmd/parley ./deploy/dashboards -run TestGenerated -update

nightly: $(UI_MODULES) | go-wanted ## the engine against yjs with thousands of seeds (SEEDS=3000), then all fuzz targets
	PARLEY_SEEDS=$(SEEDS) PARLEY_MUTANTS=$(SEEDS)0 go test -timeout 12h ./crdt/...
	@$(TASKS)/fuzz.sh $(FUZZTIME)

golden: $(UI_MODULES) $(PEER_MODULES) ## make the golden files of the engine, the protocol and the relay anew with the pinned Yjs and y-websocket server
	node crdt/internal/yjs/golden.mjs
	node pkg/protocol/testdata/gen.mjs >pkg/protocol/testdata/golden.json.new
	mv pkg/protocol/testdata/golden.json.new pkg/protocol/testdata/golden.json
	node pkg/relay/testdata/reference.mjs

bench: build $(PEER_MODULES) | go-wanted ## the relay beside its peers, in one run (BENCH="fan-out join", BENCH_ARGS="-duration 3s -scale 0.5 -rounds 3")
	go build -o bin/parley-bench ./cmd/parley-bench
	bin/parley-bench -json bin/bench.json -svg bin/bench.svg $(BENCH_ARGS) $(BENCH)

bench-parts: | go-wanted ## Go benchmarks of the server's parts
	go test -run '^$$' -bench . -benchmem ./pkg/... ./api/...

bench-engine: $(UI_MODULES) | go-wanted ## the document engine and yjs in turns on the same recorded edits, with ratios (YRS=1: and yrs; YWASM=1)
	node crdt/internal/yjs/compare.mjs $(TURNS)

e2e: build $(UI_MODULES) ## the browser tests alone: real server, real Chromium (E2E=screens for one file)
	@$(TASKS)/packages.sh $(if $(PARLEY_CHROMIUM),,chromium) redis-server
	cd ui && node ../$(TASKS)/tally.mjs vitest npx --no-install vitest run --config e2e/vitest.config.ts $(E2E)

PICTURES := two-people lobby-light room-light-problem ended-light room-phone

picture: ## take the README's pictures anew
	$(MAKE) e2e E2E=screens
	cp $(PICTURES:%=ui/e2e/out/%.png) deploy/screenshots/

clean: ## remove what was built; keeps data/
	rm -rf bin ui/node_modules ui/e2e/out
	find ui/dist ui/runtimes/dist cmd/parley/notices -mindepth 1 ! -name .keep -delete

# The parts of test.

test-go: $(UI_MODULES) | go-wanted
	@$(if $(RACE),$(TASKS)/packages.sh $(or $(shell go env CC),gcc)=gcc,libc6-dev)
	@$(if $(wildcard pkg/store/redistest),$(TASKS)/packages.sh redis-server redis-sentinel)
	@$(TASKS)/packages.sh prometheus nginx haproxy caddy
	go vet ./...
	PARLEY_REQUIRE_YJS=1 PARLEY_REQUIRE_REDIS=1 node $(TASKS)/tally.mjs go go test -json $(RACE) ./...

test-ui: $(UI_MODULES)
	cd ui && node ../$(TASKS)/tally.mjs vitest npx --no-install vitest run

# What they stand on.

go-wanted:
	@$(TASKS)/toolchain.sh go $(GO_WANTED)

node-wanted:
	@$(TASKS)/toolchain.sh node $(NODE_WANTED)

# Install scripts of packages never run: nothing that we use needs one.
$(UI_MODULES): ui/package.json ui/package-lock.json | node-wanted
	cd ui && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(PEER_MODULES): $(PEERS)/package.json $(PEERS)/package-lock.json | node-wanted
	cd $(PEERS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Licences of what is linked and bundled, for parley licenses and parley sbom.
$(NOTICES): go.mod go.sum ui/package-lock.json deploy/tasks/notices.mjs $(UI_MODULES)
	node deploy/tasks/notices.mjs $@

$(UI_DIST): $(UI_MODULES) $(UI_SOURCES)
	$(NPM) run build
	@touch $@
