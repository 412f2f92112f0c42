// Package audit keeps what happened in a session: who did what, when, and from which address.
//
// A Recorder takes events without making anybody wait, logs each at once, and stores them behind, in the order in which
// they came. What is kept is bounded kind by kind, so that one that is easy to cause (coming and going)
// cannot push out one that matters (a change of role). It goes with its session.
package audit
