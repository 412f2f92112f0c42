package relay

import (
	"context"
	"math/rand/v2"
	"time"
)

// A message of the bus can be lost unnoticed when no later message about that document follows. The
// patrol therefore compares the position of every room with the log from time to time, in bounded
// batches of all rooms that are due. On a single node the comparison finds a log that another
// process has changed.
const (
	patrolEvery = time.Second
	checkWithin = 40 * time.Second // longest time between two checks; jittered over a quarter of it
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

// dueForCheck returns the rooms to check at now, with their positions.
func (r *Relay) dueForCheck(now time.Time) ([]Located, map[RoomID]*Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due []Located
	rooms := map[RoomID]*Room{}
	for _, live := range r.sessions {
		for _, room := range live.rooms {
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

// check compares rooms with the store and makes those that are behind catch up. A failed check is
// repeated in the next round.
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
