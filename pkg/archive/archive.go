package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"time"
)

// GoneFor is how long a deleted interview answers ErrGone before it answers ErrNotFound.
const GoneFor = 7 * 24 * time.Hour

// Errors of Archive.
var (
	ErrNotFound = errors.New("interview not archived")
	// ErrGone means that the interview was deleted less than GoneFor ago.
	ErrGone = errors.New("archived interview deleted")
	// ErrHeld means that the interview is held, and so not deleted.
	ErrHeld = errors.New("archived interview held")
)

// ChangedError means that a bundle is not the one that was written.
type ChangedError struct {
	ID        string
	Want, Got string // SHA-256 in hex
}

// Error names both hashes.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("the bundle of interview %s was changed: its SHA-256 is %s, and %s was written", e.ID, e.Got, e.Want)
}

// Options configure an Archive. All fields but Retention are required.
type Options struct {
	Retention time.Duration // from the end of an interview to its deletion; 0: for ever
	Now       func() time.Time
	Logger    *slog.Logger
}

// Archive is the archived interviews of a place. It is safe for concurrent use, on many nodes.
type Archive struct {
	// Fixed by New.
	objects   Objects
	retention time.Duration
	now       func() time.Time
	log       *slog.Logger

	index index
}

// New returns the archive of a place.
func New(objects Objects, opts Options) *Archive {
	return &Archive{
		objects: objects, retention: opts.Retention, now: opts.Now, log: opts.Logger,
		index: index{entries: map[string]*entry{}, gone: map[string]time.Time{}},
	}
}

// String names the place for people.
func (a *Archive) String() string { return a.objects.String() }

// Retention is how long interviews are kept that say nothing else. 0 is for ever.
func (a *Archive) Retention() time.Duration { return a.retention }

// Write writes the bundle and the sidecar of an interview that has ended, in place of what was
// there. It sets the fields of s that describe the archive. ErrGone means that the interview was
// deleted.
func (a *Archive) Write(ctx context.Context, s Sidecar, bundle func(ctx context.Context, w io.Writer) error) (Sidecar, error) {
	if _, err := a.tombstone(ctx, s.ID); err == nil {
		return Sidecar{}, fmt.Errorf("archive %s: %w", s.ID, ErrGone)
	} else if !errors.Is(err, ErrNoObject) {
		return Sidecar{}, err
	}
	stem := base(s.ID, s.EndedAt)
	r, w := io.Pipe()
	sum := &counted{sum: sha256.New()}
	written := make(chan struct{})
	go func() { // ends when all is written or r is closed
		defer close(written)
		w.CloseWithError(bundle(ctx, io.MultiWriter(w, sum)))
	}()
	err := a.objects.Put(ctx, stem+bundleExt, r)
	r.CloseWithError(errors.New("the archive takes no more"))
	<-written
	if err != nil {
		return Sidecar{}, fmt.Errorf("archive %s: %w", s.ID, err)
	}
	s.V, s.ArchivedAt, s.Bytes, s.SHA256 = SidecarVersion, a.now().UTC().Truncate(time.Millisecond), sum.n, hex.EncodeToString(sum.sum.Sum(nil))
	a.settle(&s)
	return s, a.putSidecar(ctx, s, stem)
}

// counted counts and hashes what is written.
type counted struct {
	sum hash.Hash
	n   int64
}

func (c *counted) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.sum.Write(p)
}

// putSidecar writes a sidecar. When the interview was deleted meanwhile, it is removed again.
func (a *Archive) putSidecar(ctx context.Context, s Sidecar, stem string) error {
	raw, err := s.encode()
	if err != nil {
		return err
	}
	if err := a.objects.Put(ctx, stem+sidecarExt, bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("archive %s: %w", s.ID, err)
	}
	switch _, err := a.tombstone(ctx, s.ID); {
	case err == nil:
		return errors.Join(fmt.Errorf("archive %s: %w", s.ID, ErrGone), a.removeObjects(ctx, s.ID, stem))
	case !errors.Is(err, ErrNoObject):
		return err
	}
	a.index.put(s, stem)
	return nil
}

// settle sets when an interview is deleted.
func (a *Archive) settle(s *Sidecar) {
	keep := a.retention
	if s.RetentionDays != nil {
		keep = time.Duration(*s.RetentionDays) * 24 * time.Hour
	}
	if s.DeleteAfter = (time.Time{}); keep > 0 {
		s.DeleteAfter = s.EndedAt.Add(keep).UTC()
	}
}

// Known reports whether the index has an interview with that id, archived or deleted.
func (a *Archive) Known(id string) bool {
	_, gone, ok := a.index.find(id)
	return gone || ok
}

// Find returns the sidecar of an interview as it is now, ErrNotFound, or ErrGone.
func (a *Archive) Find(ctx context.Context, id string) (Sidecar, error) {
	s, _, err := a.find(ctx, id)
	return s, err
}

// find is Find, and returns the key without its extension too.
func (a *Archive) find(ctx context.Context, id string) (Sidecar, string, error) {
	if err := a.loaded(ctx); err != nil {
		return Sidecar{}, "", err
	}
	// What the index does not know, another node may have written or deleted a moment ago.
	for _, fresh := range []bool{false, true} {
		if fresh {
			if err := a.refresh(ctx, refreshLeast); err != nil {
				return Sidecar{}, "", err
			}
		}
		stems, gone := a.places(id)
		if gone {
			return Sidecar{}, "", fmt.Errorf("find %s: %w", id, ErrGone)
		}
		for _, stem := range stems {
			s, err := a.readSidecar(ctx, stem+sidecarExt)
			if err == nil && s.ID != id {
				err = fmt.Errorf("%w: it is that of %s", ErrBadSidecar, s.ID)
			}
			if !errors.Is(err, ErrNoObject) {
				return s, stem, err
			}
		}
	}
	switch _, err := a.tombstone(ctx, id); {
	case err == nil:
		return Sidecar{}, "", fmt.Errorf("find %s: %w", id, ErrGone)
	case !errors.Is(err, ErrNoObject):
		return Sidecar{}, "", err
	}
	return Sidecar{}, "", fmt.Errorf("find %s: %w", id, ErrNotFound)
}

