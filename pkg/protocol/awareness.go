package protocol

import (
	"bytes"
	"slices"
	"time"
)

// AwarenessTimeout is how long a state lives without news of its client, which renews it every 15 s.
//
// Source: y-protocols 1.0.7, awareness.js (outdatedTimeout).
const AwarenessTimeout = 30 * time.Second

// forgetAfter is how long the clock of a client that left is kept. Clients send what they hear of others back
// to the server; a late echo of a state older than the removal must find the clock, or it would raise a ghost.
const forgetAfter = 4 * AwarenessTimeout

var null = []byte("null")

// Change says what an awareness entry did.
type Change uint8

// The changes. Updated includes a renewal: the same state under a higher clock, which others must hear of too,
// as it keeps the client alive for them.
const (
	Ignored Change = iota
	Added
	Updated
	Removed
)

// Awareness is the server's own copy of who is present in a room: for each client its state and clock. It has
// no state of its own to publish. It reads no clock: the caller says what time it is. Not safe for concurrent use.
type Awareness struct {
	clients map[uint64]*presence
	present int
}

// presence is what is known of one client; a nil state means that it left.
type presence struct {
	clock uint64
	state []byte
	heard time.Time
}

// NewAwareness returns an Awareness that knows nobody.
func NewAwareness() *Awareness { return &Awareness{clients: map[uint64]*presence{}} }

// Newer reports whether Apply would take e: its clock is past the one known (0 for a client never heard of), or
// equal and it removes a state that is there.
//
// Source: y-protocols 1.0.7, awareness.js (applyAwarenessUpdate).
func (a *Awareness) Newer(e AwarenessEntry) bool {
	p := a.clients[e.Client]
	if p == nil {
		return e.Clock > 0
	}
	return e.Clock > p.clock || e.Clock == p.clock && p.state != nil && e.Removed()
}

// Apply takes e if it is newer than what is known, and copies its state. Of the removal of a client never heard
// of it keeps the clock, but nobody needs to be told.
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

// Remove takes the state of a client whose connection went and keeps its clock, under which the removal is to be
// published: others take an equal clock for a removal. It reports whether there was a state.
func (a *Awareness) Remove(client uint64, now time.Time) bool {
	p := a.clients[client]
	if p == nil || p.state == nil {
		return false
	}
	p.state, p.heard = nil, now
	a.present--
	return true
}

// Due is when Expire will have something to do, if nobody is heard of until then. It is zero when nobody is known.
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

// Expire removes the states not heard of for AwarenessTimeout and returns their clients in ascending order. It
// also forgets the clocks of clients that left long ago.
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

// Len is the number of clients present.
func (a *Awareness) Len() int { return a.present }

// Known is the number of clients remembered: those present, and those that left lately.
func (a *Awareness) Known() int { return len(a.clients) }

// Clock returns the clock of a client, and whether the client is known.
func (a *Awareness) Clock(client uint64) (clock uint64, known bool) {
	p := a.clients[client]
	if p == nil {
		return 0, false
	}
	return p.clock, true
}

// Clients returns those present in ascending order.
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

// Entry returns what is known of a client, null as the state of one that left, and whether it is known at all.
// The state belongs to the Awareness and never changes: a newer one is another slice.
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

// Equal reports whether both entries say the same of the same client.
func (e AwarenessEntry) Equal(o AwarenessEntry) bool {
	return e.Client == o.Client && e.Clock == o.Clock && bytes.Equal(e.State, o.State)
}
