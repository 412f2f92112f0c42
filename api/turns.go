package api

import (
	"bufio"
	"io"
	"runtime"
)

// turns bounds how many timelines and archives are encoded at the same time, to half of the
// processors. So the others are there for people who type. Encoding an interview of 300,000 edits
// takes seconds.
type turns chan struct{}

func newTurns(most int) turns { return make(turns, most) }

// halfOfProcessors is the number of turns of a server.
func halfOfProcessors() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// write calls do with a writer to w when it has a turn. While w takes what is written, somebody
// else has the turn.
func (t turns) write(w io.Writer, do func(io.Writer) error) error {
	t <- struct{}{}
	defer func() { <-t }()
	b := bufio.NewWriterSize(turnWriter{w, t}, 32<<10)
	if err := do(b); err != nil {
		return err
	}
	return b.Flush()
}

// turnWriter gives the turn away while it writes.
type turnWriter struct {
	w io.Writer
	t turns
}

func (w turnWriter) Write(b []byte) (int, error) {
	<-w.t
	defer func() { w.t <- struct{}{} }()
	return w.w.Write(b)
}
