package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
)

const ttl = 24 * time.Hour

// world is a service over a real store, with a clock that tests set.
type world struct {
	*session.Service
	store *localstore.Store
	mu    sync.Mutex
	now   time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := localstore.Open(t.TempDir(), localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	w := &world{store: store, now: time.Date(2026, 11, 21, 12, 0, 0, 123_456_789, time.FixedZone("", 3600))}
	w.Service = session.NewService(store, ttl, w.clock)
	return w
}

func (w *world) mustCreate(t *testing.T, d session.Draft) session.Created {
	t.Helper()
	made, err := w.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// mainOf loads the session's main document from the store.
func (w *world) mainOf(t *testing.T, id session.ID) (session.File, *crdt.Doc) {
	t.Helper()
	st, err := w.store.Since(t.Context(), relay.RoomID{Session: string(id)}, relay.Position{})
	if err != nil {
		t.Fatal(err)
	}
	doc := crdt.NewDoc()
	for _, e := range st.Entries {
		if err := doc.ApplyUpdate(e.Update); err != nil {
			t.Fatal(err)
		}
	}
	return mainFile(doc), doc
}

func ptr[T any](v T) *T { return &v }

func TestCreateWithNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(t, session.Draft{})
	s, c := made.Session, made.Creator
	if id := string(s.ID); len(id) != 8 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("id %q, want 8 lower-case hex characters", id)
	}
	if s.Status != session.Active || s.Title != "" || s.Creator != c.ID || c.Role != access.Interviewer || c.Name != session.DefaultCreator {
		t.Errorf("unexpected defaults: %+v", s)
	}
	if want := s.CreatedAt.Add(ttl); !s.ExpiresAt.Equal(want) || s.CreatedAt.Location() != time.UTC || s.CreatedAt.Nanosecond()%1e6 != 0 {
		t.Errorf("created %v, expires %v; want UTC, whole milliseconds, %v apart", s.CreatedAt, s.ExpiresAt, ttl)
	}
	if len(made.Codes) != 3 || len(s.Invites) != 3 {
		t.Errorf("%d codes and %d invites, want one per role", len(made.Codes), len(s.Invites))
	}
	for role, code := range made.Codes {
		if strings.Contains(fmt.Sprint(s.Invites), string(code)) {
			t.Errorf("the %s's code is stored in clear", role)
		}
	}
	f, doc := w.mainOf(t, s.ID)
	if f.Language != "javascript" || f.Name != "main.js" || !strings.Contains(f.Code, "console.log") {
		t.Errorf("seeded file is %+v", f)
	}
	want := map[string]any{"main": map[string]any{"name": "main.js", "language": "javascript", "order": 0.0}}
	if got := doc.ToJSON()["files"]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("files = %v, want %v", got, want)
	}
}

func TestCreateWithEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(t, session.Draft{
		Title: "  Backend\u202e \x00interview\n", Language: "Python", Code: ptr("a\r\nb\rc\n"), Lobby: true,
		Creator: session.Profile{Name: "Zoë \u200bO’Neil", Color: "#ABCDEF"},
	})
	s := made.Session
	if s.Title != "Backend interview" || s.Status != session.Waiting || made.Creator.Name != "Zoë O’Neil" || made.Creator.Color != "#abcdef" {
		t.Errorf("got %+v by %+v", s, made.Creator)
	}
	if f, _ := w.mainOf(t, s.ID); f.Code != "a\nb\nc\n" || f.Language != "python" || f.Name != "main.py" {
		t.Errorf("seeded file is %+v", f)
	}
	if f, _ := w.mainOf(t, w.mustCreate(t, session.Draft{Code: ptr(""), Language: "brainf"}).Session.ID); f.Code != "" || f.Name != "main.txt" {
		t.Errorf("empty code, unknown language: %+v", f)
	}
}

func TestCreateRefusesBadFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for field, d := range map[string]session.Draft{
		"title":         {Title: strings.Repeat("x", 201)},
		"creator.name":  {Creator: session.Profile{Name: strings.Repeat("ä", 41)}},
		"creator.color": {Creator: session.Profile{Color: "red;}body{display:none"}},
		"language":      {Language: "java script"},
		"code":          {Code: ptr(strings.Repeat("x", session.MaxCode+1))},
	} {
		var f *session.FieldError
		if _, err := w.Create(t.Context(), d); !errors.As(err, &f) || f.Field != field {
			t.Errorf("Create with a bad %s gave %v", field, err)
		}
	}
	if _, err := w.Create(t.Context(), session.Draft{Title: strings.Repeat("ä", 200), Creator: session.Profile{Name: strings.Repeat("語", 40)}}); err != nil {
		t.Errorf("at the limits: %v", err)
	}
	var f *session.FieldError
	made := w.mustCreate(t, session.Draft{})
	for _, name := range []string{"", " \t", "\u202e\u2066", "\u200d", "\x01\x02"} {
		if _, _, err := w.Join(t.Context(), made.Session.ID, made.Codes[access.Candidate], session.Profile{Name: name}); !errors.As(err, &f) || f.Field != "name" {
			t.Errorf("Join as %q gave %v, want a field error", name, err)
		}
	}
}

