package api_test

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"parley/api"
)

// Writers have at most so many turns at once, and one whose reader does not read keeps none.
func TestTurns(t *testing.T) {
	t.Parallel()
	const most, writers = 2, 60
	write := api.Turns(most)
	var at, highest atomic.Int32
	encode := func(w io.Writer) error {
		for range 20 {
			if n := at.Add(1); n > highest.Load() {
				highest.Store(n)
			}
			large := make([]byte, 64<<10)
			at.Add(-1)
			if _, err := w.Write(large); err != nil {
				return err
			}
		}
		return nil
	}
	var stuck []*io.PipeReader
	var all, done sync.WaitGroup
	for n := range writers {
		r, w := io.Pipe()
		all.Go(func() {
			err := write(w, encode)
			if slow := n%2 == 0; (err != nil) != slow {
				t.Errorf("writer %d: %v", n, err)
			}
			w.CloseWithError(err)
		})
		if n%2 == 0 {
			stuck = append(stuck, r) // nobody reads it
			continue
		}
		done.Go(func() {
			if n, err := io.Copy(io.Discard, r); err != nil || n != 20*64<<10 {
				t.Errorf("read %d bytes, %v", n, err)
			}
		})
	}
	done.Wait()
	for _, r := range stuck {
		r.CloseWithError(errors.New("the client is gone"))
	}
	all.Wait()
	if highest.Load() > most {
		t.Errorf("%d encode at once, want at most %d", highest.Load(), most)
	}
}

// A turn ends with a panic too.
func TestTurnsSurviveAPanic(t *testing.T) {
	t.Parallel()
	write := api.Turns(1)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is lost")
			}
		}()
		_ = write(io.Discard, func(io.Writer) error { panic("on purpose") })
	}()
	if err := write(io.Discard, func(w io.Writer) error { _, err := w.Write(make([]byte, 1<<17)); return err }); err != nil {
		t.Error(err)
	}
}
