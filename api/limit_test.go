package api_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/api"
	"parley/pkg/store/redistest"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	l := api.NewLimiter(3, func() time.Time { return now })
	use := func(addr string) bool {
		_, ok := l.Take(addr)
		return ok
	}
	for n := range 3 {
		if !use("192.0.2.1") {
			t.Fatalf("use %d is refused", n)
		}
	}
	if use("192.0.2.1") {
		t.Error("a fourth use is allowed")
	}
	if wait, _ := l.Take("192.0.2.1"); wait != 20*time.Second {
		t.Errorf("wait is %v, want 20s", wait)
	}
	if !use("192.0.2.2") {
		t.Error("another address is refused")
	}
	now = now.Add(20 * time.Second)
	if !use("192.0.2.1") || use("192.0.2.1") {
		t.Error("after a third of a minute exactly one more use must be allowed")
	}
	if l.Give("192.0.2.1"); !use("192.0.2.1") || use("192.0.2.1") {
		t.Error("a use that was given back must be allowed once")
	}
	now = now.Add(time.Hour)
	for range 3 {
		if !use("2001:db8::1") {
			t.Error("a new IPv6 address is refused")
		}
	}
	if use("2001:db8::2") || !use("2001:db8:0:1::1") {
		t.Error("an IPv6 /64 must count as one address")
	}
	if _, ok := api.NewLimiter(0, nil).Take("x"); !ok {
		t.Error("a limiter without a limit refuses")
	}
}

// A client with many addresses must not fill the memory.
func TestLimiterForgets(t *testing.T) {
	t.Parallel()
	l := api.NewLimiter(3, time.Now)
	for n := range 100_000 {
		l.Take(fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255))
	}
	if n := l.Len(); n > 1<<16 {
		t.Errorf("the limiter remembers %d addresses", n)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.CreateRate, o.InviteFailures = 3, 2 })
	made := s.create(t, nil)
	s.create(t, nil)
	s.do(t, "POST", "/api/v1/sessions", "", map[string]string{"language": "no such language"}).want(t, "refused", 422, "invalid_input")
	s.create(t, nil)
	a := s.do(t, "POST", "/api/v1/sessions", "", nil)
	a.want(t, "a fourth", 429, "rate_limited")
	if got := a.header.Get("Retry-After"); got != "20" && got != "19" {
		t.Errorf("Retry-After is %q", got)
	}
	guess := map[string]string{"invite": "0000-0000-0000", "name": "Eve"}
	s.join(t, made.Invites.Candidate, "Bo")
	s.do(t, "POST", "/api/v1/join", "", guess).want(t, "guess 1", 403, "invite_invalid")
	s.do(t, "POST", "/api/v1/sessions/"+made.ID+"/join", "", guess).want(t, "guess 2", 403, "invite_invalid")
	s.do(t, "POST", "/api/v1/join", "", guess).want(t, "guess 3", 429, "rate_limited")
	s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(made.Invites.Candidate), "name": "Eve"}).want(t, "a valid code after that", 429, "rate_limited")
	if strings.Contains(s.log.String(), "0000-0000-0000") {
		t.Error("the guess is in the log")
	}
}

// Requests that run side by side do not share a use.
func TestRatesAtOnce(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	tune := func(o *api.Options) {
		withKey(o)
		o.KeyCreateRate, o.InviteFailures = 5, 5
	}
	for name, nodes := range map[string][]*service{
		"one node": {newService(t, tune)}, "two nodes": {newNode(t, redis.URL(), tune), newNode(t, redis.URL(), tune)},
	} {
		atOnce := func(path, token string, body any, status int) int {
			var passed atomic.Int64
			var all sync.WaitGroup
			for i := range 60 {
				all.Go(func() {
					if nodes[i%len(nodes)].do(t, "POST", path, token, body).status == status {
						passed.Add(1)
					}
				})
			}
			all.Wait()
			return int(passed.Load())
		}
		// Another use may come free while the requests run.
		if n := atOnce("/api/v1/sessions", apiKey, nil, 201); n < 5 || n > 6 {
			t.Errorf("%s: %d sessions at once, where 5 a minute are allowed", name, n)
		}
		guess := map[string]string{"invite": "0000-0000-0000", "name": "Eve"}
		if n := atOnce("/api/v1/join", "", guess, 403); n < 5 || n > 6 {
			t.Errorf("%s: %d guesses at once, where 5 a minute are allowed", name, n)
		}
	}
}

// People who come together from one address with the right code all get in.
func TestManyJoinAtOnce(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.InviteFailures = 20 })
	made := s.create(t, nil)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			a := s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(made.Invites.Candidate), "name": fmt.Sprint("n", i)})
			if a.status != 200 {
				t.Errorf("join %d: %s", i, a)
			}
		})
	}
	all.Wait()
}
