#!/bin/sh
# Fail with one line when Go or Node is missing or too old.
#
#   toolchain.sh go 1.26      toolchain.sh node 20.19
set -eu

fail() {
	echo "parley: $*" >&2
	exit 1
}

tool=$1 want=$2
case $tool in
go) where=https://go.dev/dl ;;
node) where=https://nodejs.org ;;
*) fail "toolchain.sh knows go and node, not '$tool'" ;;
esac
command -v "$tool" >/dev/null 2>&1 || fail "$tool $want or newer is needed and none is on PATH; see $where"

case $tool in
go) have=$(go env GOVERSION) && have=${have#go} ;;
node) have=$(node --version) && have=${have#v} ;;
esac

# Compares major and minor alone: 1.26rc1 counts as 1.26.
major=${have%%.*} rest=${have#*.}
minor=${rest%%[!0-9]*}
want_major=${want%%.*} want_minor=${want#*.}
if [ "$major" -lt "$want_major" ] || { [ "$major" -eq "$want_major" ] && [ "${minor:-0}" -lt "$want_minor" ]; }; then
	fail "$tool $want or newer is needed, this one is $have; see $where"
fi
