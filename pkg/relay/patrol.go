package relay

import (
	"context"
	"math/rand/v2"
	"time"
)

// A publish can be lost without anybody noticing, when nothing follows it in that document. So every room's
// position is compared with the log now and then: all that are due in one go, in bounded batches.
const (
	patrolEvery = time.Second
	checkWithin = 40 * time.Second // every room is checked at least that often, jittered over a quarter of it
	checkBatch  = 256              // documents per call
)

// patrol checks positions until ctx ends.
func (r *Relay) patrol(ctx context.Context) {
	tick := time.NewTicker(patrolEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			due, rooms := r.dueForCheck(now)
			for len(due) > 0 {
				n := min(checkBatch, len(due))
				r.check(ctx, due[:n], rooms)
				due = due[n:]
			}
		case <-ctx.Done():
			return
		}
	}
}

// dueForCheck gives the rooms to be checked at now, and where they are.
func (r *Relay) dueForCheck(now time.Time) ([]Located, map[RoomID]*Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due []Located
	rooms := map[RoomID]*Room{}
	for _, g := range r.sessions {
		for _, room := range g.rooms {
			at := room.peers.shown.Load()
			if at == nil || now.Before(room.peers.next) {
				continue // not loaded yet
			}
			first := room.peers.next.IsZero()
			room.peers.next = now.Add(checkWithin*3/4 + rand.N(checkWithin/4))
			if first {
				continue
			}
			due = append(due, Located{ID: room.id, At: *at})
			rooms[room.id] = room
		}
	}
	return due, rooms
}

// check asks the store about some rooms and tells those that are behind. A failure is no matter: the next round comes.
func (r *Relay) check(ctx context.Context, due []Located, rooms map[RoomID]*Room) {
	ctx, cancel := context.WithTimeout(ctx, r.opts.StoreTimeout)
	defer cancel()
	behind, err := r.opts.Shared.Check(ctx, due)
	if err != nil {
		r.opts.Logger.Debug("position check", "error", err)
		return
	}
	for _, id := range behind {
		rooms[id].peers.feed.put(Message{Kind: Behind})
	}
}
