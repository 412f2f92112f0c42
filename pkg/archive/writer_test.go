package archive_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/pkg/archive"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
)

const patience = 30 * time.Second

// site is a node with its writer.
type site struct {
	*archive.Writer
	sessions *session.Service
	archive  kept
}

// bundleOf is a bundle with the title and the people of a session.
func bundleOf(_ context.Context, sess session.Session) (archive.Bundle, error) {
	return archive.Bundle{Language: "go", Write: func(_ context.Context, w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s %d", sess.Title, len(sess.Participants))
		return err
	}}, nil
}

// join makes a node with these parts.
func join(store session.Store, k kept, now func() time.Time, tune func(*archive.WriterOptions)) *site {
	n := &site{sessions: session.NewService(store, time.Hour, now), archive: k}
	opts := archive.WriterOptions{
		Archive: k.Archive, Sessions: n.sessions, Bundle: bundleOf, LeaseTime: time.Second, Logger: slog.New(slog.DiscardHandler),
		Waiting: func(context.Context) ([]session.ID, time.Time, error) { return nil, time.Time{}, nil },
		Deleted: func(archive.Sidecar) {},
	}
	if tune != nil {
		tune(&opts)
	}
	n.Writer = archive.NewWriter(opts)
	return n
}

// run runs the writer until the returned function is called, or the test ends.
func (n *site) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

// ended makes a session that has ended.
func (n *site) ended(t *testing.T) session.Session {
	t.Helper()
	made, err := n.sessions.Create(t.Context(), session.Draft{Title: "Interview"})
	if err != nil {
		t.Fatal(err)
	}
	status := session.Ended
	sess, err := n.sessions.Change(t.Context(), made.Session.ID, session.Change{Status: &status})
	if err != nil {
		t.Fatal(err)
	}
	return sess
}

// until waits for a condition.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !met(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// archived reports whether the store knows the session as archived.
func (n *site) archived(t *testing.T, id session.ID) bool {
	t.Helper()
	sess, err := n.sessions.Stored(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return !sess.AwaitsArchive(time.Now())
}

func openShared(t *testing.T, server *redistest.Server) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Of two nodes, one writes each interview.
func TestOneNodeWrites(t *testing.T) {
	t.Parallel()
	server, dir := redistest.Start(t, redistest.Options{}), t.TempDir()
	var nodes []*site
	for range 2 {
		store := openShared(t, server)
		nodes = append(nodes, join(store, openArchive(t, dir, &clock{now: time.Now()}), time.Now, func(o *archive.WriterOptions) { o.Leases = store }))
	}
	var ids []session.ID
	for range 10 {
		ids = append(ids, nodes[0].ended(t).ID)
	}
	for _, n := range nodes {
		for _, id := range ids {
			n.Want(id)
		}
		n.run(t)
	}
	for _, id := range ids {
		until(t, "archived", func() bool { return nodes[1].archived(t, id) })
		if s, err := nodes[0].archive.Find(t.Context(), string(id)); err != nil {
			t.Error(err)
		} else if got, err := nodes[0].archive.content(t, s); err != nil || got != "Interview 1" {
			t.Errorf("content %q, %v", got, err)
		}
	}
	if a, b := nodes[0].Figures(), nodes[1].Figures(); a.Written+b.Written != uint64(len(ids)) || a.Failed+b.Failed != 0 {
		t.Errorf("%d interviews: %+v and %+v", len(ids), a, b)
	}
}

// mortal are leases of a node that can be killed: from then on nothing of it reaches the store.
type mortal struct {
	archive.Leases
	dead atomic.Bool
}

var errDead = errors.New("the node is dead")

func (m *mortal) Lease(ctx context.Context, name, holder string, lasts time.Duration) (bool, error) {
	if m.dead.Load() {
		return false, errDead
	}
	return m.Leases.Lease(ctx, name, holder, lasts)
}

func (m *mortal) Unlease(ctx context.Context, name, holder string) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Leases.Unlease(ctx, name, holder)
}

// A node that is killed in the middle of a bundle leaves it to another, which takes over when the
// lease has ended, and not before.
func TestKilledWhileItWrites(t *testing.T) {
	t.Parallel()
	server, dir := redistest.Start(t, redistest.Options{}), t.TempDir()
	first, second := openShared(t, server), openShared(t, server)
	leases, writing := &mortal{Leases: first}, make(chan struct{})
	a := join(first, openArchive(t, dir, &clock{now: time.Now()}), time.Now, func(o *archive.WriterOptions) {
		o.Leases = leases
		o.Bundle = func(context.Context, session.Session) (archive.Bundle, error) {
			return archive.Bundle{Write: func(ctx context.Context, w io.Writer) error {
				if _, err := io.WriteString(w, "half"); err != nil {
					return err
				}
				close(writing)
				<-ctx.Done()
				return ctx.Err()
			}}, nil
		}
	})
	b := join(second, openArchive(t, dir, &clock{now: time.Now()}), time.Now, func(o *archive.WriterOptions) { o.Leases = second })
	sess := a.ended(t)
	a.Want(sess.ID)
	stop := a.run(t)
	select {
	case <-writing:
	case <-time.After(patience):
		t.Fatal("the first node does not write")
	}
	if got, err := second.Lease(t.Context(), "archive-"+string(sess.ID), "another", time.Second); err != nil || got {
		t.Fatalf("a second node has the lease: %v, %v", got, err)
	}
	leases.dead.Store(true)
	stop()
	if files := files(t, dir); len(files) != 0 {
		t.Errorf("half a bundle left %v", files)
	}
	b.Want(sess.ID)
	b.run(t)
	until(t, "the other node archives it", func() bool { return b.archived(t, sess.ID) })
	s, err := b.archive.Find(t.Context(), string(sess.ID))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.archive.content(t, s); err != nil || got != "Interview 1" {
		t.Errorf("content %q, %v", got, err)
	}
}

