// Package trace keeps what a replay needs to know beside the edits: who came and went, in which
// file they were, who was away, and what changed the session.
//
// The server alone writes it, with its own clock. No request and no document of a participant
// becomes an event as it is: a Recorder reads the presence that pages publish, and the API notes
// what it has done. The events of a session are bounded in lanes, so that the events of one
// participant or kind never displace those of another. They are deleted with their session.
package trace
