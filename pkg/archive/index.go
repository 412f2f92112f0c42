package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of reading the sidecars of a place.
const (
	readersAtOnce = 16
	// refreshLeast is the least time between two listings for interviews that are not in the index.
	refreshLeast = 2 * time.Second
)

// entry is an interview in the index.
type entry struct {
	sidecar Sidecar
	stem    string // the key without its extension
	tag     string // of the sidecar; "" after this node wrote it, until the next listing
	text    string // what a search looks at, in lower case
}

// index is what is known of a place.
type index struct {
	refreshing sync.Mutex // held while the place is listed

	mu      sync.Mutex
	entries map[string]*entry
	bad     map[string]string // sidecars that cannot be read, by key, with their tag
	gone    map[string]time.Time
	orphans map[string]time.Time // bundles without a sidecar, by stem
	rests   []string             // sidecars of deleted interviews, by stem
	sorted  []*entry             // by order; nil: to be made
	changes uint64               // counts what this node wrote and removed
	at      time.Time            // of the last listing; zero: none
}

// order sorts the newest interview first.
func order(a, b *entry) int {
	if c := b.sidecar.EndedAt.Compare(a.sidecar.EndedAt); c != 0 {
		return c
	}
	return cmp.Compare(a.sidecar.ID, b.sidecar.ID)
}

func newEntry(s Sidecar, stem, tag string) *entry {
	words := []string{s.ID, s.Title, s.Question, s.ExternalID, s.Owner}
	for _, p := range s.Participants {
		words = append(words, p.Name)
	}
	return &entry{sidecar: s, stem: stem, tag: tag, text: strings.ToLower(strings.Join(words, "\n"))}
}

// listing is what one listing of a place has found.
type listing struct {
	sidecars map[string]Object // by id
	bundles  map[string]Object // by stem
	gone     []string          // ids
}

// list lists the place.
func (a *Archive) list(ctx context.Context) (listing, error) {
	found := listing{sidecars: map[string]Object{}, bundles: map[string]Object{}}
	err := a.objects.List(ctx, "", func(o Object) error {
		if id, ok := goneID(o.Key); ok {
			found.gone = append(found.gone, id)
			return nil
		}
		stem, id, ext, ok := readKey(o.Key)
		switch {
		case !ok:
		case ext == bundleExt:
			found.bundles[stem] = o
		default:
			found.sidecars[id] = o
		}
		return nil
	})
	if err != nil {
		return listing{}, fmt.Errorf("list the archive: %w", err)
	}
	return found, nil
}

// Refresh lists the place and reads what is new. One caller at a time does so.
func (a *Archive) Refresh(ctx context.Context) error { return a.refresh(ctx, 0) }

// refresh is Refresh unless the last listing is younger than least.
func (a *Archive) refresh(ctx context.Context, least time.Duration) error {
	x := &a.index
	x.refreshing.Lock()
	defer x.refreshing.Unlock()
	x.mu.Lock()
	at, changes := x.at, x.changes
	x.mu.Unlock()
	if least > 0 && !at.IsZero() && a.now().Sub(at) < least {
		return nil
	}
	started := a.now()
	found, err := a.list(ctx)
	if err != nil {
		return err
	}
	fresh, bad, err := a.readSidecars(ctx, found)
	if err != nil {
		return err
	}
	gone, err := a.readGone(ctx, found.gone)
	if err != nil {
		return err
	}
	x.adopt(found, fresh, bad, gone, changes)
	x.mu.Lock()
	x.at = started
	x.mu.Unlock()
	return nil
}

