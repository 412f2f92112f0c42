// Package question reads questions of interviews from folders of plain text, and hands them out.
//
// A question is one folder whose name is its id:
//
//	question.yaml      title, summary, minutes, level, tags, languages, parts, assistant,
//	                   rubric
//	prompt.md          what the candidate reads first; prompt.2.md and so on are revealed later
//	guide.md           for interviewers alone
//	files/<language>/  the files that a candidate starts with
//	tests.yaml         a list of name, input and expected, or code, and hidden
//	board.excalidraw   a drawing to start with
//
// Beside the folders, rubrics/<id>.yaml says what an interviewer looks for.
//
//	question.go   a question and its hash
//	folder.go     reads one folder
//	meta.go       question.yaml
//	testsyaml.go  tests.yaml
//	rubric.go     rubrics
//	unfold.go     writes the folder of a question
//	strictyaml.go YAML without aliases, with the line of every mistake
//	bank.go       all questions of a server; notices changed folders
//	bank/         the questions that come with the program
//	kattis.go     problem packages of Kattis; exercism.go: exercises of Exercism
//
// A mistake costs the question that it is in and no other. It is one line: path:line: what.
package question
