package api

import (
	"context"
	"errors"
	"sync"
)

// errBusy means that other requests hold all that this one would need.
var errBusy = errors.New("too much under way")

// budget limits what requests hold at the same time, for each address and for all addresses
// together. The unit is up to the user: bytes or places. A budget is safe for concurrent use.
type budget struct {
	perAddress, total int // fixed by newBudget

	mu    sync.Mutex // guards the fields below
	used  map[string]int
	sum   int
	freed chan struct{} // closed and replaced by give
}

func newBudget(perAddress, total int) *budget {
	return &budget{perAddress: perAddress, total: total, used: map[string]int{}, freed: make(chan struct{})}
}

// take takes n for address, which is a limitKey. The result is false if there is not enough left;
// then nothing is taken.
func (b *budget) take(address string, n int) bool {
	ok, _ := b.try(address, n)
	return ok
}

// try is take without waiting. While nothing is taken, any n is granted, so that a large document
// has its turn too. When ok is false, freed is closed as soon as another try makes sense.
func (b *budget) try(address string, n int) (ok bool, freed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sum > 0 && (b.sum+n > b.total || b.used[address]+n > b.perAddress) {
		return false, b.freed
	}
	b.sum += n
	b.used[address] += n
	return true, nil
}

// wait takes n for address as soon as there is enough. After the end of ctx the result is errBusy.
func (b *budget) wait(ctx context.Context, address string, n int) error {
	for {
		ok, freed := b.try(address, n)
		if ok {
			return nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return errBusy
		}
	}
}

// give gives back n that take or wait took.
func (b *budget) give(address string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sum -= n
	if b.used[address] -= n; b.used[address] <= 0 {
		delete(b.used, address)
	}
	close(b.freed)
	b.freed = make(chan struct{})
}

// held returns what is taken in all.
func (b *budget) held() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sum
}
