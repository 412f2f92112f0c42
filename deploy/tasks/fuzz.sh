#!/bin/sh
# Run every Go fuzz target of the module, one after the other.
#
#   fuzz.sh 30s [package...]
set -eu

time=$1
shift
[ $# -gt 0 ] || set -- ./...

found=0
for package in $(go list "$@"); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		found=$((found + 1))
		echo "== $package $target ($time)"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
	done
done
echo "fuzzed $found targets for $time each"
