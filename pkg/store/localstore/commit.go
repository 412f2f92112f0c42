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
	// maxBatch bounds the jobs of one commit and the queue before it, so that a commit takes
	// milliseconds.
	maxBatch = 1024
	// promptPace is the time from the start of one commit to the start of the next while several
	// callers write. It lets many rooms share an fsync. A caller that writes alone does not wait
	// for it.
	promptPace = 2 * time.Millisecond
	// heldPace is the pace of the queue, which is how long appends are held back. A commit of one
	// keystroke costs as much CPU as passing the keystroke on to twenty people, and a commit of
	// many keystrokes costs hardly more. People cannot tell a "saved" that comes half a second
	// later. The first append after a pause goes at once. docs/decisions/020.
	heldPace = 500 * time.Millisecond
	// commitShare and maxHeldPace lengthen the pace when commits are slow, with many rooms or a
	// slow disk. Commits take at most one part in commitShare of the time, unless the pace would
	// pass maxHeldPace.
	commitShare = 128
	maxHeldPace = time.Second
	// A room has work to do for each answer. After answerBurst answers the committer pauses for
	// answerPause, unless another job waits. Otherwise a commit for hundreds of rooms would delay
	// the people who type.
	answerBurst = 32
	answerPause = time.Millisecond
)

// job is one write to be committed.
type job struct {
	write func(*bolt.Tx) error
	done  func(error) // called once after the commit, must not block
}

// heldPaceAfter returns the pace of held jobs after a commit that took so long.
func heldPaceAfter(took time.Duration) time.Duration {
	return min(max(heldPace, commitShare*took), maxHeldPace)
}

// fatalError is an error that leaves the transaction half written, so that the whole batch must be
// undone.
type fatalError struct{ err error }

func (e *fatalError) Error() string { return e.err.Error() }
func (e *fatalError) Unwrap() error { return e.err }

// fatal makes a fatalError of err, and nil of nil. Every error of a bbolt write in a job is made
// fatal. An error that is not fatal says that the job has only read and has written nothing.
func fatal(err error) error {
	if err == nil {
		return nil
	}
	return &fatalError{err: err}
}

// write runs fn in a transaction that is shared with other writes, and returns when the transaction
// is durable. When ctx ends first, the write may still happen.
//
// fn runs in the committer. It reads first and writes then. It changes nothing but tx and variables
// of its own. The caller may read these variables after write has returned nil.
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

// runCommitter is the only goroutine that writes. It ends after Close, when no job waits.
func (s *Store) runCommitter() {
	defer close(s.stopped)
	background()
	var started time.Time
	busy := false
	for {
		s.journal.scheduleWake(s.queue.Wake)
		jobs, ok := s.queue.Wait(s.closing, nil)
		if !ok {
			s.drain()
			return
		}
		if busy {
			jobs = s.gather(jobs, promptPace-time.Since(started))
		}
		jobs = s.queue.TakeHeld(s.queue.TakePrompt(jobs, maxBatch))
		busy = len(jobs) > 1
		started = time.Now()
		if len(jobs) > 0 || s.journal.due() {
			s.commit(jobs)
		}
	}
}

// drain commits the jobs that are left and settles the whole journal, so that the file is as small
// and as quick to read as possible. Entries that cannot be settled stay in the journal.
func (s *Store) drain() {
	if jobs := s.queue.Close(); len(jobs) > 0 {
		s.commit(jobs)
	}
	s.journal.stop()
	if s.journal.empty() {
		return
	}
	s.commit([]*job{{write: s.journal.settleAll, done: func(error) {}}})
}

// gather adds the prompt jobs to jobs that come within wait.
func (s *Store) gather(jobs []*job, wait time.Duration) []*job {
	if wait <= 0 {
		return jobs
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for len(jobs) < maxBatch {
		select {
		case j := <-s.queue.Prompt():
			jobs = append(jobs, j)
		case <-timer.C:
			return jobs
		case <-s.closing:
			return jobs
		}
	}
	return jobs
}

// commit runs a batch of jobs in one transaction, settles a part of the journal in it, and answers
// each job.
func (s *Store) commit(jobs []*job) {
	if s.opts.Committing != nil {
		defer s.opts.Committing()()
	}
	started := time.Now()
	results := make([]error, len(jobs))
	err := s.db.Update(func(tx *bolt.Tx) error {
		if err := s.journal.begin(tx); err != nil {
			return err
		}
		for i, j := range jobs {
			results[i] = j.write(tx)
			if f := (*fatalError)(nil); errors.As(results[i], &f) {
				return results[i]
			}
		}
		return s.journal.complete(tx)
	})
	s.journal.end(err)
	took := time.Since(started)
	s.queue.SetPace(heldPaceAfter(took))
	s.failed.Store(err != nil)
	if s.opts.Committed != nil {
		s.opts.Committed(len(jobs), took, err)
	}
	for i, j := range jobs {
		if err != nil {
			results[i] = session.Unavailable(fmt.Errorf("commit: %w", err)) // the disk is full or broken
		}
		if i > 0 && i%answerBurst == 0 {
			s.pauseAnswers()
		}
		j.done(results[i])
	}
}

// pauseAnswers is the pause between answers. There is none when the store closes or a job waits.
func (s *Store) pauseAnswers() {
	select {
	case <-s.closing:
	default:
		if s.queue.Idle() {
			time.Sleep(answerPause)
		}
	}
}
