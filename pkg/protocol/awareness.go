package protocol

import (
	"bytes"
	"slices"
	"time"
)

// AwarenessTimeout is how long a state lives without an update. Clients renew their state every 15
// s.
//
// Source: y-protocols 1.0.7, awareness.js (outdatedTimeout).
const AwarenessTimeout = 30 * time.Second

// forgetAfter is how long the clock of a client that left is kept. Clients send the states of
// others back to the server. A late echo from before the removal must find the clock, or it would
// bring back a client that left.
const forgetAfter = 4 * AwarenessTimeout

var null = []byte("null")

// Change is the effect of an awareness entry.
type Change uint8

// The effects. Updated includes a renewal: the same state with a higher clock. A renewal must be
// sent to the other clients, because it keeps the client alive for them.
const (
	Ignored Change = iota
	Added
	Updated
	Removed
)

// Awareness is the server's copy of who is present in a room: the state and clock of each client.
// The server has no state of its own to publish. Awareness does not read the clock: the caller
// passes the time. It is not safe for concurrent use.
type Awareness struct {
	clients map[uint64]*presence
	present int
}

// presence is the entry of one client. A nil state means that the client left.
type presence struct {
	clock uint64
	state []byte
	heard time.Time
}

// NewAwareness returns an empty Awareness.
func NewAwareness() *Awareness { return &Awareness{clients: map[uint64]*presence{}} }

// Newer reports whether Apply would accept e. The clock of e must be higher than the known clock,
// which is 0 for an unknown client. An equal clock is accepted if e removes an existing state.
//
// Source: y-protocols 1.0.7, awareness.js (applyAwarenessUpdate).
func (a *Awareness) Newer(e AwarenessEntry) bool {
	p := a.clients[e.Client]
	if p == nil {
		return e.Clock > 0
	}
	return e.Clock > p.clock || e.Clock == p.clock && p.state != nil && e.Removed()
}

// Apply accepts e if e is newer than the known state, and copies its state. For the removal of an
// unknown client, Apply keeps the clock but returns Ignored, because no other client needs that
// message.
func (a *Awareness) Apply(e AwarenessEntry, now time.Time) Change {
	if !a.Newer(e) {
		return Ignored
	}
	p, known := a.clients[e.Client]
	if !known {
		p = &presence{}
		a.clients[e.Client] = p
	}
	had := p.state != nil
	p.clock, p.heard = e.Clock, now
	if e.Removed() {
		p.state = nil
		if had {
			a.present--
		}
		if !known {
			return Ignored
		}
		return Removed
	}
	p.state = append([]byte{}, e.State...)
	if had {
		return Updated
	}
	a.present++
	return Added
}

// Remove removes the state of a client whose connection ended. The clock stays, and the removal is
// to be published with that clock: other clients accept an equal clock for a removal. Remove
// reports whether there was a state.
func (a *Awareness) Remove(client uint64, now time.Time) bool {
	p := a.clients[client]
	if p == nil || p.state == nil {
		return false
	}
	p.state, p.heard = nil, now
	a.present--
	return true
}

// Due returns when Expire will next have something to do, if no client sends anything before. It is
// zero if no client is known.
func (a *Awareness) Due() time.Time {
	var due time.Time
	for _, p := range a.clients {
		at := p.heard.Add(AwarenessTimeout)
		if p.state == nil {
			at = p.heard.Add(forgetAfter)
		}
		if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	return due
}

// Expire removes the states that were not renewed for AwarenessTimeout, and returns their clients
// in ascending order. It also forgets the clocks of clients that left more than forgetAfter ago.
func (a *Awareness) Expire(now time.Time) []uint64 {
	var gone []uint64
	for client, p := range a.clients {
		switch age := now.Sub(p.heard); {
		case p.state != nil && age >= AwarenessTimeout:
			a.Remove(client, now)
			gone = append(gone, client)
		case p.state == nil && age >= forgetAfter:
			delete(a.clients, client)
		}
	}
	slices.Sort(gone)
	return gone
}

// Len returns the number of clients that are present.
func (a *Awareness) Len() int { return a.present }

// Known returns the number of clients that are present or left recently.
func (a *Awareness) Known() int { return len(a.clients) }

// Clock returns the clock of a client, and whether the client is known.
func (a *Awareness) Clock(client uint64) (clock uint64, known bool) {
	p := a.clients[client]
	if p == nil {
		return 0, false
	}
	return p.clock, true
}

// Clients returns the clients that are present, in ascending order.
func (a *Awareness) Clients() []uint64 {
	ids := make([]uint64, 0, a.present)
	for client, p := range a.clients {
		if p.state != nil {
			ids = append(ids, client)
		}
	}
	slices.Sort(ids)
	return ids
}

// Entry returns the entry of a client and whether the client is known. The state of a client that
// left is null. The state belongs to the Awareness and never changes: a newer state is another
// slice.
func (a *Awareness) Entry(client uint64) (AwarenessEntry, bool) {
	p := a.clients[client]
	if p == nil {
		return AwarenessEntry{}, false
	}
	e := AwarenessEntry{Client: client, Clock: p.clock, State: p.state}
	if e.State == nil {
		e.State = null
	}
	return e, true
}

// Equal reports whether both entries have the same client, clock and state.
func (e AwarenessEntry) Equal(o AwarenessEntry) bool {
	return e.Client == o.Client && e.Clock == o.Clock && bytes.Equal(e.State, o.State)
}
