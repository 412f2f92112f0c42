// Package api is the HTTP surface: the session API, the websocket endpoint, the client's files and health. It is the only
// package that knows the web framework.
//
// Handlers are thin: decode, ask pkg/access who that is, call pkg/session or pkg/relay, encode. What the framework lends
// for one request is copied at this edge (Fiber runs with Immutable), and no framework type goes further down.
// Every error becomes a problem (RFC 9457) through the one table in problem.go.
package api
