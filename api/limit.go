package api

import (
	"context"
	"math"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// maxBuckets limits the addresses that a limiter remembers, to about 10 MB. When the map is full,
// full buckets are dropped first. If no bucket is full, all buckets are dropped: the limiter then
// lets too much pass for a moment, but memory stays bounded.
const maxBuckets = 1 << 16

// limiter lets every address do something perMinute times a minute. A burst may use the whole
// minute's allowance at once. A nil limiter has no limit. A limiter is safe for concurrent use.
//
// With a Meter, all nodes share one count. Each node also keeps its own count and uses it while the
// meter does not answer, so the limit holds even when the store is down.
type limiter struct {
	// Fixed by newLimiter.
	name      string // what is limited; part of the key in the Meter
	perMinute float64
	meter     Meter // nil: this node counts alone
	now       func() time.Time

	mu      sync.Mutex // guards buckets
	buckets map[string]bucket
}

// bucket holds the uses that one address had left at a point in time.
type bucket struct {
	left float64
	at   time.Time
}

// newLimiter returns a limiter, or nil when perMinute is 0.
func newLimiter(name string, perMinute int, meter Meter, now func() time.Time) *limiter {
	if perMinute <= 0 {
		return nil
	}
	return &limiter{name: name, perMinute: float64(perMinute), meter: meter, now: now, buckets: map[string]bucket{}}
}

// meterTimeout limits the wait for the shared count.
const meterTimeout = time.Second

// ask takes n uses from the shared count, or gives -n back. ok is false if there is no meter or the
// meter does not answer.
func (l *limiter) ask(ctx context.Context, key string, n int) (wait time.Duration, ok bool) {
	if l.meter == nil {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, meterTimeout)
	defer cancel()
	wait, err := l.meter.Meter(ctx, l.name+":"+key, int(l.perMinute), n)
	return wait, err == nil
}

// take takes a use of the address in one step, so that requests side by side cannot share one. If
// none is left, take takes nothing and returns how long to wait.
func (l *limiter) take(ctx context.Context, addr string) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	key := limitKey(addr)
	wait, known := l.ask(ctx, key, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.leftLocked(key)
	switch {
	case known && wait > 0:
		return wait, false
	case !known && left < 1:
		return time.Duration((1 - left) / l.perMinute * float64(time.Minute)), false
	}
	l.setLocked(key, left-1)
	return 0, true
}

// give gives back a use that take took, because the request did nothing that counts.
func (l *limiter) give(ctx context.Context, addr string) {
	if l == nil {
		return
	}
	key := limitKey(addr)
	// The request may be over, but its use must not stay taken.
	l.ask(context.WithoutCancel(ctx), key, -1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setLocked(key, l.leftLocked(key)+1)
}

func (l *limiter) setLocked(key string, left float64) {
	if _, known := l.buckets[key]; !known && len(l.buckets) >= maxBuckets {
		l.forgetLocked()
	}
	l.buckets[key] = bucket{left: math.Min(l.perMinute, math.Max(0, left)), at: l.now()}
}

func (l *limiter) leftLocked(key string) float64 {
	b, ok := l.buckets[key]
	if !ok {
		return l.perMinute
	}
	return math.Min(l.perMinute, b.left+l.now().Sub(b.at).Minutes()*l.perMinute)
}

func (l *limiter) forgetLocked() {
	for key := range l.buckets {
		if l.leftLocked(key) >= l.perMinute {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets)
	}
}

// limitKey maps an address to the key that is limited. For IPv6 this is the /64 network, because a
// single customer owns a whole /64.
func limitKey(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil || ip.Unmap().Is4() {
		return addr
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return addr
	}
	return prefix.String()
}

// limitedError means that an address must wait.
type limitedError struct{ wait time.Duration }

func (e *limitedError) Error() string { return "rate limited for " + e.wait.String() }

// retryAfter returns the wait in whole seconds, for the Retry-After header.
func (e *limitedError) retryAfter() string {
	return strconv.Itoa(int(math.Ceil(e.wait.Seconds())))
}

type clientKey struct{}

// clientOf returns the address that a request came from.
func clientOf(ctx context.Context) string {
	addr, _ := ctx.Value(clientKey{}).(string)
	return addr
}

// limit takes a use of the client of ctx, or returns an error. giveBack undoes it.
func limit(ctx context.Context, l *limiter) (giveBack func(), err error) {
	return limitFor(ctx, l, clientOf(ctx))
}

// limitFor takes a use of subject, or returns an error. subject is an address or the name of an API
// key.
func limitFor(ctx context.Context, l *limiter, subject string) (giveBack func(), err error) {
	if wait, ok := l.take(ctx, subject); !ok {
		return nil, &limitedError{wait: wait}
	}
	return func() { l.give(ctx, subject) }, nil
}

// guessesAtOnce limits the secrets of one address that are checked at the same time. Each holds a
// use until it turns out to be right, and people who come together with the right code must not
// take each other's.
const guessesAtOnce = 16

// guess takes a use for a secret that may be wrong: an invite code or an API key. end must be
// called with whether it was wrong; else the use is given back.
func (s *Server) guess(ctx context.Context) (end func(wrong bool), err error) {
	if s.guesses == nil {
		return func(bool) {}, nil
	}
	address := limitKey(clientOf(ctx))
	if err := s.guessing.wait(ctx, address, 1); err != nil {
		return nil, err
	}
	giveBack, err := limit(ctx, s.guesses)
	if err != nil {
		s.guessing.give(address, 1)
		return nil, err
	}
	return func(wrong bool) {
		if !wrong {
			giveBack()
		}
		s.guessing.give(address, 1)
	}, nil
}
