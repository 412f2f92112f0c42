// Package batch gathers the writes of many callers, so that a store makes one transaction or one
// round trip of them.
//
// A Queue holds jobs of two kinds. Somebody waits for a prompt job: it is due at once. A held job is
// one that nobody waits for: it is due when the queue's pace has passed since held jobs were taken
// last, when many are held, or when somebody asks (Flush). The goroutines that do the jobs belong to
// the store: they call Wait, then take what they want to do together.
package batch

import (
	"sync"
	"time"
)

// Queue is jobs that wait to be done. It is safe for concurrent use.
type Queue[J any] struct {
	// Fixed by New.
	prompt chan J        // never closed
	wake   chan struct{} // capacity 1, never closed: held jobs are due

	mu     sync.Mutex // guards what follows
	held   []J
	due    bool // all that is held goes with the next jobs
	taken  time.Time
	pace   time.Duration
	closed bool
}

// New returns a queue in which depth prompt jobs may wait, and which holds jobs back for pace. When
// depth jobs are held, they are due.
func New[J any](depth int, pace time.Duration) *Queue[J] {
	return &Queue[J]{prompt: make(chan J, depth), wake: make(chan struct{}, 1), pace: pace}
}

// Add queues a prompt job and reports true, or false when the queue is full. A closed queue takes
// nothing: closed is true.
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

// Hold queues a job that nobody waits for. It reports false when the queue is closed.
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
		q.dueLocked()
	case n == 1:
		time.AfterFunc(wait, q.Flush) // harmless when they were taken before
	}
	return true
}

// Flush makes all held jobs due. It does nothing when none is held.
func (q *Queue[J]) Flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.held) > 0 {
		q.dueLocked()
	}
}

// Wake ends a Wait, though there may be no job.
func (q *Queue[J]) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue[J]) dueLocked() {
	q.due = true
	q.Wake()
}

// SetPace changes how long jobs may be held, from the next held job on.
func (q *Queue[J]) SetPace(pace time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pace = pace
}

// Prompt is the channel of the prompt jobs, for goroutines that wait for other things too, or for
// room in it.
func (q *Queue[J]) Prompt() chan J { return q.prompt }

// Wait blocks until there may be something to do, and appends a prompt job to jobs if that is what
// came. It reports false once stop is closed and no prompt job is left.
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

// TakePrompt appends prompt jobs that wait already to jobs, until these are most.
func (q *Queue[J]) TakePrompt(jobs []J, most int) []J {
	for len(jobs) < most {
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

// TakeDue appends at most n held jobs to jobs, none unless they are due. The rest stay due.
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

// Depth gives how many prompt jobs wait, and how many held jobs are due.
func (q *Queue[J]) Depth() (prompt, due int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.due {
		due = len(q.held)
	}
	return len(q.prompt), due
}

// Idle reports whether no prompt job waits and nobody has asked for what is held.
func (q *Queue[J]) Idle() bool { return len(q.prompt) == 0 && len(q.wake) == 0 }

// Close refuses further jobs and gives those that were not taken.
func (q *Queue[J]) Close() []J {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	return q.takeLocked(q.TakePrompt(nil, cap(q.prompt)), len(q.held))
}
