#!/bin/sh
# Build the programs of a release into bin/release. The same sources, Go and Node give the same
# bytes on every machine.
#
#   release.sh v1.2.3
set -eu

version=${1:?release.sh: say which version}
out=bin/release
rm -rf "$out"
mkdir -p "$out"
for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64; do
	os=${target%/*} arch=${target#*/}
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -buildvcs=false -trimpath -ldflags "-s -w -buildid= -X main.version=$version" \
		-o "$out/parley-$os-$arch" ./cmd/parley
	echo "$out/parley-$os-$arch"
done
own=$out/parley-$(go env GOHOSTOS)-$(go env GOHOSTARCH)
"$own" sbom >"$out/sbom.cdx.json"
"$own" licenses --full >"$out/LICENSES.txt"
(cd "$out" && sha256sum -- * >SHA256SUMS)
