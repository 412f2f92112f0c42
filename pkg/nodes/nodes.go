package nodes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"parley/pkg/session"
)

// Store is what the nodes share. All methods are safe for concurrent use.
type Store interface {
	// Follow calls changed after every change of a session's record, with the session or with the
	// reason why it cannot be read. There is one call at a time. Changes may be left out, but never
	// the last one. Follow returns when every change from now on will be told, or with an error of
	// package session. stop ends it.
	Follow(ctx context.Context, id session.ID, changed func(session.Session, error)) (stop func(), err error)
	// Refresh reads everything that is followed again. It does not wait.
	Refresh()

	// Beat gives a sign of life. alive holds the ids of the nodes that gave one lately. known is
	// false when the last sign of this node was too long ago; other nodes may have dropped its
	// notes then.
	Beat(ctx context.Context) (alive map[string]bool, known bool, err error)
	// Leave takes the sign of life back.
	Leave(ctx context.Context) error
	// SetOnline notes for each of these sessions who is connected to this node.
	SetOnline(ctx context.Context, people map[session.ID][]string) error
	// Online returns who is connected to other nodes, by the ids of the nodes. Dead nodes are
	// included.
	Online(ctx context.Context, id session.ID) (map[string][]string, error)
	// ForgetOnline drops the notes of dead nodes.
	ForgetOnline(ctx context.Context, id session.ID, nodes []string) error
}

// Relay says what is live on this node.
type Relay interface {
	// Online counts the connections of each participant.
	Online(session string) map[string]int
	// Live reports whether a session has a connection or an open document.
	Live(session string) bool
}

// Times. The people of a dead node count as away after the time for which a sign of life counts (15
// s in redisstore) and one beat.
const (
	beatEvery    = 3 * time.Second
	refreshEvery = 30 * time.Second // makes up for messages lost without a sign
	tidyEvery    = 10 * time.Second
	lingerFor    = time.Minute // how long a session without connections is still watched: people come back
	retryAfter   = 500 * time.Millisecond
	callTimeout  = 5 * time.Second // for one call of the store
	noteBatch    = 256             // sessions in one SetOnline
)

// Nodes is this node as one of several. It is safe for concurrent use.
type Nodes struct {
	// Fixed by New.
	store Store
	log   *slog.Logger
	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	wake  chan struct{} // capacity 1: dirty is not empty; never closed

	// Fixed by Start.
	relay   Relay
	changed func(session.ID, session.Session, error)

	goroutines sync.WaitGroup

	mu      sync.Mutex // guards what follows
	watched map[session.ID]*watch
	dirty   map[session.ID]struct{} // sessions whose note is out of date
	noted   map[session.ID]struct{} // sessions with a note of this node that names people
	alive   map[string]bool
	beaten  time.Time // when alive was asked for
}

// watch is one watched session.
type watch struct {
	ready chan struct{} // closed when err and stop are set
	err   error
	stop  func()
	idle  time.Time // since when the session has no connection; zero: it has one
}

// New prepares this node to share store with others. Start makes it one of them. Call Close when
// done.
func New(store Store, log *slog.Logger) *Nodes {
	ctx, stop := context.WithCancel(context.Background())
	return &Nodes{
		store: store, log: log, ctx: ctx, stop: stop, wake: make(chan struct{}, 1),
		watched: map[session.ID]*watch{}, dirty: map[session.ID]struct{}{}, noted: map[session.ID]struct{}{},
	}
}

// Start joins the other nodes. changed is called after every change of a watched session, and must
// be quick. Before Start only OnlineChanged may be called.
func (n *Nodes) Start(relay Relay, changed func(session.ID, session.Session, error)) {
	n.relay, n.changed = relay, changed
	n.goroutines.Go(n.beat)
	n.goroutines.Go(n.note)
	n.goroutines.Go(n.maintain)
}

// errClosed refuses to watch on a node that has left the others.
var errClosed = errors.New("the node has left the service")

// Watch makes sure that changes of a session are told from now on. Only the first connection of a
// session costs a call to the store. That call has a time limit of its own. So a caller that gives
// up does not fail the callers that wait for the same call.
func (n *Nodes) Watch(ctx context.Context, id session.ID) error {
	n.mu.Lock()
	if n.ctx.Err() != nil {
		n.mu.Unlock()
		return fmt.Errorf("watch session %s: %w", id, errClosed)
	}
	w := n.watched[id]
	if w == nil {
		w = &watch{ready: make(chan struct{}), idle: time.Now()}
		n.watched[id] = w
		n.goroutines.Go(func() { n.follow(id, w) })
	}
	n.mu.Unlock()
	select {
	case <-w.ready:
		return w.err
	case <-ctx.Done():
		return fmt.Errorf("watch session %s: %w", id, ctx.Err())
	}
}

// follow starts a watch, and removes it again when the store cannot serve it.
func (n *Nodes) follow(id session.ID, w *watch) {
	ctx, cancel := context.WithTimeout(n.ctx, callTimeout)
	defer cancel()
	w.stop, w.err = n.store.Follow(ctx, id, func(s session.Session, err error) { n.changed(id, s, err) })
	if w.err != nil {
		n.mu.Lock()
		delete(n.watched, id)
		n.mu.Unlock()
	}
	close(w.ready)
}

// OnlineChanged says that a participant of a session has connected to this node or left it. It does
// not wait.
func (n *Nodes) OnlineChanged(id string) {
	n.mu.Lock()
	n.dirty[session.ID(id)] = struct{}{}
	n.mu.Unlock()
	n.wakeNote()
}

