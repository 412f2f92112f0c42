package relay

import (
	"encoding/binary"
	"errors"
	"time"

	"parley/pkg/protocol"
)

// Presence across nodes.
//
// A node that opens a document says hello; those that have it open answer with the states and the client ids that their
// connections hold, once, however many ask in one moment. From then on each tells what changes, at most once in
// shareEvery, the newest state of each client. Nothing is said while no other node is known to have the document
// open. A node that closes it says goodbye; one that is gone without a word is reported by the bus, and its states
// vanish. What is heard this way is held to be checked: the node that took it in did so. That a client id
// belongs to a participant who is connected elsewhere counts here as it does there (identity.go).

// shareEvery is the least time between two messages about presence of one room.
const shareEvery = 30 * time.Millisecond

// The first byte of what nodes say to each other.
const (
	sayStates = 1 // remoteState after remoteState, to the end
	sayHello  = 2
	sayBye    = 3
)

// errSaid says that what another node said cannot be read.
var errNodeMessage = errors.New("malformed message of another node")

// neighbours is what a room knows of the other nodes that have its document open. Owned by Room.run.
type neighbours struct {
	nodes   map[NodeID]struct{}
	changed map[uint64]struct{} // clients of which they are to be told
	asked   bool                // somebody asked: tell even when there is nothing
	told    time.Time
}

// remoteState is what one node tells another of a client id that a connection of its own holds. An empty state is that of
// a client of which there is no presence; one that is null says that nobody holds the id any more.
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

// readRemote reads what appendRemote wrote, and gives what follows it.
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

// cutBytes reads a varint length and as many bytes.
func cutBytes(b []byte) (value, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(size)], b[n+int(size):], true
}

// readRemotes reads a list of states.
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

// greet asks the other nodes for their states, and has them told ours.
func (r *Room) greet() {
	if r.relay.opts.Bus == nil {
		return
	}
	r.relay.opts.Bus.Say(r.id, []byte{sayHello})
	r.tellNodesOfAll()
}

// tellAll has the other nodes told of every client id that is held here.
func (r *Room) tellNodesOfAll() {
	r.neighbours.asked = true
	for client := range r.claims.holder {
		r.neighbours.changed[client] = struct{}{}
	}
}

// touch notes that other nodes are to be told of a client.
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
		r.hurryAppend() // it may have loaded the document without what is on its way
		r.tellNodesOfAll()
	}
}

// hear takes what another node says.
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
			r.logger().Warn("presence of another node", "node", node, "err", err)
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

// takeRemote takes what another node says of one client, and reports whether its presence changed. When two participants
// hold one id on two nodes, which takes bad will and the same moment, each node stays with its own.
func (r *Room) takeRemote(node NodeID, s remoteState, now time.Time) bool {
	client, gone := s.entry.Client, s.entry.Removed()
	if h := r.claims.holder[client]; h != nil {
		if h.grant.Participant != s.participant {
			r.relay.stats.add(PresenceRefused, 1)
			return false
		}
		if gone {
			return false // the page came here from there, and its old connection ended
		}
		r.claims.release(h, client)
	}
	switch far, held := r.claims.far[client]; {
	case !gone:
		r.claims.claimFar(node, s.participant, client)
	case held && far.node != node:
		return false // the page went on to a third node
	default:
		delete(r.claims.far, client)
	}
	if len(s.entry.State) == 0 {
		return false
	}
	return r.presence.Apply(s.entry, now) != protocol.Ignored
}

// nodeLost removes what came from a node that has closed the document, or is gone.
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

// tellNodes tells the other nodes what has changed, unless it did a moment ago.
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
				s.entry.State = nil // away for now, and the id is still held
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

// leaveBus says goodbye to the other nodes.
func (r *Room) unsubscribe() {
	if r.tail.unsubscribe == nil {
		return
	}
	if len(r.neighbours.nodes) > 0 {
		r.relay.opts.Bus.Say(r.id, []byte{sayBye})
	}
	r.tail.unsubscribe()
}
