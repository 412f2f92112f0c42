// Package relaytest holds what tests of a relay need: a store in memory for one or several nodes, a
// Socket in memory, and a Client that speaks the wire protocol with a document of its own. All of
// it works inside testing/synctest.
package relaytest

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"

	"parley/pkg/relay"
)

// ErrCut is the error of a node that is cut off from the store.
var ErrCut = errors.New("no way to the store")

// Op names an operation of a relay.Log.
type Op string

// The operations that a hook sees.
const (
	Read    Op = "read" // Since
	Append  Op = "append"
	Compact Op = "compact"
	Owners  Op = "owners" // KeepOwners
)

// Store is one node's view of a store in memory. It is a relay.Log and a relay.Bus that keep both
// contracts. It can also lose what a real store may lose.
type Store struct {
	*data
	ID relay.NodeID

	// Guarded by data.mu.
	cut, deaf bool
	hears     map[*func(relay.Message)]relay.RoomID
	said      int
	appends   int
	gather    bool
	gathered  []func()
}

// data is shared by the nodes of one store.
type data struct {
	mu       sync.Mutex // guards the fields below
	sessions map[string]bool
	logs     map[relay.RoomID]*document
	owners   map[relay.RoomID][]relay.Owner
	nodes    []*Store
	hook     func(Op, relay.RoomID) error
	calls    map[Op]int
	epoch    uint64
	appendID uint64
	aside    []relay.Entry
	far      time.Duration
}

// document is the log of one document. Entry i of entries has number reached+i+1.
type document struct {
	epoch     uint64
	reached   uint64
	reachedID relay.AppendID
	state     []byte
	entries   []relay.Entry
	ids       []relay.AppendID // of the appends that wrote entries
	history   []relay.Entry
}

// NewStore returns a store that holds the given sessions, without documents.
func NewStore(sessions ...string) *Store {
	d := &data{sessions: map[string]bool{}, logs: map[relay.RoomID]*document{}, owners: map[relay.RoomID][]relay.Owner{}, calls: map[Op]int{}}
	for _, id := range sessions {
		d.sessions[id] = true
	}
	return d.join()
}

// Join returns the view of one more node of the same store.
func (s *Store) Join() *Store { return s.join() }

func (d *data) join() *Store {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := &Store{data: d, hears: map[*func(relay.Message)]relay.RoomID{}}
	s.ID[0] = byte(len(d.nodes) + 1)
	d.nodes = append(d.nodes, s)
	return s
}

// Delete removes a session and everything in it.
func (d *data) Delete(session string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sessions, session)
	for id := range d.logs {
		if id.Session == session {
			delete(d.logs, id)
		}
	}
}

// Hook makes every operation call fn first, without a lock. fn may block, and its error becomes the
// error of the operation. nil removes the hook.
func (d *data) Hook(fn func(Op, relay.RoomID) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hook = fn
}

// Calls returns how often an operation was called.
func (d *data) Calls(op Op) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls[op]
}

// Entries returns the log of a document.
func (d *data) Entries(id relay.RoomID) []relay.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.logs[id]; l != nil {
		return slices.Clone(l.entries)
	}
	return nil
}

// History returns the entries that compactions have taken out of the log.
func (d *data) History(id relay.RoomID) []relay.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.logs[id]; l != nil {
		return slices.Clone(l.history)
	}
	return nil
}

// Whole returns everything that is stored of a document.
func (d *data) Whole(id relay.RoomID) relay.Stored {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wholeLocked(id)
}

// Empty loses every document, as a restart without data does.
func (d *data) Empty() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logs = map[relay.RoomID]*document{}
}

// Rewind loses the last n entries of a document, as a fail-over may.
func (d *data) Rewind(id relay.RoomID, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.logs[id]
	l.entries, l.ids = l.entries[:len(l.entries)-n], l.ids[:len(l.ids)-n]
}

// Poison appends bytes that are not an update, without a message to the nodes.
func (d *data) Poison(id relay.RoomID) { d.Sneak(id, relay.Entry{Update: []byte{0xff}}) }

// Sneak appends an entry without a message to the nodes.
func (d *data) Sneak(id relay.RoomID, e relay.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.logLocked(id)
	l.entries, l.ids = append(l.entries, e), append(l.ids, d.nextIDLocked(relay.NodeID{}))
}

// Aside returns the entries that were set aside.
func (d *data) Aside() []relay.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.aside)
}

// Far delays the results of reads, as for a distant store. They may be out of date when they
// arrive.
func (d *data) Far(delay time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.far = delay
}

// logLocked returns the log of a document and creates it if need be.
func (d *data) logLocked(id relay.RoomID) *document {
	l := d.logs[id]
	if l == nil {
		d.epoch++
		l = &document{epoch: d.epoch}
		d.logs[id] = l
	}
	return l
}

func (d *data) nextIDLocked(node relay.NodeID) (id relay.AppendID) {
	d.appendID++
	copy(id[:], node[:])
	binary.BigEndian.PutUint32(id[8:], uint32(d.appendID))
	return id
}

// Cut cuts a node off from the store or connects it again. A node that is connected again is told
// that it may have missed messages.
func (s *Store) Cut(cut bool) {
	s.mu.Lock()
	s.cut = cut
	s.mu.Unlock()
	if !cut {
		s.tell(relay.Message{Kind: relay.Missed})
	}
}

// Deafen makes messages to a node get lost silently.
func (s *Store) Deafen(deaf bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = deaf
}

// Die tells the other nodes that this one gives no sign of life.
func (s *Store) Die() {
	for _, o := range s.nodes {
		if o != s {
			o.tell(relay.Message{Kind: relay.NodeLost, From: s.ID})
		}
	}
}

// Said counts the messages that the node has sent with Say.
func (s *Store) Said() int { s.mu.Lock(); defer s.mu.Unlock(); return s.said }

// Appends counts the appends of the node.
func (s *Store) Appends() int { s.mu.Lock(); defer s.mu.Unlock(); return s.appends }

// Gather holds batched appends back until Flush, from now on.
func (s *Store) Gather() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gather = true
}
