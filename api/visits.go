package api

import (
	"errors"
	"sync"

	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/relay"
)

// visits counts the open connections by client address and by participant. It is safe for
// concurrent use.
type visits struct {
	perAddress int // most connections of one address; 0: no limit

	mu        sync.Mutex     // guards the fields below
	addresses map[string]int // by limitKey
	people    map[person]int
}

// person is a participant within a session.
type person struct{ session, participant string }

func newVisits(perAddress int) *visits {
	return &visits{perAddress: perAddress, addresses: map[string]int{}, people: map[person]int{}}
}

// Most connections of one participant, when there is a limit per address. Each browser tab has one
// or two connections, and a connection that lost its network still counts for a while. Those who
// lead have more, so that the others cannot fill a room.
const (
	maxPerPerson = 24
	maxPerLeader = 64
)

var errTooManyConns = errors.New("too many connections from this address or participant")

// enter counts a connection from address. The participant of p may be "", and may have most
// connections. ok is false if the
// address or the participant has reached its limit; then nothing is counted. first reports that p
// had no other connection.
func (v *visits) enter(address string, p person, most int) (first, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.perAddress > 0 && v.addresses[address] >= v.perAddress {
		return false, false
	}
	if v.perAddress > 0 && v.people[p] >= most {
		return false, false
	}
	v.addresses[address]++
	if p.participant == "" {
		return false, true
	}
	v.people[p]++
	return v.people[p] == 1, true
}

// leave undoes enter. last reports that p has no connection left.
func (v *visits) leave(address string, p person) (last bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.addresses[address]--; v.addresses[address] == 0 {
		delete(v.addresses, address)
	}
	if p.participant == "" {
		return false
	}
	if v.people[p]--; v.people[p] == 0 {
		delete(v.people, p)
		return true
	}
	return false
}

// visit counts a new connection, see SocketOptions.Visit.
func (s *Server) visit(v Visit) (leave func(), err error) {
	address, visitor := limitKey(v.From), person{}
	if !v.Refused {
		visitor = person{v.Room.Session, v.Grant.Participant}
	}
	most := maxPerPerson
	if access.Role(v.Grant.Role).CanManage() {
		most = maxPerLeader
	}
	first, ok := s.visits.enter(address, visitor, most)
	if !ok {
		return nil, &relay.ClosedError{Code: relay.CloseTooMany, Reason: errTooManyConns.Error(), Cause: errTooManyConns}
	}
	from := v.From
	note := func(kind audit.Kind) {
		s.opts.Audit.Note(audit.Event{Session: visitor.session, By: visitor.participant, From: from, Kind: kind})
	}
	if first {
		note(audit.Entered)
	}
	watched := v.Grant.Watched && !v.Refused
	if watched {
		s.opts.Trace.Opened(visitor.session, visitor.participant)
	}
	return func() {
		if watched {
			s.opts.Trace.Closed(visitor.session, visitor.participant)
		}
		if s.visits.leave(address, visitor) {
			note(audit.Left)
		}
	}, nil
}
