package trace

import (
	"encoding/json"
	"math"
	"time"
)

const (
	// awayFor is how long a page is out of sight before that is an event.
	awayFor = 5 * time.Second
	// leaveAfter is how long a participant may be without a connection, as pages reconnect.
	leaveAfter = 5 * time.Second
	maxLine    = 1_000_000
	maxFileID  = 64
	// maxTabs bounds the pages of one participant that are told apart.
	maxTabs = 32
)

// visitor is a participant of a session.
type visitor struct{ session, participant string }

// client is one page of a visitor.
type client struct {
	visitor
	id uint64
}

// person is what is known of a visitor who is here.
type person struct {
	conns int
	left  time.Time // when the last connection closed; zero while there is one
	tabs  map[uint64]presence

	// What the events so far say.
	file      string
	line      int
	activity  Kind // Active or Idle; "" at first
	isAway    bool
	awaySince time.Time // when the page went out of sight; zero while it is in sight
}

// presence is what a page publishes, as far as the trace needs it.
type presence struct {
	file     string
	line     int
	activity Kind // Active, Idle, Away, or "" when the page does not say
	order    int  // the larger, the later published
}

// readPresence reads an awareness state. Whatever is not of the known form is left out.
func readPresence(state []byte) (p presence, ok bool) {
	var fields struct {
		File, View, Activity json.RawMessage
	}
	if err := json.Unmarshal(state, &fields); err != nil || string(state) == "null" {
		return presence{}, false
	}
	var file string
	if json.Unmarshal(fields.File, &file) == nil && validFile(file) {
		p.file, p.line = file, 1
	}
	var line float64
	if json.Unmarshal(fields.View, &line) == nil && line >= 1 && line <= maxLine {
		p.line = int(math.Floor(line))
	}
	var activity Kind
	if json.Unmarshal(fields.Activity, &activity) == nil {
		switch activity {
		case Active, Idle, Away:
			p.activity = activity
		}
	}
	return p, true
}

// validFile reports whether s can be the id of a file.
func validFile(s string) bool {
	if s == "" || len(s) > maxFileID {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// Opened notes that a participant has opened a connection.
func (r *Recorder) Opened(session, participant string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	v := visitor{session, participant}
	p := r.people[v]
	if p == nil {
		p = &person{tabs: map[uint64]presence{}}
		r.people[v] = p
		r.noteLocked(Event{Session: session, By: participant, Kind: Join, At: r.clock()})
	}
	p.conns++
	p.left = time.Time{}
}

// Closed undoes Opened. The participant has left when no connection follows within leaveAfter.
func (r *Recorder) Closed(session, participant string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.people[visitor{session, participant}]
	if p == nil {
		return
	}
	if p.conns--; p.conns <= 0 {
		p.conns, p.left = 0, r.clock()
	}
}

// Presence notes the awareness state that a page has published, or null. It is called for every
// move of a cursor, so it only keeps the state for the next sample. state must not change.
func (r *Recorder) Presence(session, participant string, page uint64, state []byte) {
	if r == nil {
		return
	}
	r.mu.Lock()
	r.seen[client{visitor{session, participant}, page}] = state
	r.mu.Unlock()
}

// sample makes events of what has changed since the last sample.
func (r *Recorder) sample() {
	now := r.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) > 0 {
		seen := r.seen
		r.seen = map[client][]byte{}
		r.readLocked(seen)
	}
	for v, p := range r.people {
		r.lookLocked(v, p, now)
		if !p.left.IsZero() && now.Sub(p.left) >= leaveAfter {
			r.noteLocked(Event{Session: v.session, By: v.participant, Kind: Leave, At: p.left})
			delete(r.people, v)
		}
	}
}

// readLocked takes over the states of pages. The caller holds mu.
func (r *Recorder) readLocked(seen map[client][]byte) {
	for c, state := range seen {
		p := r.people[c.visitor]
		if p == nil {
			continue
		}
		next, ok := readPresence(state)
		_, known := p.tabs[c.id]
		switch {
		case !ok:
			delete(p.tabs, c.id)
		case known || len(p.tabs) < maxTabs:
			for _, tab := range p.tabs {
				next.order = max(next.order, tab.order+1)
			}
			p.tabs[c.id] = next
		}
	}
}

// now returns the presence of the page that the person uses: the most active one, and of equally
// active ones that which changed last.
func (p *person) now() (best presence, ok bool) {
	rank := map[Kind]int{Active: 3, Idle: 2, "": 2, Away: 1}
	for _, tab := range p.tabs {
		if !ok || rank[tab.activity] > rank[best.activity] || rank[tab.activity] == rank[best.activity] && tab.order > best.order {
			best, ok = tab, true
		}
	}
	return best, ok
}

// lookLocked notes what has changed with a person. The caller holds mu.
func (r *Recorder) lookLocked(v visitor, p *person, now time.Time) {
	is, ok := p.now()
	if !ok || !p.left.IsZero() {
		return
	}
	note := func(e Event) {
		e.Session, e.By, e.At = v.session, v.participant, now
		r.noteLocked(e)
	}
	if is.activity == Away {
		if p.awaySince.IsZero() {
			p.awaySince = now
		}
		if !p.isAway && now.Sub(p.awaySince) >= awayFor {
			p.isAway = true
			note(Event{Kind: Away, Since: p.awaySince})
		}
		return
	}
	p.awaySince = time.Time{}
	if p.isAway {
		p.isAway = false
		note(Event{Kind: Back})
	}
	if is.activity != "" && is.activity != p.activity {
		p.activity = is.activity
		note(Event{Kind: is.activity})
	}
	if is.file != "" && (is.file != p.file || is.line != p.line) {
		p.file, p.line = is.file, is.line
		note(Event{Kind: File, File: is.file, Line: is.line})
	}
}

// endAll notes that everybody leaves who has no connection any more.
func (r *Recorder) endAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for v, p := range r.people {
		if !p.left.IsZero() {
			r.noteLocked(Event{Session: v.session, By: v.participant, Kind: Leave, At: p.left})
		}
	}
	r.people = map[visitor]*person{}
}
