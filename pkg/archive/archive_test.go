package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/archive/dirstore"
)

var epoch = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// kept is an archive in a directory.
type kept struct {
	*archive.Archive
	dir   string
	clock *clock
}

func openArchive(t testing.TB, dir string, c *clock) kept {
	t.Helper()
	s, err := dirstore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return kept{archive.New(s, archive.Options{Retention: 30 * 24 * time.Hour, Now: c.Now, Logger: slog.New(slog.DiscardHandler)}), dir, c}
}

func newArchive(t testing.TB) kept { return openArchive(t, t.TempDir(), &clock{now: epoch}) }

func interview(id string, ended time.Time) archive.Sidecar {
	return archive.Sidecar{
		ID: id, Title: "Interview " + id, CreatedAt: ended.Add(-time.Hour), EndedAt: ended, Record: "all", Replay: "interviewers",
		Participants: []archive.Person{{ID: "lead", Name: "Ada", Role: access.Interviewer}, {ID: "cand", Name: "Bob", Role: access.Candidate}},
	}
}

func (k kept) write(t testing.TB, s archive.Sidecar, content string) archive.Sidecar {
	t.Helper()
	s, err := k.Write(context.Background(), s, func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	})
	if err != nil {
		t.Fatalf("write %s: %v", s.ID, err)
	}
	return s
}

