package relay

import (
	"encoding/binary"
	"errors"
	"time"

	"parley/pkg/protocol"
)

// Presence across nodes.
//
// A node that opens a document sends a hello. Nodes that have the document open answer with the
// states and the client ids of their connections; one answer serves all who ask at the same moment.
// After that each node sends changes at most once in shareEvery, with the newest state of each
// client. A node sends nothing while it knows of no other node that has the document open. A node
// that closes the document says so. A node that dies is reported by the bus, and its states are
// removed. States from other nodes are not checked again, because the sender has checked them. The
// rule that a client id belongs to one participant holds across nodes (identity.go).

// shareEvery is the least time between two messages about the presence in one room.
const shareEvery = 30 * time.Millisecond

// The first byte of a message between nodes.
const (
	sayStates = 1 // a list of remoteStates follows
	sayHello  = 2
	sayBye    = 3
)

// errNodeMessage says that a message of another node is malformed.
var errNodeMessage = errors.New("malformed message from another node")

// neighbours is what a room knows of the other nodes that have its document open. The room's events
// own it (inbox.go).
type neighbours struct {
	nodes   map[NodeID]struct{}
	changed map[uint64]struct{} // clients about which the other nodes are to be told
	asked   bool                // another node sent a hello: answer, even with an empty list
	told    time.Time
}

// remoteState is what a node sends about a client id that one of its connections holds. An empty
// state belongs to a client without presence. The state null says that no connection holds the id
// any more.
type remoteState struct {
	participant string
	entry       protocol.AwarenessEntry
}

func appendRemote(dst []byte, s remoteState) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s.participant)))
	dst = append(dst, s.participant...)
	dst = binary.AppendUvarint(dst, s.entry.Client)
	dst = binary.AppendUvarint(dst, s.entry.Clock)
	dst = binary.AppendUvarint(dst, uint64(len(s.entry.State)))
	return append(dst, s.entry.State...)
}

// readRemote decodes one remoteState and returns the bytes that follow it.
func readRemote(b []byte) (s remoteState, rest []byte, err error) {
	participant, b, ok := cutBytes(b)
	if !ok {
		return s, nil, errNodeMessage
	}
	s.participant = string(participant)
	for _, field := range []*uint64{&s.entry.Client, &s.entry.Clock} {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return s, nil, errNodeMessage
		}
		*field, b = v, b[n:]
	}
	if s.entry.State, b, ok = cutBytes(b); !ok {
		return s, nil, errNodeMessage
	}
	return s, b, nil
}

// cutBytes splits off a varint length and that many bytes.
func cutBytes(b []byte) (value, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(size)], b[n+int(size):], true
}

// readRemotes decodes a list of remoteStates.
func readRemotes(b []byte) (all []remoteState, err error) {
	for len(b) > 0 {
		var s remoteState
		if s, b, err = readRemote(b); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// greet asks the other nodes for their states and sends them ours.
func (r *Room) greet() {
	if r.relay.opts.Bus == nil {
		return
	}
	r.relay.opts.Bus.Say(r.id, []byte{sayHello})
	r.tellNodesOfAll()
}

// tellNodesOfAll queues every client id that is held here for the other nodes.
func (r *Room) tellNodesOfAll() {
	r.neighbours.asked = true
	for client := range r.claims.holder {
		r.neighbours.changed[client] = struct{}{}
	}
}

// tellNodesOf queues clients for the other nodes.
func (r *Room) tellNodesOf(clients ...uint64) {
	if len(r.neighbours.nodes) == 0 {
		return
	}
	for _, client := range clients {
		r.neighbours.changed[client] = struct{}{}
	}
}

// nodeSeen notes that another node has the document open.
func (r *Room) nodeSeen(node NodeID) {
	if _, known := r.neighbours.nodes[node]; !known {
		r.neighbours.nodes[node] = struct{}{}
		r.hurryAppend() // the node may have loaded the document without the append in flight
		r.tellNodesOfAll()
	}
}

// hear acts on a message of another node.
func (r *Room) hear(node NodeID, body []byte) {
	if len(body) == 0 {
		return
	}
	if body[0] == sayBye {
		r.nodeLost(node)
		return
	}
	r.nodeSeen(node)
	switch body[0] {
	case sayHello:
		r.tellNodesOfAll()
	case sayStates:
		all, err := readRemotes(body[1:])
		if err != nil {
			r.logger().Warn("presence from another node", "node", node, "err", err)
			return
		}
		var changed []uint64
		now := time.Now()
		for _, s := range all {
			if r.takeRemote(node, s, now) {
				changed = append(changed, s.entry.Client)
			}
		}
		r.publishPresence(changed)
	}
}

// takeRemote takes what another node says about one client, and reports whether its presence
// changed. Two participants can hold one id on two nodes only by intent and at the same moment.
// Each node then keeps its own holder.
func (r *Room) takeRemote(node NodeID, s remoteState, now time.Time) bool {
	client, gone := s.entry.Client, s.entry.Removed()
	if h := r.claims.holder[client]; h != nil {
		if h.grant.Participant != s.participant {
			r.relay.stats.add(PresenceRefused, 1)
			return false
		}
		if gone {
			return false // the page has moved here, and its old connection ended
		}
		r.claims.release(h, client)
	}
	switch far, held := r.claims.far[client]; {
	case !gone:
		r.claims.claimFar(node, s.participant, client)
	case held && far.node != node:
		return false // the page has moved on to a third node
	default:
		delete(r.claims.far, client)
	}
	if len(s.entry.State) == 0 {
		return false
	}
	return r.presence.Apply(s.entry, now) != protocol.Ignored
}

// nodeLost removes the states of a node that has closed the document or has died.
func (r *Room) nodeLost(node NodeID) {
	delete(r.neighbours.nodes, node)
	var gone []uint64
	now := time.Now()
	for client, far := range r.claims.far {
		if far.node != node {
			continue
		}
		delete(r.claims.far, client)
		if r.presence.Remove(client, now) {
			gone = append(gone, client)
		}
	}
	r.publishPresence(gone)
}

// tellNodes sends the queued clients to the other nodes, at most once in shareEvery.
func (r *Room) tellNodes(now time.Time) {
	n := &r.neighbours
	if len(n.changed) == 0 && !n.asked || now.Before(n.told.Add(shareEvery)) || r.relay.opts.Bus == nil {
		return
	}
	body := []byte{sayStates}
	for client := range n.changed {
		s := remoteState{participant: r.claims.owner[client], entry: protocol.AwarenessEntry{Client: client}}
		known := false
		if e, ok := r.presence.Entry(client); ok {
			s.entry, known = e, true
		}
		holder := r.claims.holder[client]
		switch {
		case holder != nil:
			s.participant = holder.grant.Participant
			if known && s.entry.Removed() {
				s.entry.State = nil // the client is away, but its id is still held
			}
		case !known:
			s.entry.State = []byte("null")
		}
		body = appendRemote(body, s)
	}
	clear(n.changed)
	n.asked, n.told = false, now
	r.relay.stats.add(PresenceShared, 1)
	r.relay.opts.Bus.Say(r.id, body)
}

// unsubscribe tells the other nodes that this node closes the document, and ends the subscription.
func (r *Room) unsubscribe() {
	if r.tail.unsubscribe == nil {
		return
	}
	if len(r.neighbours.nodes) > 0 {
		r.relay.opts.Bus.Say(r.id, []byte{sayBye})
	}
	r.tail.unsubscribe()
}
