// Package redisstore keeps everything in Redis (7.0 or newer, or Valkey), so that any number of nodes are one service:
// a single server, one watched by Sentinel, or a cluster.
//
// # How the parts fit
//
//	options.go     what a redis:// address may say
//	dial.go        connections, on sockets that do not wake Go's monitor
//	store.go       Store: Open, Close, Ping, the schema version
//	keys.go        every key and channel; all of a session share one hash tag
//	script.go      the embedded Lua scripts (lua/*.lua) and how they are run
//	lanes.go       commands of many rooms that go out in one round trip
//	subscribe.go   the node's one subscription connection, shared by all who listen
//	documents.go   relay.Store and relay.Log: log, state, history, quarantine of a document
//	append.go      those of them that append
//	migrate.go     how documents of older layouts are brought up to date
//	advice.go      what to do when Redis refuses, in words
//	away.go        which errors say that Redis cannot serve right now
//	channel.go     relay.Bus: what nodes tell each other of a document
//	codec.go       the form of entries, states, chunks of history, messages
//
// A Store has one client for commands and one for subscriptions. Whatever several keys must agree on is one script (or
// one MULTI) over keys of one session, so that it is atomic and works on a cluster too. No command's
// cost grows with the number of rooms of a node, there is no KEYS, and nothing blocks a connection.
//
// # Documents
//
// A document is a stream (the log) with ids 0-1, 0-2 and so on without gaps, a compacted state that says
// through which id it reaches, and a hash (the head) that says where the log stands: its epoch, the last id, and the mark
// of the last append. Whoever appends says what it knows of the head. One script compares, appends, and publishes
// what was appended with the head before and after it, so that whoever follows the channel sees by itself whether
// something is missing. The epoch changes when Redis has lost the log, or its end.
package redisstore
