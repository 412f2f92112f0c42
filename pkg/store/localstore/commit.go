package localstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/session"
)

const (
	// maxBatch bounds the writes of one commit, and the queue before it: a commit stays in the order of milliseconds.
	maxBatch = 1024
	// commitWindow is the time from the start of one commit to the start of the next while several writers are at it:
	// few fsyncs for many rooms. A writer alone is not kept waiting.
	commitWindow = 2 * time.Millisecond
	// laterWindow is the same for writes that nobody waits for, unless they are hurried. A commit of one keystroke costs as much
	// CPU as passing it on to twenty people, and one of many in the same document hardly more; a "saved" that comes so
	// much later is none that a person could tell. Who types alone, and not for long, is not kept waiting.
	laterWindow = 500 * time.Millisecond
	// commitShare and mostLater lengthen laterWindow when commits are slow, with many rooms or a slow disk: they may take one part in
	// so many of the time, unless that would make "saved" later than mostLater.
	commitShare = 128
	mostLater   = time.Second
	// Each answer has a room do something. After so many of them in a row that nobody waits for there is a pause, so that a commit for
	// hundreds of rooms is no burst in which whoever types has to wait.
	answersInARow = 32
	answerPause   = time.Millisecond
)

// job is one write that is to be committed.
type job struct {
	write func(*bolt.Tx) error
	done  func(error) // is called exactly once when the committer took the job, and does not wait
}

// windowAfter says how long writes that nobody waits for are held, by how long a commit took.
func windowAfter(took time.Duration) time.Duration {
	return min(max(laterWindow, commitShare*took), mostLater)
}

// fatalError marks an error that leaves the transaction half written, so that the whole batch is undone.
type fatalError struct{ err error }

func (e *fatalError) Error() string { return e.err.Error() }
func (e *fatalError) Unwrap() error { return e.err }

// fatal marks err, if it is one. Every error of a bbolt write in a job is marked; an unmarked one says that
// the job had looked at things only and written nothing.
func fatal(err error) error {
	if err == nil {
		return nil
	}
	return &fatalError{err: err}
}

// write runs fn in a transaction that is shared with other writes, and returns when it is durable. When ctx
// ends first the write may still happen. fn runs in the committer: it looks first, writes then,
// and has no effect but on tx and its own variables, which may be read after write has returned nil.
func (s *Store) write(ctx context.Context, fn func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	done := make(chan error, 1)
	j := &job{write: fn, done: func(err error) { done <- err }}
	select {
	case s.queue.Prompt() <- j:
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
	}
	select {
	case err := <-done:
		return err
	default:
		return ErrClosed
	}
}

// runCommitter is the one goroutine that writes. It ends after Close, when nothing waits any more.
func (s *Store) runCommitter() {
	defer close(s.stopped)
	background()
	var started time.Time
	busy := false
	for {
		s.journal.arm(s.queue.Wake)
		batch, ok := s.queue.Wait(s.closing, nil)
		if !ok {
			s.finish()
			return
		}
		if busy {
			batch = s.gather(batch, commitWindow-time.Since(started))
		}
		batch = s.queue.TakeHeld(s.queue.TakePrompt(batch, maxBatch))
		busy = len(batch) > 1
		started = time.Now()
		if len(batch) > 0 || s.journal.due() {
			s.commit(batch)
		}
	}
}

// finish writes what is left, and settles everything, so that the file is as small and as quick to read as can be. Where that cannot be done,
// the journal keeps it.
func (s *Store) finish() {
	if batch := s.queue.Close(); len(batch) > 0 {
		s.commit(batch)
	}
	s.journal.stop()
	if s.journal.empty() {
		return
	}
	s.commit([]*job{{write: s.journal.settleAll, done: func(error) {}}})
}

// gather adds to batch what comes within wait.
func (s *Store) gather(batch []*job, wait time.Duration) []*job {
	if wait <= 0 {
		return batch
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for len(batch) < maxBatch {
		select {
		case j := <-s.queue.Prompt():
			batch = append(batch, j)
		case <-timer.C:
			return batch
		case <-s.closing:
			return batch
		}
	}
	return batch
}

// commit runs the jobs of a batch in one transaction, settles some of the journal with it, and answers each of them.
func (s *Store) commit(batch []*job) {
	if s.opts.Committing != nil {
		defer s.opts.Committing()()
	}
	started := time.Now()
	results := make([]error, len(batch))
	err := s.db.Update(func(tx *bolt.Tx) error {
		if err := s.journal.begin(tx); err != nil {
			return err
		}
		for i, j := range batch {
			results[i] = j.write(tx)
			if f := (*fatalError)(nil); errors.As(results[i], &f) {
				return results[i]
			}
		}
		return s.journal.finish(tx)
	})
	s.journal.end(err)
	took := time.Since(started)
	s.queue.SetPace(windowAfter(took))
	s.failed.Store(err != nil)
	if s.opts.Committed != nil {
		s.opts.Committed(len(batch), took, err)
	}
	for i, j := range batch {
		if err != nil {
			results[i] = session.Unavailable(fmt.Errorf("commit: %w", err)) // a full or broken disk
		}
		if i > 0 && i%answersInARow == 0 {
			s.breathe()
		}
		j.done(results[i])
	}
}

// breathe is the pause between answers, unless something else is to be done.
func (s *Store) breathe() {
	select {
	case <-s.closing:
	default:
		if s.queue.Idle() {
			time.Sleep(answerPause)
		}
	}
}
