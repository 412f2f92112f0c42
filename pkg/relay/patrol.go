package relay

import (
	"context"
	"math/rand/v2"
	"time"
)

// A message of the bus can be lost unnoticed when no other message follows it in that document. So
// every room's position is compared with the log now and then: all rooms that are due together, in
// bounded batches. On a single node the same comparison finds a log that another process changed.
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
			at, loaded := room.tail.position()
			if !loaded || now.Before(room.tail.next) {
				continue
			}
			first := room.tail.next.IsZero()
			room.tail.next = now.Add(checkWithin*3/4 + rand.N(checkWithin/4))
			if first {
				continue
			}
			due = append(due, Located{ID: room.id, At: at})
			rooms[room.id] = room
		}
	}
	return due, rooms
}

// check asks the store about some rooms and tells those that are behind. A failure is no matter: the next round comes.
func (r *Relay) check(ctx context.Context, due []Located, rooms map[RoomID]*Room) {
	ctx, cancel := context.WithTimeout(ctx, r.opts.StoreTimeout)
	defer cancel()
	behind, err := r.log.Check(ctx, due)
	if err != nil {
		r.opts.Logger.Debug("position check", "err", err)
		return
	}
	for _, id := range behind {
		rooms[id].postBriefly(rooms[id].catchUp)
	}
}