// alone is one node over the embedded store.
func alone(t *testing.T, k kept, c *clock) *site {
	t.Helper()
	store, err := localstore.Open(t.TempDir(), localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return join(store, k, c.Now, nil)
}

// A session that has expired stays until it is archived, is ended for that, and stays at most for
// the time of grace.
func TestExpiryWaits(t *testing.T) {
	t.Parallel()
	c := &clock{now: epoch}
	n := alone(t, newArchive(t), c)
	made, err := n.sessions.Create(t.Context(), session.Draft{Title: "Interview"})
	if err != nil {
		t.Fatal(err)
	}
	id := made.Session.ID
	if n.Keeps(made.Session) {
		t.Error("a session that runs is kept")
	}
	c.add(time.Hour)
	if !n.Keeps(made.Session) {
		t.Error("a session that has expired is not kept")
	}
	n.run(t)
	until(t, "archived", func() bool {
		c.add(time.Second)
		sess, err := n.sessions.Stored(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return !sess.AwaitsArchive(c.Now())
	})
	sess, err := n.sessions.Stored(t.Context(), id)
	if err != nil || sess.Status != session.Ended || !sess.EndedAt.Equal(sess.ExpiresAt) || n.Keeps(sess) {
		t.Errorf("archived %+v, %v", sess, err)
	}
	c.add(session.ArchiveGrace)
	if n.Keeps(made.Session) {
		t.Error("a session is kept for ever")
	}
	prepared, err := n.sessions.Create(t.Context(), session.Draft{Lobby: true})
	if err != nil {
		t.Fatal(err)
	}
	c.add(2 * time.Hour)
	if n.Keeps(prepared.Session) {
		t.Error("a session that never began is kept")
	}
}

// A session whose archive was deleted is deleted too: a deletion was interrupted between the two.
func TestInterruptedDeletion(t *testing.T) {
	t.Parallel()
	c := &clock{now: epoch}
	n := alone(t, newArchive(t), c)
	sess := n.ended(t)
	if err := n.archive.Delete(t.Context(), archive.Tombstone{ID: string(sess.ID), Why: archive.WhyRequest}); err != nil {
		t.Fatal(err)
	}
	n.Want(sess.ID)
	n.run(t)
	until(t, "deleted", func() bool {
		c.add(time.Second)
		_, err := n.sessions.Stored(t.Context(), sess.ID)
		return errors.Is(err, session.ErrGone)
	})
}

// What is over its time is deleted with a tombstone, which ends after a week. What is held stays.
// What crashes have left goes.
func TestSweep(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	for n, days := range []int{1, 2, 0} {
		s := interview(fmt.Sprintf("aaaa000%d", n), epoch)
		s.RetentionDays = &days
		k.write(t, s, "x")
	}
	k.write(t, interview("aaaa0009", epoch), "x") // as the service says: 30 days
	if _, err := k.Change(t.Context(), "aaaa0001", func(s *archive.Sidecar) { s.Hold = true }); err != nil {
		t.Fatal(err)
	}
	orphan := filepath.Join(k.dir, "2026/11/bbbb0001.zip")
	if err := os.WriteFile(orphan, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(orphan, epoch, epoch); err != nil {
		t.Fatal(err)
	}
	var deleted []string
	sweep := func() {
		if err := k.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := k.Sweep(t.Context(), func(s archive.Sidecar) { deleted = append(deleted, s.ID) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []struct {
		after   time.Duration
		deleted string
		left    string
	}{
		{0, "", "2026/11/aaaa0000.json 2026/11/aaaa0000.zip 2026/11/aaaa0001.json 2026/11/aaaa0001.zip 2026/11/aaaa0002.json 2026/11/aaaa0002.zip 2026/11/aaaa0009.json 2026/11/aaaa0009.zip 2026/11/bbbb0001.zip"},
		{3 * 24 * time.Hour, "aaaa0000", "2026/11/aaaa0001.json 2026/11/aaaa0001.zip 2026/11/aaaa0002.json 2026/11/aaaa0002.zip 2026/11/aaaa0009.json 2026/11/aaaa0009.zip 2026/11/bbbb0001.zip gone/aaaa0000.json"},
		{28 * 24 * time.Hour, "aaaa0000 aaaa0009", "2026/11/aaaa0001.json 2026/11/aaaa0001.zip 2026/11/aaaa0002.json 2026/11/aaaa0002.zip gone/aaaa0009.json"},
		{8 * 24 * time.Hour, "aaaa0000 aaaa0009", "2026/11/aaaa0001.json 2026/11/aaaa0001.zip 2026/11/aaaa0002.json 2026/11/aaaa0002.zip"},
	} {
		k.clock.add(want.after)
		sweep()
		if got := strings.Join(deleted, " "); got != want.deleted {
			t.Errorf("after %v deleted %q, want %q", want.after, got, want.deleted)
		}
		if got := strings.Join(files(t, k.dir), " "); got != want.left {
			t.Errorf("after %v left is\n%s, want\n%s", want.after, got, want.left)
		}
	}
}
