// Package redistest starts real Redis servers for tests: a single server, with or without data on
// disk; a master with a replica and three Sentinels; a cluster of three masters. The servers listen
// on free ports of the loopback, keep their files in temporary directories, and end with the test.
// A test can stop, kill or pause a server, and start it again with or without its data. A Proxy
// between a node and a Redis server can cut, delay or hold back the traffic.
//
// The package has its own small Redis client and imports no client library, so that the tested code
// and its checks share nothing.
package redistest
