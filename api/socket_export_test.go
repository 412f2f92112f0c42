package api

// Strip is strip, for the test of what it hides.
var Strip = strip
