package relaytest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"

	"parley/pkg/relay"
)

// ErrCut is what a node gets that is cut off from the Cluster.
var ErrCut = errors.New("no way to the store")

// Cluster is a relay.Shared in memory for several nodes, which can lose what a real one may lose. It has one session, Session.
type Cluster struct {
	Session string

	mu    sync.Mutex // guards what follows
	gone  bool
	logs  map[relay.RoomID]*sharedLog
	nodes []*Node
	epoch uint64
	marks uint64
	aside []relay.Entry
	far   time.Duration
}

// sharedLog is one document. Entry i of entries has number reached+i+1.
type sharedLog struct {
	epoch       uint64
	reached     uint64
	reachedMark relay.Mark
	state       []byte
	entries     []relay.Entry
	marks       []relay.Mark
	history     int
}

// Node is one node's view of a Cluster.
type Node struct {
	*Cluster
	ID relay.NodeID

	// Guarded by Cluster.mu.
	cut, deaf bool
	hears     map[*func(relay.Message)]relay.RoomID
	said      int
	appends   int
	gather    bool
	gathered  []func()
}

// NewCluster gives one without documents.
func NewCluster(session string) *Cluster {
	return &Cluster{Session: session, logs: map[relay.RoomID]*sharedLog{}}
}

// Node gives one more node.
func (c *Cluster) Node() *Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := &Node{Cluster: c, hears: map[*func(relay.Message)]relay.RoomID{}}
	n.ID[0] = byte(len(c.nodes) + 1)
	c.nodes = append(c.nodes, n)
	return n
}

// Cut cuts a node off, or heals what was cut: then it may have missed something.
func (n *Node) Cut(cut bool) {
	n.mu.Lock()
	n.cut = cut
	n.mu.Unlock()
	if !cut {
		n.tell(relay.Message{Kind: relay.Missed})
	}
}

// Deafen has messages to a node lost without a sign.
func (n *Node) Deafen(deaf bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deaf = deaf
}

// Die tells the other nodes that this one gives no sign of life.
func (n *Node) Die() {
	for _, o := range n.nodes {
		if o != n {
			o.tell(relay.Message{Kind: relay.NodeLost, From: n.ID})
		}
	}
}

// tell delivers a message to all that a node follows.
func (n *Node) tell(m relay.Message) {
	n.mu.Lock()
	var all []func(relay.Message)
	for deliver := range n.hears {
		all = append(all, *deliver)
	}
	n.mu.Unlock()
	for _, deliver := range all {
		deliver(m)
	}
}

// Said counts the messages that the node has said.
func (n *Node) Said() int { n.mu.Lock(); defer n.mu.Unlock(); return n.said }

// Appends counts what the node has appended.
func (n *Node) Appends() int { n.mu.Lock(); defer n.mu.Unlock(); return n.appends }

// Delete takes the session away.
func (c *Cluster) Delete() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone, c.logs = true, map[relay.RoomID]*sharedLog{}
}

// Empty loses every document, as a restart without data does.
func (c *Cluster) Empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logs = map[relay.RoomID]*sharedLog{}
}

// Rewind loses the last entries of a document, as a fail-over may.
func (c *Cluster) Rewind(id relay.RoomID, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.logs[id]
	l.entries, l.marks = l.entries[:len(l.entries)-n], l.marks[:len(l.marks)-n]
}

// Poison appends bytes that are no update, without telling anybody.
func (c *Cluster) Poison(id relay.RoomID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.logLocked(id)
	l.entries, l.marks = append(l.entries, relay.Entry{Update: []byte{0xff}}), append(l.marks, c.markLocked(relay.NodeID{}))
}

// Aside gives what was put aside.
func (c *Cluster) Aside() []relay.Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.aside)
}

// Entries gives the log of a document, and State its state.
func (c *Cluster) Entries(id relay.RoomID) []relay.Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.logs[id]; l != nil {
		return slices.Clone(l.entries)
	}
	return nil
}

// Whole gives all that is stored of a document.
func (c *Cluster) Whole(id relay.RoomID) relay.Stored {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wholeLocked(id)
}

func (c *Cluster) wholeLocked(id relay.RoomID) relay.Stored {
	l := c.logs[id]
	if l == nil {
		return relay.Stored{Whole: true}
	}
	at := l.end()
	return relay.Stored{State: bytes.Clone(l.state), Log: slices.Clone(l.entries), Through: at.Seq, At: at, Whole: true}
}