// adopt takes over what a listing has found. changes is what the index had counted before it: what
// this node changed meanwhile is newer than the listing, and the next one settles it.
func (x *index) adopt(found listing, fresh map[string]*entry, bad map[string]string, gone map[string]time.Time, changes uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.changes != changes {
		for id, e := range fresh {
			if _, known := x.entries[id]; !known {
				if _, dead := x.gone[id]; !dead {
					x.entries[id] = e
				}
			}
		}
		x.sorted = nil
		return
	}
	entries, rests := make(map[string]*entry, len(found.sidecars)), []string(nil)
	for id, o := range found.sidecars {
		_, dead := gone[id]
		if dead {
			stem, _, _, _ := readKey(o.Key)
			rests = append(rests, stem)
		}
		e := fresh[id]
		if e == nil {
			e = x.entries[id]
		}
		if e != nil && !dead {
			entries[id] = e
		}
	}
	orphans := map[string]time.Time{}
	for stem, o := range found.bundles {
		_, id, _, _ := readKey(o.Key)
		if side, ok := found.sidecars[id]; !ok || !strings.HasPrefix(side.Key, stem) {
			orphans[stem] = o.Modified
		}
	}
	x.entries, x.bad, x.gone, x.orphans, x.rests, x.sorted = entries, bad, gone, orphans, rests, nil
}

// readSidecars reads the sidecars that are new or have changed.
func (a *Archive) readSidecars(ctx context.Context, found listing) (fresh map[string]*entry, bad map[string]string, err error) {
	x := &a.index
	fresh, bad = map[string]*entry{}, map[string]string{}
	var wanted []string
	x.mu.Lock()
	for id, o := range found.sidecars {
		switch e := x.entries[id]; {
		case x.bad[o.Key] == o.Tag && o.Tag != "":
			bad[o.Key] = o.Tag
		case e == nil || e.tag != o.Tag:
			wanted = append(wanted, id)
		}
	}
	x.mu.Unlock()
	var mu sync.Mutex
	err = inParallel(ctx, wanted, func(ctx context.Context, id string) error {
		o := found.sidecars[id]
		s, err := a.readSidecar(ctx, o.Key)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case errors.Is(err, ErrNoObject): // removed meanwhile
		case errors.Is(err, ErrBadSidecar), err == nil && s.ID != id:
			a.log.Error("left an interview out of the archive's list: its sidecar cannot be read", "key", o.Key, "err", err)
			bad[o.Key] = o.Tag
		case err != nil:
			return err
		default:
			stem, _, _, _ := readKey(o.Key)
			fresh[id] = newEntry(s, stem, o.Tag)
		}
		return nil
	})
	return fresh, bad, err
}

// readGone returns the tombstones of the ids, with the time of each deletion.
func (a *Archive) readGone(ctx context.Context, ids []string) (map[string]time.Time, error) {
	x, gone := &a.index, map[string]time.Time{}
	var wanted []string
	x.mu.Lock()
	for _, id := range ids {
		if at, ok := x.gone[id]; ok {
			gone[id] = at
		} else {
			wanted = append(wanted, id)
		}
	}
	x.mu.Unlock()
	var mu sync.Mutex
	err := inParallel(ctx, wanted, func(ctx context.Context, id string) error {
		t, err := a.tombstone(ctx, id)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case errors.Is(err, ErrNoObject):
			return nil
		case err != nil:
			return err
		}
		gone[id] = t.At
		return nil
	})
	return gone, err
}

// tombstone reads the tombstone of an interview, or returns ErrNoObject. One that cannot be read
// counts as one of now, so that nothing that was deleted comes back.
func (a *Archive) tombstone(ctx context.Context, id string) (Tombstone, error) {
	raw, err := a.read(ctx, goneKey(id))
	if err != nil {
		return Tombstone{}, err
	}
	t, err := ParseTombstone(raw)
	if err != nil || t.ID != id {
		t = Tombstone{ID: id, At: a.now()}
	}
	return t, nil
}

func (a *Archive) readSidecar(ctx context.Context, key string) (Sidecar, error) {
	raw, err := a.read(ctx, key)
	if err != nil {
		return Sidecar{}, err
	}
	return ParseSidecar(raw)
}

// read returns a small object.
func (a *Archive) read(ctx context.Context, key string) ([]byte, error) {
	r, err := a.objects.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, maxSidecar+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return raw, nil
}

