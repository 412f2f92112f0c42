package redisstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Times of the subscription connection.
const (
	pingEvery    = 3 * time.Second // when nothing else comes
	silentFor    = 9 * time.Second // then the connection counts as dead: a cut cable says nothing
	redialFirst  = 50 * time.Millisecond
	redialLast   = 2 * time.Second
	writeTimeout = 5 * time.Second
)

// listener hears what comes on a channel. Both functions are called by the node's one reader, one call at a time, must
// not block, and keep what they are given only as it is: it is shared.
type listener struct {
	message func(payload []byte)
	// gap says that messages may have been missed: the subscription was broken and is in force again.
	gap func()
}

// subscriber is the node's one subscription connection. Everybody who listens shares it.
//
// go-redis' own Channel is not used: it cannot see a connection that is cut without a word, hides that it
// subscribed anew, and drops messages when its reader is slow. Here every connection that ends is replaced by a
// new one, and every confirmation of a channel that was in force before is told as a gap.
type subscriber struct {
	// Fixed by newSubscriber.
	open       func() *redis.PubSub // a connection that has not subscribed to anything yet
	log        *slog.Logger
	ctx        context.Context // ends with the store
	wake       chan struct{}   // capacity 1: changes waits; never closed
	goroutines sync.WaitGroup

	heard      atomic.Int64 // when the connection last said something, nanoseconds since 1970
	reconnects atomic.Uint64

	mu      sync.Mutex // guards what follows
	topics  map[string]*topic
	changes map[string]struct{} // channels whose subscription may not be as topics wants it
	pubsub  *redis.PubSub       // nil while there is no connection
}

// topic is one channel that somebody listens to, or did a moment ago.
type topic struct {
	listeners []*listener // replaced, never changed
	asked     bool        // SUBSCRIBE is on its way or confirmed
	live      chan struct{}
	confirmed bool // live is closed
}

func newSubscriber(ctx context.Context, open func() *redis.PubSub, log *slog.Logger) *subscriber {
	s := &subscriber{
		open: open, log: log, ctx: ctx, wake: make(chan struct{}, 1),
		topics: map[string]*topic{}, changes: map[string]struct{}{},
	}
	s.goroutines.Go(s.read)
	s.goroutines.Go(s.write)
	s.goroutines.Go(s.watch)
	return s
}

// listen subscribes l to a channel and returns when the subscription is in force, so that nothing published from now
// on is missed. stop ends it; a call under way may still come after that.
func (s *subscriber) listen(ctx context.Context, channel string, l *listener) (stop func(), err error) {
	s.mu.Lock()
	t := s.topics[channel]
	if t == nil {
		t = &topic{live: make(chan struct{})}
		s.topics[channel] = t
		s.changedLocked(channel)
	}
	t.listeners = append(slices.Clip(t.listeners), l)
	s.mu.Unlock()

	stop = sync.OnceFunc(func() { s.ignore(channel, l) })
	select {
	case <-t.live:
		return stop, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.ctx.Done():
		err = ErrClosed
	}
	stop()
	return nil, fmt.Errorf("subscribe: %w", err)
}

// ignore takes a listener away, and the subscription with the last of them.
func (s *subscriber) ignore(channel string, l *listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[channel]
	if t == nil {
		return
	}
	t.listeners = slices.DeleteFunc(slices.Clone(t.listeners), func(o *listener) bool { return o == l })
	if len(t.listeners) == 0 {
		s.changedLocked(channel)
	}
}

