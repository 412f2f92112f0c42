// Package api is the HTTP surface of Parley: the session API, the websocket endpoint, the files of
// the client and the health checks. No other package knows the web framework.
//
// Handlers are thin. A handler decodes the request, identifies the caller with pkg/access, calls
// pkg/session or pkg/relay, and encodes the answer. Fiber runs with Immutable, so strings of a
// request stay valid after the request. No framework type passes below this package. The table in
// problem.go turns every error into a problem (RFC 9457).
package api
