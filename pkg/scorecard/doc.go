// Package scorecard is what interviewers write about an interview for themselves and for those who
// decide: one scorecard each, and comments on moments of the replay.
//
// Nobody sees what others wrote before the own scorecard is submitted, and a submitted scorecard
// stays as it is (docs/decisions/096). Nothing is added up: there is no total and no average.
//
// Files:
//
//	scorecard.go  Draft, Card, Comment and their bounds
//	book.go       Book: everything of one session, the changes, and who sees what
//	papers.go     the forms in which a Book is kept: one paper each in a store, one file in a zip
//	render.go     a Book as Markdown
//
// A Book knows no store and no clock.
package scorecard