func (l *sharedLog) end() relay.Position {
	at := relay.Position{Epoch: l.epoch, Seq: l.reached + uint64(len(l.entries)), Mark: l.reachedMark}
	if n := len(l.marks); n > 0 {
		at.Mark = l.marks[n-1]
	}
	return at
}

// markAt gives the mark of an entry, and whether the log has it.
func (l *sharedLog) markAt(seq uint64) (relay.Mark, bool) {
	switch {
	case seq == l.reached:
		return l.reachedMark, true
	case seq > l.reached && seq <= l.reached+uint64(len(l.marks)):
		return l.marks[seq-l.reached-1], true
	}
	return relay.Mark{}, false
}

func (c *Cluster) logLocked(id relay.RoomID) *sharedLog {
	l := c.logs[id]
	if l == nil {
		c.epoch++
		l = &sharedLog{epoch: c.epoch}
		c.logs[id] = l
	}
	return l
}

func (c *Cluster) markLocked(node relay.NodeID) (m relay.Mark) {
	c.marks++
	copy(m[:], node[:])
	binary.BigEndian.PutUint32(m[8:], uint32(c.marks))
	return m
}

// usableLocked says why a node cannot do anything with a document.
func (n *Node) usableLocked(ctx context.Context, id relay.RoomID) error {
	switch {
	case n.cut:
		return ErrCut
	case ctx.Err() != nil:
		return ctx.Err()
	case n.gone || id.Session != n.Session:
		return relay.ErrNoSession
	}
	return nil
}

// Load implements relay.Store.
func (n *Node) Load(ctx context.Context, id relay.RoomID) (relay.Stored, error) {
	return n.Since(ctx, id, relay.Position{})
}

// Far has what is read arrive so much later, as from a store in another place: it may be old by then.
func (c *Cluster) Far(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.far = d }

// Since implements relay.Log.
func (n *Node) Since(ctx context.Context, id relay.RoomID, after relay.Position) (relay.Stored, error) {
	stored, err := n.since(ctx, id, after)
	n.mu.Lock()
	far := n.far
	n.mu.Unlock()
	if far > 0 {
		<-time.After(far)
	}
	return stored, err
}

func (n *Node) since(ctx context.Context, id relay.RoomID, after relay.Position) (relay.Stored, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.usableLocked(ctx, id); err != nil {
		return relay.Stored{}, err
	}
	l := n.logs[id]
	if l == nil || after.Epoch != l.epoch {
		return n.wholeLocked(id), nil
	}
	if mark, ok := l.markAt(after.Seq); !ok || mark != after.Mark {
		return n.wholeLocked(id), nil
	}
	at := l.end()
	return relay.Stored{Log: slices.Clone(l.entries[after.Seq-l.reached:]), Through: at.Seq, At: at}, nil
}

// Append implements relay.Store.
func (n *Node) Append(ctx context.Context, id relay.RoomID, entries []relay.Entry) (uint64, error) {
	at, err := n.appendAt(ctx, id, n.Whole(id).At, entries)
	return at.Seq, err
}

// AppendAt implements relay.Log. It calls done before it returns, unless Gather holds back what need not be soon.
func (n *Node) AppendAt(id relay.RoomID, at relay.Position, entries []relay.Entry, soon bool, done func(relay.Position, error)) {
	carryOut := func() { done(n.appendAt(context.Background(), id, at, entries)) }
	n.mu.Lock()
	gather := n.gather && !soon
	if gather {
		n.gathered = append(n.gathered, carryOut)
	}
	n.mu.Unlock()
	if !gather {
		carryOut()
	}
}

// Gather has appends wait from now on for Hurry, unless they are to be soon.
func (n *Node) Gather() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gather = true
}

// Hurry implements relay.Log. It carries out in a goroutine of its own what was gathered.
func (n *Node) Hurry() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, carryOut := range n.gathered {
		go carryOut() // ends with the call
	}
	n.gathered = nil
}

