package archive

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parley/pkg/session"
)

// Timing of a Writer.
const (
	// settleTime is how long an interview must have been left alone before it is archived, so that
	// its last events are in it.
	settleTime = 2 * time.Second
	workEvery  = 500 * time.Millisecond
	lookEvery  = 30 * time.Second // for interviews that wait, in the store
	firstPause = 2 * time.Second  // after a failure; it doubles each time
	longPause  = time.Minute
	writeTime  = 15 * time.Minute // for one interview
)

// Leases keep several nodes from doing the same thing. A lease ends by itself when its holder does
// not renew it.
type Leases interface {
	Lease(ctx context.Context, name, holder string, lasts time.Duration) (bool, error)
	Unlease(ctx context.Context, name, holder string) error
}

// Sessions is what a Writer needs of package session.
type Sessions interface {
	Stored(ctx context.Context, id session.ID) (session.Session, error)
	EndExpired(ctx context.Context, id session.ID) (session.Session, error)
	NoteArchived(ctx context.Context, id session.ID, of time.Time) (session.Session, error)
	Delete(ctx context.Context, id session.ID) error
	Now() time.Time
}

// Bundle is what is archived of a session.
type Bundle struct {
	Language string // of the first file
	Write    func(ctx context.Context, w io.Writer) error
}

// WriterOptions configure a Writer. All fields but Leases, Find and Deleted are required.
type WriterOptions struct {
	Archive  *Archive
	Sessions Sessions
	Bundle   func(ctx context.Context, sess session.Session) (Bundle, error)
	// Waiting returns the sessions that await the archive, of all nodes, and the UpdatedAt of the
	// one that waits longest.
	Waiting func(ctx context.Context) ([]session.ID, time.Time, error)
	Leases  Leases // nil: this node is the only one
	// LeaseTime is how long a node that died keeps others from its work. It is renewed meanwhile.
	LeaseTime time.Duration
	Deleted   func(Sidecar) // an interview was over its time and is deleted
	Logger    *slog.Logger
}

// Writer archives the sessions that have ended, and deletes what is over its time. Its methods are
// safe for concurrent use.
type Writer struct {
	// Fixed by NewWriter.
	opts   WriterOptions
	holder string

	mu   sync.Mutex
	jobs map[session.ID]job

	waiting atomic.Int64 // sessions, at the last look
	since   atomic.Int64 // UpdatedAt of the one that waits longest, in ms; 0: none
	written atomic.Uint64
	failed  atomic.Uint64
	failing atomic.Bool
}

// job is a session to archive.
type job struct {
	at    time.Time
	tries int
}

// NewWriter returns a Writer. Run does its work.
func NewWriter(opts WriterOptions) *Writer {
	random := make([]byte, 8)
	rand.Read(random) // never fails: crypto/rand ends the program instead
	return &Writer{opts: opts, holder: hex.EncodeToString(random), jobs: map[session.ID]job{}}
}

// Want asks for a session to be archived soon. It never blocks. A session that is not due is left
// alone.
func (w *Writer) Want(id session.ID) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, has := w.jobs[id]; !has {
		w.jobs[id] = job{at: w.opts.Sessions.Now().Add(settleTime)}
	}
}

// Keeps reports whether a session that has expired must stay in its store a while longer, and asks
// for it to be archived.
func (w *Writer) Keeps(sess session.Session) bool {
	if w == nil {
		return false
	}
	now := w.opts.Sessions.Now()
	if !sess.AwaitsArchive(now) {
		return false
	}
	if !now.Before(sess.ExpiresAt.Add(session.ArchiveGrace)) {
		w.opts.Logger.Error("an interview is deleted without having been archived: its archive could not be written for too long",
			"session", sess.ID, "expired", sess.ExpiresAt)
		return false
	}
	w.Want(sess.ID)
	return true
}

// Figures are the counts of a Writer.
type Figures struct {
	Pending         int           // sessions that wait, at the last look
	Waiting         time.Duration // how long the first of them has waited
	Written, Failed uint64
	Failing         bool
}

