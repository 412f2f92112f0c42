package relay

import (
	"context"
	"fmt"
)

// register counts a connection among those of its session, before its room is known. The connection
// is live from now on.
func (r *Relay) register(c *conn) error {
	id := c.id
	r.mu.Lock()
	if r.draining {
		r.mu.Unlock()
		return ErrDraining
	}
	r.serving.Add(1)
	live := r.sessionLocked(id.Session)
	live.conns[c] = struct{}{}
	came := false
	if p := c.grant.Participant; p != "" {
		live.online[p]++
		came = live.online[p] == 1
	}
	r.mu.Unlock()
	if came {
		r.opts.OnlineChanged(id.Session)
	}
	return nil
}

// unregister takes back what register and findRoom did, and ends the connection. Drain waits for
// it.
func (r *Relay) unregister(c *conn) {
	if c.unwatchCtx != nil {
		c.unwatchCtx()
	}
	c.end()
	id := c.id
	defer r.serving.Done()
	r.mu.Lock()
	live := r.sessions[id.Session]
	delete(live.conns, c)
	left := false
	if p := c.grant.Participant; p != "" {
		if live.online[p]--; live.online[p] == 0 {
			delete(live.online, p)
			left = true
		}
	}
	r.forgetEmptyLocked(id.Session)
	r.mu.Unlock()
	if left {
		r.opts.OnlineChanged(id.Session)
	}
}

// acquire returns the room of a document once it is loaded, and opens the room if need be. All
// callers that wait share one load. The caller must call release. A room stays in memory until all
// its callers have released it.
func (r *Relay) acquire(ctx context.Context, id RoomID) (*Room, error) {
	r.mu.Lock()
	live := r.sessionLocked(id.Session)
	room := live.rooms[id.Doc]
	if room == nil {
		if r.draining {
			r.forgetEmptyLocked(id.Session)
			r.mu.Unlock()
			return nil, ErrDraining
		}
		room = newRoom(r, id)
		live.rooms[id.Doc] = room
		r.rooms.Add(1) // Done in Room.end
		room.tasks.Go(room.open)
	}
	room.holders++
	r.mu.Unlock()

	select {
	case <-room.ready:
	case <-ctx.Done():
		r.release(room)
		return nil, fmt.Errorf("wait for the document: %w", ctx.Err())
	}
	if room.loadErr != nil {
		r.release(room)
		return nil, room.loadErr
	}
	return room, nil
}

// release takes back one acquire.
func (r *Relay) release(room *Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	room.holders--
}

// evictUnheld evicts a room unless a caller of acquire still holds it, and reports whether it did.
// After that nobody has the room or can get it.
func (r *Relay) evictUnheld(room *Room) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if room.holders > 0 {
		return false
	}
	r.evictLocked(room)
	return true
}

// evict takes a room out of the registry, even when callers hold it. The next acquire loads the
// document again.
func (r *Relay) evict(room *Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.evictLocked(room)
}

func (r *Relay) evictLocked(room *Room) {
	if live := r.sessions[room.id.Session]; live != nil && live.rooms[room.id.Doc] == room {
		delete(live.rooms, room.id.Doc)
		r.forgetEmptyLocked(room.id.Session)
	}
}

// sessionLocked returns the live part of a session and creates it if need be. The caller holds mu.
func (r *Relay) sessionLocked(session string) *liveSession {
	live := r.sessions[session]
	if live == nil {
		live = &liveSession{rooms: map[string]*Room{}, conns: map[*conn]struct{}{}, online: map[string]int{}}
		r.sessions[session] = live
	}
	return live
}

// forgetEmptyLocked removes the live part of a session that has neither rooms nor connections. The
// caller holds mu.
func (r *Relay) forgetEmptyLocked(session string) {
	if live := r.sessions[session]; live != nil && len(live.rooms) == 0 && len(live.conns) == 0 {
		delete(r.sessions, session)
	}
}
