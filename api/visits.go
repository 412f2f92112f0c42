package api

import (
	"errors"
	"sync"

	"parley/pkg/audit"
	"parley/pkg/relay"
)

// visits counts the connections that are open, by where they come from and by whose they are. It is safe for concurrent use.
type visits struct {
	perAddress int // how many one address may have; 0: any number

	mu        sync.Mutex     // guards what follows
	addresses map[string]int // by limitKey
	people    map[person]int
}

// person is a participant within a session.
type person struct{ session, participant string }

func newVisits(perAddress int) *visits {
	return &visits{perAddress: perAddress, addresses: map[string]int{}, people: map[person]int{}}
}

// maxPerPerson bounds the connections of a participant while there is a bound per address: each tab has one or two, and one that
// lost its network a moment ago may still seem to be there.
const maxPerPerson = 64

var errTooManyConns = errors.New("too many connections from this address or participant")

// enter counts a connection of p, whose participant may be "". first says that it is the only one of p; ok that the address and p may
// have it, else nothing is counted.
func (v *visits) enter(address string, p person) (first, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.perAddress > 0 && v.addresses[address] >= v.perAddress {
		return false, false
	}
	if v.perAddress > 0 && v.people[p] >= maxPerPerson {
		return false, false
	}
	v.addresses[address]++
	if p.participant == "" {
		return false, true
	}
	v.people[p]++
	return v.people[p] == 1, true
}

// leave takes back what enter counted; last says that p has no connection any more.
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

// visit takes note of a connection that begins, see SocketOptions.Visit.
func (s *Server) visit(v Visit) (leave func(), err error) {
	address, who := limitKey(v.From), person{}
	if !v.Refused {
		who = person{v.Room.Session, v.Grant.Participant}
	}
	first, ok := s.visits.enter(address, who)
	if !ok {
		return nil, &relay.ClosedError{Code: relay.CloseTooMany, Reason: errTooManyConns.Error(), Cause: errTooManyConns}
	}
	from := v.From
	note := func(kind audit.Kind) {
		s.opts.Audit.Note(audit.Event{Session: who.session, By: who.participant, From: from, Kind: kind})
	}
	if first {
		note(audit.Entered)
	}
	return func() {
		if s.visits.leave(address, who) {
			note(audit.Left)
		}
	}, nil
}
