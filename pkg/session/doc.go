// Package session keeps the interview as a record: what it is called, in which state it is, who takes part in
// which role, and until when it exists.
//
// Service is the whole of the rules; it is pure but for the Store that it is given and a clock that is passed in.
// The documents of a session are not its matter, except for the first Update of the main one
// (Seed), which is stored in one step with the record so that no race or restart can seed twice.
package session
