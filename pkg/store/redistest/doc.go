// Package redistest starts real Redis servers for tests: one alone, with its data on disk or not; a master with a
// replica under three Sentinels; a cluster of three masters. They listen on free ports of the loopback, keep their
// files in temporary directories, and end with the test. Each can be stopped, killed, paused, started again with its data or
// without. A Proxy stands between a node and a Redis server and cuts, delays or swallows what passes.
//
// It speaks to the servers by a few lines of its own and knows no client library, so that what is tested and what checks it
// have nothing in common.
package redistest
