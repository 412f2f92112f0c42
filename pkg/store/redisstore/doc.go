// Package redisstore keeps everything in Redis (7.0 or newer, or Valkey), so that any number of
// nodes form one service. Redis may be a single server, a server watched by Sentinel, or a cluster.
//
// A Store implements relay.Log and relay.Bus (documents), session.Store, session.Sweeper and
// session.Lister (records), session.Papers, audit.Store, signin.Store, and
// nodes.Store.
//
// # Files
//
//	options.go      what a redis:// address may say
//	dial.go         connections
//	store.go        Store: Open, Close, Ping, the schema version
//	examine.go      what a server says about itself, for parley doctor
//	advice.go       what to do when Redis refuses, in words
//	unavailable.go  which errors say that Redis cannot serve right now
//	counts.go       figures of the store, and the time of each round trip
//	keys.go         the name of every key and channel
//	script.go       the embedded Lua scripts (lua/*.lua) and how they are run
//	lanes.go        jobs of many rooms that share a round trip
//	documents.go    relay.Log, except Append: log, state, entries set aside
//	append.go       Append and Flush
//	history.go      entries that compactions took out of the log
//	migrate.go      documents of older layouts
//	codec.go        the form of entries, states, chunks of history, messages
//	channel.go      relay.Bus: messages about a document
//	subscribe.go    the node's one subscription connection
//	sessions.go     session.Store
//	live.go         records of the sessions that are live on this node
//	sweep.go        session.Sweeper, session.Lister
//	shelves.go      session.Browser
//	presence.go     who is connected where, signs of life, shared limits
//	once.go         results that one node finds for all
//	lease.go        what one node does at a time
//	secret.go       the key of the service
//	audit.go        audit.Store
//	signouts.go     signin.Store
//	questions.go    session.Copies
//	papers.go       session.Papers
//
// A Store has one client for commands and one connection for subscriptions. When several keys must
// agree, one script or one MULTI writes all of them. They are keys of one session and share a hash
// tag, so the write is atomic, in a cluster too. The cost of a command does not depend on the
// number of rooms of a node. KEYS is never used, and no command blocks a connection.
//
// # Documents
//
// A document is a stream (the log), a compacted state, and a hash (the head). The ids of the stream
// are 0-1, 0-2 and so on, without gaps. The head says where the log stands: its epoch, the id of
// its last entry, the id of its last append, and the entry through which the state reaches.
//
// An append says what its caller knows of the head. One script compares, appends, and publishes the
// new entries with the head before and after. So a node that follows the channel notices by itself
// when it has missed a message. The epoch changes when Redis has lost the log or its end.
// docs/decisions/028.
//
// # Lanes
//
// The words are those of package batch. Appends and messages of all rooms are jobs of a lane. A
// lane gathers the jobs that are due, sends them in one pipeline, and answers each job. Appends to
// documents that no other node has open are held jobs. docs/decisions/031 to 033.
//
// # Sessions
//
// A session is a hash with the record as JSON, its revision and its status. It expires a week after
// the session does. One script compares the revision, changes the record and publishes the change.
// What spans sessions (16 sorted sets of due times, 16 of ids, 16 hashes of cards, a sorted set for
// each shelf, and a key for each invite) lies on other shards and is a hint: it is written before
// the record, its reader looks at the record, and it is dropped when it leads nowhere.
// docs/decisions/035.
//
// The epoch key stands for the data as a whole. When it differs, Redis was emptied. For 20 s a
// missing session is then unavailable and not unknown, and the nodes put back the records that they
// hold. docs/decisions/039.
//
// docs/many-nodes.md follows a keystroke across nodes and says what happens when a part fails.
package redisstore