func (k kept) content(t *testing.T, s archive.Sidecar) (string, error) {
	t.Helper()
	r, err := k.Open(t.Context(), s)
	if err != nil {
		return "", err
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	return string(raw), err
}

func TestWriteFindOpen(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	s := k.write(t, interview("aaaa0001", epoch), "bundle")
	if !s.DeleteAfter.Equal(epoch.Add(30*24*time.Hour)) || s.Bytes != 6 || s.V != archive.SidecarVersion {
		t.Errorf("written %+v", s)
	}
	for _, name := range []string{"2026/11/aaaa0001.zip", "2026/11/aaaa0001.json"} {
		if _, err := os.Stat(filepath.Join(k.dir, name)); err != nil {
			t.Error(err)
		}
	}
	other := openArchive(t, k.dir, k.clock) // another node
	found, err := other.Find(t.Context(), "aaaa0001")
	if err != nil || found.SHA256 != s.SHA256 || found.Participants[0].Name != "Ada" {
		t.Fatalf("found %+v, %v", found, err)
	}
	if got, err := other.content(t, found); err != nil || got != "bundle" {
		t.Errorf("content %q, %v", got, err)
	}
	if _, err := other.Find(t.Context(), "aaaa0002"); !errors.Is(err, archive.ErrNotFound) {
		t.Errorf("find nothing: %v", err)
	}
	k.clock.add(time.Minute)
	k.write(t, interview("aaaa0002", epoch), "later")
	if _, err := other.Find(t.Context(), "aaaa0002"); err != nil {
		t.Errorf("what another node wrote since: %v", err)
	}
}

// A bundle that was changed by hand is refused, whatever was changed, and its hash is named.
func TestChangedBundles(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	s := k.write(t, interview("aaaa0001", epoch), "bundle")
	file := filepath.Join(k.dir, "2026/11/aaaa0001.zip")
	for _, content := range []string{"Bundle", "bundl", "bundle!", ""} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := k.Open(t.Context(), s)
		if changed := (*archive.ChangedError)(nil); !errors.As(err, &changed) || changed.Want != s.SHA256 || len(changed.Got) != 64 || changed.Got == s.SHA256 {
			t.Errorf("%q: %v", content, err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Open(t.Context(), s); !errors.As(err, new(*archive.ChangedError)) {
		t.Errorf("missing: %v", err)
	}
}

// A bundle that fails half way leaves what was there.
func TestFailingBundle(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	old, broken := k.write(t, interview("aaaa0001", epoch), "old"), errors.New("broken")
	for _, id := range []string{"aaaa0001", "aaaa0002"} {
		_, err := k.Write(t.Context(), interview(id, epoch), func(_ context.Context, w io.Writer) error {
			_, err := w.Write(bytes.Repeat([]byte("x"), 1<<20))
			return errors.Join(err, broken)
		})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if got, err := k.content(t, old); err != nil || got != "old" {
		t.Errorf("content %q, %v", got, err)
	}
	if _, err := k.Find(t.Context(), "aaaa0002"); !errors.Is(err, archive.ErrNotFound) {
		t.Errorf("found what was not written: %v", err)
	}
}

func TestChangeAndDelete(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	other := openArchive(t, k.dir, k.clock)
	k.write(t, interview("aaaa0001", epoch), "bundle")
	days := 3
	s, err := k.Change(t.Context(), "aaaa0001", func(s *archive.Sidecar) { s.Hold, s.RetentionDays = true, &days })
	if err != nil || !s.DeleteAfter.Equal(epoch.Add(72*time.Hour)) || s.Due(epoch.AddDate(1, 0, 0)) {
		t.Errorf("changed %+v, %v", s, err)
	}
	gone := archive.Tombstone{ID: "aaaa0001", By: "Ada", Why: archive.WhyRequest}
	if err := other.Delete(t.Context(), gone); !errors.Is(err, archive.ErrHeld) {
		t.Errorf("delete what is held: %v", err)
	}
	days = 0
	if s, err = k.Change(t.Context(), "aaaa0001", func(s *archive.Sidecar) { s.Hold, s.RetentionDays = false, &days }); err != nil || !s.DeleteAfter.IsZero() {
		t.Errorf("changed %+v, %v", s, err)
	}
	if err := other.Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]kept{"this node": other, "another": k, "a new one": openArchive(t, k.dir, k.clock)} {
		if _, err := a.Find(t.Context(), "aaaa0001"); !errors.Is(err, archive.ErrGone) {
			t.Errorf("%s: find what is deleted: %v", name, err)
		}
		if _, err := a.Write(t.Context(), interview("aaaa0001", epoch), func(context.Context, io.Writer) error { return nil }); !errors.Is(err, archive.ErrGone) {
			t.Errorf("%s: archive what is deleted: %v", name, err)
		}
	}
	if left := files(t, k.dir); !slices.Equal(left, []string{"gone/aaaa0001.json"}) {
		t.Errorf("left is %v", left)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// An interview that is deleted while its bundle is written does not come back.
func TestDeletedWhileItIsWritten(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	other := openArchive(t, k.dir, k.clock)
	_, err := k.Write(t.Context(), interview("aaaa0001", epoch), func(ctx context.Context, w io.Writer) error {
		if err := other.Delete(ctx, archive.Tombstone{ID: "aaaa0001", Why: archive.WhyRequest}); err != nil {
			t.Error(err)
		}
		_, err := io.WriteString(w, "bundle")
		return err
	})
	if !errors.Is(err, archive.ErrGone) {
		t.Errorf("write: %v", err)
	}
	if left := files(t, k.dir); !slices.Equal(left, []string{"gone/aaaa0001.json"}) {
		t.Errorf("left is %v", left)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	for n := range 5 {
		s := interview(fmt.Sprintf("aaaa%04d", n), epoch.Add(time.Duration(n)*time.Hour))
		s.ExternalID = fmt.Sprintf("JOB-%d", n)
		if n == 3 {
			s.Participants[1].Name = "Zoë Müller"
		}
		k.write(t, s, "x")
	}
	all := []string{"aaaa0004", "aaaa0003", "aaaa0002", "aaaa0001", "aaaa0000"}
	for name, c := range map[string]struct {
		q    archive.Query
		want []string
	}{
		"all":     {archive.Query{}, all},
		"person":  {archive.Query{Text: "zoë MÜLLER"}, all[1:2]},
		"id":      {archive.Query{Text: "job-2"}, all[2:3]},
		"words":   {archive.Query{Text: "interview aaaa0001 bob"}, all[3:4]},
		"nothing": {archive.Query{Text: "interview nobody"}, nil},
		"times":   {archive.Query{From: epoch.Add(time.Hour), To: epoch.Add(3 * time.Hour)}, all[2:4]},
		"mine":    {archive.Query{May: func(s archive.Sidecar) bool { return s.ExternalID == "JOB-4" }}, all[:1]},
	} {
		for limit := 1; limit <= 6; limit++ {
			var got []string
			q := c.q
			for q.Limit = limit; ; {
				page, next, err := k.Search(t.Context(), q)
				if err != nil || len(page) > limit {
					t.Fatalf("%s: %d, %v", name, len(page), err)
				}
				for _, s := range page {
					got = append(got, s.ID)
				}
				if q.Cursor = next; next == "" {
					break
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s by %d: got %v, want %v", name, limit, got, c.want)
			}
		}
	}
	for _, cursor := range []string{"x", "0.", "!.a"} {
		if _, _, err := k.Search(t.Context(), archive.Query{Cursor: cursor, Limit: 1}); !errors.Is(err, archive.ErrCursor) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

// A listing reads what is new or has changed, leaves out what it cannot read, and forgets what is
// gone.
func TestRefresh(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	k.write(t, interview("aaaa0001", epoch), "x")
	k.write(t, interview("aaaa0002", epoch), "x")
	other := openArchive(t, k.dir, k.clock)
	titles := func() (titles []string) {
		if err := other.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		page, _, err := other.Search(t.Context(), archive.Query{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page {
			titles = append(titles, s.Title)
		}
		return titles
	}
	if got := titles(); !slices.Equal(got, []string{"Interview aaaa0001", "Interview aaaa0002"}) {
		t.Errorf("at first %v", got)
	}
	if _, err := k.Change(t.Context(), "aaaa0001", func(s *archive.Sidecar) { s.Title = "New" }); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"2026/11/aaaa0003.json": "{", "2026/11/aaaa0004.json": strings.Repeat("x", 2<<20), "2026/12/aaaa0005.zip": "x", "2026/11/x.txt": "x", "readme.json": "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(k.dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(k.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(k.dir, "2026/11/aaaa0002.json")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := titles(); !slices.Equal(got, []string{"New"}) {
			t.Errorf("then %v", got)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	k := newArchive(b)
	for n := range 10_000 {
		s := interview(fmt.Sprintf("%08x", n), epoch.Add(time.Duration(n)*time.Minute))
		s.Title = fmt.Sprintf("Backend engineer, round %d", n%7)
		s.Participants[1].Name = fmt.Sprintf("Candidate %d", n)
		k.write(b, s, "x")
	}
	for _, text := range []string{"", "candidate 1234", "nobody at all"} {
		b.Run("text="+text, func(b *testing.B) {
			if _, _, err := k.Search(b.Context(), archive.Query{Limit: 1}); err != nil { // the first listing
				b.Fatal(err)
			}
			for b.Loop() {
				if _, _, err := k.Search(b.Context(), archive.Query{Text: text, Limit: 50}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("first listing", func(b *testing.B) {
		for b.Loop() {
			if err := openArchive(b, k.dir, k.clock).Refresh(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("listing", func(b *testing.B) {
		for b.Loop() {
			if err := k.Refresh(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
