package trace

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// resumeWithin is how long after the last sign of life of a node its people may come back without a
// new stretch of presence. Pages look for another node for some seconds.
const resumeWithin = 30 * time.Second

// here says who is in a session, by participant. A store keeps it as JSON beside the trace.
type here map[string]*stretch

// stretch is the presence of one participant, from a join to a leave.
type stretch struct {
	// What the events so far say.
	Activity Kind `json:"activity,omitempty"` // Active or Idle
	Away     bool `json:"away,omitempty"`

	Nodes map[string]*stay `json:"nodes"`          // by node
	Left  int64            `json:"left,omitempty"` // ms; when the participant last left one of them
}

// stay is what one node says of a participant who is connected to it.
type stay struct {
	Activity Kind  `json:"activity,omitempty"`
	Since    int64 `json:"since,omitempty"` // ms; when the page went out of sight; 0: it is in sight
	At       int64 `json:"at"`              // ms; of the newest event
}

// Nodes is what a node knows of the nodes that share a store.
type Nodes struct {
	Self string // this node
	Now  time.Time
	// Sign returns when another node gave its last sign of life, zero if that is unknown, and
	// whether it counts as alive.
	Sign func(node string) (last time.Time, alive bool)
}

// Settled reports whether Settle must see events.
func Settled(events []Event) bool {
	for _, e := range events {
		if e.Kind.settled() {
			return true
		}
	}
	return false
}

func (k Kind) settled() bool {
	switch k {
	case Join, Leave, Active, Idle, Away, Back:
		return true
	}
	return false
}

// Settle makes events that this node has noted of a session into those of all nodes. A participant
// with pages on two nodes joins once, leaves with the last page, and is away when no page is in
// sight. A stretch on a node that has died ends with the last sign of life of that node, unless the
// participant comes back soon.
//
// kept is what Settle returned the last time for the session, nil at first. Bytes that cannot be
// read count as nil. A store calls Settle and keeps both results in one step. Events that come a
// second time change nothing. Without events Settle ends what has ended with nodes that died.
func (n Nodes) Settle(session string, kept []byte, events []Event) (out []Event, keep []byte, err error) {
	h := here{}
	if json.Unmarshal(kept, &h) != nil || h == nil {
		h = here{}
	}
	for _, e := range events {
		if e.Kind.settled() {
			out = append(out, n.settle(h, e)...)
		} else {
			out = append(out, e)
		}
	}
	for _, by := range slices.Sorted(maps.Keys(h)) {
		p := h[by]
		if p == nil {
			delete(h, by)
		} else if n.over(p, millis(n.Now)) {
			delete(h, by)
			out = append(out, Event{Session: session, By: by, Kind: Leave, At: fromMillis(p.Left)})
		}
	}
	keep, err = json.Marshal(h)
	return out, keep, err
}

// settle returns the events that stand for an event of this node.
func (n Nodes) settle(h here, e Event) (out []Event) {
	p, at := h[e.By], millis(e.At)
	if p != nil && n.over(p, at) {
		out = append(out, Event{Session: e.Session, By: e.By, Kind: Leave, At: fromMillis(p.Left)})
		p = nil
		delete(h, e.By)
	}
	if e.Kind == Leave {
		if p == nil || p.Nodes[n.Self] == nil {
			return out
		}
		p.Left = at
		delete(p.Nodes, n.Self)
		if n.over(p, at) {
			delete(h, e.By)
			return append(out, e)
		}
	} else {
		if p == nil {
			out = append(out, Event{Session: e.Session, By: e.By, Kind: Join, At: e.At})
			p = &stretch{}
			h[e.By] = p
		}
		p.note(n.Self, e, at)
	}
	maps.DeleteFunc(p.Nodes, func(node string, s *stay) bool { return s == nil || !n.alive(node) })
	return append(out, p.changes(e)...)
}

func (n Nodes) alive(node string) bool {
	if node == n.Self {
		return true
	}
	_, alive := n.Sign(node)
	return alive
}

// over reports whether all nodes of a participant have died, and long enough before at that the
// participant would be back. Left is then the end of the stretch.
func (n Nodes) over(p *stretch, at int64) bool {
	died := int64(0)
	for node, s := range p.Nodes {
		if s == nil {
			continue
		}
		if n.alive(node) {
			return false
		}
		last, _ := n.Sign(node)
		died = max(died, s.At, millis(last))
	}
	if p.Left < died && at-died <= resumeWithin.Milliseconds() {
		return false
	}
	p.Left = min(max(p.Left, died), at)
	return true
}

// note takes over what a node says.
func (p *stretch) note(node string, e Event, at int64) {
	if p.Nodes == nil {
		p.Nodes = map[string]*stay{}
	}
	s := p.Nodes[node]
	if s == nil {
		s = &stay{}
		p.Nodes[node] = s
	}
	s.At = at
	switch e.Kind {
	case Active, Idle:
		s.Activity, s.Since = e.Kind, 0
	case Away:
		s.Since = max(1, millis(e.Since))
	case Back:
		s.Since = 0
	}
}

// changes returns the events that bring the trace in line with what the nodes say after e.
func (p *stretch) changes(e Event) (out []Event) {
	since, inSight := int64(0), false
	var activity Kind
	for _, s := range p.Nodes {
		if s.Since != 0 {
			since = max(since, s.Since)
			continue
		}
		inSight = true
		if activity != Active && s.Activity != "" {
			activity = s.Activity
		}
	}
	change := Event{Session: e.Session, By: e.By, At: e.At}
	if !inSight {
		if !p.Away {
			p.Away, change.Kind, change.Since = true, Away, e.At
			if e.Kind == Away {
				change.Since = fromMillis(since)
			}
			out = append(out, change)
		}
		return out
	}
	if p.Away {
		p.Away, change.Kind = false, Back
		out = append(out, change)
	}
	if activity != "" && activity != p.Activity {
		p.Activity, change.Kind = activity, activity
		out = append(out, change)
	}
	return out
}
