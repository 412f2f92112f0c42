// Package checks tests what operators get: the configurations of load balancers and Prometheus in
// front of real nodes, the alert rules and dashboards against real metrics, the Helm chart, the
// systemd units and the release. The package has only tests.
package checks
