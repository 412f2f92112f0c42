// Package ui carries the built browser client inside the server's binary.
//
// Vite builds into dist. A checkout without a client build has only dist/.keep, so the package always
// compiles; whoever serves the files looks for index.html and says what is missing when it is not there.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist returns the built client, rooted at its index.html. Compressed twins of a file stand beside it as
// name.br and name.gz.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("ui: the embedded tree has no dist folder: " + err.Error())
	}
	return sub
}
