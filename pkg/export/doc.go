// Package export writes an archive of a session: a zip for people to read and for programs to
// import.
//
//	files/…            the files, under their names
//	prompt.md          the problem statement
//	transcript.md      the events, and the runs with their output
//	session.json       the record of the session
//	participants.json  the participants
//	runs.json          the runs
//	audit.json         the audit log: who did what, when and from which address
//	document.yjs       the whole document as a Yjs update
//
// ReadDocument takes a quick snapshot of the live document. Writing the archive then takes as long
// as the reader needs, without blocking the document.
package export