// inParallel calls do for every id, some at a time, until the first error.
func inParallel(ctx context.Context, ids []string, do func(context.Context, string) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan string)
	var wg sync.WaitGroup
	for range min(readersAtOnce, len(ids)) {
		wg.Go(func() {
			for id := range next {
				if err := do(ctx, id); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for _, id := range ids {
		select {
		case next <- id:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

// put notes what this node has written.
func (x *index) put(s Sidecar, stem string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.entries[s.ID], x.sorted = newEntry(s, stem, ""), nil
	delete(x.orphans, stem)
	x.changes++
}

// remove notes what this node has deleted.
func (x *index) remove(id string, at time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.entries, id)
	x.gone[id], x.sorted = at, nil
	x.changes++
}

// find returns the key of an interview without its extension.
func (x *index) find(id string) (stem string, gone, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, gone = x.gone[id]; gone {
		return "", true, false
	}
	e, ok := x.entries[id]
	if !ok {
		return "", false, false
	}
	return e.stem, false, true
}

// all returns the entries in their order. The caller does not change the slice.
func (x *index) all() []*entry {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.sorted == nil {
		x.sorted = make([]*entry, 0, len(x.entries))
		for _, e := range x.entries {
			x.sorted = append(x.sorted, e)
		}
		slices.SortFunc(x.sorted, order)
	}
	return x.sorted
}

// Query says which interviews to list.
type Query struct {
	// Text is searched for in title, people, question, owner, external id and id. Every word of it
	// must occur.
	Text     string
	From, To time.Time          // of the end of the interview, [From, To); zero: no bound
	May      func(Sidecar) bool // nil: all
	Cursor   string             // the next of the page before
	Limit    int                // the most interviews on the page
}

// ErrCursor means that a cursor is not one that Search gave.
var ErrCursor = errors.New("not a cursor of this list")

// Search lists interviews, the newest first. next is the cursor of the next page, "" at the end.
// What the archive has lately got from other nodes may be missing.
func (a *Archive) Search(ctx context.Context, q Query) (page []Sidecar, next string, err error) {
	after, err := parseCursor(q.Cursor)
	if err != nil {
		return nil, "", err
	}
	if err := a.loaded(ctx); err != nil {
		return nil, "", err
	}
	words, entries := strings.Fields(strings.ToLower(q.Text)), a.index.all()
	from := 0
	if after != nil {
		from, _ = slices.BinarySearchFunc(entries, after, order)
		if from < len(entries) && order(entries[from], after) == 0 {
			from++
		}
	}
	page = []Sidecar{}
	for _, e := range entries[from:] {
		if !e.matches(q, words) {
			continue
		}
		if len(page) == q.Limit {
			last := page[len(page)-1]
			return page, strconv.FormatInt(last.EndedAt.UnixNano(), 36) + "." + last.ID, nil
		}
		page = append(page, e.sidecar)
	}
	return page, "", nil
}

func (e *entry) matches(q Query, words []string) bool {
	ended := e.sidecar.EndedAt
	if !q.From.IsZero() && ended.Before(q.From) || !q.To.IsZero() && !ended.Before(q.To) {
		return false
	}
	for _, w := range words {
		if !strings.Contains(e.text, w) {
			return false
		}
	}
	return q.May == nil || q.May(e.sidecar)
}

// parseCursor returns where a cursor stands, nil for "".
func parseCursor(s string) (*entry, error) {
	if s == "" {
		return nil, nil
	}
	at, id, ok := strings.Cut(s, ".")
	ns, err := strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || id == "" {
		return nil, ErrCursor
	}
	return &entry{sidecar: Sidecar{ID: id, EndedAt: time.Unix(0, ns)}}, nil
}

// loaded waits for the first listing.
func (a *Archive) loaded(ctx context.Context) error {
	a.index.mu.Lock()
	at := a.index.at
	a.index.mu.Unlock()
	if !at.IsZero() {
		return nil
	}
	return a.refresh(ctx, refreshLeast)
}