// changedLocked has write look at a channel. The caller holds mu.
func (s *subscriber) changedLocked(channel string) {
	s.changes[channel] = struct{}{}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write brings the subscriptions in line with topics; what changed meanwhile goes in one command.
func (s *subscriber) write() {
	for {
		select {
		case <-s.wake:
		case <-s.ctx.Done():
			return
		}
		ps, add, drop := s.due()
		if ps == nil {
			continue // all topics are subscribed to when the connection is made
		}
		ctx, cancel := context.WithTimeout(s.ctx, writeTimeout)
		var err error
		if len(drop) > 0 {
			err = ps.Unsubscribe(ctx, drop...)
		}
		if len(add) > 0 && err == nil {
			err = ps.Subscribe(ctx, add...)
		}
		cancel()
		if err != nil {
			_ = ps.Close() // read makes another
		}
	}
}

// due gives what write has to tell Redis, and notes it as told.
func (s *subscriber) due() (ps *redis.PubSub, add, drop []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for channel := range s.changes {
		t := s.topics[channel]
		switch {
		case t == nil:
		case len(t.listeners) == 0:
			delete(s.topics, channel)
			if t.asked {
				drop = append(drop, channel)
			}
		case !t.asked && s.pubsub != nil:
			t.asked = true
			add = append(add, channel)
		}
	}
	clear(s.changes)
	return s.pubsub, add, drop
}

// read connects, hands out what comes, and connects again when the connection ends.
func (s *subscriber) read() {
	wait := redialFirst
	for first := true; s.ctx.Err() == nil; first = false {
		if !first {
			s.reconnects.Add(1)
		}
		began := time.Now()
		err := s.session()
		if s.ctx.Err() != nil {
			return
		}
		if time.Since(began) > silentFor {
			wait = redialFirst
		}
		s.log.Warn("subscription to Redis lost, connecting again", "error", err)
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-s.ctx.Done():
			return
		}
		wait = min(2*wait, redialLast)
	}
}

// session reads until the connection is given up. go-redis makes another one after an error, and subscribes it to
// everything again; only one that is cut without a word it does not notice (watch does).
func (s *subscriber) session() error {
	ps := s.open()
	stop := context.AfterFunc(s.ctx, func() { _ = ps.Close() })
	defer stop()
	s.heard.Store(time.Now().UnixNano())
	channels := s.adopt(ps)
	defer s.adopt(nil)
	defer ps.Close()
	if len(channels) > 0 {
		ctx, cancel := context.WithTimeout(s.ctx, writeTimeout)
		err := ps.Subscribe(ctx, channels...)
		cancel()
		if err != nil {
			return err
		}
	}
	for failed := false; ; {
		event, err := ps.Receive(s.ctx)
		switch {
		case err == nil:
			failed = false
			s.heard.Store(time.Now().UnixNano())
			s.hand(event)
		case failed || errors.Is(err, redis.ErrClosed):
			return err
		default:
			failed = true
			s.reconnects.Add(1)
		}
	}
}

// hand gives what came to those it is for.
func (s *subscriber) hand(event any) {
	switch e := event.(type) {
	case *redis.Message:
		for _, l := range s.listenersOf(e.Channel) {
			l.message([]byte(e.Payload))
		}
	case *redis.Subscription:
		if e.Kind == "subscribe" {
			s.confirm(e.Channel)
		}
	}
}

// adopt makes ps the connection that write uses, and gives the channels to subscribe it to. nil: there is none.
func (s *subscriber) adopt(ps *redis.PubSub) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pubsub = ps
	var channels []string
	for channel, t := range s.topics {
		t.asked = ps != nil
		channels = append(channels, channel)
	}
	clear(s.changes)
	for channel, t := range s.topics {
		if len(t.listeners) == 0 {
			s.changedLocked(channel)
		}
	}
	return channels
}

// confirm notes that a channel is subscribed to. When it was before, its listeners may have missed something.
func (s *subscriber) confirm(channel string) {
	s.mu.Lock()
	t := s.topics[channel]
	if t == nil {
		s.mu.Unlock()
		return
	}
	again, listeners := t.confirmed, t.listeners
	if !again {
		t.confirmed = true
		close(t.live)
	}
	s.mu.Unlock()
	if !again {
		return
	}
	for _, l := range listeners {
		l.gap()
	}
}

func (s *subscriber) listenersOf(channel string) []*listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[channel]; t != nil {
		return t.listeners
	}
	return nil
}

// watch asks for a sign of life when nothing comes, and ends the connection when none is given.
func (s *subscriber) watch() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		s.mu.Lock()
		ps := s.pubsub
		s.mu.Unlock()
		silent := time.Since(time.Unix(0, s.heard.Load()))
		switch {
		case ps == nil || silent < pingEvery:
		case silent > silentFor:
			_ = ps.Close()
		default:
			ctx, cancel := context.WithTimeout(s.ctx, writeTimeout)
			_ = ps.Ping(ctx) // a failure shows as silence
			cancel()
		}
	}
}

// wait returns when all goroutines have ended, after ctx has.
func (s *subscriber) wait() { s.goroutines.Wait() }
