package api_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/pkg/access"
	"parley/pkg/nodes"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
)

// newNode starts one of several servers that share a Redis. Its clock starts at the real time,
// because keys expire by real time.
func newNode(t *testing.T, url string, tune func(*api.Options)) *service {
	t.Helper()
	s := &service{log: &logBuffer{}, now: time.Now()}
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	store, err := redisstore.Open(t.Context(), url, redisstore.Options{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	if s.secret, err = store.Secret(t.Context(), access.NewSecret); err != nil {
		t.Fatal(err)
	}
	s.store = store
	others := nodes.New(store, logger)
	s.serve(t, relay.Options{Bus: store, OnlineChanged: others.OnlineChanged}, func(o *api.Options) {
		o.Nodes, o.Meter = others, store
	}, tune)
	others.Start(s.relay, s.server.Changed)
	t.Cleanup(func() { // before the store is closed
		if err := others.Close(context.Background()); err != nil {
			t.Errorf("leave the other nodes: %v", err)
		}
	})
	return s
}

// All nodes together count the uses of one address. Without Redis, each node uses its own count.
func TestLimitsAreSharedByTheNodes(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	tune := func(o *api.Options) { o.CreateRate, o.JoinRate, o.InviteFailures = 3, 5, 4 }
	a, b := newNode(t, redis.URL(), tune), newNode(t, redis.URL(), tune)
	each := []*service{a, b}

	made := decode[struct {
		Invites struct{ Candidate string }
	}](t, a.do(t, "POST", "/api/v1/sessions", "", nil))
	for n := range 2 {
		each[(n+1)%2].do(t, "POST", "/api/v1/sessions", "", nil).want(t, "create", 201, "")
	}
	for _, s := range each {
		s.do(t, "POST", "/api/v1/sessions", "", nil).want(t, "a fourth of three", 429, "rate_limited")
	}
	invite := made.Invites.Candidate[len(made.Invites.Candidate)-14:]
	for n := range 5 {
		each[n%2].do(t, "POST", "/api/v1/join", "", map[string]string{"invite": invite, "name": fmt.Sprint("n", n)}).want(t, "join", 200, "")
	}
	for _, s := range each {
		s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": invite, "name": "late"}).want(t, "a sixth of five", 429, "rate_limited")
	}
}

func TestGuessesAreSharedByTheNodes(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	tune := func(o *api.Options) { o.InviteFailures = 4 }
	a, b := newNode(t, redis.URL(), tune), newNode(t, redis.URL(), tune)
	guess := map[string]string{"invite": "0000-0000-0000", "name": "x"}
	for n := range 4 {
		[]*service{a, b}[n%2].do(t, "POST", "/api/v1/join", "", guess).want(t, "guess", 403, "invite_invalid")
	}
	for _, s := range []*service{a, b} {
		s.do(t, "POST", "/api/v1/join", "", guess).want(t, "a fifth of four", 429, "rate_limited")
	}
}

// deafMeter is a Meter that never answers.
type deafMeter struct{}

func (deafMeter) Meter(context.Context, string, int, int) (time.Duration, error) {
	return 0, errors.New("no answer")
}

// A limit must hold even when the store is down.
func TestWithoutTheMeterEachNodeCountsForItself(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.CreateRate, o.Meter = 2, deafMeter{} })
	for range 2 {
		s.do(t, "POST", "/api/v1/sessions", "", nil).want(t, "create", 201, "")
	}
	s.do(t, "POST", "/api/v1/sessions", "", nil).want(t, "a third of two", 429, "rate_limited")
}

// The notice of a change arrives after the change. A participant who joined in between is not in
// the noticed record, but has not been removed.
func TestAChangeThatIsToldLateSendsNobodyAway(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	a, b := newNode(t, redis.URL(), nil), newNode(t, redis.URL(), nil)
	made := a.create(t, nil)
	before, err := a.sessions.Get(t.Context(), session.ID(made.ID))
	if err != nil {
		t.Fatal(err)
	}
	bo := a.join(t, made.Invites.Candidate, "Bo")
	c := a.dial(t, ws(made.ID, "", bo.Token))
	c.expectStep1(t)
	a.server.Changed(session.ID(made.ID), before, nil)
	c.sync(t) // still connected
	person := "/api/v1/sessions/" + made.ID + "/participants/" + bo.Participant.ID
	b.do(t, "DELETE", person, made.Token, nil).want(t, "remove", 204, "")
	if code := c.closeCode(t); code != 4403 {
		t.Errorf("removed on another node: closed with %d", code)
	}
}

// While the store is down, nothing is known about the caller. The client must be told to try again,
// not that it did something wrong.
func TestWhileTheStoreIsAwayAllDoorsSayComeAgain(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{Durable: true})
	s := newNode(t, redis.URL(), nil)
	h := s.build(t, active, s.forgeries(t))
	ask := func(method, path, token string, body any) answer {
		return s.do(t, method, strings.ReplaceAll(path, "{pid}", string(h.pid)), token, body)
	}
	inside := "/api/v1/sessions/" + string(h.id)
	redis.Kill()
	for _, r := range rows {
		got := ask(r.method, inside+r.path, h.tokens[lead], r.body)
		got.want(t, r.name, 503, "store_unavailable")
		if after := got.header.Get("Retry-After"); after != "1" {
			t.Errorf("%s: Retry-After is %q", r.name, after)
		}
	}
	for name, body := range map[string]any{"/api/v1/sessions": nil, "/api/v1/join": map[string]string{"name": "x", "invite": h.invites[access.Candidate].String()}} {
		ask("POST", name, "", body).want(t, name, 503, "store_unavailable")
	}
	redis.Restart()
	redistest.Eventually(t, "the doors stay closed", func() error {
		if got := ask("GET", inside, h.tokens[lead], nil); got.status != 200 {
			return fmt.Errorf("%d %s", got.status, got.body)
		}
		return nil
	})
}
