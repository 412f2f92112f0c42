package relay

import (
	"errors"
	"time"

	"parley/crdt"
)

// What a document may hold, beside its size.
//
// Few bytes can make a document costly for everybody for good: ten make a client id that is in every state vector from then on, as
// many a root type, and structs whose causes never come are kept and stored. So each is bounded. An update that could pass a bound
// is looked at before it is applied, since nothing can be taken out of a document again. What an update can bring at the most
// follows from its length, so that keystrokes are not looked at.

// Why an update was not taken, for logs.
var (
	errClients = errors.New("too many client ids in the document")
	errRoots   = errors.New("too many root types in the document")
	errPending = errors.New("too much that waits for what is missing")
)

// The least bytes of an update that bring a client id, and a root type.
const (
	bytesPerClient = 4 // number of structs, client, clock, a struct
	bytesPerRoot   = 5 // a struct with its parent's name and content
)

// bounded says which bound of the document an update would pass, nil when it may be applied.
func (r *Room) checkBounds(update []byte) error {
	o := &r.relay.opts
	size := r.doc.Size()
	if size.Clients+len(update)/bytesPerClient > o.MaxDocClients {
		if err := r.checkClients(update, size.Clients); err != nil {
			return err
		}
	}
	if size.Roots+len(update)/bytesPerRoot > o.MaxRoots {
		if err := r.checkRoots(update); err != nil {
			return err
		}
	}
	if size.Pending == 0 {
		r.pendingBytes = 0
	} else if r.pendingBytes+len(update) > o.MaxPendingBytes {
		return r.checkPending(update)
	}
	return nil
}

func (r *Room) checkClients(update []byte, have int) error {
	ranges, err := crdt.UpdateClients(update)
	if err != nil {
		return err
	}
	known, err := crdt.ReadStateVector(r.doc.EncodeStateVector())
	if err != nil {
		return err
	}
	had := have
	for _, span := range ranges {
		if _, ok := known[span.Client]; !ok {
			known[span.Client] = 0
			have++
		}
	}
	if have > max(had, r.relay.opts.MaxDocClients) {
		return errClients
	}
	return nil
}

func (r *Room) checkRoots(update []byte) error {
	brought, err := crdt.UpdateRoots(update)
	if err != nil {
		return err
	}
	names := map[string]struct{}{}
	for _, name := range r.doc.RootNames() {
		names[name] = struct{}{}
	}
	had := len(names)
	for _, name := range brought {
		names[name] = struct{}{}
	}
	if len(names) > max(had, r.relay.opts.MaxRoots) {
		return errRoots
	}
	return nil
}

// boundPending refuses an update that begins behind a gap, when enough waits already. What fills gaps may come.
func (r *Room) checkPending(update []byte) error {
	ranges, err := crdt.UpdateClients(update)
	if err != nil {
		return err
	}
	have, err := crdt.ReadStateVector(r.doc.EncodeStateVector())
	if err != nil {
		return err
	}
	for _, span := range ranges {
		if span.From > have[span.Client] {
			return errPending
		}
	}
	return nil
}

// park counts an update that was applied, if something waits: it may be what does.
func (r *Room) countPending(update []byte) {
	if r.doc.Size().Pending > 0 {
		r.pendingBytes += len(update)
	}
}

// allowance is what a connection may still send: messages and bytes, each refilled with time up to burstSeconds' worth.
type allowance struct {
	messages, bytes float64
	last            time.Time
}

func newAllowance(o *Options) allowance {
	return allowance{messages: float64(o.MessagesPerSecond) * burstSeconds, bytes: float64(o.BytesPerSecond) * burstSeconds, last: time.Now()}
}

// take takes a message of n bytes, and reports whether it may come. A rate below zero never runs out.
func (a *allowance) take(o *Options, n int, now time.Time) bool {
	seconds := now.Sub(a.last).Seconds()
	a.last = now
	return takeTokens(&a.messages, float64(o.MessagesPerSecond), 1, seconds) && takeTokens(&a.bytes, float64(o.BytesPerSecond), float64(n), seconds)
}

func takeTokens(tokens *float64, rate, n, seconds float64) bool {
	if rate < 0 {
		return true
	}
	*tokens = min(*tokens+seconds*rate, rate*burstSeconds)
	if *tokens < n {
		return false
	}
	*tokens -= n
	return true
}