func (n *Nodes) wakeNote() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Online returns the participants of a session that are connected to any node. When the store does
// not answer, it returns those that are connected to this node.
func (n *Nodes) Online(ctx context.Context, id session.ID) map[string]bool {
	online := map[string]bool{}
	for participant := range n.relay.Online(string(id)) {
		online[participant] = true
	}
	others, err := n.store.Online(ctx, id)
	if err != nil {
		n.log.Warn("cannot read who is connected to other nodes", "session", id, "err", err)
		return online
	}
	var dead []string
	for node, people := range others {
		if !n.isAlive(ctx, node) {
			dead = append(dead, node)
			continue
		}
		for _, participant := range people {
			online[participant] = true
		}
	}
	if len(dead) > 0 {
		if err := n.store.ForgetOnline(ctx, id, dead); err != nil {
			n.log.Debug("cannot drop the notes of dead nodes", "session", id, "err", err)
		}
	}
	return online
}

// isAlive reports whether another node is alive. A node that was not alive a moment ago may have
// started since, so isAlive asks again.
func (n *Nodes) isAlive(ctx context.Context, node string) bool {
	n.mu.Lock()
	alive := n.alive[node]
	n.mu.Unlock()
	if alive {
		return true
	}
	if err := n.beatOnce(ctx); err != nil {
		return true // unknown
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.alive[node]
}

// beat gives signs of life until the node leaves.
func (n *Nodes) beat() {
	failing := false
	n.every(beatEvery, func() {
		ctx, cancel := context.WithTimeout(n.ctx, callTimeout)
		defer cancel()
		err := n.beatOnce(ctx)
		if err != nil && !failing && n.ctx.Err() == nil {
			n.log.Warn("cannot give a sign of life to the other nodes", "err", err)
		}
		failing = err != nil
	})
}

// beatOnce gives one sign of life. When the last sign was too long ago, other nodes took this node
// for dead. Then all of its notes are written again.
func (n *Nodes) beatOnce(ctx context.Context) error {
	asked := time.Now()
	alive, known, err := n.store.Beat(ctx)
	if err != nil {
		return err
	}
	n.mu.Lock()
	if !asked.Before(n.beaten) {
		n.alive, n.beaten = alive, asked
	}
	if !known {
		for id := range n.watched {
			n.dirty[id] = struct{}{}
		}
	}
	n.mu.Unlock()
	if !known {
		n.wakeNote()
	}
	return nil
}

// note keeps the notes of this node up to date.
func (n *Nodes) note() {
	for {
		select {
		case <-n.wake:
		case <-n.ctx.Done():
			return
		}
		for n.noteSome() {
		}
	}
}

// noteSome writes some of the notes that are out of date, and reports whether there are more.
func (n *Nodes) noteSome() bool {
	n.mu.Lock()
	people := map[session.ID][]string{}
	for id := range n.dirty {
		if len(people) == noteBatch {
			break
		}
		people[id] = nil
		delete(n.dirty, id)
	}
	more := len(n.dirty) > 0
	n.mu.Unlock()
	for id := range people {
		for participant := range n.relay.Online(string(id)) {
			people[id] = append(people[id], participant)
		}
	}
	n.mu.Lock()
	for id, who := range people {
		if _, noted := n.noted[id]; !noted && len(who) == 0 {
			delete(people, id)
		}
	}
	n.mu.Unlock()
	if len(people) == 0 {
		return more
	}
	ctx, cancel := context.WithTimeout(n.ctx, callTimeout)
	defer cancel()
	err := n.store.SetOnline(ctx, people)
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, who := range people {
		switch {
		case err != nil:
			n.dirty[id] = struct{}{}
		case len(who) == 0:
			delete(n.noted, id)
		default:
			n.noted[id] = struct{}{}
		}
	}
	if err == nil {
		return more
	}
	time.AfterFunc(retryAfter, n.wakeNote) // does nothing once note has ended
	return false
}

// maintain reads records again now and then, and ends the watch of sessions that are no longer
// used.
func (n *Nodes) maintain() {
	refreshed := time.Now()
	n.every(tidyEvery, func() {
		n.tidy(time.Now())
		if time.Since(refreshed) >= refreshEvery {
			refreshed = time.Now()
			n.store.Refresh()
		}
	})
}

// tidy ends the watch of sessions that had no connection for lingerFor.
func (n *Nodes) tidy(now time.Time) {
	var over []*watch
	n.mu.Lock()
	for id, w := range n.watched {
		switch {
		case n.relay.Live(string(id)):
			w.idle = time.Time{}
		case w.idle.IsZero():
			w.idle = now
		case now.Sub(w.idle) > lingerFor:
			over = append(over, w)
			delete(n.watched, id)
		}
	}
	n.mu.Unlock()
	for _, w := range over {
		<-w.ready
		w.stop()
	}
}

// every calls fn at once, and then about every d. The interval varies, so nodes do not call in
// step.
func (n *Nodes) every(d time.Duration, fn func()) {
	for {
		fn()
		select {
		case <-time.After(d*9/10 + rand.N(d/5)):
		case <-n.ctx.Done():
			return
		}
	}
}

// Close leaves the other nodes. They take the people who were connected here for away, from their
// next sign of life on.
func (n *Nodes) Close(ctx context.Context) error {
	n.mu.Lock()
	n.stop()
	n.mu.Unlock()
	n.goroutines.Wait()
	n.mu.Lock()
	watched := n.watched
	n.watched = map[session.ID]*watch{}
	n.mu.Unlock()
	for _, w := range watched {
		<-w.ready
		if w.stop != nil {
			w.stop()
		}
	}
	return n.store.Leave(ctx)
}
