package relay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"parley/crdt"
)

// Relay finds or opens the room of a document, and drains them all. Safe for concurrent use.
type Relay struct {
	// Fixed by New.
	log    Log
	opts   Options
	stats  counters
	ctx    context.Context // ends when Drain has run out of time: nothing more is stored then
	cancel context.CancelFunc

	patrols sync.WaitGroup // the patrol
	rooms   sync.WaitGroup // rooms, and what they still do when they have ended
	serving sync.WaitGroup // Serve calls, of which each holds its socket

	mu       sync.Mutex // guards what follows
	sessions map[string]*liveSession
	draining bool
}

// gathering is the live part of one session: its rooms, and who is connected to any of them.
type liveSession struct {
	rooms  map[string]*Room // by document
	conns  map[*conn]struct{}
	online map[string]int // participant to live connections
}

// New returns a Relay over log. Call Drain when done with it.
func New(log Log, opts Options) *Relay {
	ctx, stop := context.WithCancel(context.Background())
	r := &Relay{log: log, opts: opts.withDefaults(), ctx: ctx, cancel: stop, sessions: map[string]*liveSession{}}
	r.patrols.Go(func() { r.patrol(ctx) })
	return r
}

// Serve connects s to the room of a document and blocks until the connection has ended: the peer left, broke a
// rule, or ctx was done. It always ends with the socket closed, and does not touch it afterwards. The error is
// nil when the peer left, a *ClosedError when the server ended it.
func (r *Relay) Serve(ctx context.Context, id RoomID, g Grant, s Socket) error {
	result := make(chan error, 1)
	r.Take(ctx, id, g, s, func(err error) { result <- err })
	return <-result
}

// Take is Serve for many silent connections: it returns when the connection has ended or, with a Parker, when that is quiet and was
// parked. ended is called once with what Serve returns, last of all, by whoever served the connection last.
func (r *Relay) Take(ctx context.Context, id RoomID, g Grant, s Socket, ended func(error)) {
	c := newConn(r, id, g, s)
	c.ended = ended
	if err := r.register(c); err != nil {
		c.close(codeOf(err), err)
		c.end()
		ended(c.closed())
		return
	}
	c.serve(func() bool { return c.enterRoom(ctx, g.Confirm) && c.read() })
}

// find finds the room of a connection that counts already, if it may still be in it.
func (r *Relay) findRoom(ctx context.Context, c *conn, confirm func(context.Context) error) (*Room, error) {
	if ctx.Done() != nil {
		c.unwatchCtx = context.AfterFunc(ctx, func() { c.close(CloseRestart, nil) })
	}
	if confirm != nil {
		if err := confirm(ctx); err != nil {
			return nil, err
		}
	}
	return r.acquire(ctx, c.id)
}

// Refused counts a connection that was closed with code before it was to be served.
func (r *Relay) Refused(code CloseCode) { r.stats.closedWith(code) }

// codeOf tells a client why it cannot get into a room.
func codeOf(err error) CloseCode {
	closed := (*ClosedError)(nil)
	switch {
	case errors.As(err, &closed):
		return closed.Code
	case errors.Is(err, ErrNoSession):
		return CloseNoSession
	case errors.Is(err, ErrDraining), errors.Is(err, context.Canceled):
		return CloseRestart
	default:
		return CloseUnavailable
	}
}

// View runs fn on the live document of a room, loaded if need be. fn must only read, keep nothing of it past its return, and
// be quick: the room waits. The error is that of loading (ErrNoSession among them) or of ctx.
func (r *Relay) View(ctx context.Context, id RoomID, fn func(*crdt.Doc)) error {
	room, err := r.acquire(ctx, id)
	if err != nil {
		return fmt.Errorf("view %s: %w", id, err)
	}
	defer r.release(room)
	if err := room.do(ctx, func() { fn(room.doc) }); err != nil {
		return fmt.Errorf("view %s: %w", id, err)
	}
	return nil
}

// Edit runs fn on the live document of a room as one transaction of the server's own replica, by being the participant who
// asked for it. What fn changed is passed on and stored like any update, even when fn then returns an error, which Edit
// returns too: a transaction cannot be taken back. Edit returns when the change is durable; when ctx ends before,
// the change stands and the error wraps ErrNotStored.
func (r *Relay) Edit(ctx context.Context, id RoomID, by string, fn func(*crdt.Doc) error) error {
	room, err := r.acquire(ctx, id)
	if err != nil {
		return fmt.Errorf("edit %s: %w", id, err)
	}
	defer r.release(room)
	var stored <-chan error
	var failed error
	if err := room.do(ctx, func() { stored, failed = room.edit(by, fn) }); err != nil {
		return fmt.Errorf("edit %s: %w", id, err)
	}
	if failed != nil {
		return failed
	}
	select {
	case err := <-stored:
		if err != nil {
			return fmt.Errorf("edit %s: %w", id, err)
		}
		return nil
	case <-room.ended:
		return fmt.Errorf("edit %s: %w", id, ErrRoomFailed)
	case <-ctx.Done():
		return fmt.Errorf("edit %s: %w: %w", id, ErrNotStored, ctx.Err())
	}
}

