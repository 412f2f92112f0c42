package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
)

func sessionID(s string) session.ID { return session.ID(s) }

// sameSession fails the test unless the store holds exactly want.
func sameSession(t *testing.T, s Store, want session.Session) {
	t.Helper()
	got, err := s.Get(t.Context(), want.ID)
	if err != nil {
		t.Fatalf("Get(%s): %v", want.ID, err)
	}
	g, w := asJSON(t, got), asJSON(t, want)
	if g != w {
		t.Fatalf("session differs:\n got %s\nwant %s", g, w)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func testRecord(t *testing.T, b Backend) {
	s := open(t, b)
	want := mustCreate(t, s, "aaaa0001", nil)
	sameSession(t, s, want)
	got, err := s.Get(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	got.Participants[0].Name = "changed by the caller"
	got.Invites[access.Candidate] = "changed by the caller"
	sameSession(t, s, want)
	for _, id := range []session.ID{"aaaa0002", "aaaa000", "", "a\x00b"} {
		if _, err := s.Get(t.Context(), id); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("Get(%q) = %v, want ErrNotFound", id, err)
		}
	}
}

func testSeed(t *testing.T, b Backend) {
	s := open(t, b)
	sess := mustCreate(t, s, "aaaa0001", []byte("seed"))
	id := relay.RoomID{Session: "aaaa0001"}
	want := []relay.Entry{{Update: []byte("seed"), At: epoch, By: string(sess.Creator)}}
	sameEntries(t, "log", mustLoad(t, s, id).Entries, want)
	if err := s.Create(t.Context(), record("aaaa0001"), []byte("again")); !errors.Is(err, session.ErrExists) {
		t.Fatalf("a second Create gave %v, want ErrExists", err)
	}
	sameSession(t, s, sess)
	if end := mustAppend(t, s, id, entry("e", 1)); end.Seq != 2 {
		t.Errorf("the number after the seed is %d, want 2", end.Seq)
	}
	sameEntries(t, "log", mustLoad(t, s, id).Entries, append(want, entry("e", 1)))
	if got := mustLoad(t, s, relay.RoomID{Session: "aaaa0001", Doc: "notes"}); got.At.Seq != 0 {
		t.Errorf("the seed reached another document: %+v", got)
	}
}

func testCreateRace(t *testing.T, b Backend) {
	s := open(t, b)
	var won atomic.Int32
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			err := s.Create(t.Context(), record("aaaa0001"), fmt.Appendf(nil, "seed %d", n))
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, session.ErrExists):
				t.Errorf("Create: %v", err)
			}
		})
	}
	wg.Wait()
	if n := len(mustLoad(t, s, relay.RoomID{Session: "aaaa0001"}).Entries); won.Load() != 1 || n != 1 {
		t.Errorf("%d creators won, %d seeds stored; want 1 and 1", won.Load(), n)
	}
}

func testUpdate(t *testing.T, b Backend) {
	s := open(t, b)
	want := mustCreate(t, s, "aaaa0001", nil)
	want.Title, want.Status = "new title", session.Ended
	want.Participants = append(want.Participants, session.Participant{ID: "p2", Name: "Bo", Role: access.Candidate, Color: "#aabbcc", JoinedAt: epoch})
	got, err := s.Update(t.Context(), want.ID, func(sess *session.Session) error {
		sess.Title, sess.Status, sess.Participants = want.Title, want.Status, want.Participants
		return nil
	})
	if err != nil || asJSON(t, got) != asJSON(t, want) {
		t.Fatalf("Update gave %s, %v; want %s", asJSON(t, got), err, asJSON(t, want))
	}
	sameSession(t, s, want)
	refused := errors.New("refused")
	_, err = s.Update(t.Context(), want.ID, func(sess *session.Session) error {
		sess.Title, sess.Participants[0].Name = "never stored", "never stored"
		return refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("Update = %v, want the closure's own error", err)
	}
	sameSession(t, s, want)
	if _, err := s.Update(t.Context(), "aaaa0002", func(*session.Session) error { return nil }); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Update of an unknown session = %v, want ErrNotFound", err)
	}
}