// Figures returns the counts, zero for a nil Writer.
func (w *Writer) Figures() Figures {
	if w == nil {
		return Figures{}
	}
	f := Figures{Pending: int(w.waiting.Load()), Written: w.written.Load(), Failed: w.failed.Load(), Failing: w.failing.Load()}
	if since := w.since.Load(); since > 0 {
		f.Waiting = max(0, w.opts.Sessions.Now().Sub(time.UnixMilli(since)))
	}
	return f
}

// Run works until ctx ends.
func (w *Writer) Run(ctx context.Context) {
	work, look := time.NewTicker(workEvery), time.NewTicker(lookEvery)
	defer work.Stop()
	defer look.Stop()
	w.look(ctx)
	for {
		select {
		case <-work.C:
			w.work(ctx)
		case <-look.C:
			w.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// look finds the sessions that wait, and what is over its time.
func (w *Writer) look(ctx context.Context) {
	ids, since, err := w.opts.Waiting(ctx)
	if err == nil {
		w.waiting.Store(int64(len(ids)))
		if w.since.Store(0); len(ids) > 0 {
			w.since.Store(since.UnixMilli())
		}
		for _, id := range ids {
			w.Want(id)
		}
	}
	w.told(ctx, "look for interviews to archive", err)
	if err := w.opts.Archive.Refresh(ctx); err != nil {
		w.told(ctx, "list the archive", err)
		return
	}
	err = w.leased(ctx, "archive-sweep", func(ctx context.Context) error { return w.opts.Archive.Sweep(ctx, w.opts.Deleted) })
	if !errors.Is(err, errLeased) {
		w.told(ctx, "delete what is over its time", err)
	}
}

// work archives what is due, one after the other.
func (w *Writer) work(ctx context.Context) {
	for _, id := range w.due() {
		if ctx.Err() != nil {
			return
		}
		again, err := w.archive(ctx, id)
		if err != nil {
			w.failed.Add(1)
		}
		w.told(ctx, "archive "+string(id), err)
		w.settle(id, again, err)
	}
}

// due returns the sessions whose time has come.
func (w *Writer) due() (ids []session.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.opts.Sessions.Now()
	for id, j := range w.jobs {
		if !now.Before(j.at) {
			ids = append(ids, id)
		}
	}
	return ids
}

// settle ends a job, or sets when it is tried again: after again, or after a failure.
func (w *Writer) settle(id session.ID, again time.Duration, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.jobs[id]
	switch {
	case err != nil:
		again = min(longPause, firstPause<<min(j.tries, 10))
		j.tries++
	case again == 0:
		delete(w.jobs, id)
		return
	}
	j.at = w.opts.Sessions.Now().Add(again)
	w.jobs[id] = j
}

// told logs the first failure of a row, and the end of the row.
func (w *Writer) told(ctx context.Context, what string, err error) {
	switch was := w.failing.Load(); {
	case ctx.Err() != nil:
	case err != nil && !was:
		w.failing.Store(true)
		w.opts.Logger.Error("the archive fails, and is tried again: interviews stay in the store until it has them", "doing", what, "err", err)
	case err != nil:
		w.opts.Logger.Debug("the archive still fails", "doing", what, "err", err)
	case was:
		w.failing.Store(false)
		w.opts.Logger.Info("the archive works again")
	}
}

// errLeased means that another node does it.
var errLeased = errors.New("another node does it")

// leased runs do while this node holds a lease. When the lease is lost, the context of do ends.
func (w *Writer) leased(ctx context.Context, name string, do func(context.Context) error) error {
	if w.opts.Leases == nil {
		return do(ctx)
	}
	got, err := w.opts.Leases.Lease(ctx, name, w.holder, w.opts.LeaseTime)
	switch {
	case err != nil:
		return err
	case !got:
		return errLeased
	}
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		defer cancel()
		w.renew(ctx, name)
	})
	err = do(ctx)
	cancel()
	renewing.Wait()
	back, done := context.WithTimeout(context.WithoutCancel(ctx), w.opts.LeaseTime)
	defer done()
	if lost := w.opts.Leases.Unlease(back, name, w.holder); lost != nil {
		w.opts.Logger.Debug("a lease ends by itself", "err", lost)
	}
	return err
}

// renew renews a lease until ctx ends or the lease is lost.
func (w *Writer) renew(ctx context.Context, name string) {
	tick := time.NewTicker(w.opts.LeaseTime / 4)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		ask, done := context.WithTimeout(ctx, w.opts.LeaseTime/4)
		got, err := w.opts.Leases.Lease(ask, name, w.holder, w.opts.LeaseTime)
		done()
		switch {
		case err == nil && got:
			last = time.Now()
		case err == nil, time.Since(last) > w.opts.LeaseTime/2:
			return
		}
	}
}

