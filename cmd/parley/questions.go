package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"parley/pkg/question"
)

const questionsUsage = "use parley questions check DIR, or parley questions import kattis|exercism FROM TO"

// runQuestions is the subcommand questions.
func runQuestions(args []string, _ lookup, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 2 && args[0] == "check":
		return checkQuestions(args[1], stdout, stderr)
	case len(args) == 4 && args[0] == "import":
		return importQuestions(args[1], args[2], args[3], stdout, stderr)
	}
	return complain(stderr, "questions: %s", questionsUsage)
}

// checkQuestions prints every mistake in a directory on a line of its own.
func checkQuestions(dir string, stdout, stderr io.Writer) int {
	good, mistakes, err := question.Check(dir)
	if err != nil {
		return complain(stderr, "cannot read %s: %v", dir, causeOf(err))
	}
	for _, m := range mistakes {
		fmt.Fprintln(stdout, m)
	}
	if len(mistakes) > 0 {
		return exitFailure
	}
	fmt.Fprintf(stdout, "%d questions, no mistakes\n", good)
	return exitOK
}

// importQuestions prints what was imported, and what could not be.
func importQuestions(kind, from, to string, stdout, stderr io.Writer) int {
	made, err := question.Import(kind, from, to)
	for _, m := range made {
		fmt.Fprintln(stdout, m.ID)
		for _, note := range m.Notes {
			fmt.Fprintf(stdout, "  %s\n", note)
		}
	}
	if err != nil {
		return complain(stderr, "import from %s: %v", from, causeOf(err))
	}
	return exitOK
}

// causeOf returns an error without a path that the message names already.
func causeOf(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
