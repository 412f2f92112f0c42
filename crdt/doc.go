// Package crdt is a document engine that is compatible with Yjs 13.6, byte for byte.
//
// A Doc is one replica of a collaborative document: named shared types (Text, Map, Array and XML)
// that any number of replicas edit at the same time. Replicas exchange Updates. Updates may arrive
// in any order, any grouping and any number of times. Replicas that hold the same Updates encode to
// the same bytes, and these are the bytes that a Yjs document writes after loading the same state.
//
// # Model
//
// Every insertion is an Item with an ID (ClientID, Clock), the IDs of its neighbours at the time
// (its origins), and content. The Items of one parent form a list, whose order follows from the
// origins alone (YATA). Deletions are ranges of IDs. SPEC.md numbers the rules.
//
// # Memory
//
// Items live in one slice without pointers and name each other by index. Their content lives in one
// byte slice per client, as it stood on the wire. So a document costs the garbage collector next to
// nothing, runs of typing are one Item, and content goes out as it came in.
//
// # Use
//
// A Doc is not safe for concurrent use: the caller brings the goroutine, or the lock. The package
// reads neither the clock nor the environment. Only a ClientID that nobody chose is drawn at
// random.
//
// # Where to look
//
//   - internal/wire decodes, encodes, merges and cuts Updates; it knows no document. updates.go
//     offers that to callers.
//   - apply.go applies an Update struct by struct; keystroke.go and load.go are short ways for one
//     keystroke and for a whole state. integrate.go puts an Item in its place, delete.go deletes.
//     pending.go keeps what came too early.
//   - item.go, content.go, clients.go, keys.go and sharedtypes.go are the arena.
//   - transaction.go commits, observe.go tells what changed, encode.go writes.
//   - text.go, richtext.go, array.go, map.go and xml.go are the shared types, local.go and value.go
//     what their edits have in common. position.go holds places that move with the text.
//   - conflicts.go bounds what a hostile Update may cost.
//   - check.go walks every invariant. internal/oracle is a slow document to compare with.
//
// Sources: Yjs 13.6 (INTERNALS.md and src/), lib0 0.2 for the primitives of the wire.
package crdt

import (
	"hash/maphash"
	"math/rand/v2"

	"parley/crdt/internal/wire"
)

// Doc is one replica of a document. Make it with NewDoc.
type Doc struct {
	clientID uint64
	gc       bool

	// The arena. Index 0 of each slice is reserved, so that zero means none.
	items     []item
	free      int32 // first free item; they are linked by right
	freeItems int   // how many there are
	clients   []client
	slots     map[uint64]uint32 // ClientID to index in clients
	hot       []hotSlot         // recent answers of slots, in fewSlots or hotSlots places
	types     []sharedType
	freeTyp   int32
	chains    []chain
	freeChn   int32
	byKey     map[uint64]int32 // (type, key) to the chain of a map entry
	keys      keyTable
	roots     map[int32]int32 // key to root type
	rootSeq   []int32         // root types in the order of their first mention

	order      []uint32 // slots by descending ClientID, when orderClean
	orderClean bool
	stamp      uint32   // last mark given by a conflict scan
	stamps     []uint32 // of items: mark of the last scan that saw them
	conflicts  conflicts
	gen        uint32 // counts types made, so that stale handles are noticed

	pending pending
	txn     transaction
	scratch scratch

	listeners []*listener
	observers []*observer
	notices   []notice // what is still to be told
	telling   bool     // tell is running
	marker    marker
}

// scratch holds buffers that are reused from call to call.
type scratch struct {
	sections []wire.Section
	stack    []wire.Struct
	ref      wire.Struct
	walk     []int32
	spans    []wire.Span
	vector   []ID
	parts    []part
}

// Option configures a Doc.
type Option func(*Doc)

// WithClientID sets the ClientID under which local edits are made: at most 53 bits. Without it a
// random one of 32 bits is drawn, as Yjs does. Two live replicas must never share one.
func WithClientID(id uint64) Option {
	return func(d *Doc) { d.clientID = id & wire.MaxClock }
}

// WithGC says whether the content of deleted Items is dropped (the default) or kept, as snapshots
// of the past need it.
func WithGC(on bool) Option {
	return func(d *Doc) { d.gc = on }
}

// NewDoc returns an empty document.
func NewDoc(opts ...Option) *Doc {
	d := &Doc{gc: true}
	d.clientID = uint64(rand.Uint32())
	for _, o := range opts {
		o(d)
	}
	d.reset()
	return d
}

// reset makes the arena empty; the settings stay.
func (d *Doc) reset() {
	d.items = make([]item, 1, 4)
	d.clients = make([]client, 1, 2)
	d.slots = map[uint64]uint32{}
	d.hot = make([]hotSlot, fewSlots)
	d.types = make([]sharedType, 1, 2)
	d.chains = make([]chain, 1, 2)
	d.byKey = map[uint64]int32{}
	d.keys = keyTable{seed: maphash.MakeSeed()}
	d.roots = map[int32]int32{}
	d.rootSeq = nil
	d.free, d.freeItems, d.freeTyp, d.freeChn = 0, 0, 0, 0
	d.order, d.orderClean, d.stamp, d.stamps = nil, true, 0, nil
}

// ClientID is the id under which this replica's local edits are made.
func (d *Doc) ClientID() uint64 { return d.clientID }

// HasPending tells whether Updates were received whose causes are missing. They are kept, encoded
// with the state, and applied when the causes arrive.
func (d *Doc) HasPending() bool {
	return !d.pending.empty()
}

// Size counts the parts of a Doc of which a few bytes of Updates can make many, so that a server
// can bound them.
type Size struct {
	Clients int // clients of whom there are structs, as in the state vector
	Roots   int // root types
	Items   int // Items and GCs in use
	Pending int // clients with structs that wait, and deleted ranges of structs that are not known
}

// Size returns the figures of this moment in constant time.
func (d *Doc) Size() Size {
	return Size{
		Clients: len(d.slots), Roots: len(d.roots), Items: len(d.items) - 1 - d.freeItems,
		Pending: len(d.pending.clients) + len(d.pending.deletes),
	}
}

// RootNames returns the names of the root types in the order of their first mention. The caller
// owns the slice.
func (d *Doc) RootNames() []string {
	names := make([]string, 0, len(d.rootSeq))
	for _, t := range d.rootSeq {
		names = append(names, d.keyName(d.types[t].name))
	}
	return names
}
