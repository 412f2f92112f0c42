#!/bin/sh
# Check deploy/ and the hosted workflow with tools that the Go module proxy has. Building them takes
# minutes the first time, so these checks are no part of `make test`.
set -eu

HELM=helm.sh/helm/v3/cmd/helm@v3.22.0
VULNCHECK=golang.org/x/vuln/cmd/govulncheck@v1.9.0
ACTIONLINT=github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
chart=deploy/helm/parley
failed=
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { # name, command...
	name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok    $name"
	else
		echo "FAIL  $name"
		sed 's/^/      /' "$work/out" | tail -n 40
		failed=1
	fi
}
# perhaps is a step that needs a server of others. A server out of reach is noted and is no failure.
perhaps() {
	name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok    $name"
	elif grep -qiE 'no such host|dial tcp|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|403 Forbidden|404 Not Found|audit endpoint|status 40[0-9]|timeout|EOF' "$work/out"; then
		echo "----  $name: its server cannot be reached from here"
	else
		echo "FAIL  $name"
		sed 's/^/      /' "$work/out" | tail -n 40
		failed=1
	fi
}

export GOFLAGS=-mod=mod GOBIN="$work/bin"
for tool in $HELM $VULNCHECK $ACTIONLINT; do
	(cd "$work" && go install "$tool")
done
(cd deploy/tasks/kubetypes && GOFLAGS= go install .)
PATH=$work/bin:$PATH
export GOFLAGS=
# A helm that was built here believes that Kubernetes is old, so the version is given.
all="--kube-version 1.32.0 --set redis.url=redis://redis:6379 --set existingSecret=s --set ingress.enabled=true --set serviceMonitor.enabled=true --set prometheusRule.enabled=true --set dashboards.enabled=true --set settings.LOG_LEVEL=debug --set archive.place=s3://interviews?endpoint=minio.example:9000 --set signIn.mode=oidc --set signIn.issuer=https://login.example --set signIn.clientID=parley --set signIn.groups=staff"
# shellcheck disable=SC2086 # one word per option
step "helm lint" helm lint --strict $chart $all
# shellcheck disable=SC2086
step "helm template" sh -c "helm template parley $chart $all >$work/all.yaml && helm template parley $chart --kube-version 1.32.0 --set redis.existingSecret=r --set autoscaling.enabled=false >$work/few.yaml"
step "helm wants a Redis" sh -c "! helm template parley $chart --kube-version 1.32.0"
step "helm wants a provider" sh -c "! helm template parley $chart --kube-version 1.32.0 --set redis.existingSecret=r --set signIn.mode=oidc"
step "Kubernetes' types" kubetypes "$work/all.yaml" "$work/few.yaml"
if command -v systemd-analyze >/dev/null 2>&1; then
	sed "s#/usr/local/bin/parley#$(command -v true)#" deploy/systemd/parley.service >"$work/parley.service"
	step "systemd-analyze verify" systemd-analyze verify "$work/parley.service"
fi
step "hosted workflows" actionlint
step "go.mod of kubetypes" go -C deploy/tasks/kubetypes mod tidy -diff
perhaps "govulncheck" govulncheck ./...
perhaps "npm audit" npm --prefix ui audit --omit=dev
[ -z "$failed" ]
