package question

import "io/fs"

// ReadFolder reads a folder where there are no rubrics.
func ReadFolder(fsys fs.FS, id string) (Question, []Mistake) {
	return readFolder(fsys, id, func(string) bool { return false })
}

// ReadRubric is readRubric.
var ReadRubric = readRubric