// CloseSession ends every connection of a session. With CloseGone and CloseNoSession the session is over: what its
// rooms had not stored is dropped with them. That nobody comes in again is for the store to say (ErrNoSession), so
// remove the session there first.
func (r *Relay) CloseSession(session string, code CloseCode) {
	over := code == CloseGone || code == CloseNoSession
	r.mu.Lock()
	rooms, conns := r.membersLocked(session)
	r.mu.Unlock()
	for _, room := range rooms {
		if over {
			room.post(func() { room.close(code, ErrNoSession) })
		}
	}
	for _, c := range conns {
		c.close(code, nil)
	}
}

// CloseParticipant ends the connections that a participant of a session has.
func (r *Relay) CloseParticipant(session, participant string, code CloseCode) {
	r.mu.Lock()
	_, conns := r.membersLocked(session)
	r.mu.Unlock()
	for _, c := range conns {
		if c.grant.Participant == participant {
			c.close(code, nil)
		}
	}
}

// membersLocked lists the rooms and connections of a session. The caller holds mu.
func (r *Relay) membersLocked(session string) ([]*Room, []*conn) {
	g := r.sessions[session]
	if g == nil {
		return nil, nil
	}
	return slices.Collect(maps.Values(g.rooms)), slices.Collect(maps.Keys(g.conns))
}

// Online counts the live connections of each participant of a session, over all its documents. Those without an
// id are not in it. The caller owns the map; it is empty when nobody is there.
func (r *Relay) Online(session string) map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	online := map[string]int{}
	if g := r.sessions[session]; g != nil {
		maps.Copy(online, g.online)
	}
	return online
}

// Drain lets nobody in any more, closes all sockets with CloseRestart, spread over Options.DrainTime so that
// clients do not all come to the other nodes in one moment, has every document stored and waits for every
// goroutine. When ctx ends before that, what is not stored is given up, and the error says of how many documents.
func (r *Relay) Drain(ctx context.Context) error {
	r.mu.Lock()
	r.draining = true
	r.mu.Unlock()
	r.closeInWaves(ctx)

	idle := make(chan struct{})
	go func() { // ends with the last Serve and room, which stop below makes end in any case
		r.serving.Wait()
		r.hurryRooms()
		r.rooms.Wait()
		close(idle)
	}()
	defer r.patrols.Wait()
	defer r.cancel()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	unsaved := r.stats.unsaved.Load()
	r.cancel()
	for _, room := range r.allRooms() {
		room.post(room.abandon)
	}
	<-idle
	if unsaved > 0 {
		return fmt.Errorf("drain: %d bytes of updates could not be stored: %w", unsaved, ctx.Err())
	}
	return nil
}

// closeInWaves closes all sockets over DrainTime, at least drainAtOnce in each wave.
func (r *Relay) closeInWaves(ctx context.Context) {
	conns := r.allConns()
	wave := max(drainAtOnce, len(conns)*int(drainTick)/max(1, int(r.opts.DrainTime))+1)
	tick := time.NewTicker(drainTick)
	defer tick.Stop()
	for len(conns) > 0 {
		n := min(wave, len(conns))
		for _, c := range conns[:n] {
			c.close(CloseRestart, nil)
		}
		if conns = conns[n:]; len(conns) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			wave = len(conns)
		}
	}
}

// allConns lists every connection. After draining is set there will be no others.
func (r *Relay) allConns() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*conn
	for _, g := range r.sessions {
		all = slices.AppendSeq(all, maps.Keys(g.conns))
	}
	return all
}

// hurryRooms makes all rooms end as soon as everything is stored.
func (r *Relay) hurryRooms() {
	for _, room := range r.allRooms() {
		room.post(func() { room.hurry = true })
	}
}

// allRooms lists every room.
func (r *Relay) allRooms() []*Room {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rooms []*Room
	for _, g := range r.sessions {
		rooms = slices.AppendSeq(rooms, maps.Values(g.rooms))
	}
	return rooms
}
