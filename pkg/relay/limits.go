package relay

import (
	"errors"
	"time"

	"parley/crdt"
)

// Limits of a document other than its size.
//
// A few bytes can make a document expensive for everybody, for good. Ten bytes add a client id,
// which every later state vector carries, or a root type. Structs whose causes never come are kept
// and stored. Three bytes cut an item into three. So each of these has a limit. Content cannot be
// removed from a document, so an update that could pass a limit is examined before it is applied.
// The length of an update bounds what it can add; keystrokes are therefore never examined.

// Reasons for refusing an update. They appear in logs.
var (
	errClients = errors.New("too many client ids in the document")
	errRoots   = errors.New("too many root types in the document")
	errItems   = errors.New("too many items in the document")
	errPending = errors.New("too many updates with missing causes")
)

// The least number of bytes in an update that add a client id or a root type.
const (
	bytesPerClient = 4 // number of structs, client, clock, a struct
	bytesPerRoot   = 5 // a struct with its parent's name and content
)

// The most items that a byte of an update, a struct and a deleted range add. A struct may cut the
// item in whose middle it is put, and a range cuts an item at both ends.
const (
	itemsPerByte   = 1 // a range has two bytes
	itemsPerStruct = 2
	itemsPerRange  = 2
)

// deletingItems is how many times MaxItems deletions may reach. A person who deletes a whole
// document of MaxItems brings at most as many ranges.
const deletingItems = 3

// checkBounds returns the limit that an update would pass, nil when the update may be applied.
func (r *Room) checkBounds(c *conn, update []byte) error {
	o := &r.relay.opts
	size := r.doc.Size()
	clients := o.MaxDocClients
	if c.leads() {
		clients += clients / keptBack
	}
	if size.Clients+len(update)/bytesPerClient > clients {
		if err := r.checkClients(update, size.Clients, clients); err != nil {
			return err
		}
	}
	if size.Roots+len(update)/bytesPerRoot > o.MaxRoots {
		if err := r.checkRoots(update); err != nil {
			return err
		}
	}
	if size.Pending == 0 {
		r.pendingBytes, r.pendingItems = 0, 0
	}
	if size.Items+r.pendingItems+len(update)*itemsPerByte > o.MaxItems {
		if err := r.checkItems(c, update, size); err != nil {
			return err
		}
	}
	if size.Pending > 0 && r.pendingBytes+len(update) > o.MaxPendingBytes {
		return r.checkPending(update)
	}
	return nil
}

func (r *Room) checkClients(update []byte, have, most int) error {
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
	if have > max(had, most) {
		return errClients
	}
	return nil
}

// checkItems counts what an update may add at most. Participants who lead have a little more room
// than the others. Deletions have much more, because they make room in the end.
func (r *Room) checkItems(c *conn, update []byte, size crdt.Size) error {
	structs, deleted, err := crdt.UpdateLength(update)
	if err != nil {
		return err
	}
	most := r.relay.opts.MaxItems
	switch {
	case structs == 0:
		most *= deletingItems
	case c.leads():
		most += most / keptBack
	}
	added := structs*itemsPerStruct + deleted*itemsPerRange
	if size.Items+r.pendingItems+added > most {
		return errItems
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

// checkPending refuses an update that begins behind a gap. It is called when too much waits
// already. Updates that fill a gap are still accepted.
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

// countPending counts an applied update while structs wait for their causes, because the update may
// be one of those that wait. Afterwards pendingBytes is 0 unless structs wait.
func (r *Room) countPending(update []byte) {
	if r.doc.Size().Pending == 0 {
		r.pendingBytes, r.pendingItems = 0, 0
		return
	}
	r.pendingBytes += len(update)
	if structs, deleted, err := crdt.UpdateLength(update); err == nil {
		r.pendingItems += structs*itemsPerStruct + deleted*itemsPerRange
	}
}

// allowance is what a connection may still send. Messages and bytes are refilled with time, up to
// the amount of burstSeconds.
type allowance struct {
	messages, bytes float64
	last            time.Time
}

func newAllowance(o *Options) allowance {
	return allowance{messages: float64(o.MessagesPerSecond) * burstSeconds, bytes: float64(o.BytesPerSecond) * burstSeconds, last: time.Now()}
}

// take uses up one message of n bytes and reports whether the message is allowed. A negative rate
// sets no limit.
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
