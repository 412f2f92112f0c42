// Package export writes an archive of a session: a zip for people to read and for programs to
// import.
//
//	files/…            the files, under their names
//	prompt.md          the problem statement
//	transcript.md      the events, and the runs with their output
//	session.json       the record of the session
//	participants.json  the participants
//	runs.json          the runs
//	audit.json         the audit log: who did what and when
//	document.yjs       the whole document as a Yjs update
//	timeline.jsonl     every edit and event, for a replay
//	private/           notes, audit log with addresses and marks, for interviewers only
//	manifest.json      the SHA-256 of every other part
//
// ReadDocument takes a quick snapshot of the live document. Writing the archive then takes as long
// as the reader needs, without blocking the document.
package export
