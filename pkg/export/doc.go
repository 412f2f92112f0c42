// Package export makes an archive of a session: a zip that a person can read and a program can take in.
//
//	files/…            the files, under their names
//	prompt.md          the problem statement
//	transcript.md      who came and went, what was run with what output
//	session.json       the record, participants.json the people, runs.json the runs
//	audit.json         who did what, when, from where
//	document.yjs       the document as a Yjs update, with everything that is not above
//
// A Document is taken from the live document in a moment; writing it out takes as long as the reader needs, and holds
// up nobody.
package export
