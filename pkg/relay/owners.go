package relay

import (
	"context"
	"errors"
	"time"

	"parley/crdt"
)

// Owners of client ids outlive the room.
//
// A client id belongs to a participant for the whole life of the session, on every node. The log
// shows whose ids are whose only until a compaction, and never for a client that has not written.
// So a room tells the log of each new owner soon after the claim, and reads all owners when it
// loads. The first owner that the log has heard of stays.

// Owner says that a client id belongs to a participant.
type Owner struct {
	Client      uint64
	Participant string
}

// MaxOwned is how many client ids of one participant a Log keeps for a document. A participant who
// has more loses the oldest.
const MaxOwned = 64

// keepPace is the least time between two calls of KeepOwners for a document.
const keepPace = time.Second

// keeper is what a room knows of the storing of owners. The room's events own it.
type keeper struct {
	waiting  []Owner // at most maxRemembered
	under    bool    // a call is under way
	keptAt   time.Time
	failures int
	retryAt  time.Time
}

// keep queues an owner for the log.
func (k *claims) keep(client uint64, participant string) {
	if participant != "" && len(k.keeper.waiting) < maxRemembered {
		k.keeper.waiting = append(k.keeper.waiting, Owner{Client: client, Participant: participant})
	}
}

// keepAll queues all owners, because the log may have lost them.
func (k *claims) keepAll() {
	k.keeper.waiting = nil
	for client, participant := range k.owner {
		k.keep(client, participant)
	}
}

// ownersKept reports whether the room need not wait for the log to have all owners. A room that is
// drained does not wait for a log that fails: the entries show most owners again.
func (r *Room) ownersKept() bool {
	k := &r.claims.keeper
	return !k.under && (len(k.waiting) == 0 || r.hurry && k.failures > 0)
}

// ownersDue is when to tell the log of new owners; zero when there are none.
func (r *Room) ownersDue() time.Time {
	k := &r.claims.keeper
	switch {
	case len(k.waiting) == 0 || k.under || r.closing != 0:
		return time.Time{}
	case !k.retryAt.IsZero():
		return k.retryAt
	case r.hurry || len(r.conns) == 0:
		return k.keptAt
	}
	return k.keptAt.Add(keepPace)
}

// keepOwners tells the log of new owners when that is due.
func (r *Room) keepOwners(now time.Time) {
	k := &r.claims.keeper
	if len(k.waiting) == 0 || k.under || r.closing != 0 || now.Before(r.ownersDue()) {
		return
	}
	owners := k.waiting
	k.waiting, k.under, k.keptAt = nil, true, now
	r.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
		defer cancel()
		err := r.relay.log.KeepOwners(ctx, r.id, owners)
		r.post(func() { r.keptOwners(owners, err) })
	})
}

func (r *Room) keptOwners(owners []Owner, err error) {
	k := &r.claims.keeper
	k.under = false
	switch {
	case err == nil:
		k.failures, k.retryAt = 0, time.Time{}
	case errors.Is(err, ErrNoSession):
		k.waiting = nil // there is nothing left that could be stolen
	default:
		k.waiting = append(owners, k.waiting...)
		k.waiting = k.waiting[:min(len(k.waiting), maxRemembered)]
		k.retryAt = time.Now().Add(min(retryFirst<<min(k.failures, 10), retryLast))
		if k.failures++; k.failures == 1 {
			r.logger().Warn("keep the owners of client ids", "err", err)
		}
	}
}

// rememberStored notes the owners that the log has kept, and then those that only its entries show.
func (k *claims) rememberStored(owners []Owner, entries []Entry) {
	for _, o := range owners {
		k.remember(o.Client, o.Participant)
	}
	k.rememberLog(entries)
}

// rememberLog notes the owners of client ids that only the log's entries show. The owner of an id
// is the participant who wrote most of its entries. One entry alone proves little, because a
// participant may have sent again what others wrote.
func (k *claims) rememberLog(entries []Entry) {
	counts := map[Owner]int{}
	for _, e := range entries {
		if ranges, err := crdt.UpdateClients(e.Update); err == nil && oneClient(ranges) && e.By != "" {
			counts[Owner{ranges[0].Client, e.By}]++
		}
	}
	best := map[uint64]Owner{}
	for o, n := range counts {
		if b, ok := best[o.Client]; !ok || n > counts[b] || n == counts[b] && o.Participant < b.Participant {
			best[o.Client] = o
		}
	}
	for client, o := range best {
		if _, known := k.owner[client]; !known {
			k.remember(client, o.Participant)
			k.keep(client, o.Participant)
		}
	}
}
