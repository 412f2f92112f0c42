// Package batch is a queue that lets a store write the jobs of many callers together, in one
// transaction or one round trip.
//
// A Queue holds jobs of two kinds. A caller waits for a prompt job, so a prompt job is due at once.
// No caller waits for a held job. Held jobs are due when the pace of the queue has passed since
// held jobs were last taken, when as many are held as prompt jobs fit into the queue, or when a
// caller asks for them with Flush.
//
// The goroutines that do the jobs belong to the store. They call Wait, take the jobs that they want
// to do together (TakePrompt, TakeDue, TakeHeld) and tell each caller the outcome.
//
// Invariant: every job that was accepted is given out exactly once, by Wait, by one of the Take
// methods or by Close.
package batch

import (
	"sync"
	"time"
)

// Queue holds the jobs that wait to be done. It is safe for concurrent use.
type Queue[J any] struct {
	// Fixed by New.
	prompt chan J        // never closed
	wake   chan struct{} // capacity 1, never closed: held jobs are due, or Wake was called

	mu     sync.Mutex // guards what follows
	held   []J
	due    bool          // all held jobs go with the next batch
	taken  time.Time     // when held jobs were last taken; zero: never
	pace   time.Duration // how long jobs are held
	closed bool
}

// New returns a queue that accepts up to depth waiting prompt jobs and holds other jobs back for
// pace. When depth jobs are held, they are due at once.
func New[J any](depth int, pace time.Duration) *Queue[J] {
	return &Queue[J]{prompt: make(chan J, depth), wake: make(chan struct{}, 1), pace: pace}
}

// Add queues a prompt job. ok is false when the job was not accepted: closed then says whether the
// queue is closed. Otherwise the queue is full.
func (q *Queue[J]) Add(j J) (ok, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, true
	}
	select {
	case q.prompt <- j:
		return true, false
	default:
		return false, false
	}
}

// Hold queues a job that no caller waits for. It reports false when the queue is closed.
func (q *Queue[J]) Hold(j J) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.held = append(q.held, j)
	n, wait := len(q.held), q.pace-time.Since(q.taken)
	switch {
	case n == cap(q.prompt), n == 1 && wait <= 0:
		q.makeDueLocked()
	case n == 1:
		time.AfterFunc(wait, q.Flush) // does no harm when the jobs were taken before
	}
	return true
}

// Flush makes all held jobs due. It does nothing when no job is held.
func (q *Queue[J]) Flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.held) > 0 {
		q.makeDueLocked()
	}
}

// Wake ends one Wait, even when there is no job.
func (q *Queue[J]) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue[J]) makeDueLocked() {
	q.due = true
	q.Wake()
}

// SetPace changes how long jobs are held, starting with the next held job.
func (q *Queue[J]) SetPace(pace time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pace = pace
}

// Prompt is the channel of the prompt jobs. It is for goroutines that must also wait for something
// else: for a context to end while the queue is full, or for a timer.
func (q *Queue[J]) Prompt() chan J { return q.prompt }

// Wait blocks until a job may be due. When a prompt job ended the wait, Wait appends it to jobs. It
// reports false once stop is closed and no prompt job is left.
func (q *Queue[J]) Wait(stop <-chan struct{}, jobs []J) ([]J, bool) {
	select {
	case j := <-q.prompt:
		return append(jobs, j), true
	case <-q.wake:
		return jobs, true
	case <-stop:
	}
	select {
	case j := <-q.prompt:
		return append(jobs, j), true
	default:
		return jobs, false
	}
}

// TakePrompt appends waiting prompt jobs to jobs, until jobs has limit elements. It does not block.
func (q *Queue[J]) TakePrompt(jobs []J, limit int) []J {
	for len(jobs) < limit {
		select {
		case j := <-q.prompt:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// TakeHeld appends all held jobs to jobs, whether they are due or not.
func (q *Queue[J]) TakeHeld(jobs []J) []J {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.takeLocked(jobs, len(q.held))
}

// TakeDue appends up to n held jobs to jobs if they are due. The other held jobs stay due.
func (q *Queue[J]) TakeDue(jobs []J, n int) []J {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.due {
		return jobs
	}
	return q.takeLocked(jobs, min(n, len(q.held)))
}

func (q *Queue[J]) takeLocked(jobs []J, n int) []J {
	jobs = append(jobs, q.held[:n]...)
	clear(q.held[:n])
	if q.held = q.held[n:]; len(q.held) > 0 {
		q.Wake()
		return jobs
	}
	q.held, q.due, q.taken = nil, false, time.Now()
	return jobs
}

// Depth returns the number of waiting prompt jobs and of held jobs that are due.
func (q *Queue[J]) Depth() (prompt, due int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.due {
		due = len(q.held)
	}
	return len(q.prompt), due
}

// Idle reports whether no prompt job waits and no wake-up is outstanding.
func (q *Queue[J]) Idle() bool { return len(q.prompt) == 0 && len(q.wake) == 0 }

// Close refuses further jobs and returns the jobs that were not taken.
func (q *Queue[J]) Close() []J {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	return q.takeLocked(q.TakePrompt(nil, cap(q.prompt)), len(q.held))
}
