// Package ui embeds the built browser client and the language runtimes in the server's binary.
//
// Vite builds into dist, runtimes/build.mjs into runtimes/dist. A checkout without these builds has
// only their .keep files, so the package always compiles. The server looks for the files when it
// serves them, and says what is missing.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed all:runtimes/dist
var runtimes embed.FS

// Dist returns the built client, rooted at its index.html. The compressed forms of a file stand
// beside it as name.br and name.gz.
func Dist() fs.FS { return rooted(dist, "dist") }

// Runtimes returns the language runtimes: a directory each, with a runtime.json that names its
// files. Only the compressed form of these files is there, as name.br.
func Runtimes() fs.FS { return rooted(runtimes, "runtimes/dist") }

func rooted(files embed.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic("ui: the embedded tree has no folder " + dir + ": " + err.Error())
	}
	return sub
}
