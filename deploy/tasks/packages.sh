#!/bin/sh
# Make sure that programs are installed.
#
#   packages.sh chromium redis-server      each a program, or program=package[,package]
#
# As root on Debian or Ubuntu the missing packages are installed. Elsewhere one line names them.
set -eu

missing=
for need in "$@"; do
	program=${need%%=*} package=${need#*=}
	command -v "$program" >/dev/null 2>&1 || missing="$missing $(echo "$package" | tr , ' ')"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "parley: please install these first:$missing (on Debian: sudo apt-get install$missing)" >&2
	exit 1
fi
echo "parley: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# RUNLEVEL=1 keeps packages from starting their daemons. The tests start their own.
install() {
	# shellcheck disable=SC2086 # one word per package
	RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing >"$log" 2>&1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install; then
	apt-get update -qq >/dev/null 2>&1 || true
	install || {
		tail -n 20 "$log" >&2
		echo "parley: could not install$missing with apt-get" >&2
		exit 1
	}
fi
