package api

import (
	"context"
	"math"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// maxBuckets bounds the addresses that a limiter remembers: about 10 MB. Past it, those that would be full again go first, and
// if none is, all: for a moment more passes than should, which beats running out of memory.
const maxBuckets = 1 << 16

// limiter lets every address do something so many times a minute, with a minute's worth at once. A nil limiter lets everything pass.
// It is safe for concurrent use.
//
// With a Meter all nodes count together. Each counts for itself too, and goes by that while the meter does not answer: a limit that
// ends with the store's health would be none.
type limiter struct {
	// Fixed by newLimiter.
	name      string // of what is limited
	perMinute float64
	meter     Meter // nil: this node counts alone
	now       func() time.Time

	mu      sync.Mutex // guards buckets
	buckets map[string]bucket
}

// bucket is what is left to one address at that time.
type bucket struct {
	left float64
	at   time.Time
}

// newLimiter gives a limiter, nil when perMinute is 0.
func newLimiter(name string, perMinute int, meter Meter, now func() time.Time) *limiter {
	if perMinute <= 0 {
		return nil
	}
	return &limiter{name: name, perMinute: float64(perMinute), meter: meter, now: now, buckets: map[string]bucket{}}
}

// meterTimeout is how long the count of all nodes is waited for.
const meterTimeout = time.Second

// ask takes n from what all nodes count together; false when nobody can tell.
func (l *limiter) ask(ctx context.Context, key string, n int) (wait time.Duration, ok bool) {
	if l.meter == nil {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, meterTimeout)
	defer cancel()
	wait, err := l.meter.Meter(ctx, l.name+":"+key, int(l.perMinute), n)
	return wait, err == nil
}

// allow reports whether the address has something left, and if not how long until it has. It takes nothing.
func (l *limiter) allow(ctx context.Context, addr string) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	key := limitKey(addr)
	if wait, known := l.ask(ctx, key, 0); known {
		return wait, wait == 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.leftLocked(key)
	if left >= 1 {
		return 0, true
	}
	return time.Duration((1 - left) / l.perMinute * float64(time.Minute)), false
}

// take counts one use of the address.
func (l *limiter) take(ctx context.Context, addr string) {
	if l == nil {
		return
	}
	key := limitKey(addr)
	l.ask(ctx, key, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.leftLocked(key)
	if _, known := l.buckets[key]; !known && len(l.buckets) >= maxBuckets {
		l.forgetLocked()
	}
	l.buckets[key] = bucket{left: math.Max(0, left-1), at: l.now()}
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

// limitKey is what counts as one address: of IPv6 the network of 64 bits that one customer has.
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

// limitedError says that an address has to wait.
type limitedError struct{ wait time.Duration }

func (e *limitedError) Error() string { return "rate limited for " + e.wait.String() }

// retryAfter is the wait in whole seconds, for the header.
func (e *limitedError) retryAfter() string {
	return strconv.Itoa(int(math.Ceil(e.wait.Seconds())))
}

type clientKey struct{}

// clientOf gives the address that a request came from.
func clientOf(ctx context.Context) string {
	addr, _ := ctx.Value(clientKey{}).(string)
	return addr
}

// limit refuses when the client of ctx has nothing left.
func limit(ctx context.Context, l *limiter) error { return limitFor(ctx, l, clientOf(ctx)) }

// limitFor refuses when who, an address or the name of an API key, has nothing left.
func limitFor(ctx context.Context, l *limiter, who string) error {
	if wait, ok := l.allow(ctx, who); !ok {
		return &limitedError{wait: wait}
	}
	return nil
}