// places returns where an interview may be: where the index has it, else where it would be if it
// ended lately.
func (a *Archive) places(id string) (stems []string, gone bool) {
	stem, gone, ok := a.index.find(id)
	if ok {
		return []string{stem}, gone
	}
	now := a.now()
	stems = []string{base(id, now)}
	if before := base(id, now.AddDate(0, 0, -now.Day())); before != stems[0] {
		stems = append(stems, before)
	}
	return stems, gone
}

// Open opens the bundle of an interview after it has read all of it and compared its hash. A
// *ChangedError means that it is not the bundle that was written. A bundle that changes while it is
// read breaks off with that error. The caller closes it.
func (a *Archive) Open(ctx context.Context, s Sidecar) (io.ReadCloser, error) {
	key := base(s.ID, s.EndedAt) + bundleExt
	open := func() (*checked, error) {
		r, err := a.objects.Get(ctx, key)
		if errors.Is(err, ErrNoObject) {
			err = &ChangedError{ID: s.ID, Want: s.SHA256, Got: "missing"}
		}
		if err != nil {
			return nil, fmt.Errorf("open the bundle of %s: %w", s.ID, err)
		}
		return &checked{ReadCloser: r, id: s.ID, want: s.SHA256, sum: sha256.New(), left: s.Bytes}, nil
	}
	first, err := open()
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, first)
	if err = errors.Join(err, first.Close()); err != nil {
		return nil, fmt.Errorf("check the bundle of %s: %w", s.ID, err)
	}
	return open()
}

// checked reads a bundle and ends with a *ChangedError when it is not the one that was written.
type checked struct {
	io.ReadCloser
	id, want string
	sum      hash.Hash
	left     int64 // bytes that are still expected
}

// Read implements io.Reader. The last bytes come only when the hash is right.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.sum.Write(p[:n])
	c.left -= int64(n)
	if err != nil && err != io.EOF {
		return n, err
	}
	if err == io.EOF || c.left <= 0 {
		if err == nil { // hash what may stand behind the end, to name the hash of the whole
			_, err = io.Copy(c.sum, c.ReadCloser)
			if err == nil {
				err = io.EOF
			}
		}
		if got := hex.EncodeToString(c.sum.Sum(nil)); got != c.want {
			return 0, &ChangedError{ID: c.id, Want: c.want, Got: got}
		}
	}
	return n, err
}

// Change lets change modify the sidecar of an interview and stores it. change keeps what describes
// the bundle.
func (a *Archive) Change(ctx context.Context, id string, change func(*Sidecar)) (Sidecar, error) {
	s, stem, err := a.find(ctx, id)
	if err != nil {
		return Sidecar{}, err
	}
	change(&s)
	a.settle(&s)
	return s, a.putSidecar(ctx, s, stem)
}

// Rewrite replaces the bundle and the sidecar of an interview. edit reads the bundle from r, writes
// the new one to w, and may change the sidecar before that.
func (a *Archive) Rewrite(ctx context.Context, id string, edit func(s *Sidecar, r io.Reader, w io.Writer) error) (Sidecar, error) {
	s, err := a.Find(ctx, id)
	if err != nil {
		return Sidecar{}, err
	}
	r, err := a.Open(ctx, s)
	if err != nil {
		return Sidecar{}, err
	}
	defer r.Close()
	next := s
	var content bytes.Buffer
	if err := edit(&next, r, &content); err != nil {
		return Sidecar{}, fmt.Errorf("rewrite %s: %w", id, err)
	}
	return a.Write(ctx, next, func(_ context.Context, w io.Writer) error {
		_, err := content.WriteTo(w)
		return err
	})
}

// Delete deletes an interview for good: tombstone, sidecar, bundle, in this order. An interview
// that is not archived gets a tombstone all the same, so that no node archives it later. ended is
// the end of such an interview, or zero. ErrHeld means that it is held.
func (a *Archive) Delete(ctx context.Context, t Tombstone) error {
	s, stem, err := a.find(ctx, t.ID)
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrBadSidecar):
	case err != nil:
		return err
	case s.Hold:
		return fmt.Errorf("delete %s: %w", t.ID, ErrHeld)
	}
	t.At = a.now().UTC().Truncate(time.Millisecond)
	raw, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode tombstone: %w", err)
	}
	if err := a.objects.Put(ctx, goneKey(t.ID), bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("delete %s: %w", t.ID, err)
	}
	a.index.remove(t.ID, t.At)
	if stem == "" {
		return nil
	}
	return a.removeObjects(ctx, t.ID, stem)
}

// removeObjects removes what was added, sidecar and bundle. What fails is removed by the sweep.
func (a *Archive) removeObjects(ctx context.Context, id, stem string) error {
	for _, ext := range []string{addedExt, sidecarExt, bundleExt} {
		if err := a.objects.Remove(ctx, stem+ext); err != nil {
			return fmt.Errorf("remove %s of %s: %w", ext, id, err)
		}
	}
	return nil
}
