package nodes_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/pkg/nodes"
	"parley/pkg/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const id = session.ID("0000beef")

// shared is the store in memory, with the rules that matter here and the time of the bubble. Tests
// of the real store are in pkg/store/redisstore and pkg/internal/faults.
type shared struct {
	mu        sync.Mutex
	beats     map[string]time.Time
	online    map[session.ID]map[string][]string
	followers map[string]func(session.Session, error) // by node
	refreshed map[string]int
	down      bool
	unknown   bool          // the session does not exist
	slow      time.Duration // how long Follow takes
}

var errDown = errors.New("no answer")

func newShared() *shared {
	return &shared{
		beats: map[string]time.Time{}, online: map[session.ID]map[string][]string{},
		followers: map[string]func(session.Session, error){}, refreshed: map[string]int{},
	}
}

// seat is the store as one node uses it.
type seat struct {
	*shared
	node string
}

func (s seat) Follow(ctx context.Context, _ session.ID, changed func(session.Session, error)) (func(), error) {
	s.mu.Lock()
	slow := s.slow
	s.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unknown {
		return nil, session.ErrNotFound
	}
	s.followers[s.node] = changed
	return func() { s.mu.Lock(); defer s.mu.Unlock(); delete(s.followers, s.node) }, nil
}

func (s seat) Refresh() { s.mu.Lock(); defer s.mu.Unlock(); s.refreshed[s.node]++ }

func (s seat) Beat(context.Context) (map[string]bool, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, false, errDown
	}
	last, known := s.beats[s.node]
	known = known && time.Since(last) < 15*time.Second
	s.beats[s.node] = time.Now()
	alive := map[string]bool{}
	for node, at := range s.beats {
		alive[node] = time.Since(at) < 15*time.Second
	}
	return alive, known, nil
}

func (s seat) Leave(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.beats, s.node)
	return nil
}

func (s seat) SetOnline(_ context.Context, people map[session.ID][]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errDown
	}
	for id, who := range people {
		if s.online[id] == nil {
			s.online[id] = map[string][]string{}
		}
		s.online[id][s.node] = who
	}
	return nil
}

func (s seat) Online(_ context.Context, id session.ID) (map[string][]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errDown
	}
	others := maps.Clone(s.online[id])
	delete(others, s.node)
	return others, nil
}

func (s seat) ForgetOnline(_ context.Context, id session.ID, dead []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, node := range dead {
		delete(s.online[id], node)
	}
	return nil
}

// people counts the connections of a node.
type people struct {
	mu  sync.Mutex
	who map[string]int
}

func (p *people) Online(string) map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.who)
}
func (p *people) Live(string) bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.who) > 0 }

// member is one node with its people.
type member struct {
	t      *testing.T
	people *people
	nodes  *nodes.Nodes
	heard  []string
	stop   func()
}

func join(t *testing.T, s *shared, name string) *member {
	m := &member{t: t, people: &people{who: map[string]int{}}}
	m.nodes = nodes.New(seat{s, name}, slog.New(slog.DiscardHandler))
	m.nodes.Start(m.people, func(_ session.ID, sess session.Session, err error) {
		m.heard = append(m.heard, sess.Title)
	})
	m.stop = sync.OnceFunc(func() {
		if err := m.nodes.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return m
}

// come connects a participant in the order of relay and API: counted first, then watched.
func (m *member) come(who string) {
	m.t.Helper()
	m.people.mu.Lock()
	m.people.who[who]++
	m.people.mu.Unlock()
	m.nodes.OnlineChanged(string(id))
	if err := m.nodes.Watch(m.t.Context(), id); err != nil {
		m.t.Errorf("Watch: %v", err)
	}
	synctest.Wait()
}

func (m *member) leave(who string) {
	m.people.mu.Lock()
	delete(m.people.who, who)
	m.people.mu.Unlock()
	m.nodes.OnlineChanged(string(id))
	synctest.Wait()
}

func (m *member) sees(want ...string) {
	m.t.Helper()
	got := strings.Join(slices.Sorted(maps.Keys(m.nodes.Online(m.t.Context(), id))), " ")
	if got != strings.Join(want, " ") {
		m.t.Errorf("sees %q online, want %q", got, want)
	}
}

func pass(d time.Duration) {
	<-time.After(d) // in the bubble
	synctest.Wait()
}

func TestWhoIsOnlineIsKnownOnEveryNode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		a, b := join(t, s, "a"), join(t, s, "b")
		defer a.stop()
		defer b.stop()
		a.come("ada")
		b.come("bo")
		a.sees("ada", "bo")
		b.sees("ada", "bo")
		late := join(t, s, "c") // its first beat comes after the last of the others
		late.come("cy")
		a.sees("ada", "bo", "cy")
		a.leave("ada")
		b.sees("bo", "cy")
		late.stop() // an orderly end: away with the next beat
		pass(4 * time.Second)
		b.sees("bo")
	})
}

