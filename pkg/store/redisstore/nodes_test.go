package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/session"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
)

// openNode opens the store of one more node.
func openNode(t *testing.T, url string) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), url, redisstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// newSession makes a session that lives for an hour.
func newSession(t *testing.T, s *redisstore.Store) session.Created {
	t.Helper()
	made, err := session.NewService(s, time.Hour, time.Now).Create(t.Context(), session.Draft{Title: "of several nodes"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// changes records what Follow tells.
type changes struct {
	mu   sync.Mutex
	last session.Session
	err  error
	n    int
}

func (c *changes) note(s session.Session, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.err, c.n = s, err, c.n+1
}

func (c *changes) await(t *testing.T, what string, ok func(session.Session, error) bool) {
	t.Helper()
	redistest.Eventually(t, what, func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !ok(c.last, c.err) {
			return fmt.Errorf("%d changes told, the last: %+v, %v", c.n, c.last, c.err)
		}
		return nil
	})
}

func follow(t *testing.T, s *redisstore.Store, id session.ID) *changes {
	t.Helper()
	c := &changes{}
	stop, err := s.Follow(t.Context(), id, c.note)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return c
}

func retitle(t *testing.T, s *redisstore.Store, id session.ID, title string) {
	t.Helper()
	if _, err := s.Update(t.Context(), id, func(sess *session.Session) error { sess.Title = title; return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestAChangeReachesWhoFollows(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	a, b := openNode(t, redis.URL()), openNode(t, redis.URL())
	id := newSession(t, a).Session.ID
	heard := follow(t, b, id)
	retitle(t, a, id, "another title")
	heard.await(t, "the title", func(s session.Session, err error) bool { return err == nil && s.Title == "another title" })
	if err := a.Delete(t.Context(), id, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	heard.await(t, "the end", func(_ session.Session, err error) bool { return errors.Is(err, session.ErrGone) })
	if _, err := b.Follow(t.Context(), id, heard.note); !errors.Is(err, session.ErrGone) {
		t.Errorf("Follow of what is gone = %v", err)
	}
	if _, err := b.Follow(t.Context(), "unknown0", heard.note); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Follow of what never was = %v", err)
	}
}

// A node that was cut off during a change learns of it when it is back. Refresh makes up for a
// message that reached no node.
func TestALostMessageIsMadeUpFor(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	proxy := redistest.NewProxy(t, redis.Addr())
	a, b := openNode(t, redis.URL()), openNode(t, proxy.URL())
	id := newSession(t, a).Session.ID
	heard := follow(t, b, id)
	proxy.Cut()
	retitle(t, a, id, "changed behind the cut")
	proxy.Heal()
	heard.await(t, "the title after the cut", func(s session.Session, err error) bool { return err == nil && s.Title == "changed behind the cut" })

	// The record changes without a message, as if the message had been lost.
	key := "parley:{" + string(id) + "}:session"
	record := redis.Do("HGET", key, "json")[0]
	redis.Do("HSET", key, "json", strings.Replace(record, "behind the cut", "without a word", 1), "rev", "100")
	b.Refresh()
	heard.await(t, "the title after Refresh", func(s session.Session, err error) bool { return err == nil && s.Title == "changed without a word" })
}

func TestWhatRedisLostIsPutBack(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	a, b := openNode(t, redis.URL()), openNode(t, redis.URL())
	for _, s := range []*redisstore.Store{a, b} {
		if _, _, err := s.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	secret, err := a.Secret(t.Context(), access.NewSecret)
	if err != nil {
		t.Fatal(err)
	}
	live, deleted := newSession(t, a), newSession(t, a).Session.ID
	id := live.Session.ID
	heard := follow(t, a, id)
	goneHeard := follow(t, a, deleted)
	retitle(t, b, id, "known to the node that follows")
	heard.await(t, "the title", func(s session.Session, _ error) bool { return s.Title == "known to the node that follows" })
	if err := b.Delete(t.Context(), deleted, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	goneHeard.await(t, "the deletion", func(_ session.Session, err error) bool { return errors.Is(err, session.ErrGone) })

	redis.Stop()
	redis.RestartEmpty()
	redistest.Eventually(t, "the session on the node that does not follow", func() error {
		sess, err := b.Get(t.Context(), id)
		if errors.Is(err, session.ErrNotFound) {
			t.Fatalf("said to be unknown while Redis gets back what it lost")
		}
		if err == nil && sess.Title != "known to the node that follows" {
			t.Fatalf("an old record was put back: %+v", sess)
		}
		return err
	})
	if got, err := b.ByInvite(t.Context(), live.Codes[access.Candidate].Hash()); err != nil || got != id {
		t.Errorf("the invite leads to %q, %v", got, err)
	}
	redistest.Eventually(t, "the secret", func() error {
		got, err := openNode(t, redis.URL()).Secret(t.Context(), func() []byte { return secret })
		if err == nil && string(got) != string(secret) {
			t.Fatal("another secret")
		}
		return err
	})
	if _, err := a.Get(t.Context(), deleted); err == nil {
		t.Error("a deleted session is back")
	}
	if page, err := b.List(t.Context(), "", 10); err != nil || len(page) != 1 {
		t.Errorf("List = %v, %v", page, err)
	}
}

func TestManyNodesSweepEachSessionOnce(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := []*redisstore.Store{openNode(t, redis.URL()), openNode(t, redis.URL()), openNode(t, redis.URL())}
	const many = 150
	want := map[session.ID]bool{}
	for n := range many {
		want[newSession(t, nodes[n%3]).Session.ID] = true
	}
	var mu sync.Mutex
	seen := map[session.ID]int{}
	var wg sync.WaitGroup
	for _, s := range nodes {
		wg.Go(func() {
			for {
				ids, err := s.Expire(t.Context(), time.Now().Add(2*time.Hour), nil)
				if err != nil {
					t.Errorf("Expire: %v", err)
				}
				if len(ids) == 0 {
					return
				}
				mu.Lock()
				for _, id := range ids {
					seen[id]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id := range want {
		if seen[id] != 1 {
			t.Errorf("%s was swept %d times", id, seen[id])
		}
	}
}

// When a node dies in the middle of a deletion or an expiry, another node finishes the work.
func TestASweepThatBrokeOffIsFinished(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	s := openNode(t, redis.URL())
	id := newSession(t, s).Session.ID
	prefix := "parley:{" + string(id) + "}:"
	redis.Do("SADD", prefix+"docs", prefix+"left")
	redis.Do("SET", prefix+"left", "over")
	redis.Do("DEL", prefix+"session")
	redis.Do("SET", prefix+"grave", fmt.Sprint(time.Now().Add(3*time.Hour).UnixMilli()))
	if _, err := s.Expire(t.Context(), time.Now().Add(2*time.Hour), nil); err != nil {
		t.Fatal(err)
	}
	if n := redis.Do("EXISTS", prefix+"left", prefix+"docs")[0]; n != "0" {
		t.Errorf("%s keys are left", n)
	}
	if _, err := s.Get(t.Context(), id); !errors.Is(err, session.ErrGone) {
		t.Errorf("Get = %v, want ErrGone", err)
	}
	if _, err := s.Expire(t.Context(), time.Now().Add(4*time.Hour), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), id); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Get = %v, want ErrNotFound", err)
	}
}

func TestEveryKeyOfASessionExpires(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	s := openNode(t, redis.URL())
	sess := newSession(t, s).Session
	if err := s.Record(t.Context(), []audit.Event{{Session: string(sess.ID), Kind: audit.Joined, At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetOnline(t.Context(), map[session.ID][]string{sess.ID: {"p"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Meter(t.Context(), "create:127.0.0.1", 10, 1); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, key := range redis.Keys() {
		if slices.Contains([]string{"parley:schema", "parley:epoch", "parley:secret"}, key) {
			continue // keys of the service itself
		}
		if ttl := redis.Do("PTTL", key)[0]; strings.HasPrefix(ttl, "-") {
			t.Errorf("%s has no expiry", key)
		}
	}
	if err := s.Delete(t.Context(), sess.ID, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	left := []string{}
	for _, key := range redis.Keys() {
		if strings.Contains(key, string(sess.ID)) {
			left = append(left, key)
		}
	}
	slices.Sort(left)
	want := []string{"parley:{" + string(sess.ID) + "}:grave", "parley:{" + string(sess.ID) + "}:recent"}
	if !slices.Equal(left, want) {
		t.Errorf("after Delete there are %v, want %v", left, want)
	}
}

func TestWhoIsOnlineAcrossNodes(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	a, b := openNode(t, redis.URL()), openNode(t, redis.URL())
	id := newSession(t, a).Session.ID
	if _, known, err := a.Beat(t.Context()); err != nil || known {
		t.Errorf("a first Beat: known %v, %v", known, err)
	}
	alive, known, err := a.Beat(t.Context())
	if err != nil || !known || !alive[a.Node().String()] || alive[b.Node().String()] {
		t.Errorf("a second Beat: %v, %v, %v", alive, known, err)
	}
	online := func(s *redisstore.Store, want map[string][]string) {
		t.Helper()
		got, err := s.Online(t.Context(), id)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("Online = %v, %v; want %v", got, err, want)
		}
	}
	if err := a.SetOnline(t.Context(), map[session.ID][]string{id: {"ada", "bo"}, "unknown0": {"x"}}); err != nil {
		t.Fatal(err)
	}
	online(a, nil)
	online(b, map[string][]string{a.Node().String(): {"ada", "bo"}})
	if err := b.ForgetOnline(t.Context(), id, []string{a.Node().String()}); err != nil {
		t.Fatal(err)
	}
	online(b, nil)
	if err := a.SetOnline(t.Context(), map[session.ID][]string{id: nil}); err != nil {
		t.Fatal(err)
	}
	if n := redis.Do("EXISTS", "parley:{unknown0}:online")[0]; n != "0" {
		t.Error("a session that does not exist has people online")
	}
}

func TestAMeterIsSharedByTheNodes(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	a, b := openNode(t, redis.URL()), openNode(t, redis.URL())
	take := func(s *redisstore.Store, bucket string, n int) time.Duration {
		t.Helper()
		wait, err := s.Meter(context.WithoutCancel(t.Context()), bucket, 4, n)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	for n := range 4 {
		if wait := take(a, "x", 0); wait > 0 {
			t.Errorf("use %d has to wait %v", n, wait)
		}
		take([]*redisstore.Store{a, b}[n%2], "x", 1)
	}
	if wait := take(b, "x", 0); wait <= 0 || wait > 15*time.Second {
		t.Errorf("the fifth of four a minute has to wait %v", wait)
	}
	for range 100 { // who asks too often takes nothing
		take(a, "x", 1)
	}
	if wait := take(b, "x", 1); wait > 15*time.Second {
		t.Errorf("after refused uses the next has to wait %v", wait)
	}
	take(a, "x", -1)
	if wait := take(b, "x", 1); wait > 0 {
		t.Errorf("a use that was given back has to wait %v", wait)
	}
	if wait := take(b, "y", 0); wait > 0 {
		t.Errorf("another bucket has to wait %v", wait)
	}
}

func TestOneNodeFindsOutForAll(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	a, b := openNode(t, redis.URL()), openNode(t, redis.URL())
	failed := errors.New("not found out")
	if _, err := a.Once(t.Context(), "x", time.Minute, func(context.Context) ([]byte, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("Once = %v, want the error of find", err)
	}
	got, err := a.Once(t.Context(), "x", time.Minute, func(ctx context.Context) ([]byte, error) {
		if _, err := b.Once(ctx, "x", time.Minute, nil); !errors.Is(err, redisstore.ErrBusy) {
			t.Errorf("another node meanwhile: %v, want ErrBusy", err)
		}
		return []byte("found"), nil
	})
	if err != nil || string(got) != "found" {
		t.Errorf("Once = %q, %v", got, err)
	}
	if got, err := b.Once(t.Context(), "x", time.Minute, nil); err != nil || string(got) != "found" {
		t.Errorf("another node afterwards: %q, %v", got, err)
	}
	for _, key := range redis.Do("KEYS", "parley:once:*") {
		if strings.HasPrefix(redis.Do("PTTL", key)[0], "-") {
			t.Errorf("%s has no expiry", key)
		}
	}
}
