// Package nodes makes several processes over one store one service. It handles what is not a
// document: a node learns what other nodes change in the sessions that are live on it, and every
// node knows who is connected where. Documents travel over relay.Bus.
//
// # Changes of a session
//
// A node watches a session from the session's first connection on. The store tells the node every
// change of the record, and the receiver (api.Server.Changed) asks of each connection what the
// handshake asked. There is one message, and it only says that the record has changed. So a lost
// message is made up for by the next look at the record: after every gap, and every 30 s.
// docs/decisions/036.
//
// # Presence
//
// Each node notes in the store who is connected to it, for each session, and always in full. So the
// next note makes up for a note that failed or was lost. A node gives a sign of life every 3 s. The
// notes of a node that has given none for 15 s count for nothing. A node that comes back writes all
// of its notes again. docs/decisions/038.
//
// nodes.go holds the whole package. pkg/store/redisstore implements Store.
package nodes
