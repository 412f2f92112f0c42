package localstore

// WindowAfter is windowAfter, for the test of how commits are paced.
var WindowAfter = windowAfter
