// Package signin says who an interviewer is. The package asks a provider of OpenID Connect, or
// reads what a proxy in front of the service says, and writes the answer into a signed cookie.
// Candidates and observers never sign in.
//
//	user.go     User, and the id of a person
//	cookie.go   the cookie of a signed-in person, and signing out everywhere
//	next.go     the page to show after a sign-in
//	login.go    the cookie of a sign-in that is under way
//	provider.go the provider: found at the start, and again when it was away
//	verify.go   what an ID token has to prove
//	claims.go   name, e-mail and groups from the provider's claims
//	header.go   a proxy's headers
//	examine.go  what parley doctor asks a provider
//
// docs/decisions/089 and 090.
package signin
