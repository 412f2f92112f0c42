package redisstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"parley/pkg/relay"
)

// Subscribe implements relay.Bus.
//
// Channels are classic ones, in a cluster too. Sharded ones would spare the cluster's bus, but go-redis (9.23) subscribes to
// them over one connection, on the shard of the first channel alone, and does not follow a slot that moves. Price: in a
// cluster each publish passes every server; several single servers carry more.
func (s *Store) Subscribe(ctx context.Context, id relay.RoomID, deliver func(relay.Message)) (stop func(), err error) {
	d, err := s.document(id)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", id, err)
	}
	h := &hearer{id: id, doc: d, deliver: deliver}
	s.hearers.add(h)
	ignore, err := s.subs.listen(ctx, d.channel, &listener{
		message: func(b []byte) {
			m, err := readMessage(b, relay.NodeID(s.node))
			switch {
			case err != nil:
				s.opts.Logger.Warn("message on a document's channel", "document", id.String(), "error", err)
				deliver(relay.Message{Kind: relay.Missed})
			case m.Kind == relay.Said && m.Own:
			default:
				deliver(m)
			}
		},
		gap: func() { deliver(relay.Message{Kind: relay.Missed}) },
	})
	if err != nil {
		s.hearers.remove(h)
		return nil, fmt.Errorf("follow %s: %w", id, err)
	}
	return func() {
		ignore()
		s.hearers.remove(h)
	}, nil
}

// Say implements relay.Bus.
func (s *Store) Say(id relay.RoomID, body []byte) {
	d, err := s.document(id)
	if err != nil {
		return
	}
	b := append(make([]byte, 0, 9+len(body)), saySaid)
	b = append(append(b, s.node[:]...), body...)
	s.laneOf(id.Session).publish(d.channel, b)
}

// missingFor is how long a node that gave signs of life has to be missing from those that do, before its presence is removed. With
// what a sign is worth (aliveFor) that is 20 s, and 23 with the pause between two looks. It is more than one look, because a Redis
// that was emptied knows nobody for a moment.
const missingFor = 5 * time.Second

// noteAlive compares those that give signs of life with those that did, and tells every document that is followed here of nodes that
// do no more. Ids are as NodeID.String gives them.
func (s *Store) noteAlive(alive map[string]bool, now time.Time) {
	h := &s.hearers
	h.mu.Lock()
	if h.seen == nil {
		h.seen = map[string]time.Time{}
	}
	for id := range alive {
		h.seen[id] = now
	}
	var lost []relay.NodeID
	for id, at := range h.seen {
		if now.Sub(at) < missingFor {
			continue
		}
		delete(h.seen, id)
		var node relay.NodeID
		if n, err := hex.Decode(node[:], []byte(id)); err == nil && n == len(node) && node != relay.NodeID(s.node) {
			lost = append(lost, node)
		}
	}
	h.mu.Unlock()
	for _, node := range lost {
		s.opts.Logger.Warn("a node gives no sign of life, its presence is removed", "node", node)
		for _, one := range h.all() {
			one.deliver(relay.Message{Kind: relay.NodeLost, From: node})
		}
	}
}

// hearer is one document that is followed.
type hearer struct {
	id      relay.RoomID
	doc     document
	deliver func(relay.Message)
}

// hearers is all of them, and the nodes that they may hear of.
type hearers struct {
	mu   sync.Mutex // guards what follows
	set  map[*hearer]struct{}
	docs map[relay.RoomID]document // of those in set
	seen map[string]time.Time      // nodes, by when they were alive last
}

func (h *hearers) add(one *hearer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.set == nil {
		h.set, h.docs = map[*hearer]struct{}{}, map[relay.RoomID]document{}
	}
	h.set[one] = struct{}{}
	h.docs[one.id] = one.doc
}

func (h *hearers) remove(one *hearer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.set, one)
	delete(h.docs, one.id) // should another follow the same, its keys are made anew each time
}

func (h *hearers) document(id relay.RoomID) (document, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d, ok := h.docs[id]
	return d, ok
}

func (h *hearers) all() []*hearer {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*hearer, 0, len(h.set))
	for one := range h.set {
		out = append(out, one)
	}
	return out
}
