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

// Relay finds or opens the room of a document, and drains all rooms. It is safe for concurrent use.
type Relay struct {
	// Fixed by New.
	log    Log
	opts   Options
	stats  counters
	ctx    context.Context // ends when the time of Drain is up; nothing is stored after that
	cancel context.CancelFunc

	patrols sync.WaitGroup // the patrol
	rooms   sync.WaitGroup // rooms, and their tasks after they have ended
	serving sync.WaitGroup // connections; each holds its socket

	mu       sync.Mutex // guards the fields below
	sessions map[string]*liveSession
	draining bool
}

// liveSession is the live part of one session: its rooms, and the connections to any of them.
type liveSession struct {
	rooms  map[string]*Room // by document
	conns  map[*conn]struct{}
	online map[string]int // live connections of each participant
	quiet  Quiet
}

// New returns a Relay over log. The caller must call Drain in the end.
func New(log Log, opts Options) *Relay {
	ctx, stop := context.WithCancel(context.Background())
	r := &Relay{log: log, opts: opts.withDefaults(), ctx: ctx, cancel: stop, sessions: map[string]*liveSession{}}
	r.patrols.Go(func() { r.patrol(ctx) })
	return r
}

// Serve connects s to the room of a document and returns when the connection has ended: the peer
// left, the peer broke a rule, or ctx was done. The socket is then closed and no longer used. The
// error is nil when the peer left, and a *ClosedError when the server closed the connection.
func (r *Relay) Serve(ctx context.Context, id RoomID, g Grant, s Socket) error {
	result := make(chan error, 1)
	r.Take(ctx, id, g, s, func(err error) { result <- err })
	return <-result
}

// Take is Serve for many silent connections. It returns when the connection has ended. If s is a
// Parker, Take also returns when the connection is quiet and has been parked. ended is called once,
// as the last step, with the result of Serve.
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

// findRoom closes the connection when ctx ends, confirms its right to be there, and acquires its
// room. It runs after register.
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

// Refused counts a connection that was closed with code before it reached the relay.
func (r *Relay) Refused(code CloseCode) { r.stats.closedWith(code) }

// codeOf returns the close code for a connection that cannot enter its room.
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

// View runs fn on the live document of a room and loads the document if need be. fn must only read,
// must not keep any part of the document, and must be quick, because the room waits for it. The
// error comes from loading (ErrNoSession, for example) or from ctx.
func (r *Relay) View(ctx context.Context, id RoomID, as Sight, fn func(*crdt.Doc)) error {
	room, err := r.acquire(ctx, id)
	if err != nil {
		return fmt.Errorf("view %s: %w", id, err)
	}
	defer r.release(room)
	if err := room.do(ctx, func() { fn(room.seenAs(as)) }); err != nil {
		return fmt.Errorf("view %s: %w", id, err)
	}
	return nil
}

// Copy returns a copy of the live document of a room and loads the document if need be. The room
// waits only while its state is encoded, and not even that when the state was encoded since the
// last change and nothing is hidden. Use Copy to read much, and View to read little. The errors are
// those of View.
func (r *Relay) Copy(ctx context.Context, id RoomID, as Sight) (*crdt.Doc, error) {
	room, err := r.acquire(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", id, err)
	}
	var state []byte
	var failed error
	err = room.do(ctx, func() { state, failed = room.stateAs(as) })
	r.release(room)
	if err = errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("copy %s: %w", id, err)
	}
	doc := crdt.NewDoc()
	if err := applyState(doc, state); err != nil {
		return nil, fmt.Errorf("copy %s: %w", id, err)
	}
	return doc, nil
}

// Edit runs fn as one transaction of the server's own replica on the live document of a room. by is
// the participant who asked for the change. During quiet time, fn gets what by sees. The change is
// passed on and stored like any update. That holds even when fn returns an error, because a
// transaction cannot be taken back; Edit then returns that error. Edit returns when the change is
// durable. When ctx ends earlier, the change stands and the error wraps ErrNotStored.
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

// CloseSession closes every connection of a session. With CloseGone and CloseNoSession the session
// is over, and its rooms drop what is not stored yet. CloseSession does not keep anybody from
// coming back; the store does (ErrNoSession). So delete the session in the store first.
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

// CloseParticipant closes the connections of one participant in a session.
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
	live := r.sessions[session]
	if live == nil {
		return nil, nil
	}
	return slices.Collect(maps.Values(live.rooms)), slices.Collect(maps.Keys(live.conns))
}

// Online counts the live connections of each participant of a session, over all its documents.
// Connections without a participant id are left out. The caller owns the map, which is empty when
// nobody is connected.
func (r *Relay) Online(session string) map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	online := map[string]int{}
	if live := r.sessions[session]; live != nil {
		maps.Copy(online, live.online)
	}
	return online
}

// Drain accepts no new connections, closes all sockets with CloseRestart, stores every document and
// waits for every goroutine. The closing is spread over Options.DrainTime, so that not all clients
// reach the other nodes at the same moment. When ctx ends before everything is stored, the rest is
// dropped and the error says how many bytes of updates are lost.
func (r *Relay) Drain(ctx context.Context) error {
	r.mu.Lock()
	r.draining = true
	r.mu.Unlock()
	r.closeInWaves(ctx)

	idle := make(chan struct{})
	go func() { // ends with the last connection and room; at the latest after cancel below
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

// allConns lists every connection. No connection is added once draining is set.
func (r *Relay) allConns() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*conn
	for _, live := range r.sessions {
		all = slices.AppendSeq(all, maps.Keys(live.conns))
	}
	return all
}

// hurryRooms makes every room end as soon as its document is stored.
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
	for _, live := range r.sessions {
		rooms = slices.AppendSeq(rooms, maps.Values(live.rooms))
	}
	return rooms
}
