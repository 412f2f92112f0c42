package api

// Strip exposes strip to the tests.
var Strip = strip
