package question

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"
)

//go:embed all:bank
var embedded embed.FS

// builtIn holds the questions that come with the program.
var builtIn = sub(embedded, "bank")

func sub(fsys fs.FS, dir string) fs.FS {
	out, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err) // the name is no path, which is our own mistake
	}
	return out
}

// generalRubric is the id of the rubric for questions without one.
const generalRubric = "general"

// builtInRubrics returns the rubrics that come with the program. They are read once.
var builtInRubrics = sync.OnceValue(func() map[string]Rubric {
	rubrics, mistakes := readRubrics(builtIn)
	if len(mistakes) > 0 {
		panic("rubrics of the program: " + mistakes[0].String()) // tests read them all
	}
	return rubrics
})

// General returns the rubric for questions without one.
func General() Rubric { return builtInRubrics()[generalRubric] }

// builtInList returns the questions that come with the program. They are read once.
var builtInList = sync.OnceValue(func() (list []Summary) {
	ids, err := folders(builtIn)
	if err != nil {
		panic(fmt.Sprintf("questions of the program: %v", err))
	}
	rubrics := builtInRubrics()
	for _, id := range ids {
		q, mistakes := readFolder(builtIn, id, func(id string) bool { _, ok := rubrics[id]; return ok })
		if len(mistakes) > 0 {
			panic("questions of the program: " + mistakes[0].String()) // tests read them all
		}
		q.BuiltIn = true
		list = append(list, q.Summary)
	}
	return list
})