// archive archives a session if it awaits that. again is when to look at it once more; 0: never.
func (w *Writer) archive(ctx context.Context, id session.ID) (again time.Duration, err error) {
	sess, err := w.opts.Sessions.Stored(ctx, id)
	if errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrGone) {
		return 0, nil
	}
	now := w.opts.Sessions.Now()
	switch {
	case err != nil:
		return 0, err
	case !sess.AwaitsArchive(now):
		return 0, nil
	case now.Sub(sess.UpdatedAt) < settleTime && !sess.Expired(now):
		return settleTime, nil
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	err = w.leased(ctx, "archive-"+string(id), func(ctx context.Context) error {
		again, err = w.write(ctx, sess)
		return err
	})
	if errors.Is(err, errLeased) {
		return w.opts.LeaseTime / 2, nil
	}
	return again, err
}

// write writes a session to the archive, and notes in its record that it is there.
func (w *Writer) write(ctx context.Context, sess session.Session) (again time.Duration, err error) {
	if sess.Status != session.Ended {
		if sess, err = w.opts.Sessions.EndExpired(ctx, sess.ID); err != nil {
			return 0, err
		}
	} else if sess, err = w.opts.Sessions.Stored(ctx, sess.ID); err != nil { // with the lease
		return 0, err
	}
	if !sess.AwaitsArchive(w.opts.Sessions.Now()) {
		return 0, nil
	}
	bundle, err := w.opts.Bundle(ctx, sess)
	if err != nil {
		return 0, fmt.Errorf("read session %s: %w", sess.ID, err)
	}
	side := Describe(sess)
	side.Language = bundle.Language
	_, err = w.opts.Archive.Write(ctx, side, bundle.Write)
	if errors.Is(err, ErrGone) { // a deletion was interrupted between archive and store
		err = w.opts.Sessions.Delete(ctx, sess.ID)
		if errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrGone) {
			err = nil
		}
		return 0, err
	}
	if err != nil {
		return 0, err
	}
	w.written.Add(1)
	was := sess.UpdatedAt
	sess, err = w.opts.Sessions.NoteArchived(ctx, sess.ID, was)
	switch {
	case errors.Is(err, session.ErrNotFound), errors.Is(err, session.ErrGone):
		return 0, nil // a deletion has set a tombstone in the archive before
	case err != nil:
		return 0, err
	case !sess.UpdatedAt.Equal(was):
		return settleTime, nil
	}
	return 0, nil
}

// Describe returns the sidecar of a session, without what the archive sets.
func Describe(sess session.Session) Sidecar {
	s := Sidecar{
		V: SidecarVersion, ID: string(sess.ID), Title: sess.Title, CreatorID: string(sess.Creator), CreatedAt: sess.CreatedAt,
		StartedAt: sess.StartedAt, EndedAt: sess.EndedAt, Record: string(sess.Records()), Replay: string(sess.Replays()),
		Owner: string(sess.Owner), Team: sess.Team, ExternalID: sess.ExternalID, Metadata: []byte(sess.Metadata), CallURL: sess.CallURL,
		RetentionDays: sess.RetentionDays, Hold: sess.Hold, Participants: make([]Person, 0, len(sess.Participants)),
	}
	if asked, ok := sess.Current(); ok {
		s.Question = asked.Title
	}
	for _, p := range sess.Participants {
		s.Participants = append(s.Participants, Person{ID: string(p.ID), Name: p.Name, Role: p.Role, Color: p.Color, JoinedAt: p.JoinedAt, User: string(p.User)})
	}
	return s
}
