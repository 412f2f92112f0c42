package relaytest

import (
	"context"

	"parley/pkg/relay"
)

// tell delivers a message to every subscription of a node.
func (s *Store) tell(m relay.Message) {
	s.mu.Lock()
	var all []func(relay.Message)
	for deliver := range s.hears {
		all = append(all, *deliver)
	}
	s.mu.Unlock()
	for _, deliver := range all {
		deliver(m)
	}
}

// publish delivers a message to every node that has subscribed to a document.
func (s *Store) publish(id relay.RoomID, m relay.Message) {
	s.mu.Lock()
	type call struct {
		deliver func(relay.Message)
		m       relay.Message
	}
	var calls []call
	for _, o := range s.nodes {
		mine := m
		if mine.Own = o == s; mine.Own {
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
	s.mu.Unlock()
	for _, c := range calls {
		c.deliver(c.m)
	}
}

// Subscribe implements relay.Bus.
func (s *Store) Subscribe(ctx context.Context, id relay.RoomID, deliver func(relay.Message)) (stop func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut {
		return nil, ErrCut
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.hears[&deliver] = id
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.hears, &deliver)
	}, nil
}

// Say implements relay.Bus.
func (s *Store) Say(id relay.RoomID, body []byte) {
	s.mu.Lock()
	s.said++
	cut := s.cut
	s.mu.Unlock()
	if !cut {
		s.publish(id, relay.Message{Kind: relay.Said, From: s.ID, Body: body})
	}
}
