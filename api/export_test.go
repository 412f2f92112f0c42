package api

import "time"

// Limiter opens limiter, whose waits cannot be seen from outside without waiting them.
type Limiter struct{ l *limiter }

func NewLimiter(perMinute int, now func() time.Time) Limiter {
	return Limiter{newLimiter(perMinute, now)}
}
func (l Limiter) Allow(addr string) (time.Duration, bool) { return l.l.allow(addr) }
func (l Limiter) Take(addr string)                        { l.l.take(addr) }
func (l Limiter) Len() int                                { return len(l.l.buckets) }
