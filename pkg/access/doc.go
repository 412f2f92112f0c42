// Package access decides who may do what in a session: roles, the invite codes that give them, and the tokens
// that a participant shows afterwards.
//
// It keeps nothing and knows no store: codes and tokens are values, the session record (pkg/session) holds the hashes of the
// codes and the roles of the participants. A token says who its bearer is; what that person may do is
// read from the record each time, so a changed role or a removal needs no new token to take effect.
package access
