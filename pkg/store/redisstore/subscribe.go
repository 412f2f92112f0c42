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
	silentFor    = 9 * time.Second // after so long a silence the connection counts as dead; a cut cable gives no error
	redialFirst  = 50 * time.Millisecond
	redialLast   = 2 * time.Second
	writeTimeout = 5 * time.Second
)

// listener gets the messages of a channel. Its functions are called by the node's one reader, one
// call at a time. They must not block, and must not change the payload: it is shared.
type listener struct {
	message func(payload []byte)
	// gap says that messages may have been missed: the subscription was interrupted and is in force
	// again.
	gap func()
}

// subscriber is the node's one subscription connection, which all listeners share.
//
// It does not use go-redis' own Channel. That one does not notice a connection that is cut without
// an error, hides that it has subscribed again, and drops messages when its reader is slow. Here a
// connection that ends is replaced, and every confirmation of a channel that was in force before is
// told as a gap. docs/decisions/029.
type subscriber struct {
	// Fixed by newSubscriber.
	open       func() *redis.PubSub // makes a connection without subscriptions
	log        *slog.Logger
	ctx        context.Context // ends with the store
	wake       chan struct{}   // capacity 1: changes is not empty; never closed
	goroutines sync.WaitGroup

	heardAt    atomic.Int64 // when the connection last gave anything, in nanoseconds since 1970
	reconnects atomic.Uint64

	mu      sync.Mutex // guards what follows
	topics  map[string]*topic
	changes map[string]struct{} // channels whose subscription may differ from topics
	pubsub  *redis.PubSub       // nil while there is no connection
}

// topic is one channel that has listeners, or had some a moment ago.
type topic struct {
	listeners []*listener // replaced, never changed
	requested bool        // SUBSCRIBE was sent, and may be confirmed
	ready     chan struct{}
	confirmed bool // ready is closed
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

// listen subscribes l to a channel. It returns when the subscription is in force, so that nothing
// published from now on is missed. stop ends it; a call that is under way may still come.
func (s *subscriber) listen(ctx context.Context, channel string, l *listener) (stop func(), err error) {
	s.mu.Lock()
	t := s.topics[channel]
	if t == nil {
		t = &topic{ready: make(chan struct{})}
		s.topics[channel] = t
		s.changedLocked(channel)
	}
	t.listeners = append(slices.Clip(t.listeners), l)
	s.mu.Unlock()

	stop = sync.OnceFunc(func() { s.removeListener(channel, l) })
	select {
	case <-t.ready:
		return stop, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.ctx.Done():
		err = ErrClosed
	}
	stop()
	return nil, fmt.Errorf("subscribe: %w", err)
}

// removeListener removes a listener. The last one takes the subscription with it.
func (s *subscriber) removeListener(channel string, l *listener) {
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

// changedLocked makes write look at a channel. The caller holds mu.
func (s *subscriber) changedLocked(channel string) {
	s.changes[channel] = struct{}{}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write brings the subscriptions in line with topics. Changes that come meanwhile go in one
// command.
func (s *subscriber) write() {
	for {
		select {
		case <-s.wake:
		case <-s.ctx.Done():
			return
		}
		ps, add, drop := s.takeChanges()
		if ps == nil {
			continue // a new connection subscribes to all topics
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
			_ = ps.Close() // read opens another one
		}
	}
}

// takeChanges returns the channels to subscribe to and to drop, and records them as sent.
func (s *subscriber) takeChanges() (ps *redis.PubSub, add, drop []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for channel := range s.changes {
		t := s.topics[channel]
		switch {
		case t == nil:
		case len(t.listeners) == 0:
			delete(s.topics, channel)
			if t.requested {
				drop = append(drop, channel)
			}
		case !t.requested && s.pubsub != nil:
			t.requested = true
			add = append(add, channel)
		}
	}
	clear(s.changes)
	return s.pubsub, add, drop
}

// read connects, dispatches messages, and connects again when the connection ends.
func (s *subscriber) read() {
	wait := redialFirst
	for first := true; s.ctx.Err() == nil; first = false {
		if !first {
			s.reconnects.Add(1)
		}
		began := time.Now()
		err := s.readConnection()
		if s.ctx.Err() != nil {
			return
		}
		if time.Since(began) > silentFor {
			wait = redialFirst
		}
		s.log.Warn("lost the subscription to Redis, connecting again", "err", err)
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-s.ctx.Done():
			return
		}
		wait = min(2*wait, redialLast)
	}
}

// readConnection reads until the connection is given up. After an error go-redis opens a new
// connection and subscribes it to everything again. It does not notice a connection that is cut
// without an error; watch does.
func (s *subscriber) readConnection() error {
	ps := s.open()
	stop := context.AfterFunc(s.ctx, func() { _ = ps.Close() })
	defer stop()
	s.heardAt.Store(time.Now().UnixNano())
	channels := s.setConnection(ps)
	defer s.setConnection(nil)
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
			s.heardAt.Store(time.Now().UnixNano())
			s.dispatch(event)
		case failed || errors.Is(err, redis.ErrClosed):
			return err
		default:
			failed = true
			s.reconnects.Add(1)
		}
	}
}

// dispatch passes an event to the listeners it is for.
func (s *subscriber) dispatch(event any) {
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

// setConnection makes ps the connection that write uses, and returns the channels to subscribe it
// to. nil means that there is no connection.
func (s *subscriber) setConnection(ps *redis.PubSub) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pubsub = ps
	var channels []string
	for channel, t := range s.topics {
		t.requested = ps != nil
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

// confirm records that a channel is subscribed to. When it was before, its listeners may have
// missed messages.
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
		close(t.ready)
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

// watch pings when nothing comes, and closes the connection when the answer does not come either.
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
		silent := time.Since(time.Unix(0, s.heardAt.Load()))
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

// wait returns when all goroutines have ended. ctx must have ended.
func (s *subscriber) wait() { s.goroutines.Wait() }
