package batch_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/pkg/store/batch"
)

const pace = 100 * time.Millisecond

// worker takes all due jobs whenever it is woken, and records when.
type worker struct {
	queue *batch.Queue[int]
	stop  chan struct{}
	mu    sync.Mutex
	took  map[time.Duration][]int // jobs by the time since the start
}

// work starts a worker in a synctest bubble. The worker has ended when end returns.
func work(q *batch.Queue[int]) (w *worker, end func()) {
	w = &worker{queue: q, stop: make(chan struct{}), took: map[time.Duration][]int{}}
	start := time.Now()
	var done sync.WaitGroup
	done.Go(func() {
		for {
			jobs, open := q.Wait(w.stop, nil)
			if !open {
				return
			}
			jobs = q.TakeDue(q.TakePrompt(jobs, 100), 100)
			w.mu.Lock()
			at := time.Since(start)
			w.took[at] = append(w.took[at], jobs...)
			w.mu.Unlock()
		}
	})
	return w, func() { close(w.stop); done.Wait() }
}

func (w *worker) want(t *testing.T, at time.Duration, jobs ...int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.took[at], jobs) {
		t.Errorf("at %v jobs %v were taken, want %v (all: %v)", at, w.took[at], jobs, w.took)
	}
}

func TestHeldJobsAreDueAfterThePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := batch.New[int](8, pace)
		w, end := work(q)
		defer end()
		q.Hold(1) // after a pause the first held job is due at once
		synctest.Wait()
		w.want(t, 0, 1)
		q.Hold(2)
		<-time.After(30 * time.Millisecond)
		q.Hold(3)
		<-time.After(time.Second)
		w.want(t, pace, 2, 3)
		q.Hold(4)
		synctest.Wait()
		w.want(t, time.Second+30*time.Millisecond, 4)
	})
}

func TestPromptJobsGoAtOnceAndHeldOnesStay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := batch.New[int](8, pace)
		w, end := work(q)
		defer end()
		q.Hold(1)
		synctest.Wait()
		<-time.After(10 * time.Millisecond)
		q.Hold(2)
		if ok, closed := q.Add(3); !ok || closed {
			t.Fatal("a job was not taken")
		}
		synctest.Wait()
		w.want(t, 10*time.Millisecond, 3)
		<-time.After(pace)
		w.want(t, pace, 2)
	})
}

func TestFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := batch.New[int](8, time.Hour)
		w, end := work(q)
		defer end()
		q.Hold(1)
		synctest.Wait()
		<-time.After(time.Millisecond)
		q.Hold(2)
		q.Hold(3)
		q.Flush()
		synctest.Wait()
		w.want(t, time.Millisecond, 2, 3)
		<-time.After(time.Millisecond)
		q.Flush() // a flush of an empty queue wakes no goroutine
		synctest.Wait()
		if _, woken := w.took[2*time.Millisecond]; woken {
			t.Error("a flush of an empty queue woke the worker")
		}
		q.Wake()
		synctest.Wait()
		if _, woken := w.took[2*time.Millisecond]; !woken {
			t.Error("Wake did not wake the worker")
		}
	})
}

func TestManyHeldJobsAreDueAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := batch.New[int](4, time.Hour)
		w, end := work(q)
		defer end()
		q.Hold(0)
		synctest.Wait()
		<-time.After(time.Millisecond)
		for i := range 3 {
			q.Hold(i)
		}
		synctest.Wait()
		w.want(t, time.Millisecond)
		q.Hold(3)
		synctest.Wait()
		w.want(t, time.Millisecond, 0, 1, 2, 3)
	})
}

func TestTakeDueLeavesTheRestDue(t *testing.T) {
	t.Parallel()
	q := batch.New[int](8, time.Hour)
	for i := range 5 {
		q.Hold(i)
	}
	if got := q.TakeDue(nil, 2); !slices.Equal(got, []int{0, 1}) { // the first held job was due at once
		t.Fatalf("took %v, want 0 and 1", got)
	}
	if prompt, due := q.Depth(); prompt != 0 || due != 3 || q.Idle() {
		t.Errorf("%d prompt jobs, %d due, idle %v; want 0, 3, and a call for more", prompt, due, q.Idle())
	}
	if got := q.TakeDue(nil, 9); !slices.Equal(got, []int{2, 3, 4}) {
		t.Errorf("took %v, want the rest", got)
	}
	q.Hold(5)
	if got := q.TakeDue(nil, 9); got != nil {
		t.Errorf("took %v, which is not due", got)
	}
	if got := q.TakeHeld(nil); !slices.Equal(got, []int{5}) {
		t.Errorf("took %v of what is held, want 5", got)
	}
}

func TestAFullQueueAndAClosedOne(t *testing.T) {
	t.Parallel()
	q := batch.New[int](2, time.Hour)
	for i, want := range []bool{true, true, false} {
		if ok, closed := q.Add(i); ok != want || closed {
			t.Errorf("job %d: taken %v, closed %v", i, ok, closed)
		}
	}
	q.Hold(7)
	if left := q.Close(); !slices.Equal(left, []int{0, 1, 7}) {
		t.Errorf("Close left %v, want 0, 1 and 7", left)
	}
	if ok, closed := q.Add(8); ok || !closed || q.Hold(9) {
		t.Error("a closed queue took a job")
	}
	stop := make(chan struct{})
	close(stop)
	if jobs, open := q.Wait(stop, nil); len(jobs) == 0 && open {
		jobs, open = q.Wait(stop, nil) // the first Wait may have returned a wake-up
		if open || len(jobs) > 0 {
			t.Errorf("Wait gave %v, %v after the end", jobs, open)
		}
	}
}

// Many goroutines add jobs while one takes them. Each job is taken once.
func TestNoJobIsLostOrTakenTwice(t *testing.T) {
	t.Parallel()
	q := batch.New[int](64, time.Millisecond)
	const writers, each = 8, 500
	seen := make([]int, writers*each)
	stop := make(chan struct{})
	var worker, all sync.WaitGroup
	worker.Go(func() {
		for {
			jobs, open := q.Wait(stop, nil)
			if !open {
				break
			}
			for _, j := range q.TakeDue(q.TakePrompt(jobs, 16), 16) {
				seen[j]++
			}
		}
		for _, j := range q.Close() {
			seen[j]++
		}
	})
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if j := w*each + i; j%2 == 0 {
					q.Hold(j)
				} else {
					q.Prompt() <- j
				}
			}
		})
	}
	all.Wait()
	close(stop)
	worker.Wait()
	for j, n := range seen {
		if n != 1 {
			t.Fatalf("job %d was taken %d times", j, n)
		}
	}
}
