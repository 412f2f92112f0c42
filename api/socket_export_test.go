package api

// Strip exposes strip to the tests.
var Strip = strip

// MayOpenAs decides whether a signed-in user may open an archived interview.
var MayOpenAs = mayOpenAs