func (n *Node) appendAt(ctx context.Context, id relay.RoomID, at relay.Position, entries []relay.Entry) (relay.Position, error) {
	n.mu.Lock()
	if err := n.usableLocked(ctx, id); err != nil {
		n.mu.Unlock()
		return relay.Position{}, err
	}
	if l := n.logs[id]; l == nil && at.Epoch != 0 || l != nil && n.staleLocked(l, at) {
		n.mu.Unlock()
		return relay.Position{}, relay.ErrStale
	}
	n.appends++
	l := n.logLocked(id)
	m := relay.Message{Kind: relay.Appended, From: n.ID, Before: l.end(), Count: len(entries)}
	if m.Before.Seq == 0 {
		m.Before = relay.Position{}
	}
	mark := n.markLocked(n.ID)
	for _, e := range entries {
		l.entries, l.marks = append(l.entries, e), append(l.marks, mark)
		m.Updates, m.Size = append(m.Updates, e.Update), m.Size+len(e.Update)
	}
	m.After = l.end()
	n.mu.Unlock()
	n.publish(id, m)
	return m.After, nil
}

// staleLocked reports whether the log is not as at says, and gives it another epoch when its end was lost.
func (n *Node) staleLocked(l *sharedLog, at relay.Position) bool {
	end := l.end()
	if at.Epoch != l.epoch {
		return true
	}
	if end.Seq < at.Seq || end.Seq == at.Seq && end.Mark != at.Mark {
		n.epoch++
		l.epoch = n.epoch
		return true
	}
	return false
}

// publish delivers a message to every node that follows a document.
func (n *Node) publish(id relay.RoomID, m relay.Message) {
	n.mu.Lock()
	type call struct {
		deliver func(relay.Message)
		m       relay.Message
	}
	var calls []call
	for _, o := range n.nodes {
		mine := m
		if mine.Own = o == n; mine.Own {
			mine.Updates = nil
		}
		if o.cut || o.deaf || mine.Own && m.Kind == relay.Said {
			continue
		}
		for deliver, follows := range o.hears {
			if follows == id {
				calls = append(calls, call{*deliver, mine})
			}
		}
	}
	n.mu.Unlock()
	for _, c := range calls {
		c.deliver(c.m)
	}
}

// Compact implements relay.Store.
func (n *Node) Compact(ctx context.Context, id relay.RoomID, state []byte, through uint64) error {
	n.mu.Lock()
	at := relay.Position{Seq: through}
	if l := n.logs[id]; l != nil {
		at.Epoch = l.epoch
		at.Mark, _ = l.markAt(through)
	}
	n.mu.Unlock()
	return n.CompactAt(ctx, id, state, at)
}

// CompactAt implements relay.Log.
func (n *Node) CompactAt(ctx context.Context, id relay.RoomID, state []byte, at relay.Position) error {
	n.mu.Lock()
	if err := n.usableLocked(ctx, id); err != nil {
		n.mu.Unlock()
		return err
	}
	l := n.logs[id]
	if l == nil || l.epoch != at.Epoch {
		n.mu.Unlock()
		return relay.ErrStale
	}
	if at.Seq <= l.reached {
		n.mu.Unlock()
		return nil
	}
	if mark, ok := l.markAt(at.Seq); !ok || mark != at.Mark {
		n.mu.Unlock()
		return relay.ErrStale
	}
	taken := at.Seq - l.reached
	l.state, l.history = bytes.Clone(state), l.history+int(taken)
	l.entries, l.marks = slices.Clone(l.entries[taken:]), slices.Clone(l.marks[taken:])
	l.reached, l.reachedMark = at.Seq, at.Mark
	n.mu.Unlock()
	n.publish(id, relay.Message{Kind: relay.Compacted, From: n.ID, After: at})
	return nil
}

// Check implements relay.Log.
func (n *Node) Check(ctx context.Context, held []relay.Located) (differ []relay.RoomID, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, h := range held {
		if err := n.usableLocked(ctx, h.ID); err != nil && !errors.Is(err, relay.ErrNoSession) {
			return nil, err
		}
		if n.wholeLocked(h.ID).At != h.At {
			differ = append(differ, h.ID)
		}
	}
	return differ, nil
}

// SetAside implements relay.Log.
func (n *Node) SetAside(_ context.Context, _ relay.RoomID, e relay.Entry, _ string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.aside = append(n.aside, e)
	return nil
}

// Subscribe implements relay.Bus.
func (n *Node) Subscribe(ctx context.Context, id relay.RoomID, deliver func(relay.Message)) (stop func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cut {
		return nil, ErrCut
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	n.hears[&deliver] = id
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.hears, &deliver)
	}, nil
}

// Say implements relay.Bus.
func (n *Node) Say(id relay.RoomID, body []byte) {
	n.mu.Lock()
	n.said++
	cut := n.cut
	n.mu.Unlock()
	if !cut {
		n.publish(id, relay.Message{Kind: relay.Said, From: n.ID, Body: body})
	}
}
