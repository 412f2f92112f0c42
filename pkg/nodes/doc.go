// Package nodes makes several processes over one store one service, in what is not documents: a node learns what others change
// in the sessions that are live on it, and all know who is connected where.
//
// A session is watched from its first connection on: the store tells every change of its record, and those who follow it decide which
// connections may stay (api.Server.Changed). Messages may be lost; so the records are looked at again after every
// gap, and now and then without a reason.
//
// Each node notes in the store who of a session is connected to it, and gives a sign of life every few seconds. The notes of a
// node that gives none count for nothing. What is noted is always the whole truth of the node for a session, so a note that
// failed or got lost is made up for by the next.
package nodes