func testUpdateRace(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	const people = 24
	var wg sync.WaitGroup
	for n := range people {
		wg.Go(func() {
			_, err := s.Update(t.Context(), "aaaa0001", func(sess *session.Session) error {
				sess.Participants = append(sess.Participants, session.Participant{ID: session.ParticipantID(fmt.Sprint("q", n))})
				return nil
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		})
	}
	wg.Wait()
	got, err := s.Get(t.Context(), "aaaa0001")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[session.ParticipantID]bool{}
	for _, p := range got.Participants {
		seen[p.ID] = true
	}
	if len(seen) != people+1 || len(got.Participants) != people+1 {
		t.Errorf("%d participants, %d different; want %d: an update was lost", len(got.Participants), len(seen), people+1)
	}
}

func testInvites(t *testing.T, b Backend) {
	s := open(t, b)
	one, two := mustCreate(t, s, "aaaa0001", nil), mustCreate(t, s, "aaaa0002", nil)
	expect := func(hash access.Hash, want session.ID) {
		t.Helper()
		got, err := s.ByInvite(t.Context(), hash)
		if want == "" && !errors.Is(err, session.ErrNotFound) || want != "" && (err != nil || got != want) {
			t.Errorf("ByInvite = %q, %v; want %q", got, err, want)
		}
	}
	for _, sess := range []session.Session{one, two} {
		for _, h := range sess.Invites {
			expect(h, sess.ID)
		}
	}
	expect("", "")
	expect(access.NewCode().Hash(), "")
	fresh := access.NewCode().Hash()
	if _, err := s.Update(t.Context(), one.ID, func(sess *session.Session) error {
		sess.Invites[access.Candidate] = fresh
		delete(sess.Invites, access.Observer)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	expect(fresh, one.ID)
	expect(one.Invites[access.Candidate], "")
	expect(one.Invites[access.Observer], "")
	expect(one.Invites[access.Interviewer], one.ID)
	// The times of a tombstone are those of the store's own clock where a store forgets by itself.
	until := time.Now().Add(time.Hour)
	if err := s.Delete(t.Context(), one.ID, until); err != nil {
		t.Fatal(err)
	}
	for _, hash := range []access.Hash{fresh, one.Invites[access.Interviewer]} {
		if id, err := s.ByInvite(t.Context(), hash); !errors.Is(err, session.ErrGone) {
			t.Errorf("ByInvite of a deleted session = %q, %v; want ErrGone", id, err)
		}
	}
	expect(one.Invites[access.Candidate], "")
	expect(two.Invites[access.Candidate], two.ID)
}

// fill writes to every place that a session has. Each written byte string holds "trace-of-" and the
// id.
func fill(t *testing.T, s Store, id session.ID) {
	t.Helper()
	text := "trace-of-" + string(id)
	mustCreate(t, s, id, []byte(text))
	mustRecord(t, s, event(id, audit.Created, 0), event(id, audit.Joined, 1))
	for _, doc := range []string{"", "notes"} {
		room := relay.RoomID{Session: string(id), Doc: doc}
		mustCompact(t, s, room, text, at(mustAppend(t, s, room, entries(text, 0, 5)...), 3))
	}
}

// traces counts the keys that hold the id, and the values that fill wrote.
func traces(t *testing.T, b Backend, id session.ID) (named, written int) {
	t.Helper()
	b.Walk(t, func(key, value []byte) {
		if bytes.Contains(key, []byte(id)) || bytes.Contains(value, []byte(id)) {
			named++
		}
		if bytes.Contains(value, []byte("trace-of-"+string(id))) {
			written++
		}
	})
	return named, written
}

func testDelete(t *testing.T, b Backend) {
	s := b.Open(t)
	fill(t, s, "aaaa0001")
	fill(t, s, "aaaa0002")
	if err := s.Delete(t.Context(), "aaaa0003", epoch); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Delete of an unknown session = %v, want ErrNotFound", err)
	}
	until := epoch.Add(session.GoneFor)
	if err := s.Delete(t.Context(), "aaaa0001", until); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "aaaa0001"); !errors.Is(err, session.ErrGone) {
		t.Errorf("Get of a deleted session = %v, want ErrGone", err)
	}
	if err := s.Delete(t.Context(), "aaaa0001", until); !errors.Is(err, session.ErrGone) {
		t.Errorf("a second Delete = %v, want ErrGone", err)
	}
	if err := s.Create(t.Context(), record("aaaa0001"), nil); !errors.Is(err, session.ErrExists) {
		t.Errorf("Create over a tombstone = %v, want ErrExists", err)
	}
	closeStore(t, s)
	if _, written := traces(t, b, "aaaa0001"); written != 0 {
		t.Errorf("%d stored values still hold what the deleted session wrote", written)
	}
	if _, written := traces(t, b, "aaaa0002"); written < 4 {
		t.Errorf("the neighbour keeps %d values of what it wrote: the walk sees too little, or the delete took too much", written)
	}
	s = b.Open(t)
	if ids, err := s.Expire(t.Context(), until, nil); err != nil || !slices.Equal(ids, []session.ID{"aaaa0002"}) {
		t.Fatalf("Expire = %v, %v; want the neighbour alone", ids, err)
	}
	expireAll(t, s, until)
	if _, err := s.Get(t.Context(), "aaaa0001"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Get after the tombstone's time = %v, want ErrNotFound", err)
	}
	closeStore(t, s)
	if named, _ := traces(t, b, "aaaa0001"); named != 0 {
		t.Errorf("%d keys or values still name the session after its tombstone", named)
	}
}

func closeStore(t *testing.T, s Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func expireAll(t *testing.T, s Store, now time.Time) (all []session.ID) {
	t.Helper()
	for {
		ids, err := s.Expire(t.Context(), now, nil)
		if err != nil {
			t.Fatalf("Expire: %v", err)
		}
		if len(ids) == 0 {
			return all
		}
		all = append(all, ids...)
	}
}

// Writers that have not heard of a deletion keep writing while it happens.
func testAppendAfterDelete(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", []byte("seed"))
	var wg sync.WaitGroup
	var started sync.WaitGroup
	for _, doc := range []string{"", "notes"} {
		id := relay.RoomID{Session: "aaaa0001", Doc: doc}
		started.Add(1)
		wg.Go(func() {
			end := mustLoad(t, s, id).At
			for n := range 20_000 {
				var err error
				end, err = appendAt(s, id, end, relay.Prompt, entry("trace-of-aaaa0001", n))
				if n == 0 {
					started.Done()
				}
				if errors.Is(err, relay.ErrNoSession) {
					return
				}
				if err != nil {
					t.Errorf("Append: %v", err)
					return
				}
			}
			t.Error("appends go on long after the delete")
		})
	}
	started.Wait()
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	id := relay.RoomID{Session: "aaaa0001"}
	if err := s.Compact(t.Context(), id, []byte("trace-of-aaaa0001"), relay.Position{Epoch: 1, Seq: 1}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Compact after Delete = %v, want ErrNoSession", err)
	}
	if _, err := s.Since(t.Context(), id, relay.Position{}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Since after Delete = %v, want ErrNoSession", err)
	}
	if _, err := s.Update(t.Context(), "aaaa0001", func(*session.Session) error { return nil }); !errors.Is(err, session.ErrGone) {
		t.Errorf("Update after Delete = %v, want ErrGone", err)
	}
	closeStore(t, s)
	if _, written := traces(t, b, "aaaa0001"); written != 0 {
		t.Errorf("%d values were written to a deleted session", written)
	}
}

func testAdHoc(t *testing.T, b Backend) {
	s := open(t, b)
	room := record("demo")
	room.AdHoc = true
	if err := s.Create(t.Context(), room, nil); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, relay.RoomID{Session: "demo"}, entry("e", 0))
	if ids := expireAll(t, s, room.ExpiresAt); !slices.Equal(ids, []session.ID{"demo"}) {
		t.Fatalf("Expire gave %v, want the room", ids)
	}
	if _, err := s.Get(t.Context(), "demo"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Get = %v, want ErrNotFound", err)
	}
	if err := s.Create(t.Context(), room, nil); err != nil {
		t.Errorf("the name cannot be used again: %v", err)
	}
	if got := mustLoad(t, s, relay.RoomID{Session: "demo"}); got.At.Seq != 0 {
		t.Errorf("the new room has the old one's document: %+v", got)
	}
}

func testSecret(t *testing.T, b Backend) {
	s := b.Open(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for n := range 8 {
		wg.Go(func() {
			got, err := s.Secret(t.Context(), func() []byte { return fmt.Appendf(nil, "secret %d", n) })
			if err != nil {
				t.Errorf("Secret: %v", err)
			}
			mu.Lock()
			seen[string(got)] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Fatalf("%d different secrets: %v", len(seen), seen)
	}
	closeStore(t, s)
	got, err := open(t, b).Secret(t.Context(), func() []byte { return []byte("another") })
	if err != nil || !seen[string(got)] {
		t.Errorf("after reopening the secret is %q, %v", got, err)
	}
}

func testClosed(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	closeStore(t, s)
	closeStore(t, s)
	ctx := context.Background()
	id := relay.RoomID{Session: "aaaa0001"}
	_, sinceErr := s.Since(ctx, id, relay.Position{})
	_, promptErr := appendAt(s, id, relay.Position{}, relay.Prompt, entry("e", 0))
	_, batchedErr := appendAt(s, id, relay.Position{}, relay.Batched, entry("e", 0))
	_, getErr := s.Get(ctx, "aaaa0001")
	for name, err := range map[string]error{
		"Since": sinceErr, "Append, prompt": promptErr, "Append, batched": batchedErr, "Get": getErr, "Create": s.Create(ctx, record("aaaa0002"), nil), "Ping": s.Ping(ctx),
	} {
		if !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%s after Close gave %v, want an error that says the store cannot serve", name, err)
		}
	}
}
