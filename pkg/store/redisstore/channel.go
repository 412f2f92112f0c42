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
// Channels are classic ones, in a cluster too. A sharded channel would not pass every server of the
// cluster. But go-redis (9.23) subscribes to sharded channels over one connection, on the shard of
// the first channel only, and does not follow a slot that moves. The price: in a cluster each
// publish passes every server, so several single servers carry more. docs/decisions/030.
func (s *Store) Subscribe(ctx context.Context, id relay.RoomID, deliver func(relay.Message)) (stop func(), err error) {
	d, err := s.document(id)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", id, err)
	}
	f := &follower{id: id, doc: d, deliver: deliver}
	s.followers.add(f)
	unlisten, err := s.subs.listen(ctx, d.channel, &listener{
		message: func(b []byte) {
			m, err := readMessage(b, s.node)
			switch {
			case err != nil:
				s.opts.Logger.Warn("cannot read a message on a document's channel", "document", id.String(), "err", err)
				deliver(relay.Message{Kind: relay.Missed})
			case m.Kind == relay.Said && m.Own:
			default:
				deliver(m)
			}
		},
		gap: func() { deliver(relay.Message{Kind: relay.Missed}) },
	})
	if err != nil {
		s.followers.remove(f)
		return nil, fmt.Errorf("follow %s: %w", id, err)
	}
	return func() {
		unlisten()
		s.followers.remove(f)
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

// missingFor is how long a node may be missing from the nodes that give signs of life before its
// presence is removed. A sign counts for aliveFor, so this happens 20 s after the last sign, or
// 23 s with the pause between two looks. It is longer than one look, because a Redis that was
// emptied knows no node for a moment.
const missingFor = 5 * time.Second

// noteAlive records the nodes that give signs of life, by NodeID.String. When a node has stopped
// giving them, every document that is followed here is told.
func (s *Store) noteAlive(alive map[string]bool, now time.Time) {
	f := &s.followers
	f.mu.Lock()
	if f.seen == nil {
		f.seen = map[string]time.Time{}
	}
	for id := range alive {
		f.seen[id] = now
	}
	var lost []relay.NodeID
	for id, at := range f.seen {
		if now.Sub(at) < missingFor {
			continue
		}
		delete(f.seen, id)
		var node relay.NodeID
		if n, err := hex.Decode(node[:], []byte(id)); err == nil && n == len(node) && node != s.node {
			lost = append(lost, node)
		}
	}
	f.mu.Unlock()
	for _, node := range lost {
		s.opts.Logger.Warn("node gives no sign of life, its presence is removed", "node", node)
		for _, d := range f.all() {
			d.deliver(relay.Message{Kind: relay.NodeLost, From: node})
		}
	}
}

// follower is one document that is followed on this node.
type follower struct {
	id      relay.RoomID
	doc     document
	deliver func(relay.Message)
}

// followers are all followed documents, and the nodes that their followers may hear of.
type followers struct {
	mu   sync.Mutex // guards what follows
	set  map[*follower]struct{}
	docs map[relay.RoomID]document // of the documents in set
	seen map[string]time.Time      // when each node was last alive
}

func (f *followers) add(d *follower) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.set == nil {
		f.set, f.docs = map[*follower]struct{}{}, map[relay.RoomID]document{}
	}
	f.set[d] = struct{}{}
	f.docs[d.id] = d.doc
}

func (f *followers) remove(d *follower) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.set, d)
	delete(f.docs, d.id) // another follower of the same document makes its keys each time
}

func (f *followers) document(id relay.RoomID) (document, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.docs[id]
	return d, ok
}

func (f *followers) all() []*follower {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]*follower, 0, len(f.set))
	for d := range f.set {
		out = append(out, d)
	}
	return out
}