func TestThePeopleOfADeadNodeVanish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		a := join(t, s, "a")
		defer a.stop()
		a.come("ada")
		s.mu.Lock() // a node that dies leaves its last beat and its notes
		s.beats["dead"], s.online[id]["dead"] = time.Now(), []string{"bo"}
		s.mu.Unlock()
		a.sees("ada", "bo")
		pass(14 * time.Second)
		a.sees("ada", "bo")
		pass(6 * time.Second)
		a.sees("ada")
		if s.online[id]["dead"] != nil {
			t.Error("the notes of the dead node stay")
		}
	})
}

// A node that the others took for dead, and whose notes they dropped, writes all notes again.
func TestANodeThatComesBackTellsEverythingAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		a, b := join(t, s, "a"), join(t, s, "b")
		defer a.stop()
		defer b.stop()
		a.come("ada")
		s.mu.Lock() // as if a had been stopped for so long
		s.beats["a"] = time.Now().Add(-time.Minute)
		delete(s.online[id], "a")
		s.mu.Unlock()
		pass(4 * time.Second)
		b.sees("ada")
	})
}

func TestWhileTheStoreIsAwayEachKnowsItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		a, b := join(t, s, "a"), join(t, s, "b")
		defer a.stop()
		defer b.stop()
		a.come("ada")
		s.mu.Lock()
		s.down = true
		s.mu.Unlock()
		b.come("bo")
		b.sees("bo")
		s.mu.Lock()
		s.down = false
		s.mu.Unlock()
		pass(time.Second)
		a.sees("ada", "bo")
		b.sees("ada", "bo")
	})
}

func TestASessionIsWatchedAsLongAsSomebodyIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		a := join(t, s, "a")
		defer a.stop()
		s.unknown = true
		if err := a.nodes.Watch(t.Context(), id); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("Watch of an unknown session = %v", err)
		}
		s.unknown = false // a failure is not remembered
		a.come("ada")
		tell := s.followers["a"]
		if tell == nil {
			t.Fatal("nobody follows")
		}
		tell(session.Session{Title: "changed"}, nil)
		if !slices.Equal(a.heard, []string{"changed"}) {
			t.Errorf("heard %v", a.heard)
		}
		pass(45 * time.Second)
		if s.refreshed["a"] == 0 {
			t.Error("a lost message would never be made up for")
		}
		a.leave("ada")
		pass(50 * time.Second)
		a.come("ada")
		pass(5 * time.Minute)
		if s.followers["a"] == nil {
			t.Error("who came back within the minute is watched no longer")
		}
		a.leave("ada")
		pass(2 * time.Minute)
		if s.followers["a"] != nil {
			t.Error("a session that nobody is in is watched for ever")
		}
	})
}

// The first caller of a watch may give up, or bring a context that has ended. The other callers of
// the same watch are served all the same.
func TestAWatchDoesNotDependOnItsFirstCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		s.slow = time.Second
		a := join(t, s, "a")
		defer a.stop()
		hasty, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- a.nodes.Watch(hasty, id) }() // ends with the call
		synctest.Wait()
		go func() { second <- a.nodes.Watch(t.Context(), id) }() // likewise
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that gave up got %v", err)
		}
		if err := <-second; err != nil {
			t.Errorf("the caller that waited with it got %v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.followers["a"] == nil {
			t.Error("the session is not watched")
		}
	})
}

// A store that does not answer ends the wait with an error, and the node can leave meanwhile.
func TestAWatchEndsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShared()
		s.slow = time.Hour
		a := join(t, s, "a")
		if err := a.nodes.Watch(context.Background(), id); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Watch = %v, want the end of its time", err)
		}
		told := make(chan error, 1)
		go func() { told <- a.nodes.Watch(context.Background(), id) }() // ends with the call
		synctest.Wait()
		a.stop()
		if err := <-told; err == nil {
			t.Error("a watch that the node's end cut off was said to have begun")
		}
		if err := a.nodes.Watch(context.Background(), id); err == nil {
			t.Error("a node that has left watches a session")
		}
	})
}
