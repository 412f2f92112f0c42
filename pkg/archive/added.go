package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parley/pkg/session"
)

// maxAdded bounds what is added to an interview in bytes. scorecard.MaxFile is below it.
const maxAdded = 64 << 20

// Added returns what was added to an interview since the store has forgotten it, nil for nothing.
// The bundle stays as it was written, so its hash still proves what was recorded.
func (a *Archive) Added(ctx context.Context, s Sidecar) ([]byte, error) {
	r, err := a.objects.Get(ctx, base(s.ID, s.EndedAt)+addedExt)
	if errors.Is(err, ErrNoObject) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was added to %s: %w", s.ID, err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxAdded+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("read what was added to %s: %w", s.ID, err)
	}
	if len(raw) > maxAdded {
		return nil, fmt.Errorf("what was added to %s has more than %d bytes", s.ID, maxAdded)
	}
	return raw, nil
}

// Add stores what was added to an interview, in place of what was there. When the interview was
// deleted meanwhile, it is removed again, and the error is ErrGone.
func (a *Archive) Add(ctx context.Context, s Sidecar, raw []byte) error {
	key := base(s.ID, s.EndedAt) + addedExt
	if err := a.objects.Put(ctx, key, bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("add to %s: %w", s.ID, err)
	}
	switch _, err := a.tombstone(ctx, s.ID); {
	case err == nil:
		return errors.Join(fmt.Errorf("add to %s: %w", s.ID, ErrGone), a.objects.Remove(ctx, key))
	case !errors.Is(err, ErrNoObject):
		return err
	}
	return nil
}

// againAfter is the pause before a lease of another node is asked for again.
const againAfter = 50 * time.Millisecond

// Alone runs do while no other node runs Alone for the same interview. A nil Writer, or one without
// Leases, is the only node.
func (w *Writer) Alone(ctx context.Context, id session.ID, do func(context.Context) error) error {
	if w == nil {
		return do(ctx)
	}
	for {
		err := w.leased(ctx, "added-"+string(id), do)
		if !errors.Is(err, errLeased) {
			return err
		}
		select {
		case <-time.After(againAfter):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
