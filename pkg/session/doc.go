// Package session keeps the record of an interview: its title, its status, its participants with
// their roles, and its expiry.
//
// Service holds all rules. It has no state of its own: the Store and the clock are passed in.
// Service does not handle the documents of a session, with one exception: the seed, the first
// Update of the main document. The seed is stored in one step with the record, so that no race or
// restart can seed twice.
package session
