// Package arch keeps the shape of the house: it holds no code of the product, only the tests that
// fail a build whose packages import against the layers, or whose code grows past what a stranger
// can read at night. It also compares what several files say of one thing: versions of tools, links
// of documents, marks of generated files, the hosted workflow.
//
// The rules are data, in rules.go; each says why it stands. A case that has to break one is added
// there by name, with its reason, so that a reviewer sees it.
package arch
