#!/bin/sh
# Fail when a file that is made from others is stale, and name the command that makes it anew.
#
# The generated files that Go makes (settings, dashboards, OpenAPI) are compared by the tests called
# TestGenerated. pkg/relay/testdata/reference.json is not compared: it needs the reference server.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fresh() { # what is stale, the command that helps, the check...
	what=$1 help=$2
	shift 2
	if ! "$@" >"$work/out" 2>&1; then
		cat "$work/out"
		echo "parley: stale: $what. Run $help and commit the change." >&2
		exit 1
	fi
}
engine() {
	node crdt/internal/yjs/golden.mjs "$work/golden" && diff -rq "$work/golden" crdt/testdata/golden
}
protocol() {
	node pkg/protocol/testdata/gen.mjs >"$work/protocol.json" && cmp "$work/protocol.json" pkg/protocol/testdata/golden.json
}

fresh "go.mod or go.sum" "go mod tidy" go mod tidy -diff
fresh "ui/src/lib/api-types.gen.ts" "make gen" npm --prefix ui run --silent api-types -- --check
fresh "crdt/testdata/golden" "make golden" engine
fresh "pkg/protocol/testdata/golden.json" "make golden" protocol
