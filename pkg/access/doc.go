// Package access decides who may do what in a session. It has the roles, the invite codes that give
// roles, and the tokens that identify participants.
//
// The package stores nothing. Codes and tokens are values. The session record (pkg/session) holds
// the hashes of the codes and the roles of the participants. A token only identifies its bearer.
// The rights of the bearer are read from the record each time, so a change of role or a removal
// takes effect without a new token.
package access
