// Package faults breaks things: it runs real nodes over real Redis servers, has people type on all of them, kills, stops, cuts and
// empties what it can, and looks whether anything was lost. It is all tests; ARCHITECTURE.md has the table of faults and of what is
// expected of each.
//
// It works in the manner of Jepsen. Each typist is a y-websocket client with a document of its own that types unique tokens and
// notes which of them the server has acknowledged as stored. At the end, with everything healed, every acknowledged token must be
// in the document exactly once, that of typists who have vanished too; all documents must be equal byte for byte, that of a
// fresh client of each node too; and everybody must see exactly those present who are.
package faults
