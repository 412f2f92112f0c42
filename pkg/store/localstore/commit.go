package localstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// maxBatch bounds the writes of one commit, and the queue before it: a commit stays in the order of milliseconds.
	maxBatch = 1024
	// commitWindow is the time from the start of one commit to the start of the next while several writers are at it:
	// few fsyncs for many rooms. A writer alone is not kept waiting.
	commitWindow = 2 * time.Millisecond
)

// job is one write that waits for its commit.
type job struct {
	write func(*bolt.Tx) error
	done  chan error // capacity 1, gets exactly one answer when the committer took the job
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
	j := &job{write: fn, done: make(chan error, 1)}
	select {
	case s.jobs <- j:
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
	}
	select {
	case err := <-j.done:
		return err
	default:
		return ErrClosed
	}
}

// runCommitter is the one goroutine that writes. It ends after Close, when nothing waits any more.
func (s *Store) runCommitter() {
	defer close(s.stopped)
	var started time.Time
	busy := false
	for {
		batch, ok := s.next()
		if !ok {
			return
		}
		if busy {
			batch = s.gather(batch, commitWindow-time.Since(started))
		}
		batch = s.drain(batch)
		busy = len(batch) > 1
		started = time.Now()
		s.commit(batch)
	}
}

// next waits for a job; false when the store is closing and none is left.
func (s *Store) next() ([]*job, bool) {
	select {
	case j := <-s.jobs:
		return []*job{j}, true
	case <-s.closing:
	}
	select {
	case j := <-s.jobs:
		return []*job{j}, true
	default:
		return nil, false
	}
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
		case j := <-s.jobs:
			batch = append(batch, j)
		case <-timer.C:
			return batch
		case <-s.closing:
			return batch
		}
	}
	return batch
}

// drain adds to batch what waits already.
func (s *Store) drain(batch []*job) []*job {
	for len(batch) < maxBatch {
		select {
		case j := <-s.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the jobs of a batch in one transaction and answers each of them.
func (s *Store) commit(batch []*job) {
	started := time.Now()
	results := make([]error, len(batch))
	err := s.db.Update(func(tx *bolt.Tx) error {
		for i, j := range batch {
			results[i] = j.write(tx)
			if f := (*fatalError)(nil); errors.As(results[i], &f) {
				return results[i]
			}
		}
		return nil
	})
	s.failed.Store(err != nil)
	if s.opts.Committed != nil {
		s.opts.Committed(len(batch), time.Since(started), err)
	}
	for i, j := range batch {
		if err != nil {
			results[i] = fmt.Errorf("commit: %w", err)
		}
		j.done <- results[i]
	}
}