// The same draft always gives the same bytes. Therefore a seed can be applied twice.
func TestSeedIsDeterministic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seed := func() []byte {
		id := w.mustCreate(t, session.Draft{Language: "python"}).Session.ID
		st, err := w.store.Since(t.Context(), relay.RoomID{Session: string(id)}, relay.Position{})
		if err != nil || len(st.Entries) != 1 {
			t.Fatalf("log of %d entries, %v; want the seed alone", len(st.Entries), err)
		}
		return st.Entries[0].Update
	}
	first := seed()
	for range 20 {
		if again := seed(); !bytes.Equal(first, again) {
			t.Fatalf("seed differs:\n%x\n%x", first, again)
		}
	}
	ranges, err := crdt.UpdateClients(first)
	if err != nil || len(ranges) != 1 || ranges[0].Client != session.SeedClientID {
		t.Errorf("the seed is of clients %v, %v; want %d alone", ranges, err, uint64(session.SeedClientID))
	}
	doc := crdt.NewDoc()
	for range 2 {
		if err := doc.ApplyUpdate(first); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := doc.EncodeStateAsUpdate(nil); err != nil || !bytes.Equal(got, first) {
		t.Errorf("a seed applied twice changes the document (%v)", err)
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, other := w.mustCreate(t, session.Draft{}), w.mustCreate(t, session.Draft{})
	id := made.Session.ID
	for role, code := range made.Codes {
		s, p, err := w.JoinByInvite(t.Context(), code, session.Profile{Name: "Bo"})
		if err != nil || s.ID != id || p.Role != role {
			t.Errorf("JoinByInvite of the %s's code: %s in %s, %v", role, p.Role, s.ID, err)
		}
		if s, _, err := w.Join(t.Context(), id, other.Codes[role], session.Profile{Name: "Eve"}); !errors.Is(err, session.ErrInvite) {
			t.Errorf("the %s's code of another session opened %q: %v", role, s.ID, err)
		}
	}
	if _, _, err := w.JoinByInvite(t.Context(), access.NewCode(), session.Profile{Name: "Eve"}); !errors.Is(err, session.ErrInvite) {
		t.Errorf("a made-up code: %v, want ErrInvite", err)
	}
	got, err := w.Get(t.Context(), id)
	if err != nil || len(got.Participants) != 4 {
		t.Fatalf("%d participants, %v; want 4", len(got.Participants), err)
	}
	colors := map[string]bool{}
	for _, p := range got.Participants {
		colors[p.Color] = true
		if found, err := got.Participant(p.ID); err != nil || found != p {
			t.Errorf("Participant(%s) = %+v, %v", p.ID, found, err)
		}
	}
	if len(colors) != 4 {
		t.Errorf("4 people share %d colours", len(colors))
	}
}

// A participant without a chosen colour gets a colour that nobody in the session has, however the
// others got theirs.
func TestColorsDoNotClash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(t, session.Draft{})
	code := made.Codes[access.Candidate]
	join := func(color string) session.Participant {
		t.Helper()
		_, p, err := w.JoinByInvite(t.Context(), code, session.Profile{Name: "Bo", Color: color})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	second := join("")
	if _, _, err := w.Remove(t.Context(), made.Session.ID, second.ID); err != nil {
		t.Fatal(err)
	}
	if again := join(strings.ToUpper(second.Color)); again.Color != second.Color {
		t.Fatalf("picked %s, got %s", second.Color, again.Color)
	}
	seen := map[string]bool{made.Creator.Color: true, second.Color: true}
	for range 8 { // uses up the palette
		p := join("")
		if seen[p.Color] {
			t.Errorf("%s is given twice", p.Color)
		}
		seen[p.Color] = true
	}
	if last := join(""); !seen[last.Color] {
		t.Errorf("%s is not in the palette", last.Color)
	}
}

func TestJoinIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(t, session.Draft{}).Session.ID
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range session.MaxParticipants / 2 {
				if _, _, err := w.JoinAs(t.Context(), id, access.Observer, session.Profile{Name: "x"}); err != nil && !errors.Is(err, session.ErrFull) {
					t.Errorf("JoinAs: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if _, _, err := w.JoinAs(t.Context(), id, access.Observer, session.Profile{Name: "x"}); !errors.Is(err, session.ErrFull) {
		t.Errorf("JoinAs into a full session = %v, want ErrFull", err)
	}
	if s, err := w.Get(t.Context(), id); err != nil || len(s.Participants) != session.MaxParticipants {
		t.Errorf("%d participants, %v; want %d", len(s.Participants), err, session.MaxParticipants)
	}
	for n := range session.KeptPlaces {
		if _, _, err := w.JoinAs(t.Context(), id, access.Interviewer, session.Profile{Name: "x"}); err != nil {
			t.Fatalf("interviewer %d of those who have places kept back: %v", n, err)
		}
	}
	if _, _, err := w.JoinAs(t.Context(), id, access.Interviewer, session.Profile{Name: "x"}); !errors.Is(err, session.ErrFull) {
		t.Errorf("one more interviewer: %v, want ErrFull", err)
	}
}

func TestStatusGoesForwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := []session.Status{session.Waiting, session.Active, session.Ended}
	for from, start := range all {
		for to, next := range all {
			made := w.mustCreate(t, session.Draft{Lobby: true})
			id := made.Session.ID
			if _, err := w.Change(t.Context(), id, session.Change{Status: &start}); err != nil {
				t.Fatal(err)
			}
			w.advance(time.Minute)
			s, err := w.Change(t.Context(), id, session.Change{Status: &next})
			switch {
			case to < from && !errors.Is(err, session.ErrTransition):
				t.Errorf("from %s to %s: %v, want ErrTransition", start, next, err)
			case to >= from && (err != nil || s.Status != next):
				t.Errorf("from %s to %s: %s, %v", start, next, s.Status, err)
			case to == from && s.UpdatedAt.Equal(w.clock().Truncate(time.Millisecond)):
				t.Errorf("from %s to %s is reported as a change", start, next)
			}
		}
	}
	id := w.mustCreate(t, session.Draft{}).Session.ID
	if _, err := w.Change(t.Context(), id, session.Change{Status: ptr(session.Status("paused"))}); !errors.Is(err, session.ErrTransition) {
		t.Errorf("an unknown status: %v, want ErrTransition", err)
	}
	if s, err := w.Change(t.Context(), id, session.Change{Title: ptr(" new\ttitle ")}); err != nil || s.Title != "new title" {
		t.Errorf("title %q, %v", s.Title, err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(t, session.Draft{})
	id := made.Session.ID
	w.advance(ttl - 2*time.Millisecond)
	if _, err := w.Get(t.Context(), id); err != nil {
		t.Fatalf("just before the expiry: %v", err)
	}
	w.advance(2 * time.Millisecond)
	expect := func(when string, want error) {
		t.Helper()
		_, getErr := w.Get(t.Context(), id)
		_, _, joinErr := w.JoinAs(t.Context(), id, access.Candidate, session.Profile{Name: "x"})
		_, changeErr := w.Change(t.Context(), id, session.Change{Title: ptr("x")})
		if !errors.Is(getErr, want) || !errors.Is(joinErr, want) || !errors.Is(changeErr, want) {
			t.Errorf("%s: Get %v, JoinAs %v, Change %v; want %v", when, getErr, joinErr, changeErr, want)
		}
	}
	expect("before the sweep", session.ErrGone)
	var swept []session.ID
	sweep := func() {
		t.Helper()
		if err := w.Sweep(t.Context(), w.store, nil, func(sess session.Session) {
			if sess.CreatedAt.IsZero() {
				t.Errorf("%s is told without its record", sess.ID)
			}
			swept = append(swept, sess.ID)
		}); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if len(swept) != 1 || swept[0] != id {
		t.Errorf("the sweep reported %v, want %s", swept, id)
	}
	expect("after the sweep", session.ErrGone)
	byInvite := func(want error) {
		t.Helper()
		if _, _, err := w.JoinByInvite(t.Context(), made.Codes[access.Candidate], session.Profile{Name: "x"}); !errors.Is(err, want) {
			t.Errorf("its invite: %v, want %v", err, want)
		}
	}
	byInvite(session.ErrGone)
	w.advance(session.GoneFor - time.Millisecond)
	sweep()
	expect("within a week", session.ErrGone)
	w.advance(time.Millisecond)
	sweep()
	expect("after a week", session.ErrNotFound)
	byInvite(session.ErrInvite)
	if len(swept) != 1 {
		t.Errorf("the sweeps reported %v", swept)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(t, session.Draft{}).Session.ID
	if err := w.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Get(t.Context(), id); !errors.Is(err, session.ErrGone) {
		t.Errorf("Get = %v, want ErrGone", err)
	}
	if _, err := w.Open(t.Context(), id); !errors.Is(err, session.ErrGone) {
		t.Errorf("Open of a deleted session = %v, want ErrGone", err)
	}
}

// With open access, many clients connect to a new name at once. All get the same empty room.
func TestOpenMakesOneEmptyRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			s, err := w.Open(context.Background(), "my-room_1")
			if err != nil || s.ID != "my-room_1" || !s.AdHoc || s.Status != session.Active {
				t.Errorf("Open = %+v, %v", s, err)
			}
		})
	}
	wg.Wait()
	st, err := w.store.Since(t.Context(), relay.RoomID{Session: "my-room_1"}, relay.Position{})
	if err != nil || st.At.Seq != 0 {
		t.Errorf("the room holds %d entries, %v; want none", st.At.Seq, err)
	}
	w.advance(ttl)
	if err := w.Sweep(t.Context(), w.store, nil, func(session.Session) {}); err != nil {
		t.Fatal(err)
	}
	if s, err := w.Open(t.Context(), "my-room_1"); err != nil || !s.CreatedAt.Equal(w.clock().Truncate(time.Millisecond)) {
		t.Errorf("the name after its expiry: %+v, %v; want a new room", s, err)
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0a1b2c3d", "demo", "A_b-9", strings.Repeat("x", 64)} {
		if id, err := session.ParseID(s); err != nil || string(id) != s {
			t.Errorf("ParseID(%q) = %q, %v", s, id, err)
		}
	}
	for _, s := range []string{"", "a b", "a/b", "a.b", "ä", "a\x00", "%2e", strings.Repeat("x", 65)} {
		if id, err := session.ParseID(s); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("ParseID(%q) = %q, %v; want ErrNotFound", s, id, err)
		}
	}
}
