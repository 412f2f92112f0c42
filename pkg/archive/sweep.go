package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// orphanAfter is the age from which a bundle without a sidecar is removed. By then no store has the
// session any more that could bring its sidecar.
const orphanAfter = 15 * 24 * time.Hour

// Sweep deletes the interviews that are over their time, removes old tombstones, and removes what
// crashes have left. It works on what the last listing has found. deleted is called for every
// interview that this call has deleted.
func (a *Archive) Sweep(ctx context.Context, deleted func(Sidecar)) error {
	var failed []error
	for _, e := range a.index.all() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !e.sidecar.Due(a.now()) {
			continue
		}
		err := a.expire(ctx, e.sidecar.ID)
		switch {
		case errors.Is(err, ErrGone), errors.Is(err, ErrNotFound), errors.Is(err, errNotDue):
		case err != nil:
			failed = append(failed, err)
		default:
			deleted(e.sidecar)
		}
	}
	return errors.Join(append(failed, a.sweepOrphans(ctx), a.sweepGone(ctx))...)
}

// errNotDue means that an interview is kept longer than the index knew.
var errNotDue = errors.New("not due")

// expire deletes an interview that is over its time, after another look at its sidecar.
func (a *Archive) expire(ctx context.Context, id string) error {
	s, err := a.Find(ctx, id)
	if err != nil {
		return err
	}
	if !s.Due(a.now()) {
		a.index.put(s, base(s.ID, s.EndedAt))
		return errNotDue
	}
	return a.Delete(ctx, Tombstone{ID: id, Why: WhyRetention})
}

// sweepOrphans removes bundles that have had no sidecar for a long time, and those of deleted
// interviews.
func (a *Archive) sweepOrphans(ctx context.Context) error {
	x := &a.index
	var stems []string
	x.mu.Lock()
	for stem, at := range x.orphans {
		_, id, _, _ := readKey(stem + bundleExt)
		if _, dead := x.gone[id]; dead || a.now().Sub(at) > orphanAfter {
			stems = append(stems, stem)
		}
	}
	x.mu.Unlock()
	for _, stem := range stems {
		a.log.Warn("removed a bundle that an interrupted write or deletion had left", "bundle", stem)
		if err := a.objects.Remove(ctx, stem+bundleExt); err != nil {
			return fmt.Errorf("sweep %s: %w", stem, err)
		}
		x.mu.Lock()
		delete(x.orphans, stem)
		x.mu.Unlock()
	}
	return nil
}

// sweepGone finishes the deletions of tombstones, and removes those that are over their time.
func (a *Archive) sweepGone(ctx context.Context) error {
	x := &a.index
	x.mu.Lock()
	left, over := map[string][]string{}, []string{}
	for _, stem := range x.rests {
		_, id, _, _ := readKey(stem + sidecarExt)
		left[id] = append(left[id], stem)
	}
	for id, at := range x.gone {
		if a.now().Sub(at) > GoneFor {
			over = append(over, id)
		}
	}
	x.mu.Unlock()
	for id, stems := range left {
		for _, stem := range stems {
			if err := a.removeObjects(ctx, id, stem); err != nil {
				return fmt.Errorf("finish the deletion of %s: %w", id, err)
			}
		}
	}
	slices.Sort(over)
	for _, id := range over {
		if err := a.objects.Remove(ctx, goneKey(id)); err != nil {
			return fmt.Errorf("remove the tombstone of %s: %w", id, err)
		}
		x.mu.Lock()
		delete(x.gone, id)
		x.changes++
		x.mu.Unlock()
	}
	return nil
}
