// Package checks holds the tests of what operators are given: load balancers' and Prometheus' configurations in front of real nodes, the
// rules and dashboards against real figures, the chart, the units, the release. There is nothing in it to import.
package checks
